import { randomFillSync } from 'node:crypto'

/** Identifiers are made in the application, sortable by time: UUID version 7 (RFC 9562 §5.7). */
export type IdMaker = (nowMs: number) => string

/** A maker with its own pool of randomness and a counter that keeps ids of one millisecond in order. */
export function createIdMaker(): IdMaker {
  const pool = Buffer.alloc(8 * 512)
  let used = pool.length
  let lastMs = 0
  let sequence = 0
  return (nowMs) => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const ms = Math.max(nowMs, lastMs)
    sequence = ms === lastMs ? sequence + 1 : 0
    lastMs = ms
    const time = ms.toString(16).padStart(12, '0')
    const tail = pool.toString('hex', used, used + 8)
    used += 8
    const variant = ((Number.parseInt(tail.slice(0, 1), 16) & 0x3) | 0x8).toString(16)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${(sequence & 0xfff).toString(16).padStart(3, '0')}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`
  }
}
