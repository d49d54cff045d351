import { LruMap } from '#core/lru.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'

/** What is remembered of a device between its first attempt and its registration. */
export interface Attempt {
  class: SubscriptionClass
  /** Monotonic ms of the first attempt, and of the last one. */
  firstAt: number
  lastAt: number
  /** Attempts in the present series, 1 to 5 and on: after the fifth a device rests for T3402 (TS 24.301 §5.5.1.2.6). */
  tries: number
  /** Which storm it was counted in. */
  storm: number
}

/** T3411 is 10 s and an answer takes at most 15 s (T3410); a longer silence was T3402, which starts a new series. */
const seriesGapMs = 60_000
/** Whoever is silent for this long and tries again has been elsewhere: its waiting starts anew. */
const forgetAfterMs = 30 * 60_000

/** Attempts by IMSI, bounded; a device that is registered is forgotten. */
export class Attempts {
  readonly #byImsi: LruMap<string, Attempt>

  constructor(capacity: number) {
    this.#byImsi = new LruMap(capacity)
  }

  note(imsi: string, ofClass: SubscriptionClass, now: number): Attempt {
    const known = this.#byImsi.get(imsi)
    if (known === undefined || now - known.lastAt > forgetAfterMs) {
      const fresh = { class: ofClass, firstAt: now, lastAt: now, tries: 1, storm: 0 }
      this.#byImsi.set(imsi, fresh)
      return fresh
    }
    known.tries = now - known.lastAt > seriesGapMs ? 1 : known.tries + 1
    known.lastAt = now
    return known
  }

  /** Takes it out: the device is registered. */
  finish(imsi: string): Attempt | undefined {
    const known = this.#byImsi.peek(imsi)
    if (known !== undefined) this.#byImsi.delete(imsi)
    return known
  }
}
