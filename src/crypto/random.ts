import { randomFillSync } from 'node:crypto'

/** RAND (TS 33.102 §6.3.2). From the system's generator only, never from storage. */

/** Gives 16 fresh octets a call; each returned buffer is the caller's own. */
export type RandomSource = () => Buffer

/** A source that fills 64 KiB at once: one call of the generator per 4,096 RANDs. Octets are wiped as they are handed out. */
export function createRandomSource(fill: (pool: Uint8Array) => void = randomFillSync): RandomSource {
  const pool = Buffer.alloc(65_536)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      fill(pool)
      used = 0
    }
    const rand = Buffer.allocUnsafe(16)
    pool.copy(rand, 0, used, used + 16)
    pool.fill(0, used, used + 16)
    used += 16
    return rand
  }
}
