/** No slot: the end of the order, or of the free ones. */
const none = -1
const firstRoom = 16

/**
 * A map with a bound that forgets what was used longest ago. The order of use is a list over slots, in arrays of numbers:
 * a look-up changes no table and makes no object, however many entries there are.
 */
export class LruMap<K, V> {
  readonly #capacity: number
  readonly #slots = new Map<K, number>()
  readonly #onEvict: ((key: K, value: V) => void) | undefined
  readonly #keys: (K | undefined)[] = []
  readonly #values: (V | undefined)[] = []
  /** Neighbours in the order of use; `#newer` also links the slots that are free. */
  #older = new Int32Array(firstRoom)
  #newer = new Int32Array(firstRoom)
  #oldest = none
  #newest = none
  #free = none

  /** `onEvict` hears of what is forgotten for want of room, not of what is deleted. */
  constructor(capacity: number, onEvict?: (key: K, value: V) => void) {
    this.#capacity = capacity
    this.#onEvict = onEvict
  }

  get size(): number {
    return this.#slots.size
  }

  get(key: K): V | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    this.#touch(slot)
    return this.#values[slot]
  }

  /** Reads without counting as a use. */
  peek(key: K): V | undefined {
    const slot = this.#slots.get(key)
    return slot === undefined ? undefined : this.#values[slot]
  }

  set(key: K, value: V): void {
    const known = this.#slots.get(key)
    if (known !== undefined) {
      this.#values[known] = value
      this.#touch(known)
      return
    }
    if (this.#slots.size >= this.#capacity) this.#evict()
    const slot = this.#takeSlot()
    this.#keys[slot] = key
    this.#values[slot] = value
    this.#slots.set(key, slot)
    this.#append(slot)
  }

  delete(key: K): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    this.#remove(key, slot)
    return true
  }

  clear(): void {
    this.#slots.clear()
    this.#keys.length = 0
    this.#values.length = 0
    this.#oldest = none
    this.#newest = none
    this.#free = none
  }

  /** From the one that was used longest ago. The map must not change meanwhile. */
  *keys(): IterableIterator<K> {
    for (let slot = this.#oldest; slot !== none; slot = this.#newer[slot] as number) yield this.#keys[slot] as K
  }

  #evict(): void {
    const slot = this.#oldest
    if (slot === none) return
    const key = this.#keys[slot] as K
    const value = this.#values[slot] as V
    this.#remove(key, slot)
    this.#onEvict?.(key, value)
  }

  #remove(key: K, slot: number): void {
    this.#slots.delete(key)
    this.#unlink(slot)
    this.#keys[slot] = undefined
    this.#values[slot] = undefined
    this.#newer[slot] = this.#free
    this.#free = slot
  }

  #touch(slot: number): void {
    if (slot === this.#newest) return
    this.#unlink(slot)
    this.#append(slot)
  }

  #unlink(slot: number): void {
    const older = this.#older[slot] as number
    const newer = this.#newer[slot] as number
    if (older === none) this.#oldest = newer
    else this.#newer[older] = newer
    if (newer === none) this.#newest = older
    else this.#older[newer] = older
  }

  #append(slot: number): void {
    const former = this.#newest
    this.#older[slot] = former
    this.#newer[slot] = none
    this.#newest = slot
    if (former === none) this.#oldest = slot
    else this.#newer[former] = slot
  }

  #takeSlot(): number {
    const free = this.#free
    if (free !== none) {
      this.#free = this.#newer[free] as number
      return free
    }
    const slot = this.#keys.length
    if (slot === this.#newer.length) this.#grow()
    this.#keys.push(undefined)
    this.#values.push(undefined)
    return slot
  }

  #grow(): void {
    const room = Math.min(this.#newer.length * 2, Math.max(this.#capacity, this.#newer.length + 1))
    this.#older = enlarged(this.#older, room)
    this.#newer = enlarged(this.#newer, room)
  }
}

function enlarged(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(numbers)
  return larger
}
