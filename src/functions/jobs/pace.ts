import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '#core/clock.ts'
import { sleep } from '#core/clock.ts'
import { latencyQuantile } from '#platform/latency.ts'
import type { SignalHistory } from '#platform/recorder.ts'
import type { Series } from '#platform/series.ts'

/**
 * How hard bulk work may push: it rests between chunks so that signalling stays quick. The aim is twice the latency that
 * signalling had while no job ran, or 20 ms, whichever is more; past it the rests grow at once, below it they shrink slowly.
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
const longestRestMs = 5_000

export function createPace(options: { clock: Clock; history(): SignalHistory | undefined; lag?: Lag }): Pace {
  const { clock } = options
  const lag = options.lag ?? eventLoopLag()
  let atWork = 0
  let idleMs = 0
  let restMs = 0
  let measuredAt = 0
  const measured = (): number => {
    const latency = options.history()?.counts.latency
    const signalling = latency === undefined ? null : quantileOf(latency.fine, clock.now())
    // Without signalling to look at, what the loop is late says how long a message would wait.
    return Math.max(signalling ?? 0, lag.takeMs())
  }
  return {
    get restMs() {
      return restMs
    },
    begin() {
      if (atWork === 0) {
        idleMs = measured()
        restMs = 0
      }
      atWork += 1
      lag.start()
    },
    end() {
      atWork -= 1
      if (atWork === 0) lag.stop()
    },
    async rest(workMs) {
      const now = clock.monotonicMs()
      if (now - measuredAt >= 500) {
        measuredAt = now
        restMs = nextRest(restMs, { now: measured(), aim: Math.max(2 * idleMs, floorMs), workMs })
      }
      if (restMs > 0) await sleep(clock, restMs)
    },
  }
}

/** Half again as long while it is too much, a tenth shorter while there is room. */
export function nextRest(restMs: number, { now, aim, workMs }: { now: number; aim: number; workMs: number }): number {
  if (now > aim) return Math.min(longestRestMs, Math.max(workMs / 4, restMs * 1.5))
  if (now > aim * 0.8) return restMs
  return restMs < 1 ? 0 : restMs * 0.9
}

function quantileOf(series: Series<`l${number}`>, now: number): number | null {
  return latencyQuantile(series.totals(now, windowMs), 0.99)
}

interface Lag {
  start(): void
  stop(): void
  /** The 99th percentile since it was last taken. */
  takeMs(): number
}

const resolutionMs = 5

function eventLoopLag(): Lag {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  let running = false
  return {
    start() {
      if (!running) histogram.enable()
      running = true
    },
    stop() {
      histogram.disable()
      histogram.reset()
      running = false
    },
    takeMs() {
      const late = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6 - resolutionMs
      histogram.reset()
      return Math.max(0, late)
    },
  }
}
