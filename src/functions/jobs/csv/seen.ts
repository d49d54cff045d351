/**
 * Which rows have been seen, and on which line: a table of octets that a million rows fill with 24 MB, not a map of strings.
 * Keys are 64 bits; two different SIMs that share them are one in ten million files of that size.
 */
export class SeenRows {
  #keys = new Uint32Array(2 * 4096)
  #lines = new Int32Array(4096)
  #size = 0

  /** The line on which this key stood before; undefined where it is new, and then it is remembered. */
  add(key: readonly [number, number], line: number): number | undefined {
    if (this.#size * 2 >= this.#lines.length) this.#grow()
    const slot = this.#slotOf(key)
    const before = this.#lines[slot] ?? 0
    if (before !== 0) return before
    this.#put(slot, key, line)
    this.#size += 1
    return undefined
  }

  #slotOf([high, low]: readonly [number, number]): number {
    const mask = this.#lines.length - 1
    let slot = (Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b) >>> 7) & mask
    while (this.#lines[slot] !== 0 && (this.#keys[2 * slot] !== high || this.#keys[2 * slot + 1] !== low)) slot = (slot + 1) & mask
    return slot
  }

  #put(slot: number, [high, low]: readonly [number, number], line: number): void {
    this.#keys[2 * slot] = high
    this.#keys[2 * slot + 1] = low
    this.#lines[slot] = line
  }

  #grow(): void {
    const keys = this.#keys
    const lines = this.#lines
    this.#keys = new Uint32Array(keys.length * 2)
    this.#lines = new Int32Array(lines.length * 2)
    for (const [i, line] of lines.entries()) {
      if (line === 0) continue
      const key = [keys[2 * i] ?? 0, keys[2 * i + 1] ?? 0] as const
      this.#put(this.#slotOf(key), key, line)
    }
  }
}

/** The last eight octets of a UUID, which are random in those of ours. */
export function keyOfId(id: string): [number, number] {
  return [Number.parseInt(id.slice(19, 23) + id.slice(24, 28), 16), Number.parseInt(id.slice(28, 36), 16)]
}

/** Up to 15 digits, exactly. */
export function keyOfImsi(imsi: string): [number, number] {
  const value = Number(imsi)
  return [(Math.floor(value / 2 ** 32) | (imsi.length << 20)) >>> 0, value % 2 ** 32]
}
