import { hash } from 'node:crypto'
import { type AuthenticationFunctions, checkLength, type Quintuplet, type TuakParameters } from './authentication.ts'
import { keccakF1600 } from './keccak.ts'

/**
 * TUAK (TS 35.231): the second algorithm set of 3GPP, on Keccak.
 *
 * Its input to the permutation (TS 35.231 §6) is 96 octets of fields, then 1F, zeros to octet 134, 80 at octet 135, zeros to
 * octet 199; its output is read from the first 102 octets. That is SHAKE256 of the 96 octets (FIPS 202 §6.2): one block of
 * the rate 136, domain bits 1111 and pad10*1, and a squeeze shorter than the rate. So one iteration is one call of OpenSSL,
 * and only further iterations need the permutation itself. Every field goes in and comes out with its octets reversed.
 */

/** Lengths that EPS and UTRAN carry: MAC 64, CK and IK 128 bits. */
const defaultTuakParameters: TuakParameters = { keyBits: 128, macBits: 64, resBits: 64, ckBits: 128, ikBits: 128, iterations: 1 }

/** Offsets in the input. */
const instanceAt = 32
const nameAt = 33
const randAt = 40
const amfAt = 56
const sqnAt = 58
const keyAt = 64
const inputBytes = 96
/** Octets that SHAKE256 takes and gives per permutation. */
const rateBytes = 136

/** Offsets in the output. */
const ckAt = 32
const ikAt = 64
const akAt = 96
const outputBytes = 102

const algorithmName = Buffer.from('TUAK1.0', 'ascii')
// Text costs half of a Buffer here: node makes a backing store of its own for every Buffer of a digest.
const asText = { outputEncoding: 'binary', outputLength: outputBytes } as const

/** TOPc from TOP (TS 35.231 §6.2). `k` 16 or 32, `top` 32 octets. */
export function tuakTopc(k: Uint8Array, top: Uint8Array, iterations = 1): Buffer {
  checkLength('TOP', top, 32)
  checkIterations(iterations)
  const input = makeInput(k, top)
  input[instanceAt] = keyBit(k)
  return field(permute(input, iterations), 0, 32)
}

/** The functions of one key; a length or parameter that does not fit is a RangeError. */
export function createTuak(k: Uint8Array, topc: Uint8Array, parameters: TuakParameters = defaultTuakParameters): AuthenticationFunctions {
  checkLength('TOPc', topc, 32)
  checkLength('K', k, parameters.keyBits / 8)
  checkIterations(parameters.iterations)
  return new Tuak(k, topc, parameters)
}

class Tuak implements AuthenticationFunctions {
  readonly #input: Buffer
  readonly #keyBit: number
  readonly #parameters: TuakParameters

  constructor(k: Uint8Array, topc: Uint8Array, parameters: TuakParameters) {
    this.#input = makeInput(k, topc)
    this.#keyBit = keyBit(k)
    this.#parameters = parameters
  }

  f1(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return this.#mac(0x00, rand, sqn, amf)
  }

  f1star(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return this.#mac(0x80, rand, sqn, amf)
  }

  f2345(rand: Uint8Array): { res: Buffer; ck: Buffer; ik: Buffer; ak: Buffer } {
    const { resBits, ckBits, ikBits } = this.#parameters
    const out = this.#f2345(rand)
    return { res: field(out, 0, resBits / 8), ck: field(out, ckAt, ckBits / 8), ik: field(out, ikAt, ikBits / 8), ak: field(out, akAt, 6) }
  }

