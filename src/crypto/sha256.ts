/**
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104) for short messages: an HMAC object of node:crypto costs several times the
 * digest itself. No look-up and no branch depends on a secret. Words are int32 in plain arrays, which V8 makes in a fifth
 * of the time of a typed array.
 */

const [roundConstants, initialState] = makeConstants()

/** HMAC-SHA-256 under one key, whose two key blocks are digested once. */
export class HmacSha256 {
  readonly #inner: readonly number[]
  readonly #outer: readonly number[]

  constructor(key: Uint8Array) {
    const words = key.length > 64 ? digestWords(key) : toWords(key)
    this.#inner = keyed(words, 0x36363636)
    this.#outer = keyed(words, 0x5c5c5c5c)
  }

  /** 32 octets. */
  digest(message: Uint8Array): Buffer {
    const block = zeroBlock()
    const inner = copyState(this.#inner)
    absorb(inner, block, message, 64)
    for (let i = 0; i < 8; i++) block[i] = at(inner, i)
    block[8] = 0x80000000 | 0
    for (let i = 9; i < 15; i++) block[i] = 0
    block[15] = (64 + 32) * 8
    const outer = copyState(this.#outer)
    compress(outer, block)
    return toOctets(outer)
  }
}

/** HMAC-SHA-256 under a key of one use; 32 octets. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Buffer {
  return new HmacSha256(key).digest(message)
}

/**
 * HMAC-SHA-256 of a message that is one block with its padding, all in words: `key` has 16 (64 octets, zeros at the end),
 * `message` 16 that hold up to 55 octets, the octet 80 after them, and zeros; it is overwritten. 32 octets.
 */
export function hmacSha256OfBlock(key: readonly number[], message: number[], octets: number): Buffer {
  message[15] = (64 + octets) * 8
  const inner = keyed(key, 0x36363636)
  compress(inner, message)
  for (let i = 0; i < 8; i++) message[i] = at(inner, i)
  message[8] = 0x80000000 | 0
  for (let i = 9; i < 15; i++) message[i] = 0
  message[15] = (64 + 32) * 8
  const outer = keyed(key, 0x5c5c5c5c)
  compress(outer, message)
  return toOctets(outer)
}

/** SHA-256; 32 octets. */
export function sha256(message: Uint8Array): Buffer {
  return toOctets(digestWords(message))
}

function digestWords(message: Uint8Array): number[] {
  const state = copyState(initialState)
  absorb(state, zeroBlock(), message, 0)
  return state
}

function keyed(words: readonly number[], pad: number): number[] {
  const state = copyState(initialState)
  const block = zeroBlock()
  for (let i = 0; i < 16; i++) block[i] = (words[i] ?? 0) ^ pad
  compress(state, block)
  return state
}

/** Digests the message and its padding; `before` octets are already in the state. */
function absorb(state: number[], block: number[], message: Uint8Array, before: number): void {
  const length = message.length
  const blocks = (length + 9 + 63) >> 6
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < 16; i++) block[i] = paddedWord(message, 64 * b + 4 * i)
    if (b === blocks - 1) {
      const octets = before + length
      block[14] = Math.floor(octets / 0x2000_0000) | 0
      block[15] = octets << 3
    }
    compress(state, block)
  }
}

/** Four octets of message || 80 || 00... */
function paddedWord(message: Uint8Array, offset: number): number {
  if (offset + 4 <= message.length) {
    return (at(message, offset) << 24) | (at(message, offset + 1) << 16) | (at(message, offset + 2) << 8) | at(message, offset + 3)
  }
  let word = 0
  for (let i = offset; i < offset + 4; i++) word = (word << 8) | (i < message.length ? at(message, i) : i === message.length ? 0x80 : 0)
  return word
}

/**
 * FIPS 180-4 §6.2.2, eight rounds a turn, so that the working variables come back to their places and none is copied
 * (twice as fast as one round a turn; sixteen a turn no longer fit the registers and are slower than either).
 */
