import type { Clock } from '#core/clock.ts'
import { type SubscriptionClass, subscriptionClasses } from '#domain/subscription.ts'
import type { AdmissionSecond, AdmissionStorm, PerClass } from '../admission-types.ts'
import type { Attempt } from './attempts.ts'

const ringSeconds = 3_600
/** A storm is over when nothing was held or refused for so long. */
const calmMs = 60_000
/** Fewer than so many are a full moment, not a storm. */
const leastTroubles = 20
const latenciesKept = 20_000

export const perClass = (): PerClass => ({ critical: 0, standard: 0, deferrable: 0 })

interface Storm {
  id: number
  since: number
  lastTroubleAt: number
  troubles: number
  devices: PerClass
  back: PerClass
  latencies: Record<SubscriptionClass, number[]>
}

/** What the portal and the evidence read: a second-by-second series of the last hour, and the present or last storm. */
export class Records {
  readonly #clock: Clock
  readonly #ring: (AdmissionSecond | undefined)[] = Array.from({ length: ringSeconds })
  #storm: Storm | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  count(what: Exclude<keyof AdmissionSecond, 'at'>, ofClass: SubscriptionClass): void {
    this.#second()[what][ofClass] += 1
  }

  /** Something was held or refused: a storm begins or goes on. */
  trouble(): void {
    const now = this.#clock.now()
    if (this.#storm === null || now - this.#storm.lastTroubleAt > calmMs) {
      const latencies = { critical: [], standard: [], deferrable: [] }
      this.#storm = {
        id: (this.#storm?.id ?? 0) + 1,
        since: now,
        lastTroubleAt: now,
        troubles: 0,
        devices: perClass(),
        back: perClass(),
        latencies,
      }
    }
    this.#storm.lastTroubleAt = now
    this.#storm.troubles += 1
  }

  isStorm(): boolean {
    return this.#storm !== null && this.#clock.now() - this.#storm.lastTroubleAt <= calmMs
  }

  /** A device tried, and is in the storm if there is one. */
  tried(attempt: Attempt): void {
    if (this.#storm === null || !this.isStorm() || attempt.storm === this.#storm.id) return
    attempt.storm = this.#storm.id
    this.#storm.devices[attempt.class] += 1
  }

  /** `now`: monotonic ms. */
  back(attempt: Attempt, now: number): void {
    const storm = this.#storm
    if (storm === null || attempt.storm !== storm.id) return
    storm.back[attempt.class] += 1
    const latencies = storm.latencies[attempt.class]
    if (latencies.length < latenciesKept) latencies.push((now - attempt.firstAt) / 1_000)
  }

  series(): readonly AdmissionSecond[] {
    const from = this.#clock.now() - ringSeconds * 1_000
    return this.#ring
      .filter((second): second is AdmissionSecond => second !== undefined && second.at > from)
      .sort((a, b) => a.at - b.at)
      .map((second) => structuredClone(second))
  }

  storm(): AdmissionStorm | null {
    const storm = this.#storm
    if (storm === null || storm.troubles < leastTroubles) return null
    const percentiles = (share: number) =>
      Object.fromEntries(subscriptionClasses.map((name) => [name, percentile(storm.latencies[name], share)])) as AdmissionStorm['p50']
    return {
      since: storm.since,
      until: this.isStorm() ? null : storm.lastTroubleAt,
      devices: { ...storm.devices },
      back: { ...storm.back },
      p50: percentiles(0.5),
      p95: percentiles(0.95),
    }
  }

  #second(): AdmissionSecond {
    const at = Math.floor(this.#clock.now() / 1_000) * 1_000
    const slot = (at / 1_000) % ringSeconds
    const present = this.#ring[slot]
    if (present?.at === at) return present
    const fresh = { at, offered: perClass(), admitted: perClass(), rejected: perClass(), held: perClass(), completed: perClass() }
    this.#ring[slot] = fresh
    return fresh
  }
}

/** Nearest rank; null of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null
}
