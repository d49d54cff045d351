/** Keccak-f[1600] (FIPS 202 §3.3): the permutation of TUAK, for where SHAKE256 of node:crypto cannot stand in for it. */

const rounds = 24
/** Two words a round, low first. */
const iota = makeIota()
const walk = makeWalk()

/** Permutes 25 lanes in place: word 2i holds the low, word 2i + 1 the high half of lane i = x + 5y, as int32. */
export function keccakF1600(state: number[]): void {
  for (let round = 0; round < 2 * rounds; round += 2) {
    theta(state)
    rhoPi(state)
    chi(state)
    state[0] = (state[0] ?? 0) ^ (iota[round] ?? 0)
    state[1] = (state[1] ?? 0) ^ (iota[round + 1] ?? 0)
  }
}

/** FIPS 202 §3.2.1: every column takes the parity of the two beside it. */
function theta(s: number[]): void {
  const c0 = (s[0] ?? 0) ^ (s[10] ?? 0) ^ (s[20] ?? 0) ^ (s[30] ?? 0) ^ (s[40] ?? 0)
  const c1 = (s[1] ?? 0) ^ (s[11] ?? 0) ^ (s[21] ?? 0) ^ (s[31] ?? 0) ^ (s[41] ?? 0)
  const c2 = (s[2] ?? 0) ^ (s[12] ?? 0) ^ (s[22] ?? 0) ^ (s[32] ?? 0) ^ (s[42] ?? 0)
  const c3 = (s[3] ?? 0) ^ (s[13] ?? 0) ^ (s[23] ?? 0) ^ (s[33] ?? 0) ^ (s[43] ?? 0)
  const c4 = (s[4] ?? 0) ^ (s[14] ?? 0) ^ (s[24] ?? 0) ^ (s[34] ?? 0) ^ (s[44] ?? 0)
  const c5 = (s[5] ?? 0) ^ (s[15] ?? 0) ^ (s[25] ?? 0) ^ (s[35] ?? 0) ^ (s[45] ?? 0)
  const c6 = (s[6] ?? 0) ^ (s[16] ?? 0) ^ (s[26] ?? 0) ^ (s[36] ?? 0) ^ (s[46] ?? 0)
  const c7 = (s[7] ?? 0) ^ (s[17] ?? 0) ^ (s[27] ?? 0) ^ (s[37] ?? 0) ^ (s[47] ?? 0)
  const c8 = (s[8] ?? 0) ^ (s[18] ?? 0) ^ (s[28] ?? 0) ^ (s[38] ?? 0) ^ (s[48] ?? 0)
  const c9 = (s[9] ?? 0) ^ (s[19] ?? 0) ^ (s[29] ?? 0) ^ (s[39] ?? 0) ^ (s[49] ?? 0)
  addToColumn(s, 0, c8 ^ ((c2 << 1) | (c3 >>> 31)), c9 ^ ((c3 << 1) | (c2 >>> 31)))
  addToColumn(s, 2, c0 ^ ((c4 << 1) | (c5 >>> 31)), c1 ^ ((c5 << 1) | (c4 >>> 31)))
  addToColumn(s, 4, c2 ^ ((c6 << 1) | (c7 >>> 31)), c3 ^ ((c7 << 1) | (c6 >>> 31)))
  addToColumn(s, 6, c4 ^ ((c8 << 1) | (c9 >>> 31)), c5 ^ ((c9 << 1) | (c8 >>> 31)))
  addToColumn(s, 8, c6 ^ ((c0 << 1) | (c1 >>> 31)), c7 ^ ((c1 << 1) | (c0 >>> 31)))
}

function addToColumn(s: number[], x: number, low: number, high: number): void {
  for (let i = x; i < 50; i += 10) {
    s[i] = (s[i] ?? 0) ^ low
    s[i + 1] = (s[i + 1] ?? 0) ^ high
  }
}

/** FIPS 202 §3.2.2 and §3.2.3: each lane turns and takes the place of the next on one walk through all but lane 0. */
function rhoPi(s: number[]): void {
  let low = s[2] ?? 0
  let high = s[3] ?? 0
  for (let step = 0; step < 48; step += 2) {
    const to = walk[step] ?? 0
    const bits = walk[step + 1] ?? 0
    const nextLow = s[to] ?? 0
    const nextHigh = s[to + 1] ?? 0
    if (bits < 32) {
      s[to] = (low << bits) | (high >>> (32 - bits))
      s[to + 1] = (high << bits) | (low >>> (32 - bits))
    } else {
      // No lane turns by 32 exactly.
      s[to] = (high << (bits - 32)) | (low >>> (64 - bits))
      s[to + 1] = (low << (bits - 32)) | (high >>> (64 - bits))
    }
    low = nextLow
    high = nextHigh
  }
}

/** FIPS 202 §3.2.4. */
function chi(s: number[]): void {
  for (let y = 0; y < 50; y += 10) {
    const a = s[y] ?? 0
    const b = s[y + 1] ?? 0
    const c = s[y + 2] ?? 0
    const d = s[y + 3] ?? 0
    const e = s[y + 4] ?? 0
    const f = s[y + 5] ?? 0
    const g = s[y + 6] ?? 0
    const h = s[y + 7] ?? 0
    const i = s[y + 8] ?? 0
    const j = s[y + 9] ?? 0
    s[y] = a ^ (~c & e)
    s[y + 1] = b ^ (~d & f)
    s[y + 2] = c ^ (~e & g)
    s[y + 3] = d ^ (~f & h)
    s[y + 4] = e ^ (~g & i)
    s[y + 5] = f ^ (~h & j)
    s[y + 6] = g ^ (~i & a)
    s[y + 7] = h ^ (~j & b)
    s[y + 8] = i ^ (~a & c)
    s[y + 9] = j ^ (~b & d)
  }
}

/** FIPS 202 §3.2.5: round constants from the register x^8 + x^6 + x^5 + x^4 + 1. */
function makeIota(): number[] {
  const constants: number[] = []
  let register = 1
  for (let round = 0; round < rounds; round++) {
    let low = 0
    let high = 0
    for (let j = 0; j < 7; j++) {
      const position = (1 << j) - 1
      if ((register & 1) !== 0 && position < 32) low |= 1 << position
      else if ((register & 1) !== 0) high |= 1 << (position - 32)
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 255 : register << 1
    }
    constants.push(low, high)
  }
  return constants
}

/** The walk (x, y) -> (y, 2x + 3y) from (1, 0), as pairs: the word to go to, and the bits to turn by on the t-th step. */
function makeWalk(): number[] {
  const steps: number[] = []
  let x = 1
  let y = 0
  for (let t = 0; t < 24; t++) {
    const next = (2 * x + 3 * y) % 5
    x = y
    y = next
    steps.push(2 * (x + 5 * y), (((t + 1) * (t + 2)) / 2) % 64)
  }
  return steps
}
