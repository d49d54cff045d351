import { type Cipheriv, createCipheriv, createSecretKey } from 'node:crypto'

/**
 * AES-128 encryption of single blocks (FIPS 197), the kernel of MILENAGE. Two implementations of one interface:
 * `table` is many times faster per fresh key, but its look-ups depend on the key and leak through the caches to code on
 * the same core; `constant-time` is OpenSSL behind node:crypto.
 */

/** Which code encrypts. The composition root takes it from the configuration. */
export type AesImplementation = 'table' | 'constant-time'

/** Four big-endian words as int32, in a plain array: V8 makes a small one in a fifth of the time of a typed array. */
export type Block = [number, number, number, number]

export interface BlockCipher {
  /** Encrypts in place. */
  encrypt(block: Block): void
}

const sbox = makeSbox()
const te0 = makeTable(sbox, 0)
const te1 = makeTable(sbox, 8)
const te2 = makeTable(sbox, 16)
const te3 = makeTable(sbox, 24)

/** `key`: 16 octets; anything else is a RangeError. The key schedule is made here, once. */
export function createAes128(key: Uint8Array, implementation: AesImplementation = 'table'): BlockCipher {
  if (key.length !== 16) throw new RangeError(`AES-128 takes a key of 16 octets, not ${key.length}`)
  return implementation === 'table' ? new TableAes(key) : new NodeAes(key)
}

class TableAes implements BlockCipher {
  readonly #schedule: readonly number[]

  constructor(key: Uint8Array) {
    this.#schedule = expandKey(key)
  }

  encrypt(block: Block): void {
    encryptBlock(this.#schedule, block)
  }
}

class NodeAes implements BlockCipher {
  readonly #cipher: Cipheriv
  readonly #octets = Buffer.alloc(16)

  constructor(key: Uint8Array) {
    // A key object first: with octets as the key, Node 24 spends ten microseconds more.
    this.#cipher = createCipheriv('aes-128-ecb', createSecretKey(key), null)
    this.#cipher.setAutoPadding(false)
  }

  encrypt(block: Block): void {
    for (let i = 0; i < 4; i++) this.#octets.writeInt32BE(at(block, i), 4 * i)
    const out = this.#cipher.update(this.#octets)
    for (let i = 0; i < 4; i++) block[i] = out.readInt32BE(4 * i)
  }
}

/** FIPS 197 §5.2. */
function expandKey(key: Uint8Array): number[] {
  let a = word(key, 0)
  let b = word(key, 4)
  let c = word(key, 8)
  let d = word(key, 12)
  const schedule = [a, b, c, d]
  for (let rcon = 1; schedule.length < 44; rcon = (rcon << 1) ^ (rcon & 0x80 ? 0x11b : 0)) {
    a ^= substitute(d >>> 16, d >>> 8, d, d >>> 24) ^ (rcon << 24)
    b ^= a
    c ^= b
    d ^= c
    schedule.push(a, b, c, d)
  }
  return schedule
}

/** FIPS 197 §5.1 with SubBytes, ShiftRows and MixColumns folded into four tables. */
function encryptBlock(w: readonly number[], block: Block): void {
  let a = block[0] ^ at(w, 0)
  let b = block[1] ^ at(w, 1)
  let c = block[2] ^ at(w, 2)
  let d = block[3] ^ at(w, 3)
  for (let i = 4; i < 40; i += 4) {
    const e = at(te0, a >>> 24) ^ at(te1, (b >>> 16) & 255) ^ at(te2, (c >>> 8) & 255) ^ at(te3, d & 255) ^ at(w, i)
    const f = at(te0, b >>> 24) ^ at(te1, (c >>> 16) & 255) ^ at(te2, (d >>> 8) & 255) ^ at(te3, a & 255) ^ at(w, i + 1)
    const g = at(te0, c >>> 24) ^ at(te1, (d >>> 16) & 255) ^ at(te2, (a >>> 8) & 255) ^ at(te3, b & 255) ^ at(w, i + 2)
    d = at(te0, d >>> 24) ^ at(te1, (a >>> 16) & 255) ^ at(te2, (b >>> 8) & 255) ^ at(te3, c & 255) ^ at(w, i + 3)
    a = e
    b = f
    c = g
  }
  block[0] = substitute(a >>> 24, b >>> 16, c >>> 8, d) ^ at(w, 40)
  block[1] = substitute(b >>> 24, c >>> 16, d >>> 8, a) ^ at(w, 41)
  block[2] = substitute(c >>> 24, d >>> 16, a >>> 8, b) ^ at(w, 42)
  block[3] = substitute(d >>> 24, a >>> 16, b >>> 8, c) ^ at(w, 43)
}

/** The S-box over the low octets of four numbers, as one word. */
function substitute(a: number, b: number, c: number, d: number): number {
  return (at(sbox, a & 255) << 24) | (at(sbox, b & 255) << 16) | (at(sbox, c & 255) << 8) | at(sbox, d & 255)
}

function word(octets: Uint8Array, offset: number): number {
  return (at(octets, offset) << 24) | (at(octets, offset + 1) << 16) | (at(octets, offset + 2) << 8) | at(octets, offset + 3)
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] as number
}

/** FIPS 197 §5.1.1: the inverse in GF(2^8), then an affine map; walked by the generator 3 and its inverse. */
function makeSbox(): Uint8Array {
  const box = new Uint8Array(256)
  let p = 1
  let q = 1
  do {
    p = (p ^ (p << 1) ^ (p & 0x80 ? 0x11b : 0)) & 255
    q ^= q << 1
    q ^= q << 2
    q ^= q << 4
    q &= 255
    if (q & 0x80) q ^= 0x09
    const spread = q | (q << 8)
    box[p] = (q ^ (spread >>> 7) ^ (spread >>> 6) ^ (spread >>> 5) ^ (spread >>> 4) ^ 0x63) & 255
  } while (p !== 1)
  box[0] = 0x63
  return box
}

/** SubBytes and MixColumns of one octet, turned right by `turn` bits for its row. */
function makeTable(box: Uint8Array, turn: number): Int32Array {
  return Int32Array.from(box, (s) => {
    const twice = (s << 1) ^ (s & 0x80 ? 0x11b : 0)
    const column = (twice << 24) | (s << 16) | (s << 8) | (twice ^ s)
    return turn === 0 ? column : (column >>> turn) | (column << (32 - turn))
  })
}
