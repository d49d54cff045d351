import { type AesImplementation, type BlockCipher, createAes128 } from './aes.ts'
import { type AuthenticationFunctions, checkLength, type MilenageParameters } from './authentication.ts'

/** MILENAGE (TS 35.206), with the operator's own constants where a card batch has them. */

/** TS 35.206 §4.1. */
export const defaultMilenageParameters: MilenageParameters = {
  c: ['0', '1', '2', '4', '8'].map((last) => last.padStart(32, '0')),
  r: [64, 0, 32, 64, 96],
}

/** OPc = OP xor E_K(OP) (TS 35.206 §4.1). Both 16 octets. */
export function milenageOpc(k: Uint8Array, op: Uint8Array, aes: AesImplementation = 'table'): Buffer {
  checkLength('OP', op, 16)
  const block = words(op)
  createAes128(k, aes).encrypt(block)
  const opc = octets(block, 0, 16)
  for (let i = 0; i < 16; i++) opc[i] = (opc[i] ?? 0) ^ (op[i] ?? 0)
  return opc
}

/** The functions of one key; the key schedule is made here, once. A bad parameter or length is a RangeError. */
export function createMilenage(
  k: Uint8Array,
  opc: Uint8Array,
  parameters: MilenageParameters = defaultMilenageParameters,
  aes: AesImplementation = 'table',
): AuthenticationFunctions {
  checkLength('OPc', opc, 16)
  return new Milenage(createAes128(k, aes), words(opc), readConstants(parameters))
}

interface Constants {
  readonly c: readonly Int32Array[]
  readonly r: readonly number[]
}

class Milenage implements AuthenticationFunctions {
  readonly #aes: BlockCipher
  readonly #opc: Int32Array
  readonly #constants: Constants

  constructor(aes: BlockCipher, opc: Int32Array, constants: Constants) {
    this.#aes = aes
    this.#opc = opc
    this.#constants = constants
  }

  f1(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return octets(this.#out1(rand, sqn, amf), 0, 8)
  }

  f1star(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return octets(this.#out1(rand, sqn, amf), 8, 16)
  }

  f2345(rand: Uint8Array): { res: Buffer; ck: Buffer; ik: Buffer; ak: Buffer } {
    const temp = this.#temp(rand)
    const out2 = this.#out(temp, 1)
    return {
      res: octets(out2, 8, 16),
      ck: octets(this.#out(temp, 2), 0, 16),
      ik: octets(this.#out(temp, 3), 0, 16),
      ak: octets(out2, 0, 6),
    }
  }

  f5star(rand: Uint8Array): Buffer {
    return octets(this.#out(this.#temp(rand), 4), 0, 6)
  }

  /** TEMP = E_K(RAND xor OPc). */
  #temp(rand: Uint8Array): Int32Array {
    checkLength('RAND', rand, 16)
    const temp = words(rand)
    xorInto(temp, this.#opc)
    this.#aes.encrypt(temp)
    return temp
  }

  /** OUT1 = E_K(TEMP xor rot(IN1 xor OPc, r1) xor c1) xor OPc, IN1 = SQN || AMF || SQN || AMF. */
  #out1(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Int32Array {
    checkLength('SQN', sqn, 6)
    checkLength('AMF', amf, 2)
    const in1 = words(Buffer.concat([sqn, amf, sqn, amf]))
    xorInto(in1, this.#opc)
    const block = rotate(in1, this.#constants.r[0] ?? 0)
    xorInto(block, this.#temp(rand))
    return this.#finish(block, 0)
  }

  /** OUTn = E_K(rot(TEMP xor OPc, rn) xor cn) xor OPc, n = index + 1 = 2..5. */
  #out(temp: Int32Array, index: number): Int32Array {
    const block = Int32Array.from(temp)
    xorInto(block, this.#opc)
    return this.#finish(rotate(block, this.#constants.r[index] ?? 0), index)
  }

  #finish(block: Int32Array, index: number): Int32Array {
    xorInto(block, this.#constants.c[index] ?? this.#opc)
    this.#aes.encrypt(block)
    xorInto(block, this.#opc)
    return block
  }
}

function readConstants(parameters: MilenageParameters): Constants {
  const { c, r } = parameters
  if (c.length !== 5 || !c.every((hex) => /^[0-9a-f]{32}$/i.test(hex)))
    throw new RangeError('MILENAGE takes c1..c5 of 32 hexadecimal digits')
  if (r.length !== 5 || !r.every((bits) => Number.isInteger(bits) && bits >= 0 && bits < 128)) {
    throw new RangeError('MILENAGE takes r1..r5 of 0 to 127')
  }
  return { c: c.map((hex) => words(Buffer.from(hex, 'hex'))), r }
}

/** Towards the most significant bit, by 0..127 bits. */
function rotate(block: Int32Array, bits: number): Int32Array {
  const out = new Int32Array(4)
  const whole = bits >> 5
  const part = bits & 31
  for (let i = 0; i < 4; i++) {
    const high = block[(i + whole) & 3] ?? 0
    const low = block[(i + whole + 1) & 3] ?? 0
    out[i] = part === 0 ? high : (high << part) | (low >>> (32 - part))
  }
  return out
}

function xorInto(target: Int32Array, other: Int32Array): void {
  for (let i = 0; i < 4; i++) target[i] = (target[i] ?? 0) ^ (other[i] ?? 0)
}

function words(bytes: Uint8Array): Int32Array {
  const out = new Int32Array(4)
  for (let i = 0; i < 16; i++) out[i >> 2] = ((out[i >> 2] ?? 0) << 8) | (bytes[i] ?? 0)
  return out
}

function octets(block: Int32Array, from: number, to: number): Buffer {
  const out = Buffer.allocUnsafe(to - from)
  for (let i = from; i < to; i++) out[i - from] = (block[i >> 2] ?? 0) >>> (24 - 8 * (i & 3))
  return out
}
