import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import type { Outcome } from './outcome.ts'

/** How one device's try ended: once, however often it repeated it. */
export interface Ended {
  imsi: string
  at: number
  plmn: string
  how: 'gotIn' | 'keptOut' | 'refused'
}

/** A device that is not in by then counts as kept out: it has made its five tries, 10 s apart (TS 24.301 §5.5.1.2.6). */
export const attemptMs = 300_000

interface Last {
  since: number
  plmn: string
  state: 'trying' | 'in' | 'refused'
}

/**
 * Devices that try, until they are in or their time is up. Each counts once per window, from its first try on, so that no
 * edge of a clock tears one try in two.
 */
export class Attempts {
  /** In the order in which the windows began. */
  readonly #last: LruMap<string, Last>

  constructor(capacity: number = limits.health.openAttempts) {
    this.#last = new LruMap(capacity)
  }

  /** What the outcome ends; null where the try goes on, or was counted already. */
  note({ imsi, at, plmn, what }: Outcome): Ended | null {
    const last = this.#last.peek(imsi)
    const isWithin = last !== undefined && at - last.since < attemptMs
    if (what === 'failed') {
      if (!isWithin || last.state !== 'trying') this.#last.set(imsi, { since: at, plmn, state: 'trying' })
      return isWithin || last?.state !== 'trying' ? null : keptOut(imsi, last, at)
    }
    const state = what === 'in' ? 'in' : 'refused'
    if (isWithin && last.state === state) return null
    this.#last.set(imsi, { since: at, plmn, state })
    return { imsi, at, plmn, how: what === 'in' ? 'gotIn' : 'refused' }
  }

  /** Those whose time is up. */
  sweep(now: number): Ended[] {
    const over: string[] = []
    for (const imsi of this.#last.keys()) {
      if (now - (this.#last.peek(imsi)?.since ?? 0) < attemptMs) break
      over.push(imsi)
    }
    return over.flatMap((imsi) => {
      const last = this.#last.peek(imsi)
      this.#last.delete(imsi)
      return last?.state === 'trying' ? [keptOut(imsi, last, now)] : []
    })
  }
}

function keptOut(imsi: string, { plmn }: Last, at: number): Ended {
  return { imsi, at, plmn, how: 'keptOut' }
}
