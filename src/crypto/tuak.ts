import { type AuthenticationFunctions, checkLength, type Quintuplet, type TuakParameters } from './authentication.ts'
import { keccakF1600 } from './keccak.ts'

/** TUAK (TS 35.231): the second algorithm set of 3GPP, on Keccak. */

/** Lengths that EPS and UTRAN carry: MAC 64, CK and IK 128 bits. */
export const defaultTuakParameters: TuakParameters = { keyBits: 128, macBits: 64, resBits: 64, ckBits: 128, ikBits: 128, iterations: 1 }

const algorithmName = Buffer.from('TUAK1.0', 'ascii')
/** Octets of the permutation's input that carry data; SHAKE256's padding of 96 octets follows (TS 35.231 §6.1). */
const inputBytes = 96
/** Octets that SHAKE256 takes and gives per permutation. */
const rateBytes = 136

/** TOPc from TOP (TS 35.231 §6.2). `k` 16 or 32, `top` 32 octets. */
export function tuakTopc(k: Uint8Array, top: Uint8Array, iterations = 1): Buffer {
  checkLength('TOP', top, 32)
  checkIterations(iterations)
  return field(run(top, keyBit(k), undefined, undefined, undefined, k, iterations), 0, 32)
}

/** The functions of one key; a length or parameter that does not fit is a RangeError. */
export function createTuak(k: Uint8Array, topc: Uint8Array, parameters: TuakParameters = defaultTuakParameters): AuthenticationFunctions {
  checkLength('TOPc', topc, 32)
  checkLength('K', k, parameters.keyBits / 8)
  checkIterations(parameters.iterations)
  return new Tuak(k, topc, parameters)
}

class Tuak implements AuthenticationFunctions {
  readonly #k: Uint8Array
  readonly #topc: Uint8Array
  readonly #parameters: TuakParameters

  constructor(k: Uint8Array, topc: Uint8Array, parameters: TuakParameters) {
    this.#k = Uint8Array.from(k)
    this.#topc = Uint8Array.from(topc)
    this.#parameters = parameters
  }

  f1(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return this.#mac(0x00, rand, sqn, amf)
  }

  f1star(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return this.#mac(0x80, rand, sqn, amf)
  }

  f2345(rand: Uint8Array): { res: Buffer; ck: Buffer; ik: Buffer; ak: Buffer } {
    checkLength('RAND', rand, 16)
    const { resBits, ckBits, ikBits } = this.#parameters
    const instance = 0x40 | lengthBits(resBits) | (ckBits === 256 ? 4 : 0) | (ikBits === 256 ? 2 : 0)
    const out = this.#run(instance, rand)
    return { res: field(out, 0, resBits / 8), ck: field(out, 32, ckBits / 8), ik: field(out, 64, ikBits / 8), ak: field(out, 96, 6) }
  }

  f5star(rand: Uint8Array): Buffer {
    checkLength('RAND', rand, 16)
    return field(this.#run(0xc0, rand), 96, 6)
  }

  quintuplet(rand: Uint8Array, sqn: number, amf: number): Quintuplet {
    const { macBits, resBits, ckBits, ikBits } = this.#parameters
    if (macBits !== 64 || resBits > 128 || ckBits !== 128 || ikBits !== 128) {
      throw new RangeError('a vector carries a MAC of 64 bits, a RES of at most 128, CK and IK of 128 (TS 33.102 §6.3.7)')
    }
    const autn = Buffer.allocUnsafe(16)
    autn.writeUIntBE(sqn, 0, 6)
    autn.writeUInt16BE(amf, 6)
    const mac = this.f1(rand, autn.subarray(0, 6), autn.subarray(6, 8))
    const { res, ck, ik, ak } = this.f2345(rand)
    for (let i = 0; i < 6; i++) autn[i] = (autn[i] ?? 0) ^ (ak[i] ?? 0)
    autn.set(mac, 8)
    return { res, ck, ik, autn }
  }

  #mac(instance: number, rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    checkLength('RAND', rand, 16)
    checkLength('SQN', sqn, 6)
    checkLength('AMF', amf, 2)
    const { macBits } = this.#parameters
    return field(this.#run(instance | lengthBits(macBits), rand, amf, sqn), 0, macBits / 8)
  }

  #run(instance: number, rand: Uint8Array, amf?: Uint8Array, sqn?: Uint8Array): Uint8Array {
    return run(this.#topc, instance | keyBit(this.#k), rand, amf, sqn, this.#k, this.#parameters.iterations)
  }
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

/** The permutation's output as octets: every field of TUAK goes in and comes out with its octets reversed. */
function run(
  top: Uint8Array,
  instance: number,
  rand: Uint8Array | undefined,
  amf: Uint8Array | undefined,
  sqn: Uint8Array | undefined,
  k: Uint8Array,
  iterations: number,
): Uint8Array {
  const input = new Uint8Array(200)
  put(input, 0, top)
  input[32] = instance
  put(input, 33, algorithmName)
  if (rand) put(input, 40, rand)
  if (amf) put(input, 56, amf)
  if (sqn) put(input, 58, sqn)
  put(input, 64, k)
  input[inputBytes] = 0x1f
  input[rateBytes - 1] = 0x80
  const view = new DataView(input.buffer)
  const state = new Int32Array(50)
  for (let i = 0; i < 50; i++) state[i] = view.getInt32(4 * i, true)
  for (let i = 0; i < iterations; i++) keccakF1600(state)
  for (let i = 0; i < 50; i++) view.setInt32(4 * i, state[i] ?? 0, true)
  return input
}

function put(target: Uint8Array, offset: number, octets: Uint8Array): void {
  for (let i = 0; i < octets.length; i++) target[offset + i] = octets[octets.length - 1 - i] ?? 0
}

function field(source: Uint8Array, offset: number, length: number): Buffer {
  return Buffer.from(source.subarray(offset, offset + length)).reverse() as Buffer
}
