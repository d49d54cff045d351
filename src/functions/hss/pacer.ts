import type { Clock, Timer } from '#core/clock.ts'
import { BoundedQueue } from '#core/queue.ts'

/**
 * Sends at most `rateOf(key)` things a second for each key: what a partner agreed to take from us. A sliding second,
 * so that no second whatever holds more. What does not fit the queue is refused, and the caller says so.
 */
export class Pacer {
  readonly #clock: Clock
  readonly #rateOf: (key: string) => number
  readonly #capacity: number
  readonly #lanes = new Map<string, { queue: BoundedQueue<() => void>; sent: number[]; timer: Timer | null }>()

  constructor(clock: Clock, rateOf: (key: string) => number, capacity: number) {
    this.#clock = clock
    this.#rateOf = rateOf
    this.#capacity = capacity
  }

  /** false: the queue of this key is full. */
  add(key: string, send: () => void): boolean {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = { queue: new BoundedQueue(this.#capacity), sent: [], timer: null }
      this.#lanes.set(key, lane)
    }
    if (!lane.queue.push(send)) return false
    if (lane.timer === null) this.#drain(key)
    return true
  }

  waiting(key: string): number {
    return this.#lanes.get(key)?.queue.size ?? 0
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.timer?.cancel()
    this.#lanes.clear()
  }

  #drain(key: string): void {
    const lane = this.#lanes.get(key)
    if (lane === undefined) return
    lane.timer = null
    const rate = Math.max(1, this.#rateOf(key))
    const now = this.#clock.monotonicMs()
    while (lane.sent.length > 0 && (lane.sent[0] ?? 0) <= now - 1000) lane.sent.shift()
    while (lane.queue.size > 0 && lane.sent.length < rate) {
      lane.sent.push(now)
      lane.queue.shift()?.()
    }
    if (lane.queue.size > 0) lane.timer = this.#clock.after(Math.max(1, (lane.sent[0] ?? now) + 1000 - now), () => this.#drain(key))
  }
}
