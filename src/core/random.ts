/** A seeded generator for simulations and property tests. Never for keys: those come from node:crypto. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, below). */
  int(below: number): number
  /** `count` octets. */
  bytes(count: number): Uint8Array
  /** One of the items. */
  pick<T>(items: readonly [T, ...T[]]): T
  /** A generator of its own for a named part, so that adding a part does not shift the others. */
  fork(name: string): Random
}

/** Mulberry32: 32 bits of state, good enough to spread devices, repeatable everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  const random: Random = {
    next: () => next32() / 0x1_0000_0000,
    int: (below) => Math.floor((next32() / 0x1_0000_0000) * below),
    bytes(count) {
      const out = new Uint8Array(count)
      for (let i = 0; i < count; i++) out[i] = next32() & 0xff
      return out
    },
    pick: (items) => items[Math.floor((next32() / 0x1_0000_0000) * items.length)] ?? items[0],
    fork: (name) => seededRandom(seed ^ hash32(name)),
  }
  return random
}

/** FNV-1a, 32 bits: a stable hash for seeds and partitions. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
