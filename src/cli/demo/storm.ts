import type { AdmissionSnapshot } from '#guard/admission-types.ts'
import type { OutageResult, StormRow } from '#sim/outage.ts'
import type { MmeKind } from '#sim/world.ts'
import { chart, table } from './draw.ts'
import type { Telling } from './steps.ts'

/** What an outage looked like, for a terminal of 100 columns. */

const chartWidth = 72
/** Charts reach so many times the capacity; what is above is cut off. */
const timesCapacity = 8

/** Short enough for the table; spelt out below it. */
const kindNames: Readonly<Record<MmeKind, string>> = {
  plain: 'plain',
  'random-abating': 'random',
  'low-priority-first': 'low first',
}

/** All critical devices behind MMEs that leave the choice to us were admitted, 95 in a hundred of them within 20 s. */
export function criticalHeld(storms: readonly Pick<StormRow, 'class' | 'mme' | 'devices' | 'admitted' | 'p95'>[]): boolean {
  return storms
    .filter((row) => row.class === 'critical' && row.mme !== 'random-abating' && row.devices > 0)
    .every((row) => row.admitted === row.devices && row.p95 !== null && row.p95 <= 20)
}

/** What the HSS itself counted: registrations completed in each second from `fromMs` (wall time) on. */
export function completedSince(snapshot: Pick<AdmissionSnapshot, 'series'> | undefined, fromMs: number, seconds: number): number[] {
  const first = Math.floor(fromMs / 1000) * 1000
  const counts = new Map(snapshot?.series.map(({ at, completed }) => [at, completed.critical + completed.standard + completed.deferrable]))
  return Array.from({ length: seconds }, (_, i) => counts.get(first + i * 1000) ?? 0)
}

/** `completed`: registrations in each second by the HSS's own count. */
export function drawStorm(telling: Telling, seen: OutageResult, completed: readonly number[], computed: OutageResult): void {
  const { capacityPerSecond } = seen.outage
  const limit = { value: capacityPerSecond, label: `capacity ${capacityPerSecond}` }
  const shape = { width: chartWidth, stepS: 1, unit: 'a second', ceiling: capacityPerSecond * timesCapacity }
  telling.lines(['', `Registrations that reached the HSS, first attempts and further ones: at most ${seen.offeredPeak} a second`])
  telling.lines(chart(seen.series.offered, { ...shape, height: 4, limit }))
  telling.lines(['', 'Registrations that it completed, by its own count: never more than the capacity'])
  telling.lines(chart(completed, { ...shape, height: 4, limit }))
  telling.lines(['', 'Critical devices among them: they go first'])
  telling.lines(chart(seen.series.admitted.critical, { ...shape, height: 2 }))
  telling.lines(['', `The same without admission control, same seed, computed in virtual time: at most ${computed.offeredPeak} a second`])
  telling.lines(chart(computed.series.offered.slice(0, Math.max(seen.seconds, 60)), { ...shape, height: 4, limit }))
  telling.lines(['', ...stormTable(seen.storms, computed.storms), ''])
  telling.note(
    'Seconds from a device’s first attempt; – means more than that share is not back yet. MME: plain knows no overload reports, random gives up a random share under one, low first spares all but low-priority devices (RFC 7683). T3402: silent for 12 min after five failures. T3346: told by its MME to wait 15 to 30 min.',
  )
}

/** Both worlds side by side, one line for each class and kind of MME. */
export function stormTable(seen: readonly StormRow[], computed: readonly StormRow[]): string[] {
  const head = ['class', 'MME', 'of', 'back', 'p50', 'p95', 'max', 'T3402', 'T3346', '│', 'back', 'p95', 'T3402']
  const rows = seen.map((row) => {
    const other = computed.find((each) => each.class === row.class && each.mme === row.mme)
    const own = [row.class, kindNames[row.mme], row.devices, row.admitted, row.p50, row.p95, row.max, row.t3402, row.t3346]
    return [...own, '│', other?.admitted ?? null, other?.p95 ?? null, other?.t3402 ?? null]
  })
  const lines = table(head, rows)
  return [`${' '.repeat(lines[0]?.indexOf('│') ?? 0)}│ no control (computed)`, ...lines]
}
