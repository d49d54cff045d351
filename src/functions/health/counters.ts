/** Counts that wait to be written, one per key; a count of what is not there any more when they are full. */
export class Counters<T extends { count: number; lastAt: number }> {
  readonly #capacity: number
  #waiting = new Map<string, T>()
  dropped = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(key: string, at: number, make: () => T): void {
    const known = this.#waiting.get(key)
    if (known !== undefined) {
      known.count += 1
      known.lastAt = Math.max(known.lastAt, at)
    } else if (this.#waiting.size < this.#capacity) this.#waiting.set(key, make())
    else this.dropped += 1
  }

  /** Up to `most` of them, with their keys. */
  take(most: number): [string, T][] {
    const taken: [string, T][] = []
    for (const entry of this.#waiting) {
      if (taken.length >= most) break
      taken.push(entry)
    }
    for (const [key] of taken) this.#waiting.delete(key)
    return taken
  }

  /** What could not be written waits on. */
  putBack(entries: readonly [string, T][]): void {
    for (const [key, entry] of entries) {
      const known = this.#waiting.get(key)
      if (known === undefined) this.#waiting.set(key, entry)
      else {
        known.count += entry.count
        known.lastAt = Math.max(known.lastAt, entry.lastAt)
      }
    }
  }
}
