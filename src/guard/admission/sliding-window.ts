/** Counts events within a sliding span of time, exactly: one timestamp per event, in a ring that grows when it must. */
export class SlidingWindow {
  readonly #spanMs: number
  #times: Float64Array
  #head = 0
  #count = 0

  constructor(spanMs: number, initialRoom = 256) {
    this.#spanMs = spanMs
    this.#times = new Float64Array(initialRoom)
  }

  /** Events after `now - span`. `now` must not go backwards. */
  count(now: number): number {
    while (this.#count > 0 && this.#oldest() + this.#spanMs <= now) {
      this.#head = (this.#head + 1) % this.#times.length
      this.#count -= 1
    }
    return this.#count
  }

  add(now: number): void {
    if (this.#count === this.#times.length) this.#grow()
    this.#times[(this.#head + this.#count) % this.#times.length] = now
    this.#count += 1
  }

  /** When the oldest event leaves the window; Infinity when it is empty. */
  nextExpiry(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#oldest() + this.#spanMs
  }

  #oldest(): number {
    return this.#times[this.#head] ?? 0
  }

  #grow(): void {
    const grown = new Float64Array(this.#times.length * 2)
    for (let i = 0; i < this.#count; i++) grown[i] = this.#times[(this.#head + i) % this.#times.length] ?? 0
    this.#times = grown
    this.#head = 0
  }
}
