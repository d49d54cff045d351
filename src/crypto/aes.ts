import { type Cipheriv, createCipheriv, createSecretKey } from 'node:crypto'
import { at, type Block, octetsOf4, readWord } from './block.ts'

/**
 * AES-128 encryption of single blocks (FIPS 197), the kernel of MILENAGE. Two implementations of one interface:
 * `table` is many times faster per fresh key, but its look-ups depend on the key and leak through the caches to code on
 * the same core; `constant-time` is OpenSSL behind node:crypto.
 */

/** Which code encrypts. The composition root takes it from the configuration. */
export type AesImplementation = 'table' | 'constant-time'

export interface BlockCipher {
  /** In place. */
  encrypt(block: Block): void
}

const sbox = makeSbox()
const te0 = makeTable(sbox, 0)
const te1 = makeTable(sbox, 8)
const te2 = makeTable(sbox, 16)
const te3 = makeTable(sbox, 24)

/** The key schedule is made here, once. */
export function createAes128(key: Block, implementation: AesImplementation): BlockCipher {
  return implementation === 'table' ? new TableAes(key) : new NodeAes(key)
}

class TableAes implements BlockCipher {
  readonly #schedule: readonly number[]

  constructor(key: Block) {
    this.#schedule = expandKey(key)
  }

  encrypt(block: Block): void {
    encryptBlock(this.#schedule, block)
  }
}

class NodeAes implements BlockCipher {
  readonly #cipher: Cipheriv

  constructor(key: Block) {
    // A key object first: with octets as the key, Node 24 spends ten microseconds more.
    this.#cipher = createCipheriv('aes-128-ecb', createSecretKey(octetsOf4(...key)), null)
    this.#cipher.setAutoPadding(false)
  }

  encrypt(block: Block): void {
    const out = this.#cipher.update(octetsOf4(...block))
    for (let i = 0; i < 4; i++) block[i] = readWord(out, 4 * i)
  }
}

/** FIPS 197 §5.2. A literal of the full length: V8 copies it in one piece, where `push` would grow it four times. */
function expandKey(key: Block): number[] {
  let a = key[0]
  let b = key[1]
  let c = key[2]
  let d = key[3]
  const schedule = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ]
  schedule[0] = a
  schedule[1] = b
  schedule[2] = c
  schedule[3] = d
  let rcon = 1
  for (let i = 4; i < 44; i += 4) {
    a ^= substitute(d >>> 16, d >>> 8, d, d >>> 24) ^ (rcon << 24)
    b ^= a
    c ^= b
    d ^= c
    schedule[i] = a
    schedule[i + 1] = b
    schedule[i + 2] = c
    schedule[i + 3] = d
    rcon = (rcon << 1) ^ (rcon & 0x80 ? 0x11b : 0)
  }
  return schedule
}

/**
 * FIPS 197 §5.1 with SubBytes, ShiftRows and MixColumns folded into four tables. Written out round by round: a loop, or a
 * function per column, takes a tenth to a half longer, for V8 keeps to a budget of inlining.
 */
