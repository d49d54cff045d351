import { randomFillSync } from 'node:crypto'

/** Identifiers are made in the application, sortable by time: UUID version 7 (RFC 9562 §5.7). */
export type IdMaker = (nowMs: number) => string

/** A maker with its own pool of randomness and a counter that keeps ids of one millisecond in order. */
export function createIdMaker(): IdMaker {
  const pool = Buffer.alloc(8 * 512)
  let used = pool.length
  let lastMs = 0
  let sequence = 0
  let prefix = ''
  return (nowMs) => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const ms = Math.max(nowMs, lastMs)
    if (ms === lastMs) sequence += 1
    else {
      const time = ms.toString(16).padStart(12, '0')
      prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`
      sequence = 0
      lastMs = ms
    }
    // The two highest bits are the variant (RFC 9562 §4.1).
    pool[used] = ((pool[used] ?? 0) & 0x3f) | 0x80
    const tail = pool.toString('hex', used, used + 8)
    used += 8
    return `${prefix}${(0x1000 | (sequence & 0xfff)).toString(16).slice(1)}-${tail.slice(0, 4)}-${tail.slice(4)}`
  }
}