  f5star(rand: Uint8Array): Buffer {
    this.#setChallenge(0xc0, rand)
    wipe(this.#input, amfAt, keyAt)
    return field(permute(this.#input, this.#parameters.iterations), akAt, 6)
  }

  quintuplet(rand: Uint8Array, sqn: number, amf: number): Quintuplet {
    const { macBits, resBits, ckBits, ikBits, iterations } = this.#parameters
    if (macBits !== 64 || resBits > 128 || ckBits !== 128 || ikBits !== 128) {
      throw new RangeError('a vector carries a MAC of 64 bits, a RES of at most 128, CK and IK of 128 (TS 33.102 §6.3.7)')
    }
    const input = this.#input
    const keys = this.#f2345(rand)
    input[instanceAt] = lengthBits(macBits) | this.#keyBit
    input[amfAt] = amf
    input[amfAt + 1] = amf >>> 8
    writeSqn(input, sqn)
    const mac = permute(input, iterations)
    // AUTN = (SQN xor AK) || AMF || MAC (TS 33.102 §6.3.2); all three stand reversed in input and output.
    const autn = Buffer.alloc(16)
    for (let i = 0; i < 6; i++) autn[i] = (input[sqnAt + 5 - i] ?? 0) ^ keys.charCodeAt(akAt + 5 - i)
    autn[6] = amf >>> 8
    autn[7] = amf
    for (let i = 0; i < 8; i++) autn[8 + i] = mac.charCodeAt(7 - i)
    return { res: field(keys, 0, resBits / 8), ck: field(keys, ckAt, 16), ik: field(keys, ikAt, 16), autn }
  }

  #f2345(rand: Uint8Array): string {
    const { resBits, ckBits, ikBits, iterations } = this.#parameters
    this.#setChallenge(0x40 | lengthBits(resBits) | (ckBits === 256 ? 4 : 0) | (ikBits === 256 ? 2 : 0), rand)
    wipe(this.#input, amfAt, keyAt)
    return permute(this.#input, iterations)
  }

  #mac(instance: number, rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    checkLength('SQN', sqn, 6)
    checkLength('AMF', amf, 2)
    const { macBits, iterations } = this.#parameters
    this.#setChallenge(instance | lengthBits(macBits), rand)
    putReversed(this.#input, amfAt, amf)
    putReversed(this.#input, sqnAt, sqn)
    return field(permute(this.#input, iterations), 0, macBits / 8)
  }

  #setChallenge(instance: number, rand: Uint8Array): void {
    checkLength('RAND', rand, 16)
    this.#input[instanceAt] = instance | this.#keyBit
    putReversed(this.#input, randAt, rand)
  }
}

/** The fields that do not change: TOP or TOPc, the name, K (TS 35.231 §6.2). */
function makeInput(k: Uint8Array, top: Uint8Array): Buffer {
  const input = Buffer.alloc(inputBytes)
  putReversed(input, 0, top)
  putReversed(input, nameAt, algorithmName)
  putReversed(input, keyAt, k)
  return input
}

/** INSTANCE[7]: the length of K. */
function keyBit(k: Uint8Array): number {
  if (k.length !== 16 && k.length !== 32) throw new RangeError(`TUAK takes a K of 16 or 32 octets, not ${k.length}`)
  return k.length === 32 ? 1 : 0
}

/** INSTANCE[2..4]: 32 bits 0, 64 bits 1, 128 bits 2, 256 bits 4. */
function lengthBits(bits: number): number {
  return (bits >> 6) << 3
}

function checkIterations(iterations: number): void {
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > 255) throw new RangeError('TUAK takes 1 to 255 iterations')
}

/** The first octets of the permutation's output, a character an octet. */
function permute(input: Uint8Array, iterations: number): string {
  return iterations === 1 ? hash('shake256', input, asText) : permuteHere(input, iterations)
}

/** As `permute`, by the permutation of this project. */
export function permuteHere(input: Uint8Array, iterations: number): string {
  const block = Buffer.alloc(200)
  block.set(input)
  block[inputBytes] = 0x1f
  block[rateBytes - 1] = 0x80
  const state: number[] = []
  for (let i = 0; i < 200; i += 4) state.push(block.readInt32LE(i))
  for (let i = 0; i < iterations; i++) keccakF1600(state)
  for (const [i, word] of state.entries()) block.writeInt32LE(word, 4 * i)
  return block.toString('latin1', 0, outputBytes)
}

function putReversed(target: Uint8Array, offset: number, octets: Uint8Array): void {
  const last = offset + octets.length - 1
  for (let i = 0; i < octets.length; i++) target[last - i] = octets[i] ?? 0
}

function wipe(octets: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) octets[i] = 0
}

function writeSqn(target: Uint8Array, sqn: number): void {
  const low = sqn | 0
  const high = sqn / 0x1_0000_0000
  target[sqnAt] = low
  target[sqnAt + 1] = low >>> 8
  target[sqnAt + 2] = low >>> 16
  target[sqnAt + 3] = low >>> 24
  target[sqnAt + 4] = high
  target[sqnAt + 5] = high / 256
}

/** `length` octets from `offset`, turned round. */
function field(source: string, offset: number, length: number): Buffer {
  const out = Buffer.alloc(length)
  for (let i = 0; i < length; i++) out[i] = source.charCodeAt(offset + length - 1 - i)
  return out
}
