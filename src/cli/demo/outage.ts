import { type Clock, sleep } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { type OutageResult, type OutageRow, outages, type RunningOutage, startOutage } from '#sim/outage.ts'
import { createVirtualWorld } from '../world/virtual.ts'
import type { Stage } from './stage.ts'
import { completedSince } from './storm.ts'

/** The story's outage with other figures where asked for. */
export function outageOf(options: { devices?: number; spreadS?: number; capacityPerSecond: number; horizonS?: number }): OutageRow {
  const { devices = outages.story.devices, spreadS = outages.story.spreadS, capacityPerSecond, horizonS = outages.story.horizonS } = options
  return { ...outages.story, name: 'regional outage', devices, spreadS, capacityPerSecond, horizonS }
}

/** Devices of the stage come back over real sockets. `first` leaves the first SIMs to other stories. */
export function startLiveOutage(stage: Stage, outage: OutageRow, options: { clock: Clock; seed: number; first: number }): RunningOutage {
  const chosen = stage.sims.slice(options.first, options.first + outage.devices)
  return startOutage({
    outage,
    seed: options.seed,
    clock: options.clock,
    clockName: 'real',
    random: seededRandom(options.seed),
    returning: chosen.map((sim) => ({ sim, subject: stage.subjects.of(sim), mme: stage.visited.serving(sim) })),
  })
}

/**
 * Waits until the outage is settled or `untilMs` of the monotonic clock; calls `look` each second. `isQuiet` ends it
 * earlier, where what is left to come would take minutes.
 */
export async function watch(
  run: RunningOutage,
  clock: Clock,
  untilMs: number,
  look: (result: OutageResult) => void,
  isQuiet: () => boolean = () => false,
): Promise<OutageResult> {
  while (!run.isSettled && !isQuiet() && clock.monotonicMs() < untilMs) {
    await sleep(clock, Math.min(1000, Math.max(1, untilMs - clock.monotonicMs())))
    look(run.result())
  }
  return run.result()
}

/** Every device is registered, or silent for minutes by a timer. */
export function isQuiet(run: RunningOutage, outage: OutageRow): boolean {
  const { storms, gone } = run.result()
  const { t3402, t3346 } = run.waiting()
  return storms.reduce((sum, row) => sum + row.admitted, 0) + t3402 + t3346 + gone >= outage.devices
}

export interface WatchedOutage {
  result: OutageResult
  /** Registrations completed in each second, by the HSS's own count. */
  completed: readonly number[]
  /** Most registrations that the HSS completed in any sliding second, by its own count. */
  processedPeak: number
}

/** The whole outage against the real HSS, guard and admission control, on a clock turned by hand. */
export async function runVirtualOutage(outage: OutageRow, seed: number): Promise<WatchedOutage> {
  const world = createVirtualWorld({ sims: outage.devices, seed, capacityPerSecond: outage.capacityPerSecond, keepsJudged: false })
  const fromMs = world.clock.now()
  const run = startOutage({
    outage,
    seed,
    clock: world.clock,
    clockName: 'virtual',
    random: seededRandom(seed),
    returning: world.sims.map((sim) => ({ sim, subject: world.subjects.of(sim), mme: world.visited.serving(sim) })),
  })
  for (let second = 0; second < outage.horizonS && !run.isSettled; second++) await world.clock.advanceAsync(1000)
  const result = run.result()
  run.stop()
  const snapshot = world.admission.snapshot()
  await world.hss.close()
  world.admission.close()
  return { result, completed: completedSince(snapshot, fromMs, result.seconds), processedPeak: snapshot.peakCompleted }
}