function compress(state: number[], w: number[]): void {
  const k = roundConstants
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let t = 0; t < 64; t += 8) {
    const o = t & 8
    if (t > 15) expand(w, o)
    h = (h + sum1(e) + (((f ^ g) & e) ^ g) + (k[t] as number) + (w[o] as number)) | 0
    d = (d + h) | 0
    h = (h + sum0(a) + ((a & (b ^ c)) ^ (b & c))) | 0
    g = (g + sum1(d) + (((e ^ f) & d) ^ f) + (k[t + 1] as number) + (w[o + 1] as number)) | 0
    c = (c + g) | 0
    g = (g + sum0(h) + ((h & (a ^ b)) ^ (a & b))) | 0
    f = (f + sum1(c) + (((d ^ e) & c) ^ e) + (k[t + 2] as number) + (w[o + 2] as number)) | 0
    b = (b + f) | 0
    f = (f + sum0(g) + ((g & (h ^ a)) ^ (h & a))) | 0
    e = (e + sum1(b) + (((c ^ d) & b) ^ d) + (k[t + 3] as number) + (w[o + 3] as number)) | 0
    a = (a + e) | 0
    e = (e + sum0(f) + ((f & (g ^ h)) ^ (g & h))) | 0
    d = (d + sum1(a) + (((b ^ c) & a) ^ c) + (k[t + 4] as number) + (w[o + 4] as number)) | 0
    h = (h + d) | 0
    d = (d + sum0(e) + ((e & (f ^ g)) ^ (f & g))) | 0
    c = (c + sum1(h) + (((a ^ b) & h) ^ b) + (k[t + 5] as number) + (w[o + 5] as number)) | 0
    g = (g + c) | 0
    c = (c + sum0(d) + ((d & (e ^ f)) ^ (e & f))) | 0
    b = (b + sum1(g) + (((h ^ a) & g) ^ a) + (k[t + 6] as number) + (w[o + 6] as number)) | 0
    f = (f + b) | 0
    b = (b + sum0(c) + ((c & (d ^ e)) ^ (d & e))) | 0
    a = (a + sum1(f) + (((g ^ h) & f) ^ h) + (k[t + 7] as number) + (w[o + 7] as number)) | 0
    e = (e + a) | 0
    a = (a + sum0(b) + ((b & (c ^ d)) ^ (c & d))) | 0
  }
  state[0] = ((state[0] as number) + a) | 0
  state[1] = ((state[1] as number) + b) | 0
  state[2] = ((state[2] as number) + c) | 0
  state[3] = ((state[3] as number) + d) | 0
  state[4] = ((state[4] as number) + e) | 0
  state[5] = ((state[5] as number) + f) | 0
  state[6] = ((state[6] as number) + g) | 0
  state[7] = ((state[7] as number) + h) | 0
}

/** FIPS 180-4 §6.2.2 step 1: the next eight words of the message schedule take the place of those sixteen before. */
function expand(w: number[], from: number): void {
  for (let i = from; i < from + 8; i++) {
    w[i] = (at(w, i) + sigma1(at(w, (i + 14) & 15)) + at(w, (i + 9) & 15) + sigma0(at(w, (i + 1) & 15))) | 0
  }
}

function sum0(x: number): number {
  return ((x >>> 2) | (x << 30)) ^ ((x >>> 13) | (x << 19)) ^ ((x >>> 22) | (x << 10))
}

function sum1(x: number): number {
  return ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7))
}

function sigma0(x: number): number {
  return ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
}

function sigma1(x: number): number {
  return ((x >>> 17) | (x << 15)) ^ ((x >>> 19) | (x << 13)) ^ (x >>> 10)
}

function zeroBlock(): number[] {
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

function copyState(s: readonly number[]): number[] {
  return [at(s, 0), at(s, 1), at(s, 2), at(s, 3), at(s, 4), at(s, 5), at(s, 6), at(s, 7)]
}

function toWords(octets: Uint8Array): number[] {
  const words = zeroBlock()
  for (let i = 0; i < octets.length; i++) words[i >> 2] = at(words, i >> 2) | (at(octets, i) << (24 - 8 * (i & 3)))
  return words
}

function toOctets(state: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(32)
  for (let i = 0; i < 8; i++) {
    const word = at(state, i)
    out[4 * i] = word >>> 24
    out[4 * i + 1] = word >>> 16
    out[4 * i + 2] = word >>> 8
    out[4 * i + 3] = word
  }
  return out
}

/** FIPS 180-4 §4.2.2 and §5.3.3: fractions of the cube and square roots of the first primes. */
function makeConstants(): [number[], number[]] {
  const primes: bigint[] = []
  for (let n = 2n; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n)
  return [primes.map((prime) => rootFraction(prime, 3n)), primes.slice(0, 8).map((prime) => rootFraction(prime, 2n))]
}

/** 32 bits after the point of the n-th root, in integers so that no rounding of floats matters. */
function rootFraction(prime: bigint, n: bigint): number {
  const scaled = prime << (32n * n)
  let root = 1n << 40n
  for (;;) {
    const next = ((n - 1n) * root + scaled / root ** (n - 1n)) / n
    if (next >= root) return Number(BigInt.asIntN(32, root))
    root = next
  }
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] as number
}
