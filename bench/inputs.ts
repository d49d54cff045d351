/** 16 octets that differ for each (seed, number); reference/milenage.c makes the same. Of no cryptographic worth. */
export function fill(seed: number, number: number): Buffer {
  const out = Buffer.alloc(16)
  let x = seed ^ Math.imul(number, 0x9e3779b1)
  for (let i = 0; i < 16; i += 4) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0
    out[i] = x >>> 24
    out[i + 1] = x >>> 16
    out[i + 2] = x >>> 8
    out[i + 3] = x
  }
  return out
}
