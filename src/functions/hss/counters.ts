import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'

/** Things counted in a sliding window that is cut into slots: cheap, bounded, and exact to one slot. */
class SlidingCounts {
  readonly #clock: Clock
  readonly #slotMs: number
  readonly #slots: number
  readonly #counts: LruMap<string, { slot: number; perSlot: number[]; total: number }>

  constructor(clock: Clock, windowMs: number, slots: number, keys: number = limits.guard.countersPerMap) {
    this.#clock = clock
    this.#slotMs = windowMs / slots
    this.#slots = slots
    this.#counts = new LruMap(keys)
  }

  add(key: string, amount = 1): void {
    let row = this.#counts.get(key)
    if (row === undefined) {
      row = { slot: this.#now(), perSlot: new Array<number>(this.#slots).fill(0), total: 0 }
      this.#counts.set(key, row)
    }
    this.#expire(row)
    const index = row.slot % this.#slots
    row.perSlot[index] = (row.perSlot[index] ?? 0) + amount
    row.total += amount
  }

  sum(key: string): number {
    const row = this.#counts.peek(key)
    if (row === undefined) return 0
    this.#expire(row)
    return row.total
  }

  #now(): number {
    return Math.floor(this.#clock.monotonicMs() / this.#slotMs)
  }

  #expire(row: { slot: number; perSlot: number[]; total: number }): void {
    const now = this.#now()
    const passed = Math.min(now - row.slot, this.#slots)
    for (let i = 1; i <= passed; i++) {
      const index = (row.slot + i) % this.#slots
      row.total -= row.perSlot[index] ?? 0
      row.perSlot[index] = 0
    }
    row.slot = now
  }
}

/** What the guard must know of the recent past, per IMSI, peer and partner. Memory only: a restart forgives. */
export class Counters {
  readonly #vectors: SlidingCounts
  readonly #messages: SlidingCounts
  readonly #absent: SlidingCounts
  readonly #refusedUlrs: SlidingCounts

  constructor(clock: Clock) {
    this.#vectors = new SlidingCounts(clock, 3_600_000, 12)
    this.#messages = new SlidingCounts(clock, 1_000, 10, limits.diameter.peers)
    this.#absent = new SlidingCounts(clock, 60_000, 12, 4_096)
    this.#refusedUlrs = new SlidingCounts(clock, 3_600_000, 12)
  }

  countMessage(peerId: string): void {
    this.#messages.add(peerId)
  }

  messagesLastSecond(peerId: string): number {
    return this.#messages.sum(peerId)
  }

  countVectors(imsi: string, plmn: string, count: number): void {
    this.#vectors.add(`${imsi} ${plmn}`, count)
  }

  vectorsLastHour(imsi: string, plmn: string): number {
    return this.#vectors.sum(`${imsi} ${plmn}`)
  }

  countAbsent(partnerId: string): void {
    this.#absent.add(partnerId)
  }

  absentLastMinute(partnerId: string): number {
    return this.#absent.sum(partnerId)
  }

  countRefusedUlr(imsi: string, partnerId: string): void {
    this.#refusedUlrs.add(`${imsi} ${partnerId}`)
  }

  refusedUlrsLastHour(imsi: string, partnerId: string): number {
    return this.#refusedUlrs.sum(`${imsi} ${partnerId}`)
  }
}
