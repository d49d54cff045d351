import { type AesImplementation, type Block, type BlockCipher, createAes128 } from './aes.ts'
import { type AuthenticationFunctions, checkLength, type MilenageParameters, type Quintuplet } from './authentication.ts'

/** MILENAGE (TS 35.206), with the operator's own constants where a card batch has them. */

/** TS 35.206 §4.1. */
export const defaultMilenageParameters: MilenageParameters = {
  c: ['0', '1', '2', '4', '8'].map((last) => last.padStart(32, '0')),
  r: [64, 0, 32, 64, 96],
}

/** OPc = OP xor E_K(OP) (TS 35.206 §4.1). Both 16 octets. */
export function milenageOpc(k: Uint8Array, op: Uint8Array, aes: AesImplementation = 'table'): Buffer {
  checkLength('OP', op, 16)
  const plain = readBlock(op)
  const block = readBlock(op)
  createAes128(k, aes).encrypt(block)
  xorInto(block, plain)
  return octets(block, 0, 16)
}

/** The functions of one key; the key schedule is made here, once. A bad parameter or length is a RangeError. */
export function createMilenage(
  k: Uint8Array,
  opc: Uint8Array,
  parameters: MilenageParameters = defaultMilenageParameters,
  aes: AesImplementation = 'table',
): AuthenticationFunctions {
  checkLength('OPc', opc, 16)
  const constants = parameters === defaultMilenageParameters ? defaultConstants : readConstants(parameters)
  return new Milenage(createAes128(k, aes), readBlock(opc), constants)
}

/** c1..c5 as words, r1..r5. */
interface Constants {
  readonly c: readonly [Block, Block, Block, Block, Block]
  readonly r: readonly [number, number, number, number, number]
}

const defaultConstants = readConstants(defaultMilenageParameters)

class Milenage implements AuthenticationFunctions {
  readonly #aes: BlockCipher
  readonly #opc: Block
  readonly #constants: Constants

  constructor(aes: BlockCipher, opc: Block, constants: Constants) {
    this.#aes = aes
    this.#opc = opc
    this.#constants = constants
  }

