import type { Objective } from '#platform/http/schemas/alarms.ts'
import { withinLatency } from '#platform/latency.ts'
import type { SignalCounts } from '#platform/signal-counts.ts'
import { seriesFor } from '#platform/signal-counts.ts'

export interface ObjectiveTargets {
  /** Share of legitimate attach messages answered with success. */
  attach: number
  latencyMs: number
}

/** Share of messages that must be answered within the time. */
const latencyShare = 0.99
const windowS = 3_600
const burnWindowsS = [300, 3_600, 21_600] as const

/** Burn rates over a short and a long window together: fast ones page, slow ones wait for the day. */
export const burnAlarms = [
  { windowsS: [300, 3_600], rate: 14.4, severity: 'critical' },
  { windowsS: [3_600, 21_600], rate: 6, severity: 'major' },
] as const

/** Good and asked over one window. */
type Measure = (windowMs: number) => { good: number; asked: number }

/** How signalling stands against its objectives. null where nothing was asked: silence is not success. */
export function objectives(counts: SignalCounts, targets: ObjectiveTargets, now: number): Objective[] {
  return [
    objective('signalling-success', targets.attach, (windowMs) => {
      const series = seriesFor(counts.load, windowMs)
      const good = series.sum(now, windowMs, 'good')
      return { good, asked: good + series.sum(now, windowMs, 'bad') }
    }),
    objective('signalling-latency', latencyShare, (windowMs) => {
      const totals = seriesFor(counts.latency, windowMs).totals(now, windowMs)
      const asked = Object.values(totals).reduce((sum, count) => sum + count, 0)
      return { good: withinLatency(totals, targets.latencyMs), asked }
    }),
  ]
}

function objective(id: string, target: number, measure: Measure): Objective {
  const shareOf = (seconds: number): number | null => {
    const { good, asked } = measure(seconds * 1_000)
    return asked === 0 ? null : good / asked
  }
  const allowed = Math.max(1e-9, 1 - target)
  const burn = burnWindowsS.map((seconds) => {
    const share = shareOf(seconds)
    return { windowS: seconds, rate: share === null ? null : (1 - share) / allowed }
  })
  const good = shareOf(windowS)
  const budgetLeft = good === null ? null : 1 - (1 - good) / allowed
  const isBurning = burnAlarms.some((alarm) => isOver(burn, alarm))
  const state = good === null ? 'unknown' : isBurning ? 'refused' : good < target ? 'attention' : 'ok'
  return { id, target, windowS, good, budgetLeft, burn, state }
}

/** True where the error budget burns faster than the rate in every window of the alarm. */
export function isOver(burn: Objective['burn'], alarm: (typeof burnAlarms)[number]): boolean {
  return alarm.windowsS.every((seconds) => (burn.find(({ windowS: window }) => window === seconds)?.rate ?? 0) > alarm.rate)
}
