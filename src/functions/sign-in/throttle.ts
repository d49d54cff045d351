import { type Clock, sleep } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'

/** Waits grow with each failure and are forgotten after a while. Nobody is locked out, and unknown names wait alike. */
const firstMs = 250
const longestMs = 8_000
const forgetAfterMs = 900_000

export class Throttle {
  readonly #clock: Clock
  readonly #failures = new LruMap<string, { count: number; at: number }>(limits.http.addressesCounted)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be awaited before a password is even looked at. */
  async wait(key: string): Promise<void> {
    const row = this.#failures.get(key)
    if (row === undefined || this.#clock.monotonicMs() - row.at > forgetAfterMs) return
    await sleep(this.#clock, Math.min(longestMs, firstMs * 2 ** (row.count - 1)))
  }

  failed(key: string): void {
    const row = this.#failures.get(key)
    this.#failures.set(key, { count: Math.min(16, (row?.count ?? 0) + 1), at: this.#clock.monotonicMs() })
  }

  succeeded(key: string): void {
    this.#failures.delete(key)
  }
}