function encryptBlock(w: readonly number[], block: Block): void {
  let a = block[0] ^ (w[0] ?? 0)
  let b = block[1] ^ (w[1] ?? 0)
  let c = block[2] ^ (w[2] ?? 0)
  let d = block[3] ^ (w[3] ?? 0)
  let e = (te0[a >>> 24] ?? 0) ^ (te1[(b >>> 16) & 255] ?? 0) ^ (te2[(c >>> 8) & 255] ?? 0) ^ (te3[d & 255] ?? 0) ^ (w[4] ?? 0)
  let f = (te0[b >>> 24] ?? 0) ^ (te1[(c >>> 16) & 255] ?? 0) ^ (te2[(d >>> 8) & 255] ?? 0) ^ (te3[a & 255] ?? 0) ^ (w[5] ?? 0)
  let g = (te0[c >>> 24] ?? 0) ^ (te1[(d >>> 16) & 255] ?? 0) ^ (te2[(a >>> 8) & 255] ?? 0) ^ (te3[b & 255] ?? 0) ^ (w[6] ?? 0)
  let h = (te0[d >>> 24] ?? 0) ^ (te1[(a >>> 16) & 255] ?? 0) ^ (te2[(b >>> 8) & 255] ?? 0) ^ (te3[c & 255] ?? 0) ^ (w[7] ?? 0)
  a = (te0[e >>> 24] ?? 0) ^ (te1[(f >>> 16) & 255] ?? 0) ^ (te2[(g >>> 8) & 255] ?? 0) ^ (te3[h & 255] ?? 0) ^ (w[8] ?? 0)
  b = (te0[f >>> 24] ?? 0) ^ (te1[(g >>> 16) & 255] ?? 0) ^ (te2[(h >>> 8) & 255] ?? 0) ^ (te3[e & 255] ?? 0) ^ (w[9] ?? 0)
  c = (te0[g >>> 24] ?? 0) ^ (te1[(h >>> 16) & 255] ?? 0) ^ (te2[(e >>> 8) & 255] ?? 0) ^ (te3[f & 255] ?? 0) ^ (w[10] ?? 0)
  d = (te0[h >>> 24] ?? 0) ^ (te1[(e >>> 16) & 255] ?? 0) ^ (te2[(f >>> 8) & 255] ?? 0) ^ (te3[g & 255] ?? 0) ^ (w[11] ?? 0)
  e = (te0[a >>> 24] ?? 0) ^ (te1[(b >>> 16) & 255] ?? 0) ^ (te2[(c >>> 8) & 255] ?? 0) ^ (te3[d & 255] ?? 0) ^ (w[12] ?? 0)
  f = (te0[b >>> 24] ?? 0) ^ (te1[(c >>> 16) & 255] ?? 0) ^ (te2[(d >>> 8) & 255] ?? 0) ^ (te3[a & 255] ?? 0) ^ (w[13] ?? 0)
  g = (te0[c >>> 24] ?? 0) ^ (te1[(d >>> 16) & 255] ?? 0) ^ (te2[(a >>> 8) & 255] ?? 0) ^ (te3[b & 255] ?? 0) ^ (w[14] ?? 0)
  h = (te0[d >>> 24] ?? 0) ^ (te1[(a >>> 16) & 255] ?? 0) ^ (te2[(b >>> 8) & 255] ?? 0) ^ (te3[c & 255] ?? 0) ^ (w[15] ?? 0)
  a = (te0[e >>> 24] ?? 0) ^ (te1[(f >>> 16) & 255] ?? 0) ^ (te2[(g >>> 8) & 255] ?? 0) ^ (te3[h & 255] ?? 0) ^ (w[16] ?? 0)
  b = (te0[f >>> 24] ?? 0) ^ (te1[(g >>> 16) & 255] ?? 0) ^ (te2[(h >>> 8) & 255] ?? 0) ^ (te3[e & 255] ?? 0) ^ (w[17] ?? 0)
  c = (te0[g >>> 24] ?? 0) ^ (te1[(h >>> 16) & 255] ?? 0) ^ (te2[(e >>> 8) & 255] ?? 0) ^ (te3[f & 255] ?? 0) ^ (w[18] ?? 0)
  d = (te0[h >>> 24] ?? 0) ^ (te1[(e >>> 16) & 255] ?? 0) ^ (te2[(f >>> 8) & 255] ?? 0) ^ (te3[g & 255] ?? 0) ^ (w[19] ?? 0)
  e = (te0[a >>> 24] ?? 0) ^ (te1[(b >>> 16) & 255] ?? 0) ^ (te2[(c >>> 8) & 255] ?? 0) ^ (te3[d & 255] ?? 0) ^ (w[20] ?? 0)
  f = (te0[b >>> 24] ?? 0) ^ (te1[(c >>> 16) & 255] ?? 0) ^ (te2[(d >>> 8) & 255] ?? 0) ^ (te3[a & 255] ?? 0) ^ (w[21] ?? 0)
  g = (te0[c >>> 24] ?? 0) ^ (te1[(d >>> 16) & 255] ?? 0) ^ (te2[(a >>> 8) & 255] ?? 0) ^ (te3[b & 255] ?? 0) ^ (w[22] ?? 0)
  h = (te0[d >>> 24] ?? 0) ^ (te1[(a >>> 16) & 255] ?? 0) ^ (te2[(b >>> 8) & 255] ?? 0) ^ (te3[c & 255] ?? 0) ^ (w[23] ?? 0)
  a = (te0[e >>> 24] ?? 0) ^ (te1[(f >>> 16) & 255] ?? 0) ^ (te2[(g >>> 8) & 255] ?? 0) ^ (te3[h & 255] ?? 0) ^ (w[24] ?? 0)
  b = (te0[f >>> 24] ?? 0) ^ (te1[(g >>> 16) & 255] ?? 0) ^ (te2[(h >>> 8) & 255] ?? 0) ^ (te3[e & 255] ?? 0) ^ (w[25] ?? 0)
  c = (te0[g >>> 24] ?? 0) ^ (te1[(h >>> 16) & 255] ?? 0) ^ (te2[(e >>> 8) & 255] ?? 0) ^ (te3[f & 255] ?? 0) ^ (w[26] ?? 0)
  d = (te0[h >>> 24] ?? 0) ^ (te1[(e >>> 16) & 255] ?? 0) ^ (te2[(f >>> 8) & 255] ?? 0) ^ (te3[g & 255] ?? 0) ^ (w[27] ?? 0)
  e = (te0[a >>> 24] ?? 0) ^ (te1[(b >>> 16) & 255] ?? 0) ^ (te2[(c >>> 8) & 255] ?? 0) ^ (te3[d & 255] ?? 0) ^ (w[28] ?? 0)
  f = (te0[b >>> 24] ?? 0) ^ (te1[(c >>> 16) & 255] ?? 0) ^ (te2[(d >>> 8) & 255] ?? 0) ^ (te3[a & 255] ?? 0) ^ (w[29] ?? 0)
  g = (te0[c >>> 24] ?? 0) ^ (te1[(d >>> 16) & 255] ?? 0) ^ (te2[(a >>> 8) & 255] ?? 0) ^ (te3[b & 255] ?? 0) ^ (w[30] ?? 0)
  h = (te0[d >>> 24] ?? 0) ^ (te1[(a >>> 16) & 255] ?? 0) ^ (te2[(b >>> 8) & 255] ?? 0) ^ (te3[c & 255] ?? 0) ^ (w[31] ?? 0)
  a = (te0[e >>> 24] ?? 0) ^ (te1[(f >>> 16) & 255] ?? 0) ^ (te2[(g >>> 8) & 255] ?? 0) ^ (te3[h & 255] ?? 0) ^ (w[32] ?? 0)
  b = (te0[f >>> 24] ?? 0) ^ (te1[(g >>> 16) & 255] ?? 0) ^ (te2[(h >>> 8) & 255] ?? 0) ^ (te3[e & 255] ?? 0) ^ (w[33] ?? 0)
  c = (te0[g >>> 24] ?? 0) ^ (te1[(h >>> 16) & 255] ?? 0) ^ (te2[(e >>> 8) & 255] ?? 0) ^ (te3[f & 255] ?? 0) ^ (w[34] ?? 0)
  d = (te0[h >>> 24] ?? 0) ^ (te1[(e >>> 16) & 255] ?? 0) ^ (te2[(f >>> 8) & 255] ?? 0) ^ (te3[g & 255] ?? 0) ^ (w[35] ?? 0)
  e = (te0[a >>> 24] ?? 0) ^ (te1[(b >>> 16) & 255] ?? 0) ^ (te2[(c >>> 8) & 255] ?? 0) ^ (te3[d & 255] ?? 0) ^ (w[36] ?? 0)
  f = (te0[b >>> 24] ?? 0) ^ (te1[(c >>> 16) & 255] ?? 0) ^ (te2[(d >>> 8) & 255] ?? 0) ^ (te3[a & 255] ?? 0) ^ (w[37] ?? 0)
  g = (te0[c >>> 24] ?? 0) ^ (te1[(d >>> 16) & 255] ?? 0) ^ (te2[(a >>> 8) & 255] ?? 0) ^ (te3[b & 255] ?? 0) ^ (w[38] ?? 0)
  h = (te0[d >>> 24] ?? 0) ^ (te1[(a >>> 16) & 255] ?? 0) ^ (te2[(b >>> 8) & 255] ?? 0) ^ (te3[c & 255] ?? 0) ^ (w[39] ?? 0)
  block[0] = substitute(e >>> 24, f >>> 16, g >>> 8, h) ^ (w[40] ?? 0)
  block[1] = substitute(f >>> 24, g >>> 16, h >>> 8, e) ^ (w[41] ?? 0)
  block[2] = substitute(g >>> 24, h >>> 16, e >>> 8, f) ^ (w[42] ?? 0)
  block[3] = substitute(h >>> 24, e >>> 16, f >>> 8, g) ^ (w[43] ?? 0)
}

/** The S-box over the low octets of four numbers, as one word. */
function substitute(a: number, b: number, c: number, d: number): number {
  return (at(sbox, a & 255) << 24) | (at(sbox, b & 255) << 16) | (at(sbox, c & 255) << 8) | at(sbox, d & 255)
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
