import { type AesImplementation, type BlockCipher, createAes128 } from './aes.ts'
import { type AuthenticationFunctions, checkLength, type MilenageParameters, type Quintuplet } from './authentication.ts'
import { at, type Block, octetsOf2, octetsOf4, readBlock, readWord, xorInto } from './block.ts'

/** MILENAGE (TS 35.206), with the operator's own constants where a card batch has them. */

/** TS 35.206 §4.1. */
export const defaultMilenageParameters: MilenageParameters = {
  c: ['0', '1', '2', '4', '8'].map((last) => last.padStart(32, '0')),
  r: [64, 0, 32, 64, 96],
}

/** OPc = OP xor E_K(OP) (TS 35.206 §4.1). Both 16 octets. */
export function milenageOpc(k: Uint8Array, op: Uint8Array, aes: AesImplementation = 'table'): Buffer {
  checkLength('K', k, 16)
  checkLength('OP', op, 16)
  const plain = readBlock(op)
  const block = readBlock(op)
  createAes128(readBlock(k), aes).encrypt(block)
  xorInto(block, plain)
  return octetsOf4(block[0], block[1], block[2], block[3])
}

/** The functions of one key; the key schedule is made here, once. A bad parameter or length is a RangeError. */
export function createMilenage(
  k: Uint8Array,
  opc: Uint8Array,
  parameters: MilenageParameters = defaultMilenageParameters,
  aes: AesImplementation = 'table',
): AuthenticationFunctions {
  return prepareMilenage(k, opc, parameters, aes)()
}

/** As `createMilenage`, for keys that are kept long: the key schedule, six times the size of the keys, is made at each call. */
export function prepareMilenage(
  k: Uint8Array,
  opc: Uint8Array,
  parameters: MilenageParameters = defaultMilenageParameters,
  aes: AesImplementation = 'table',
): () => AuthenticationFunctions {
  checkLength('K', k, 16)
  checkLength('OPc', opc, 16)
  const key = readBlock(k)
  const operatorValue = readBlock(opc)
  const constants = parameters === defaultMilenageParameters ? defaultConstants : readConstants(parameters)
  return () => new Milenage(createAes128(key, aes), operatorValue, constants)
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
    const block = this.#out1Of(rand, sqn, amf)
    return octetsOf2(block[0], block[1])
  }

  f1star(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer {
    const block = this.#out1Of(rand, sqn, amf)
    return octetsOf2(block[2], block[3])
  }

  f2345(rand: Uint8Array): { res: Buffer; ck: Buffer; ik: Buffer; ak: Buffer } {
    const temp = this.#temp(rand)
    const block: Block = [0, 0, 0, 0]
    this.#out(block, temp, 1)
    const res = octetsOf2(block[2], block[3])
    const ak = octetsOf2(block[0], block[1]).subarray(0, 6)
    this.#out(block, temp, 2)
    const ck = octetsOf4(block[0], block[1], block[2], block[3])
    this.#out(block, temp, 3)
    return { res, ck, ik: octetsOf4(block[0], block[1], block[2], block[3]), ak }
  }

  f5star(rand: Uint8Array): Buffer {
    const block: Block = [0, 0, 0, 0]
    this.#out(block, this.#temp(rand), 4)
    return octetsOf2(block[0], block[1]).subarray(0, 6)
  }

  quintuplet(rand: Uint8Array, sqn: number, amf: number): Quintuplet {
    const temp = this.#temp(rand)
    const block: Block = [0, 0, 0, 0]
    const sqnHigh = (sqn / 0x1_0000) | 0
    const sqnLowAmf = (sqn << 16) | amf
    this.#out1(block, temp, sqnHigh, sqnLowAmf)
    const mac0 = block[0]
    const mac1 = block[1]
    this.#out(block, temp, 1)
    const res = octetsOf2(block[2], block[3])
    // AUTN = (SQN xor AK) || AMF || MAC (TS 33.102 §6.3.2); AK is the first 48 bits of OUT2.
    const autn = octetsOf4(block[0] ^ sqnHigh, ((block[1] ^ sqnLowAmf) & ~0xffff) | amf, mac0, mac1)
    this.#out(block, temp, 2)
    const ck = octetsOf4(block[0], block[1], block[2], block[3])
    this.#out(block, temp, 3)
    return { res, ck, ik: octetsOf4(block[0], block[1], block[2], block[3]), autn }
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
    const block: Block = [0, 0, 0, 0]
    const low = (at(sqn, 4) << 24) | (at(sqn, 5) << 16) | (at(amf, 0) << 8) | at(amf, 1)
    this.#out1(block, this.#temp(rand), readWord(sqn, 0), low)
    return block
  }

  /** OUT1 = E_K(TEMP xor rot(IN1 xor OPc, r1) xor c1) xor OPc, IN1 = SQN || AMF || SQN || AMF. */
  #out1(block: Block, temp: Block, sqnHigh: number, sqnLowAmf: number): void {
    const opc = this.#opc
    const { c, r } = this.#constants
    place(block, sqnHigh ^ opc[0], sqnLowAmf ^ opc[1], sqnHigh ^ opc[2], sqnLowAmf ^ opc[3], r[0], c[0])
    xorInto(block, temp)
    this.#aes.encrypt(block)
    xorInto(block, opc)
  }

  /** OUTn = E_K(rot(TEMP xor OPc, rn) xor cn) xor OPc, n = index + 1 = 2..5. */
  #out(block: Block, temp: Block, index: 1 | 2 | 3 | 4): void {
    const opc = this.#opc
    const { c, r } = this.#constants
    place(block, temp[0] ^ opc[0], temp[1] ^ opc[1], temp[2] ^ opc[2], temp[3] ^ opc[3], r[index], c[index])
    this.#aes.encrypt(block)
    xorInto(block, opc)
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

/** rot(a || b || c || d, bits) xor constant; towards the most significant bit, 0..127 bits. */
function place(block: Block, a: number, b: number, c: number, d: number, bits: number, constant: Block): void {
  const half = (bits & 64) !== 0
  const e = half ? c : a
  const f = half ? d : b
  const g = half ? a : c
  const h = half ? b : d
  const quarter = (bits & 32) !== 0
  const part = bits & 31
  turn(block, quarter ? f : e, quarter ? g : f, quarter ? h : g, quarter ? e : h, part)
  xorInto(block, constant)
}

function turn(block: Block, a: number, b: number, c: number, d: number, bits: number): void {
  // In two steps, for a shift of a word by 32 is one by 0.
  const rest = 31 - bits
  block[0] = (a << bits) | ((b >>> 1) >>> rest)
  block[1] = (b << bits) | ((c >>> 1) >>> rest)
  block[2] = (c << bits) | ((d >>> 1) >>> rest)
  block[3] = (d << bits) | ((a >>> 1) >>> rest)
}
