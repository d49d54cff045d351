import type { Clock } from '#core/clock.ts'
import type { DemoOutage, DemoPort } from '#platform/demo.ts'
import type { OutageResult, OutageRow } from '#sim/outage.ts'
import { AttackRunner } from './attacks.ts'
import { computeBeside } from './computed.ts'
import { outageOf, startLiveOutage, watch } from './outage.ts'
import type { Stage } from './stage.ts'
import { type Telling, tell } from './steps.ts'

/** SIMs 0 to 1,999 are for the stories, the next for day traffic, the rest for outages. */
export const storySims = 2_000
export const dayTrafficSims = 1_000

/** Longest that an outage started in the portal is watched. */
const watchedMs = 300_000

export interface DemoWorldOptions {
  clock: Clock
  seed: number
  capacityPerSecond: number
  telling: Telling
}

/** What the portal asks of the simulated world, and the buttons of the demo. */
export class DemoWorld implements DemoPort {
  readonly runner: AttackRunner
  readonly #options: DemoWorldOptions
  stage: Stage | null = null
  isDone = false
  #outage: DemoOutage = { running: false, startedAt: null, devices: 0, spreadS: 0, back: 0 }
  #seen: OutageResult | null = null
  #computed: OutageResult | null = null
  #events: { at: number; key: string; params: Record<string, string | number | null> }[] = []

  constructor(options: DemoWorldOptions) {
    this.#options = options
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
    return { steps: this.#options.telling.steps(), done: this.isDone }
  }

  outage(): DemoOutage {
    return this.#outage
  }

  /** Only after the story: one outage at a time. */
  startOutage({ devices = 1_000, spreadS = 30 }: { devices?: number; spreadS?: number }): boolean {
    const { stage } = this
    if (stage === null || this.#outage.running || !this.isDone) return false
    const { clock, capacityPerSecond } = this.#options
    // Another seed each time, or the same devices would return at the same moments.
    const seed = this.#options.seed + this.#events.length
    const first = storySims + dayTrafficSims
    const outage = outageOf({ devices: Math.min(devices, stage.sims.length - first), spreadS, capacityPerSecond })
    this.outageStarted(outage)
    // Nothing is drawn beside it until it is computed, and nothing at all where that fails.
    computeBeside(outage, seed).then(
      (computed) => this.setComputed(computed),
      () => {},
    )
    const run = startLiveOutage(stage, outage, { clock, seed, first })
    void watch(run, clock, clock.monotonicMs() + watchedMs, (result) => this.outageSeen(result)).then(() => {
      run.stop()
      this.outageEnded()
    })
    return true
  }

  /** The same outage without admission control. */
  setComputed(result: OutageResult): void {
    this.#computed = result
  }

  outageStarted({ devices, spreadS }: OutageRow): void {
    const at = this.#options.clock.now()
    this.#computed = null
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
}
