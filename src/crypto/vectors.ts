import { timingSafeEqual } from 'node:crypto'
import { algorithmRow } from './algorithms.ts'
import { type AuthenticationFunctions, checkLength, type KeyMaterial, type Quintuplet } from './authentication.ts'
import { Credentials } from './credentials.ts'
import { c2, c3 } from './gsm.ts'
import { kasmeOf } from './kdf.ts'

export { Credentials, createCredentials } from './credentials.ts'

/** Authentication vectors (TS 33.102 §6.3, TS 33.401 §6.1) and the check of a resynchronisation. */

/** What one vector is made from. `sqn` 48 bits; `amf` 2, `rand` 16 octets. */
export interface VectorRequest {
  readonly sqn: bigint
  readonly amf: Uint8Array
  readonly rand: Uint8Array
}

export interface EpsVector {
  readonly rand: Uint8Array
  readonly xres: Buffer
  readonly autn: Buffer
  readonly kasme: Buffer
}

export interface UtranVector {
  readonly rand: Uint8Array
  readonly xres: Buffer
  readonly autn: Buffer
  readonly ck: Buffer
  readonly ik: Buffer
}

/**
 * A vector for E-UTRAN: KASME is bound to `plmn` (3 octets), the serving network.
 * The AMF separation bit must be 1 (TS 33.102 Annex H, TS 33.401 §6.1.2); another AMF is a TypeError: use `amfFor`.
 */
export function generateEpsVector(material: KeyMaterial | Credentials, request: VectorRequest & { readonly plmn: Uint8Array }): EpsVector {
  checkSeparation(request.amf, 'eps')
  checkLength('PLMN', request.plmn, 3)
  const { res, ck, ik, autn } = quintuplet(material, request)
  return { rand: request.rand, xres: res, autn, kasme: kasmeOf(ck, ik, request.plmn, autn) }
}

/** A vector for UTRAN, GERAN and EAP-AKA. The AMF separation bit must be 0; another AMF is a TypeError: use `amfFor`. */
export function generateUtranVector(material: KeyMaterial | Credentials, request: VectorRequest): UtranVector {
  checkSeparation(request.amf, 'utran')
  const { res, ck, ik, autn } = quintuplet(material, request)
  return { rand: request.rand, xres: res, autn, ck, ik }
}

/** A triplet for GSM by c2 and c3 (TS 33.102 §6.8.1.2). */
export function generateGsmTriplet(material: KeyMaterial | Credentials, rand: Uint8Array): { rand: Uint8Array; sres: Buffer; kc: Buffer } {
  const { res, ck, ik } = functionsOf(material).f2345(rand)
  return { rand, sres: c2(res), kc: c3(ck, ik) }
}

/**
 * AUTS = (SQN_MS xor AK*) || MAC-S, with AMF* = 0000 (TS 33.102 §6.3.3). null: not 14 octets, or MAC-S is not this card's.
 * MAC-S is compared in constant time before anything is returned. The caller decides what a genuine SQN_MS may change.
 */
export function verifyAuts(material: KeyMaterial | Credentials, rand: Uint8Array, auts: Uint8Array): { sqnMs: bigint } | null {
  if (rand.length !== 16 || auts.length !== 14) return null
  const functions = functionsOf(material)
  const ak = functions.f5star(rand)
  const sqn = Buffer.alloc(6)
  for (let i = 0; i < 6; i++) sqn[i] = (auts[i] ?? 0) ^ (ak[i] ?? 0)
  const macS = functions.f1star(rand, sqn, Buffer.alloc(2))
  if (macS.length !== 8 || !timingSafeEqual(macS, auts.subarray(6))) return null
  return { sqnMs: BigInt(sqn.readUIntBE(0, 6)) }
}

/** The AMF with its separation bit (bit 0, the highest) set for EPS and cleared for everything before it. */
export function amfFor(system: 'eps' | 'utran', amf: Uint8Array): Buffer {
  checkLength('AMF', amf, 2)
  const high = amf[0] ?? 0
  return Buffer.of(system === 'eps' ? high | 0x80 : high & 0x7f, amf[1] ?? 0)
}

function checkSeparation(amf: Uint8Array, system: 'eps' | 'utran'): void {
  checkLength('AMF', amf, 2)
  const bit = (amf[0] ?? 0) >> 7
  if (system === 'eps' && bit === 0) throw new TypeError('an EPS vector needs the AMF separation bit set (TS 33.401 §6.1.2)')
  if (system === 'utran' && bit === 1) throw new TypeError('the AMF separation bit belongs to EPS vectors only (TS 33.102 Annex H)')
}

function functionsOf(material: KeyMaterial | Credentials): AuthenticationFunctions {
  return material instanceof Credentials ? material.functions : algorithmRow(material.algorithm).prepare(material, 'table')()
}

function quintuplet(material: KeyMaterial | Credentials, request: VectorRequest): Quintuplet {
  const sqn = Number(request.sqn)
  if (!(sqn >= 0 && sqn < 0x1_0000_0000_0000)) throw new RangeError('SQN has 48 bits')
  return functionsOf(material).quintuplet(request.rand, sqn, ((request.amf[0] ?? 0) << 8) | (request.amf[1] ?? 0))
}
