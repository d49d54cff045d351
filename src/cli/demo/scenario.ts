import pino from 'pino'
import { systemClock } from '#core/clock.ts'
import { computeWithoutControl } from '#sim/naive-hss.ts'
import type { OutageResult, OutageRow } from '#sim/outage.ts'
import { outageOf, runVirtualOutage, startLiveOutage, type WatchedOutage, watch } from './outage.ts'
import { stormLines } from './report.ts'
import { silentDemo } from './silent.ts'
import { openStage } from './stage.ts'
import { createTelling } from './steps.ts'
import { completedSince, drawStorm } from './storm.ts'

export interface ScenarioOptions {
  devices: number
  capacityPerSecond: number
  spreadS: number
  seed: number
  clock: 'virtual' | 'real'
  /** Virtual time watched at most, or real time. */
  forMs: number
  json: boolean
  logLevel: string
  simulatedHub: boolean
  /** Ends a run on the real clock early; its result is that of the time watched. */
  interrupted: Promise<void>
}

/**
 * One regional outage by itself. Exit code 0 only if no critical device behind a plain MME fell into T3402, critical p95 is
 * under 60 s behind plain and low-priority-first MMEs (of those whose time has come, on a real clock), and the
 * capacity was never exceeded. Behind randomly abating MMEs the figures are printed, not bounded.
 */
export async function runOutageScenario(options: ScenarioOptions): Promise<number> {
  const { spreadS, capacityPerSecond, devices, seed } = options
  const outage = outageOf({ devices, spreadS, capacityPerSecond, horizonS: Math.ceil(options.forMs / 1000) })
  const { result, completed, processedPeak } =
    options.clock === 'virtual' ? await runVirtualOutage(outage, seed) : await runRealOutage(options)
  const computed = computeWithoutControl(outage, seed)
  const isHeld = criticalBounded(result) && processedPeak <= capacityPerSecond
  if (options.json) {
    const line = {
      scenario: 'outage',
      clock: options.clock,
      seed,
      outage,
      seconds: result.seconds,
      storms: stormLines(result),
      offeredPeak: result.offeredPeak,
      processedPeak,
      capacity: capacityPerSecond,
      sticky: result.sticky,
      withoutControl: {
        computed: true,
        storms: stormLines(computed),
        offeredPeak: computed.offeredPeak,
        criticalSilent: computed.criticalSilent,
      },
      held: isHeld,
    }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  } else {
    const telling = createTelling(
      () => 0,
      (line) => process.stdout.write(`${line}\n`),
    )
    telling.chapter(`${devices} devices return within ${spreadS} s at capacity ${capacityPerSecond}/s, seed ${seed}, ${options.clock} time`)
    telling.note(outageText(outage))
    drawStorm(telling, result, completed, computed)
    telling.note(
      `${isHeld ? 'Held' : 'NOT held'}: at most ${processedPeak} registrations completed in any second, ${result.sticky} devices given a cause that sticks.`,
    )
  }
  return isHeld ? 0 : 1
}

/** The outage as it stands in the data. */
function outageText({ classes, kinds }: OutageRow): string {
  const shares = (row: Readonly<Record<string, number>>): string =>
    Object.entries(row)
      .map(([name, percent]) => `${percent} % ${name}`)
      .join(', ')
  return `Devices: ${shares(classes)}. Behind MMEs: ${shares(kinds)}.`
}

/** 95 in a hundred critical devices within 60 s; of plain MMEs' ones none silent. */
function criticalBounded(result: OutageResult): boolean {
  const rows = result.storms.filter((row) => row.class === 'critical' && row.devices > 0)
  const plain = rows.filter((row) => row.mme === 'plain')
  const bounded = rows.filter((row) => row.mme !== 'random-abating')
  return plain.every((row) => row.t3402 === 0) && bounded.every((row) => row.p95 !== null && row.p95 < 60)
}

async function runRealOutage(options: ScenarioOptions): Promise<WatchedOutage> {
  const { spreadS, capacityPerSecond, devices, seed } = options
  await using stage = await openStage({
    clock: systemClock,
    log: pino({ level: options.logLevel }, pino.destination({ fd: 2, sync: true })),
    sims: devices,
    seed,
    capacityPerSecond,
    httpPort: 0,
    diameterPort: 0,
    demo: silentDemo,
    simulatedHub: options.simulatedHub,
    progress: (text) => process.stderr.write(`  ${text}\n`),
  })
  const outage = outageOf({ devices, spreadS, capacityPerSecond, horizonS: Math.ceil(options.forMs / 1000) })
  const fromMs = systemClock.now()
  const run = startLiveOutage(stage, outage, { clock: systemClock, seed, first: 0 })
  const watching = watch(run, systemClock, systemClock.monotonicMs() + options.forMs, () => {})
  const result = (await Promise.race([watching, options.interrupted])) ?? run.result()
  run.stop()
  const snapshot = stage.simward.ports.admission?.snapshot()
  return { result, completed: completedSince(snapshot, fromMs, result.seconds), processedPeak: snapshot?.peakCompleted ?? 0 }
}
