import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { SlidingCounts } from './sliding-counts.ts'

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
