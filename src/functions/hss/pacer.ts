import type { Clock, Timer } from '#core/clock.ts'
import { BoundedQueue } from '#core/queue.ts'

/** `now`: somebody waits for it. `bulk`: whoever comes with `now` goes first, and finds a fifth of the rate free. */
export type Pace = 'now' | 'bulk'

interface Lane {
  now: BoundedQueue<() => void>
  bulk: BoundedQueue<() => void>
  /** When the last ones left, within a second. */
  sent: number[]
  timer: Timer | null
}

const bulkShare = 0.8

/**
 * Sends at most `rateOf(key)` things a second for each key: what a partner agreed to take from us. A sliding second,
 * so that no second whatever holds more. What does not fit the queue is refused, and the caller says so.
 */
export class Pacer {
  readonly #clock: Clock
  readonly #rateOf: (key: string) => number
  readonly #capacity: number
  readonly #lanes = new Map<string, Lane>()

  constructor(clock: Clock, rateOf: (key: string) => number, capacity: number) {
    this.#clock = clock
    this.#rateOf = rateOf
    this.#capacity = capacity
  }

  /** false: the queue of this key is full. */
  add(key: string, send: () => void, pace: Pace = 'now'): boolean {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = { now: new BoundedQueue(this.#capacity), bulk: new BoundedQueue(this.#capacity), sent: [], timer: null }
      this.#lanes.set(key, lane)
    }
    if (!lane[pace].push(send)) return false
    // While bulk waits for its share, there may still be room for what somebody waits for.
    if (lane.timer === null || pace === 'now') this.#drain(key)
    return true
  }

  waiting(key: string): number {
    const lane = this.#lanes.get(key)
    return lane === undefined ? 0 : lane.now.size + lane.bulk.size
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.timer?.cancel()
    this.#lanes.clear()
  }

  #drain(key: string): void {
    const lane = this.#lanes.get(key)
    if (lane === undefined) return
    lane.timer?.cancel()
    lane.timer = null
    const rate = Math.max(1, this.#rateOf(key))
    const now = this.#clock.monotonicMs()
    while (lane.sent.length > 0 && (lane.sent[0] ?? 0) <= now - 1000) lane.sent.shift()
    const shares = [
      [lane.now, rate],
      [lane.bulk, Math.max(1, Math.floor(rate * bulkShare))],
    ] as const
    for (const [queue, share] of shares) {
      while (queue.size > 0 && lane.sent.length < share) {
        lane.sent.push(now)
        queue.shift()?.()
      }
    }
    if (lane.now.size + lane.bulk.size > 0)
      lane.timer = this.#clock.after(Math.max(1, (lane.sent[0] ?? now) + 1000 - now), () => this.#drain(key))
  }
}
