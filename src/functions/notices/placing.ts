import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { type Db, isStoreUnavailable, type StoreLog } from '#store/db.ts'

/** Told when notices were committed and want their place. */
export const notedChannel = 'notices_noted'
/** Told when notices got their place. */
export const placedChannel = 'notices_placed'

/** Should a notification be lost, nothing waits longer than this. */
const lookEveryMs = 5_000

/**
 * Gives committed notices their places, in steps. The row lock on `notice_place` is kept until the commit, so that
 * places become visible in their order: a reader that has seen 7 never meets a 6 afterwards. Returns how many.
 */
export async function placeNotices(db: Db): Promise<number> {
  return await db.transaction(
    async (tx) => {
      const { rows } = await tx.query<{ last: bigint }>('SELECT last FROM notice_place FOR UPDATE')
      const last = rows[0]?.last ?? 0n
      const { affected } = await tx.query(
        `UPDATE notice n SET seq = $1::int8 + w.place FROM (
           SELECT id, row_number() OVER (ORDER BY id) AS place FROM (
             SELECT id FROM notice WHERE seq IS NULL ORDER BY id LIMIT ${limits.notices.placedPerStep}) AS waiting) AS w
         WHERE n.id = w.id`,
        [last],
      )
      if (affected === 0) return 0
      await tx.query('UPDATE notice_place SET last = $1', [last + BigInt(affected)])
      await tx.notify(placedChannel, '')
      return affected
    },
    { priority: 'portal' },
  )
}

export interface Placing {
  /** There may be something to place. */
  wake(): void
  close(): Promise<void>
}

/** Places whatever is committed, one step after the other, whenever it is woken and every few seconds. */
export function startPlacing({ db, clock, log }: { db: Db; clock: Clock; log: StoreLog }): Placing {
  let isWanted = false
  let isClosed = false
  let running: Promise<void> | undefined
  let timer: Timer

  async function run(): Promise<void> {
    while (isWanted && !isClosed) {
      isWanted = false
      try {
        if ((await placeNotices(db)) === limits.notices.placedPerStep) isWanted = true
      } catch (error) {
        if (!isStoreUnavailable(error)) log.error({ because: String(error) }, 'notices could not be placed')
        return
      }
    }
  }
  function wake(): void {
    isWanted = true
    running ??= run().finally(() => {
      running = undefined
      // Woken after the last look and before this line.
      if (isWanted && !isClosed) wake()
    })
  }
  const look = (): void => {
    timer = clock.after(lookEveryMs, look)
    wake()
  }
  timer = clock.after(lookEveryMs, look)
  wake()
  return {
    wake,
    async close() {
      isClosed = true
      timer.cancel()
      await running
    },
  }
}
