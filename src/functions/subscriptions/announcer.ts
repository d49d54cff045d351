import type { Clock, Timer } from '#core/clock.ts'
import { announcementsOf, readReport, subscriberChannel, type Told, toldChannel, writeAnnouncement } from '#platform/announcement.ts'
import type { Confirmations } from '#platform/change.ts'
import type { Db } from '#store/db.ts'

/** Without a word of whoever tells serving nodes, that they were told is not known: it counts as failed. */
const silenceMs = 15_000

export interface Announcer extends AsyncDisposable {
  /** Resolves when every serving node has been told or given up. `onTold` hears of each SIM. */
  announce(imsis: readonly string[], onTold?: (told: readonly Told[]) => void): Promise<Confirmations>
}

interface Waiting {
  imsis: readonly string[]
  timer: Timer
  settle(told: readonly Told[]): void
}

/** Has serving nodes told that subscriptions changed, and gathers what the process that tells them reports. */
export async function createAnnouncer(options: { db: Db; clock: Clock; newId: () => string }): Promise<Announcer> {
  const { db, clock, newId } = options
  const waiting = new Map<string, Waiting>()

  function giveUp(id: string): void {
    const entry = waiting.get(id)
    if (entry === undefined) return
    waiting.delete(id)
    entry.settle(entry.imsis.map((imsi) => ({ imsi, outcome: 'failed', operation: null, resultCode: null, at: clock.now() })))
  }

  // A report that is missed while the connection is away counts as none: those still at it say so again in time.
  const stop = await db.listen(toldChannel, (payload) => {
    const report = readReport(payload)
    for (const id of 'underWay' in report ? report.underWay : [report.id]) {
      const entry = waiting.get(id)
      if (entry === undefined) continue
      entry.timer.cancel()
      if ('underWay' in report) {
        entry.timer = clock.after(silenceMs, () => giveUp(id))
        continue
      }
      waiting.delete(id)
      entry.settle(report.told)
    }
  })

  async function announcePart(imsis: readonly string[]): Promise<readonly Told[]> {
    const id = newId()
    const told = new Promise<readonly Told[]>((settle) => {
      waiting.set(id, { imsis, settle, timer: clock.after(silenceMs, () => giveUp(id)) })
    })
    await db.notify(subscriberChannel, writeAnnouncement({ id, tell: true, imsis })).catch(() => giveUp(id))
    return await told
  }

  return {
    async announce(imsis, onTold) {
      const total = { confirmed: 0, failed: 0, notRegistered: 0 }
      const announceSome = async (part: readonly string[]): Promise<void> => {
        const told = await announcePart(part)
        for (const { outcome } of told) total[outcome === 'not-registered' ? 'notRegistered' : outcome] += 1
        onTold?.(told)
      }
      await Promise.all(announcementsOf(imsis).map(announceSome))
      return total
    },
    async [Symbol.asyncDispose]() {
      await stop()
      for (const [id, entry] of waiting) {
        entry.timer.cancel()
        giveUp(id)
      }
    },
  }
}
