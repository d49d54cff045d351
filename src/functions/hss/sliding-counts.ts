import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'

const firstRows = 64
const mostPerSlot = 0xffff

/**
 * Things counted in a sliding window that is cut into slots: cheap, bounded, and exact to one slot. The counts of all keys
 * stand in one array, since there are as many keys as devices.
 */
export class SlidingCounts {
  readonly #clock: Clock
  readonly #slotMs: number
  readonly #slots: number
  readonly #rows: LruMap<string, number>
  /** Rows whose keys were forgotten. */
  readonly #free: number[] = []
  #used = 0
  /** A row of slots for each key, and the slot in which it was last looked at. */
  #counts: Uint16Array
  #stamps: Float64Array

  constructor(clock: Clock, windowMs: number, slots: number, keys: number = limits.guard.countersPerMap) {
    this.#clock = clock
    this.#slotMs = windowMs / slots
    this.#slots = slots
    this.#rows = new LruMap(keys, (_key, row) => this.#free.push(row))
    this.#counts = new Uint16Array(firstRows * slots)
    this.#stamps = new Float64Array(firstRows)
  }

  add(key: string, amount = 1): void {
    const now = this.#now()
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = this.#takeRow(now)
      this.#rows.set(key, row)
    } else this.#expire(row, now)
    const at = row * this.#slots + (now % this.#slots)
    this.#counts[at] = Math.min(mostPerSlot, (this.#counts[at] ?? 0) + amount)
  }

  sum(key: string): number {
    const row = this.#rows.peek(key)
    if (row === undefined) return 0
    this.#expire(row, this.#now())
    let total = 0
    const from = row * this.#slots
    for (let at = from; at < from + this.#slots; at++) total += this.#counts[at] ?? 0
    return total
  }

  #now(): number {
    return Math.floor(this.#clock.monotonicMs() / this.#slotMs)
  }

  #expire(row: number, now: number): void {
    const stamp = this.#stamps[row] ?? now
    if (stamp === now) return
    const passed = Math.min(now - stamp, this.#slots)
    for (let i = 1; i <= passed; i++) this.#counts[row * this.#slots + ((stamp + i) % this.#slots)] = 0
    this.#stamps[row] = now
  }

  #takeRow(now: number): number {
    const row = this.#free.pop() ?? this.#used++
    if (row === this.#stamps.length) this.#grow()
    this.#counts.fill(0, row * this.#slots, (row + 1) * this.#slots)
    this.#stamps[row] = now
    return row
  }

  #grow(): void {
    const counts = new Uint16Array(this.#counts.length * 2)
    const stamps = new Float64Array(this.#stamps.length * 2)
    counts.set(this.#counts)
    stamps.set(this.#stamps)
    this.#counts = counts
    this.#stamps = stamps
  }
}
