import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '#core/clock.ts'
import { sleep } from '#core/clock.ts'
import { latencyQuantile } from '#platform/latency.ts'
import type { SignalHistory } from '#platform/recorder.ts'
import type { Series } from '#platform/series.ts'

/**
 * How hard bulk work may push: it rests between chunks so that signalling stays quick. The limit is twice the latency that
 * signalling had before, or 20 ms, whichever is more. It is steered well below that, since what is measured comes later than
 * what is felt: there the rests grow at once, and they shrink slowly where there is room.
 */
export interface Pace {
  /** Waits as long as the latency of signalling asks. `workMs`: what the chunk took. */
  rest(workMs: number): Promise<void>
  /** For people: what it looks at. */
  readonly restMs: number
  /** A job begins: what was measured until now is the idle value. */
  begin(): void
  end(): void
}

const floorMs = 20
const windowMs = 10_000
const lookEveryMs = 500
/** The share of the limit at which rests grow, and below which they shrink. */
const growAt = 0.75
const shrinkAt = 0.6
/**
 * A job works more than a third of the time while signalling is within the limit, and at least a fifth beyond it: whoever is
 * slow for another reason is not helped by its standing still.
 */
const mostRests = { within: 1.75, beyond: 4 } as const
const leastRestMs = 10

export function createPace(options: { clock: Clock; history(): SignalHistory | undefined; lag?: Lag }): Pace {
  const { clock } = options
  const lag = options.lag ?? eventLoopLag()
  let atWork = 0
  let state: PaceState = { restMs: 0, idleMs: 0 }
  let measuredAt = 0
  const measured = (): number => {
    const latency = options.history()?.counts.latency
    const signalling = latency === undefined ? null : quantileOf(latency.fine, clock.now())
    // Without signalling to look at, what the loop is late says how long a message would wait.
    return Math.max(signalling ?? 0, lag.lateMs(clock.monotonicMs()))
  }
  return {
    get restMs() {
      return state.restMs
    },
    begin() {
      if (atWork === 0) state = { restMs: 0, idleMs: measured() }
      atWork += 1
      lag.start()
    },
    end() {
      atWork -= 1
      if (atWork === 0) lag.stop()
    },
    async rest(workMs) {
      const now = clock.monotonicMs()
      if (now - measuredAt >= lookEveryMs) {
        measuredAt = now
        state = nextPace(state, { nowMs: measured(), workMs })
      }
      if (state.restMs > 0) await sleep(clock, Math.min(state.restMs, longestRest(workMs, mostRests.beyond)))
    },
  }
}

interface PaceState {
  restMs: number
  /** What signalling took before the job began. */
  idleMs: number
}

/** Half again as long while it is too much, a tenth shorter while there is room. */
export function nextPace({ restMs, idleMs }: PaceState, { nowMs, workMs }: { nowMs: number; workMs: number }): PaceState {
  const limit = Math.max(2 * idleMs, floorMs)
  const longest = longestRest(workMs, nowMs > limit ? mostRests.beyond : mostRests.within)
  if (nowMs > limit * growAt) return { restMs: Math.min(longest, Math.max(workMs / 4, leastRestMs, restMs * 1.5)), idleMs }
  if (nowMs > limit * shrinkAt) return { restMs: Math.min(restMs, longest), idleMs }
  return { restMs: restMs < 1 ? 0 : restMs * 0.9, idleMs }
}

function longestRest(workMs: number, times: number): number {
  return Math.max(leastRestMs, times * workMs)
}

function quantileOf(series: Series<`l${number}`>, now: number): number | null {
  return latencyQuantile(series.totals(now, windowMs), 0.99)
}

interface Lag {
  start(): void
  stop(): void
  /** The 99th percentile of about as long a time as signalling is looked at. */
  lateMs(nowMs: number): number
}

const resolutionMs = 5

function eventLoopLag(): Lag {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  let running = false
  let since = 0
  let before = 0
  const late = (): number => (histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e6 - resolutionMs))
  return {
    start() {
      if (!running) histogram.enable()
      running = true
    },
    stop() {
      histogram.disable()
      histogram.reset()
      running = false
      before = 0
    },
    lateMs(nowMs) {
      // A window that has only begun says nothing of its hundredth part: the former one speaks until it is half over.
      if (nowMs - since < windowMs / 2) return before
      const now = late()
      if (nowMs - since < windowMs) return now
      histogram.reset()
      since = nowMs
      before = now
      return now
    },
  }
}
