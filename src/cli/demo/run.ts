import pino, { type Logger } from 'pino'
import { type Clock, sleep } from '#core/clock.ts'
import type { DemoOutage, DemoPort } from '#platform/demo.ts'
import { computeWithoutControl } from '#sim/naive-hss.ts'
import type { OutageResult } from '#sim/outage.ts'
import { AttackRunner } from './attacks.ts'
import { announce, forget } from './beacon.ts'
import { tellControls, tellWhatNext } from './ending.ts'
import { outageOf, startLiveOutage, watch } from './outage.ts'
import { attackLines, type DemoReport, flowLines, leakedVectors, stormLines } from './report.ts'
import { openStage, type Stage } from './stage.ts'
import { createTelling, type Telling, tell } from './steps.ts'
import { criticalHeld, makeOtherAttacks, startDayTraffic, tellAttach, tellAttacks, tellFlows, tellPeers, tellStorm } from './story.ts'

export interface DemoOptions {
  clock: Clock
  /** How long the whole run may take; null: until interrupted. */
  forMs: number | null
  json: boolean
  seed: number
  sims: number
  devices: number
  spreadS: number
  capacityPerSecond: number
  httpPort: number
  diameterPort: number
  logLevel: string
  /** Builds the portal beside the story; resolves when it can be opened. */
  buildPortal(): Promise<void>
  /** Resolves when somebody wants the demo to end. */
  interrupted: Promise<void>
  write(line: string): void
}

/** SIMs 0 to 1,999 are for the stories, the rest for day traffic and outages. */
const storySims = 2_000
const dayTrafficSims = 1_000

/** Tells the story and stays up. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { clock } = options
  const startMs = clock.monotonicMs()
  const log = pino({ level: options.logLevel }, pino.destination({ fd: 2, sync: true }))
  const telling = createTelling(() => clock.now(), options.write)
  const world = new DemoWorld(options, telling)
  options.write(
    `Simward demo: an IoT operator, ${options.sims.toLocaleString('en')} SIMs of three providers, seven visited networks; everything outside is simulated.`,
  )
  const portal = options
    .buildPortal()
    .catch((error: unknown) => options.write(`  the portal could not be built: ${error instanceof Error ? error.message : String(error)}`))
  await using stage = await openDemoStage(options, world, log)
  world.stage = stage
  options.write(
    `  portal: ${stage.simward.url}  (over ssh: ssh -L ${portOf(stage.simward.url)}:localhost:${portOf(stage.simward.url)} this-host)`,
  )
  announce({ url: stage.simward.url, pid: process.pid })
  try {
    const report = await tellStory(stage, options, world, startMs)
    world.isDone = true
    await portal
    if (!options.json) tellWhatNext(stage, telling)
    const remaining = options.forMs === null ? null : Math.max(0, options.forMs - (clock.monotonicMs() - startMs))
    await Promise.race([options.interrupted, ...(remaining === null ? [] : [sleep(clock, remaining)])])
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`)
    return isGood(report) ? 0 : 1
  } finally {
    world.close()
    forget(process.pid)
  }
}

function openDemoStage(options: DemoOptions, world: DemoWorld, log: Logger): Promise<Stage> {
  let shown = 0
  return openStage({
    ...options,
    log,
    demo: world,
    progress(text) {
      if (options.clock.monotonicMs() - shown < 1000) return
      shown = options.clock.monotonicMs()
      options.write(`  ${text}`)
    },
  })
}

async function tellStory(stage: Stage, options: DemoOptions, world: DemoWorld, startMs: number): Promise<DemoReport> {
  const { clock, seed, capacityPerSecond: capacity } = options
  const context = { clock, telling: world.telling, runner: world.runner, seed }
  tellPeers(stage, context)
  const isAttached = await tellAttach(stage, context)
  const flows = await tellFlows(stage, context)
  const made = [...(await tellAttacks(context)), ...(await makeOtherAttacks(context))]
  const dayTraffic = startDayTraffic(stage, clock, { from: storySims, to: storySims + dayTrafficSims, everyMs: 250 })
  const outage = outageOf({ devices: options.devices, spreadS: options.spreadS, capacityPerSecond: capacity })
  const computed = computeWithoutControl(outage, seed)
  world.setComputed(computed)
  const endMs = options.forMs === null ? Number.POSITIVE_INFINITY : startMs + options.forMs - 5_000
  const untilMs = Math.min(endMs, clock.monotonicMs() + 120_000)
  world.outageStarted(outage.devices, outage.spreadS)
  const storm = await tellStorm(stage, context, outage, {
    computed,
    untilMs,
    first: storySims + dayTrafficSims,
    onResult: (result) => world.outageSeen(result),
  })
  world.outageEnded()
  const ledgerOk = await tellControls(stage, context.telling)
  const { leaked, withinPolicy } = leakedVectors(made)
  world.background = dayTraffic
  return {
    attaches: { ...dayTraffic.attaches, story: isAttached ? 1 : 0, outage: storm.live.storms.reduce((sum, row) => sum + row.admitted, 0) },
    attacks: attackLines(made),
    vectorsToAttackers: leaked,
    vectorsWithinPolicy: withinPolicy,
    falseBlocks: flows.filter((flow) => !flow.passed).length + (dayTraffic.attaches.refused ?? 0),
    flows: flowLines(flows),
    storms: stormLines(storm.live),
    outage,
    processedPeak: stage.simward.ports.admission?.snapshot().peakCompleted ?? 0,
    capacity,
    withoutControl: { computed: true, storms: stormLines(computed) },
    ledgerOk,
  }
}

function isGood(report: DemoReport): boolean {
  const held = criticalHeld({ storms: report.storms } as OutageResult)
  return held && report.processedPeak <= report.capacity
}

function portOf(url: string): string {
  return new URL(url).port
}

/** What the portal asks of the simulated world, and the buttons of the demo. */
class DemoWorld implements DemoPort {
  readonly telling: Telling
  readonly runner: AttackRunner
  readonly #options: DemoOptions
  stage: Stage | null = null
  isDone = false
  background: { stop(): void } | null = null
  #outage: DemoOutage = { running: false, startedAt: null, devices: 0, spreadS: 0, back: 0 }
  #seen: OutageResult | null = null
  #computed: OutageResult | null = null
  #events: { at: number; key: string; params: Record<string, string | number | null> }[] = []

