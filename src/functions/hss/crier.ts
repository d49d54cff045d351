import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import { BoundedQueue } from '#core/queue.ts'
import {
  type Announcement,
  heldChannel,
  readAnnouncement,
  type Told,
  toldChannel,
  writeProgress,
  writeReport,
} from '#platform/announcement.ts'

export interface CrierOptions {
  clock: Clock
  /** Sends to every process; its failures are nobody's concern here. */
  notify(channel: string, payload: string): Promise<void>
  forget(imsis: readonly string[]): void
  tell(imsis: readonly string[]): Promise<readonly Told[]>
  /** One process tells serving nodes: the one that registers them. */
  mayTell(): boolean
}

const progressEveryMs = 5_000
/** An IMSI that waits for a person tries again and again: whoever asks for its approval hears of it once in this time. */
const heldAgainMs = 60_000

/** Hears what changed, has serving nodes told, and reports. What waits is kept as few numbers as it came in. */
export class Crier {
  readonly #options: CrierOptions
  readonly #queue = new BoundedQueue<Announcement>(limits.hss.announcements)
  readonly #reporting = new Set<string>()
  readonly #held: LruMap<string, number>
  #underWay = 0
  #timer: Timer | undefined
  #closed = false

  constructor(options: CrierOptions) {
    this.#options = options
    this.#held = new LruMap(limits.hss.heldRemembered)
  }

  hear(payload: string): void {
    const announcement = readAnnouncement(payload)
    this.#options.forget(announcement.imsis)
    if (!announcement.tell || this.#closed || !this.#options.mayTell()) return
    if (!this.#queue.push(announcement)) return
    if (announcement.id !== null) this.#progress(announcement.id)
    this.#drain()
  }

  /** Somebody who is held has tried to attach. */
  heldTried(imsi: string): void {
    const now = this.#options.clock.monotonicMs()
    const before = this.#held.peek(imsi)
    if (before !== undefined && now - before < heldAgainMs) return
    this.#held.set(imsi, now)
    this.#send(heldChannel, imsi)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  #drain(): void {
    while (this.#underWay < limits.hss.announcementsAtOnce && !this.#closed) {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#underWay += 1
      void this.#options.tell(next.imsis).then((told) => {
        this.#underWay -= 1
        if (next.id !== null) {
          this.#reporting.delete(next.id)
          this.#send(toldChannel, writeReport({ id: next.id, told }))
        }
        this.#drain()
      })
    }
  }

  /** Says at once, and again and again, that somebody is at it. */
  #progress(id: string): void {
    this.#reporting.add(id)
    this.#send(toldChannel, writeProgress([id]))
    this.#timer ??= this.#options.clock.after(progressEveryMs, () => this.#progressAll())
  }

  #progressAll(): void {
    this.#timer = undefined
    if (this.#reporting.size === 0 || this.#closed) return
    const ids = [...this.#reporting]
    for (let i = 0; i < ids.length; i += 200) this.#send(toldChannel, writeProgress(ids.slice(i, i + 200)))
    this.#timer = this.#options.clock.after(progressEveryMs, () => this.#progressAll())
  }

  #send(channel: string, payload: string): void {
    this.#options.notify(channel, payload).catch(() => {})
  }
}
