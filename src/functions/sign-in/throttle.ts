import { type Clock, sleep } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'

/** Waits grow with each failure and are forgotten after a while. Nobody is locked out, and unknown names wait alike. */
const firstMs = 250
const longestMs = 8_000
const forgetAfterMs = 900_000
/** Wrong codes after a right password: whoever sends these knows the password, so closing that door shuts out nobody else. */
const codesAtMost = 10

interface Failures {
  count: number
  at: number
}

interface Lane {
  last: Promise<unknown>
  waiting: number
}

/**
 * Guesses of secrets, slowed down. Attempts for one name from one address go one after the other, each after a wait that
 * grows with the failures for that name from anywhere; another address has its own line, so that nobody can fill it for
 * the person whose name it is.
 */
export class Throttle {
  readonly #clock: Clock
  readonly #failures = new LruMap<string, Failures>(limits.http.addressesCounted)
  readonly #codes = new LruMap<string, Failures>(limits.http.addressesCounted)
  readonly #lanes = new Map<string, Lane>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs the attempt in its turn; null is a failure. Throws 429 where too many of that name and address wait already. */
  async attempt<T>(name: string, address: string, run: () => Promise<T | null>): Promise<T | null> {
    const key = name.toLowerCase()
    const laneKey = `${address}\n${key}`
    const lane = this.#lanes.get(laneKey) ?? { last: Promise.resolve(), waiting: 0 }
    if (lane.waiting >= limits.signIn.waitingPerLane || this.#lanes.size >= limits.http.addressesCounted)
      throw new OperationError('too-many-requests', 429, 'attempts for this name are waiting already: wait a moment')
    lane.waiting += 1
    this.#lanes.set(laneKey, lane)
    const turn = lane.last.then(async () => {
      await this.#wait(key)
      const result = await run()
      this.#count(key, result !== null)
      return result
    })
    lane.last = turn
      .catch(() => {})
      .finally(() => {
        lane.waiting -= 1
        if (lane.waiting === 0) this.#lanes.delete(laneKey)
      })
    return turn
  }

  /** False while too many wrong codes came with this person's right password. */
  takesCodes(personId: string): boolean {
    const row = this.#codes.get(personId)
    return row === undefined || row.count < codesAtMost || this.#isOld(row)
  }

  /** True where the door closes with this one. */
  codeFailed(personId: string): boolean {
    const row = this.#codes.get(personId)
    const count = row === undefined || this.#isOld(row) ? 1 : row.count + 1
    this.#codes.set(personId, { count, at: this.#clock.monotonicMs() })
    return count === codesAtMost
  }

  codeSucceeded(personId: string): void {
    this.#codes.delete(personId)
  }

  async #wait(key: string): Promise<void> {
    const row = this.#failures.get(key)
    if (row === undefined || this.#isOld(row)) return
    await sleep(this.#clock, Math.min(longestMs, firstMs * 2 ** (row.count - 1)))
  }

  #count(key: string, isRight: boolean): void {
    if (isRight) return void this.#failures.delete(key)
    const row = this.#failures.get(key)
    this.#failures.set(key, { count: Math.min(16, (row?.count ?? 0) + 1), at: this.#clock.monotonicMs() })
  }

  #isOld({ at }: Failures): boolean {
    return this.#clock.monotonicMs() - at > forgetAfterMs
  }
}
