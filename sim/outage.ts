import type { Clock } from '#core/clock.ts'
import type { Random } from '#core/random.ts'
import type { SimCard } from './cards.ts'
import { causeRow } from './causes.ts'
import { Device, type NasTimers } from './device.ts'
import type { Mme, Subject } from './mme.ts'
import { type Percentiles, percentiles, SecondSeries, slidingPeak } from './statistics.ts'
import type { VisitedNetworks } from './visited.ts'
import { type MmeKind, mmeKinds, type TrafficClass, trafficClasses } from './world.ts'

/**
 * A regional outage ends, and every device in it comes back at once. The outage is data and is printed with each
 * result; a registration is an AIR and its ULR, and time counts from a device's first attempt.
 */

export interface OutageRow {
  name: string
  devices: number
  /** First attempts fall uniformly within so many seconds. */
  spreadS: number
  /** Registrations per second that the HSS may process. */
  capacityPerSecond: number
  /** How long it is watched, seconds. */
  horizonS: number
  /** Percent, as the world places its SIMs. */
  classes: Readonly<Record<TrafficClass, number>>
  kinds: Readonly<Record<MmeKind, number>>
}

const shares = {
  classes: { critical: 10, standard: 40, deferrable: 50 },
  kinds: { plain: 50, 'random-abating': 20, 'low-priority-first': 30 },
} as const

export const outages = {
  /** The one of the demo's story. */
  story: { name: 'story', devices: 3_000, spreadS: 30, capacityPerSecond: 50, horizonS: 2_700, ...shares },
  region: { name: 'region', devices: 10_000, spreadS: 1, capacityPerSecond: 50, horizonS: 2_700, ...shares },
  country: { name: 'country', devices: 100_000, spreadS: 1, capacityPerSecond: 500, horizonS: 2_700, ...shares },
} as const satisfies Readonly<Record<string, OutageRow>>

/** One line of the result: a class behind a kind of MME. Seconds; null is infinite. */
export interface StormRow extends Percentiles {
  spreadS: number
  class: TrafficClass
  mme: MmeKind
  devices: number
  admitted: number
  /** Devices that fell into the long timer at least once. */
  t3402: number
  t3346: number
}

export interface OutageResult {
  outage: OutageRow
  seed: number
  clock: 'virtual' | 'real'
  /** True for a run against a model instead of the real HSS. */
  computed: boolean
  /** Seconds watched so far. */
  seconds: number
  storms: StormRow[]
  /** Per second since the end of the outage. `offered` reached the HSS; `attempted` counts what MMEs abated too. */
  series: { attempted: number[]; offered: number[]; admitted: Record<TrafficClass, number[]> }
  /** Most offered in one second. */
  offeredPeak: number
  /** Most registrations completed in any sliding second. */
  processedPeak: number
  /** Critical devices that fell into T3402 or T3346. */
  criticalSilent: number
  /** Devices given a cause that sticks (#8, #11). */
  sticky: number
  /** Devices that left for another network and are lost to this run. */
  gone: number
}

/** A device of the outage: its SIM, and the MME that it comes back to. */
export interface Returning {
  sim: Pick<SimCard, 'class' | 'networkId' | 'index'>
  subject: Subject
  mme: Mme
}

export interface OutageOptions {
  outage: OutageRow
  seed: number
  clock: Clock
  clockName: 'virtual' | 'real'
  random: Random
  returning: readonly Returning[]
  timers?: NasTimers
  computed?: boolean
  /** Called as devices are registered. */
  onAdmitted?(imsi: string): void
}

export interface RunningOutage {
  /** The result up to now; may be asked for at any time. */
  result(): OutageResult
  /** True when no device will try again: all are registered or gone. */
  readonly isSettled: boolean
  /** Devices in T3402 and T3346 now. */
  waiting(): { t3402: number; t3346: number }
  stop(): void
}

/** Switches all devices on; they act on the given clock. */
export function startOutage(options: OutageOptions): RunningOutage {
  return new Outage(options)
}

/** The devices of an outage: the first SIMs of the world, each back at the MME that serves it. */
export function returningDevices(
  outage: OutageRow,
  sims: readonly SimCard[],
  visited: VisitedNetworks,
  subjectOf: (sim: SimCard) => Subject,
): Returning[] {
  return sims.slice(0, outage.devices).map((sim) => ({ sim, subject: subjectOf(sim), mme: visited.serving(sim) }))
}

/**
 * Watches a run until its horizon, or until every device is registered or gone. `advance` moves time: a virtual clock's
 * `advanceAsync`, or `sleep` on a real one. `onStep` hears about every `stepMs`.
 */
