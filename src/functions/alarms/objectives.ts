import { againstObjective, type Measured } from '#platform/burn.ts'
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

/** How signalling stands against its objectives. null where nothing was asked: silence is not success. */
export function objectives(counts: SignalCounts, targets: ObjectiveTargets, now: number): Objective[] {
  return [
    objective('signalling-success', targets.attach, (seconds) => {
      const windowMs = seconds * 1_000
      const series = seriesFor(counts.load, windowMs)
      const good = series.sum(now, windowMs, 'good')
      return { good, asked: good + series.sum(now, windowMs, 'bad') }
    }),
    objective('signalling-latency', latencyShare, (seconds) => {
      const windowMs = seconds * 1_000
      const totals = seriesFor(counts.latency, windowMs).totals(now, windowMs)
      const asked = Object.values(totals).reduce((sum, count) => sum + count, 0)
      return { good: withinLatency(totals, targets.latencyMs), asked }
    }),
  ]
}

function objective(id: string, target: number, measure: (windowS: number) => Measured): Objective {
  return { id, target, windowS, ...againstObjective(target, measure(windowS), measure) }
}