  constructor(options: DemoOptions, telling: Telling) {
    this.#options = options
    this.telling = telling
    this.runner = new AttackRunner(options.clock, () => this.stage)
  }

  world(): ReturnType<DemoPort['world']> {
    if (this.#seen === null) return null
    const critical = this.#seen.storms.filter((row) => row.class === 'critical')
    const worst = critical.filter((row) => row.mme !== 'random-abating').map((row) => row.p95)
    return {
      criticalBack: critical.reduce((sum, row) => sum + row.admitted, 0),
      criticalTotal: critical.reduce((sum, row) => sum + row.devices, 0),
      criticalP95S: worst.some((p95) => p95 === null) ? null : Math.max(...worst.map((p95) => p95 ?? 0)),
      devicesInT3402: this.#seen.storms.reduce((sum, row) => sum + row.t3402, 0),
    }
  }

  computed(): ReturnType<DemoPort['computed']> {
    const startedAt = this.#outage.startedAt
    if (this.#computed === null || startedAt === null) return null
    const points = this.#computed.series.offered.slice(0, 300).map((value, second) => ({ at: startedAt + second * 1000, value }))
    const { offeredPeak: peak, criticalSilent } = this.#computed
    const text = `without admission control, same seed (computed): peak ${peak}/s, ${criticalSilent} critical devices silent for 12 min`
    return { points, ...tell('computed', text, { peak, criticalSilent }), peak, criticalSilent }
  }

  events(): ReturnType<DemoPort['events']> {
    return this.#events
  }

  attacks(): ReturnType<DemoPort['attacks']> {
    return this.runner.list()
  }

  async runAttack(name: string): ReturnType<DemoPort['runAttack']> {
    await this.runner.make(name)
    return this.runner.view(name)
  }

  story(): ReturnType<DemoPort['story']> {
    return { steps: this.telling.steps(), done: this.isDone }
  }

  outage(): DemoOutage {
    return this.#outage
  }

  startOutage({ devices = 1_000, spreadS = 30 }: { devices?: number; spreadS?: number }): boolean {
    const { stage } = this
    if (stage === null || this.#outage.running || !this.isDone) return false
    const { clock, seed, capacityPerSecond } = this.#options
    const outage = outageOf({ devices: Math.min(devices, stage.sims.length - storySims), spreadS, capacityPerSecond })
    this.setComputed(computeWithoutControl(outage, seed + this.#events.length))
    this.outageStarted(outage.devices, spreadS)
    const run = startLiveOutage(stage, outage, { clock, seed: seed + this.#events.length, first: storySims })
    void watch(run, clock, clock.monotonicMs() + 300_000, (result) => this.outageSeen(result)).then(() => {
      run.stop()
      this.outageEnded()
    })
    return true
  }

  setComputed(result: OutageResult): void {
    this.#computed = result
  }

  outageStarted(devices: number, spreadS: number): void {
    const at = this.#options.clock.now()
    this.#outage = { running: true, startedAt: at, devices, spreadS, back: 0 }
    this.#events.push({ at, ...tell('outage-ends', `outage ends, ${devices} devices return in ${spreadS} s`, { devices, spreadS }) })
  }

  outageSeen(result: OutageResult): void {
    this.#seen = result
    this.#outage = { ...this.#outage, back: result.storms.reduce((sum, row) => sum + row.admitted, 0) }
  }

  outageEnded(): void {
    this.#outage = { ...this.#outage, running: false }
  }

  close(): void {
    this.background?.stop()
  }
}
