import type { Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { NoticeFeed } from '#platform/notice.ts'
import { isStoreUnavailable, type StoreLog } from '#store/db.ts'
import { type AttemptOptions, attemptNext } from './attempts.ts'
import { queueNotices } from './queue.ts'

/** Told when something is due at once: a test, a replay, a webhook that resumes. */
export const wantedChannel = 'webhooks_wanted'

/** How often it looks for attempts that have become due. */
const lookEveryMs = 2_000

interface Options extends Omit<AttemptOptions, 'signal'> {
  feed: NoticeFeed
  log: StoreLog
  newId(): string
  /** A webhook was disabled. */
  onGone(webhookId: string): Promise<void>
}

/**
 * Queues new notices and sends what is due: one delivery at a time for each webhook, so that they arrive in their order as
 * long as they are taken; many webhooks side by side, so that a slow one costs only itself.
 */
export class Delivering {
  readonly #options: Options
  readonly #abort = new AbortController()
  readonly #lanes = new Map<string, Promise<void>>()
  readonly #stopFeed: () => void
  #isWanted = false
  #running: Promise<void> | undefined
  #timer: Timer

  constructor(options: Options) {
    this.#options = options
    this.#stopFeed = options.feed.onPlaced(() => this.wake())
    const look = (): void => {
      this.#timer = options.clock.after(lookEveryMs, look)
      this.wake()
    }
    this.#timer = options.clock.after(lookEveryMs, look)
    this.wake()
  }

  wake(): void {
    this.#isWanted = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // Woken after the last look and before this line.
      if (this.#isWanted && !this.#abort.signal.aborted) this.wake()
    })
  }

  /** Resolves when nothing that is due now is left. For tests. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#lanes.size > 0) await Promise.all([this.#running, ...this.#lanes.values()])
  }

  async close(): Promise<void> {
    this.#stopFeed()
    this.#timer.cancel()
    this.#abort.abort()
    await this.idle()
  }

  async #run(): Promise<void> {
    const { log } = this.#options
    while (this.#isWanted && !this.#abort.signal.aborted) {
      this.#isWanted = false
      try {
        if ((await queueNotices(this.#options)) > 0) this.#isWanted = true
        for (const id of await this.#due()) this.#open(id)
      } catch (error) {
        if (!isStoreUnavailable(error)) log.error({ because: String(error) }, 'webhooks could not be queued')
        return
      }
    }
  }

  async #due(): Promise<string[]> {
    const { db, clock } = this.#options
    const { rows } = await db.query<{ id: string }>(
      `SELECT w.id FROM webhook w WHERE w.state = 'active' AND w.id <> ALL ($2::uuid[]) AND EXISTS (
         SELECT FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= $1)
       ORDER BY w.id LIMIT $3`,
      [new Date(clock.now()), [...this.#lanes.keys()], limits.webhooks.lanes - this.#lanes.size],
      { priority: 'job' },
    )
    return rows.map(({ id }) => id)
  }

  #open(id: string): void {
    const lane = this.#deliver(id)
      .catch((error: unknown) => {
        if (!isStoreUnavailable(error)) this.#options.log.error({ because: String(error) }, 'a webhook could not be delivered')
      })
      .finally(() => {
        this.#lanes.delete(id)
        // Its queue may have been full, or another one waits for a lane.
        if (!this.#abort.signal.aborted) this.wake()
      })
    this.#lanes.set(id, lane)
  }

  async #deliver(id: string): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      const attempted = await attemptNext(id, { ...this.#options, signal })
      if (attempted === 'nothing-due') return
      if (attempted === 'gone') return await this.#options.onGone(id)
    }
  }
}