  f1(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return octets(this.#out1Of(rand, sqn, amf), 0, 8)
  }

  f1star(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    return octets(this.#out1Of(rand, sqn, amf), 8, 16)
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

  quintuplet(rand: Uint8Array, sqn: number, amf: number): Quintuplet {
    const temp = this.#temp(rand)
    const sqnHigh = (sqn / 0x1_0000) | 0
    const sqnLowAmf = (sqn << 16) | amf
    const out1 = this.#out1(temp, sqnHigh, sqnLowAmf)
    const out2 = this.#out(temp, 1)
    const all = Buffer.allocUnsafe(56)
    writeWords(all, 0, this.#out(temp, 2), 0, 4)
    writeWords(all, 16, this.#out(temp, 3), 0, 4)
    writeWords(all, 32, out2, 2, 4)
    // AUTN = (SQN xor AK) || AMF || MAC (TS 33.102 §6.3.2); AK is the first 48 bits of OUT2.
    out2[0] ^= sqnHigh
    out2[1] = ((out2[1] ^ sqnLowAmf) & ~0xffff) | amf
    writeWords(all, 40, out2, 0, 2)
    writeWords(all, 48, out1, 0, 2)
    return {
      res: all.subarray(32, 40),
      ck: all.subarray(0, 16),
      ik: all.subarray(16, 32),
      autn: all.subarray(40, 56),
    }
  }

  /** TEMP = E_K(RAND xor OPc). */
  #temp(rand: Uint8Array): Block {
    checkLength('RAND', rand, 16)
    const temp = readBlock(rand)
    xorInto(temp, this.#opc)
    this.#aes.encrypt(temp)
    return temp
  }

  #out1Of(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Block {
    checkLength('SQN', sqn, 6)
    checkLength('AMF', amf, 2)
    return this.#out1(this.#temp(rand), readWord(sqn, 0), (at(sqn, 4) << 24) | (at(sqn, 5) << 16) | (at(amf, 0) << 8) | at(amf, 1))
  }

  /** OUT1 = E_K(TEMP xor rot(IN1 xor OPc, r1) xor c1) xor OPc, IN1 = SQN || AMF || SQN || AMF. */
  #out1(temp: Block, sqnHigh: number, sqnLowAmf: number): Block {
    const block: Block = [sqnHigh, sqnLowAmf, sqnHigh, sqnLowAmf]
    xorInto(block, this.#opc)
    rotate(block, this.#constants.r[0])
    xorInto(block, temp)
    this.#finish(block, 0)
    return block
  }

  /** OUTn = E_K(rot(TEMP xor OPc, rn) xor cn) xor OPc, n = index + 1 = 2..5. */
  #out(temp: Block, index: 1 | 2 | 3 | 4): Block {
    const block: Block = [temp[0], temp[1], temp[2], temp[3]]
    xorInto(block, this.#opc)
    rotate(block, this.#constants.r[index])
    this.#finish(block, index)
    return block
  }

  #finish(block: Block, index: 0 | 1 | 2 | 3 | 4): void {
    xorInto(block, this.#constants.c[index])
    this.#aes.encrypt(block)
    xorInto(block, this.#opc)
  }
}

function readConstants(parameters: MilenageParameters): Constants {
  const { c, r } = parameters
  if (c.length !== 5 || !c.every((hex) => /^[0-9a-f]{32}$/i.test(hex)))
    throw new RangeError('MILENAGE takes c1..c5 of 32 hexadecimal digits')
  if (r.length !== 5 || !r.every((bits) => Number.isInteger(bits) && bits >= 0 && bits < 128)) {
    throw new RangeError('MILENAGE takes r1..r5 of 0 to 127')
  }
  const words = c.map((hex) => readBlock(Buffer.from(hex, 'hex')))
  return { c: words as unknown as Constants['c'], r: [...r] as unknown as Constants['r'] }
}

/** In place, towards the most significant bit, by 0..127 bits. */
function rotate(block: Block, bits: number): void {
  const [a, b, c, d] = block
  switch (bits >> 5) {
    case 0:
      turn(block, a, b, c, d, bits)
      return
    case 1:
      turn(block, b, c, d, a, bits - 32)
      return
    case 2:
      turn(block, c, d, a, b, bits - 64)
      return
    default:
      turn(block, d, a, b, c, bits - 96)
  }
}

function turn(block: Block, a: number, b: number, c: number, d: number, bits: number): void {
  // Twice by less than 32, for a shift of a word by 32 is one by 0.
  const rest = 31 - bits
  block[0] = (a << bits) | ((b >>> 1) >>> rest)
  block[1] = (b << bits) | ((c >>> 1) >>> rest)
  block[2] = (c << bits) | ((d >>> 1) >>> rest)
  block[3] = (d << bits) | ((a >>> 1) >>> rest)
}

function xorInto(target: Block, other: Block): void {
  target[0] ^= other[0]
  target[1] ^= other[1]
  target[2] ^= other[2]
  target[3] ^= other[3]
}

function readBlock(bytes: Uint8Array): Block {
  return [readWord(bytes, 0), readWord(bytes, 4), readWord(bytes, 8), readWord(bytes, 12)]
}

function readWord(bytes: Uint8Array, offset: number): number {
  return (at(bytes, offset) << 24) | (at(bytes, offset + 1) << 16) | (at(bytes, offset + 2) << 8) | at(bytes, offset + 3)
}

function writeWords(target: Uint8Array, offset: number, block: Block, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const word = at(block, i)
    const position = offset + 4 * (i - from)
    target[position] = word >>> 24
    target[position + 1] = word >>> 16
    target[position + 2] = word >>> 8
    target[position + 3] = word
  }
}

function octets(block: Block, from: number, to: number): Buffer {
  const out = Buffer.allocUnsafe(16)
  writeWords(out, 0, block, 0, 4)
  return out.subarray(from, to)
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] as number
}
