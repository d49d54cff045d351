import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '#core/clock.ts'
import { sleep } from '#core/clock.ts'
import { latencyQuantile } from '#platform/latency.ts'
import type { SignalHistory } from '#platform/recorder.ts'
import type { Series } from '#platform/series.ts'

/**
 * How hard bulk work may push: it rests between chunks so that signalling stays quick. The aim is twice the latency that
 * signalling has while the job hardly works, or 20 ms, whichever is more; past it the rests grow at once, below it they
 * shrink slowly.
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
/** A job works at least a fifth of the time: whoever is slow for another reason is not helped by its standing still. */
const mostRests = 4
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
    return Math.max(signalling ?? 0, lag.takeMs())
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
      if (state.restMs > 0) await sleep(clock, Math.min(state.restMs, longestRest(workMs)))
    },
  }
}

interface PaceState {
  restMs: number
  /** What signalling takes while the job hardly works. */
  idleMs: number
}

/** Half again as long while it is too much, a tenth shorter while there is room. */
export function nextPace({ restMs, idleMs }: PaceState, { nowMs, workMs }: { nowMs: number; workMs: number }): PaceState {
  const aim = Math.max(2 * idleMs, floorMs)
  const longest = longestRest(workMs)
  if (nowMs > aim) {
    // It rests as much as it may: what is measured now is not its doing, and is the idle value from here on.
    if (restMs >= longest) return { restMs: longest, idleMs: nowMs }
    return { restMs: Math.min(longest, Math.max(workMs / 4, leastRestMs, restMs * 1.5)), idleMs }
  }
  if (nowMs > aim * 0.8) return { restMs: Math.min(restMs, longest), idleMs }
  return { restMs: restMs < 1 ? 0 : restMs * 0.9, idleMs }
}

function longestRest(workMs: number): number {
  return Math.max(leastRestMs, mostRests * workMs)
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
