/** A map with a bound that forgets what was used longest ago. */
export class LruMap<K, V> {
  readonly #capacity: number
  readonly #map = new Map<K, V>()
  readonly #onEvict: ((key: K, value: V) => void) | undefined

  /** `onEvict` hears of what is forgotten for want of room, not of what is deleted. */
  constructor(capacity: number, onEvict?: (key: K, value: V) => void) {
    this.#capacity = capacity
    this.#onEvict = onEvict
  }

  get size(): number {
    return this.#map.size
  }

  get(key: K): V | undefined {
    const value = this.#map.get(key)
    if (value === undefined) return undefined
    this.#map.delete(key)
    this.#map.set(key, value)
    return value
  }

  /** Reads without counting as a use. */
  peek(key: K): V | undefined {
    return this.#map.get(key)
  }

  set(key: K, value: V): void {
    this.#map.delete(key)
    if (this.#map.size >= this.#capacity) {
      const oldest = this.#map.entries().next()
      if (!oldest.done) {
        this.#map.delete(oldest.value[0])
        this.#onEvict?.(oldest.value[0], oldest.value[1])
      }
    }
    this.#map.set(key, value)
  }

  delete(key: K): boolean {
    return this.#map.delete(key)
  }

  clear(): void {
    this.#map.clear()
  }

  keys(): MapIterator<K> {
    return this.#map.keys()
  }
}