export async function watchOutage(
  run: RunningOutage,
  outage: OutageRow,
  advance: (ms: number) => Promise<void>,
  onStep?: (result: OutageResult) => void,
  stepMs = 1_000,
): Promise<OutageResult> {
  for (let ms = 0; ms < outage.horizonS * 1000 && !run.isSettled; ms += stepMs) {
    await advance(stepMs)
    onStep?.(run.result())
  }
  const result = run.result()
  run.stop()
  return result
}

interface Member {
  device: Device
  class: TrafficClass
  kind: MmeKind
}

class Outage implements RunningOutage {
  readonly #options: OutageOptions
  readonly #startMs: number
  readonly #members: Member[] = []
  readonly #attempted = new SecondSeries()
  readonly #offered = new SecondSeries()
  readonly #admitted: Record<TrafficClass, SecondSeries> = {
    critical: new SecondSeries(),
    standard: new SecondSeries(),
    deferrable: new SecondSeries(),
  }
  readonly #processedMs: number[] = []

  constructor(options: OutageOptions) {
    this.#options = options
    this.#startMs = options.clock.monotonicMs()
    const spread = options.random.fork('spread')
    const jitter = options.random.fork('jitter')
    for (const returning of options.returning) {
      const device = this.#device(returning, jitter)
      this.#members.push({ device, class: returning.sim.class, kind: returning.mme.kind })
      device.start(spread.next() * options.outage.spreadS * 1000)
    }
  }

  get isSettled(): boolean {
    return this.#members.every(({ device }) => device.state === 'registered' || device.state === 'stopped')
  }

  waiting(): { t3402: number; t3346: number } {
    const count = (state: string): number => this.#members.filter(({ device }) => device.state === state).length
    return { t3402: count('waiting-t3402'), t3346: count('waiting-t3346') }
  }

  stop(): void {
    for (const { device } of this.#members) device.stop()
  }

  result(): OutageResult {
    const { outage, seed, clockName, computed = false } = this.#options
    const seconds = Math.ceil(this.#elapsedMs() / 1000)
    const silent = ({ device }: Member): boolean => device.fellIntoT3402 || device.fellIntoT3346
    return {
      outage,
      seed,
      clock: clockName,
      computed,
      seconds,
      storms: this.#storms(),
      series: {
        attempted: this.#attempted.values(seconds),
        offered: this.#offered.values(seconds),
        admitted: {
          critical: this.#admitted.critical.values(seconds),
          standard: this.#admitted.standard.values(seconds),
          deferrable: this.#admitted.deferrable.values(seconds),
        },
      },
      offeredPeak: this.#offered.peak,
      processedPeak: slidingPeak(this.#processedMs, 1000),
      criticalSilent: this.#members.filter((member) => member.class === 'critical' && silent(member)).length,
      sticky: this.#members.filter(({ device }) => device.lastCause !== null && causeRow(device.lastCause).sticky).length,
      gone: this.#members.filter(({ device }) => device.state === 'stopped').length,
    }
  }

  #elapsedMs(): number {
    return this.#options.clock.monotonicMs() - this.#startMs
  }

  #device(returning: Returning, random: Random): Device {
    const { clock, timers, onAdmitted } = this.#options
    const { mme, subject, sim } = returning
    return new Device({
      clock,
      random,
      ...(timers === undefined ? {} : { timers }),
      attempt: (done) => {
        this.#attempted.add(this.#elapsedMs())
        const before = mme.counters.airs
        mme.attach(subject, (outcome) => {
          if (outcome.accepted) this.#processedMs.push(this.#elapsedMs())
          done(outcome)
        })
        if (mme.counters.airs > before) this.#offered.add(this.#elapsedMs())
      },
      onRegistered: () => {
        this.#admitted[sim.class].add(this.#elapsedMs())
        onAdmitted?.(subject.imsi)
      },
    })
  }

  #storms(): StormRow[] {
    const rows: StormRow[] = []
    for (const trafficClass of trafficClasses) {
      for (const kind of mmeKinds) {
        const members = this.#members.filter((member) => member.class === trafficClass && member.kind === kind)
        const seconds = members.map(({ device }) => device.secondsToAdmission)
        rows.push({
          spreadS: this.#options.outage.spreadS,
          class: trafficClass,
          mme: kind,
          devices: members.length,
          admitted: seconds.filter((each) => each !== null).length,
          ...percentiles(seconds),
          t3402: members.filter(({ device }) => device.fellIntoT3402).length,
          t3346: members.filter(({ device }) => device.fellIntoT3346).length,
        })
      }
    }
    return rows
  }
}
