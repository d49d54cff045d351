/** The shapes that MILENAGE and TUAK share (TS 33.102 §6.3). Octets everywhere; no key ever leaves by these. */

/** Which keys an authentication works with; what a card batch knows of its algorithm, as far as crypto needs it. */
export interface KeyMaterial {
  readonly algorithm: 'MILENAGE' | 'TUAK'
  /** 16 octets; TUAK also 32. */
  readonly k: Uint8Array
  /** OPc (16 octets) or TOPc (32 octets). */
  readonly opc: Uint8Array
  readonly parameters?: FunctionParameters
}

export interface FunctionParameters {
  readonly milenage?: MilenageParameters
  readonly tuak?: TuakParameters
}

/** TS 35.206 §4.1: c1..c5 as 32 hexadecimal digits each, r1..r5 as bits 0..127. */
export interface MilenageParameters {
  readonly c: readonly string[]
  readonly r: readonly number[]
}

/** TS 35.231 §6: lengths in bits; `iterations` of the permutation, 1 or more. */
export interface TuakParameters {
  readonly keyBits: 128 | 256
  readonly macBits: 64 | 128 | 256
  readonly resBits: 32 | 64 | 128 | 256
  readonly ckBits: 128 | 256
  readonly ikBits: 128 | 256
  readonly iterations: number
}

/** f1..f5* of one key. `rand` 16, `sqn` 6, `amf` 2 octets; another length is a RangeError. */
export interface AuthenticationFunctions {
  /** MAC-A. */
  f1(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer
  /** MAC-S. */
  f1star(rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): Buffer
  f2345(rand: Uint8Array): { res: Buffer; ck: Buffer; ik: Buffer; ak: Buffer }
  /** AK of a resynchronisation. */
  f5star(rand: Uint8Array): Buffer
  /**
   * All of one challenge at once (TS 33.102 §6.3.2); `sqn` and `amf` are numbers of 48 and 16 bits.
   * A RangeError where the lengths of the parameters do not fit an AUTN.
   */
  quintuplet(rand: Uint8Array, sqn: number, amf: number): Quintuplet
}

/** RES (4 to 16 octets), CK and IK (16 each), AUTN = (SQN xor AK) || AMF || MAC (16). */
export interface Quintuplet {
  readonly res: Buffer
  readonly ck: Buffer
  readonly ik: Buffer
  readonly autn: Buffer
}

/** A RangeError that names what has the wrong length; never its octets. */
export function checkLength(name: string, octets: Uint8Array, length: number): void {
  if (octets.length !== length) throw new RangeError(`${name} must have ${length} octets, not ${octets.length}`)
}
