import { isEqualBytes } from '#core/bytes.ts'
import type { AuthenticationFunctions } from '#crypto/authentication.ts'
import { deriveKasme } from '#crypto/kdf.ts'

/**
 * The card's side of authentication (TS 33.102 §6.3.3, Annex C.2) and the KASME that the equipment derives
 * (TS 33.401 §6.1). State is one SEQ per IND, as the recommended scheme has it.
 */

export interface UsimOptions {
  functions: AuthenticationFunctions
  indBits: number
  /** Largest accepted jump of SEQ over the highest accepted one. */
  delta: number
  /** How far below the highest accepted SEQ a fresh one may lie; 0: no limit. */
  ageLimit: number
}

export type UsimAnswer =
  | { ok: true; res: Buffer; ck: Buffer; ik: Buffer; sqnXorAk: Buffer; sqn: number }
  /** `mac`: the challenge is not from our home network. */
  | { ok: false; why: 'mac' }
  /** The challenge is genuine but not fresh: AUTS goes back to the home network. */
  | { ok: false; why: 'sync'; auts: Buffer; sqnMs: number }
  /** E-UTRAN asked and the AMF separation bit is 0 (TS 33.401 §6.1.1); seen by the equipment, not by the card. */
  | { ok: false; why: 'separation' }

export interface Usim {
  /** `rand` and `autn` 16 octets each. */
  authenticate(rand: Uint8Array, autn: Uint8Array, access?: 'E-UTRAN' | 'UTRAN'): UsimAnswer
  /** Highest SQN accepted so far over all INDs. */
  readonly sqnMs: number
  /** Takes the array to a given SQN, as if it had been accepted; for tests of resynchronisation. */
  setSqn(sqn: number): void
}

/** AMF of a resynchronisation is all zeros (TS 33.102 §6.3.3). */
const amfStar = Buffer.alloc(2)

export function createUsim(options: UsimOptions): Usim {
  return new UsimState(options)
}

class UsimState implements Usim {
  readonly #options: UsimOptions
  readonly #indCount: number
  /** SEQ by IND; an absent one is 0. SEQ has 43 bits or fewer: a number holds it exactly. */
  readonly #seq = new Map<number, number>()
  #highestSqn = 0

  constructor(options: UsimOptions) {
    this.#options = options
    this.#indCount = 2 ** options.indBits
  }

  get sqnMs(): number {
    return this.#highestSqn
  }

  setSqn(sqn: number): void {
    this.#seq.set(sqn % this.#indCount, Math.floor(sqn / this.#indCount))
    this.#highestSqn = sqn
  }

  authenticate(rand: Uint8Array, autn: Uint8Array, access: 'E-UTRAN' | 'UTRAN' = 'E-UTRAN'): UsimAnswer {
    const { functions } = this.#options
    const sqnXorAk = Buffer.from(autn.subarray(0, 6))
    const amf = autn.subarray(6, 8)
    if (access === 'E-UTRAN' && ((amf[0] ?? 0) & 0x80) === 0) return { ok: false, why: 'separation' }
    const { res, ck, ik, ak } = functions.f2345(rand)
    const sqnOctets = xor(sqnXorAk, ak)
    if (!isEqualBytes(functions.f1(rand, sqnOctets, amf), autn.subarray(8, 16))) return { ok: false, why: 'mac' }
    const sqn = sqnOctets.readUIntBE(0, 6)
    if (!this.#isFresh(sqn)) return { ok: false, why: 'sync', auts: this.#auts(rand), sqnMs: this.#highestSqn }
    this.#seq.set(sqn % this.#indCount, Math.floor(sqn / this.#indCount))
    this.#highestSqn = Math.max(this.#highestSqn, sqn)
    return { ok: true, res, ck, ik, sqnXorAk, sqn }
  }

  /** TS 33.102 Annex C.2.1 (jump), C.2.2 (age, array). */
  #isFresh(sqn: number): boolean {
    const seq = Math.floor(sqn / this.#indCount)
    const highest = Math.floor(this.#highestSqn / this.#indCount)
    if (seq - highest > this.#options.delta) return false
    if (this.#options.ageLimit > 0 && highest - seq > this.#options.ageLimit) return false
    return seq > (this.#seq.get(sqn % this.#indCount) ?? 0)
  }

  /** AUTS = SQN_MS xor f5*(RAND) || f1*(SQN_MS, RAND, AMF*). */
  #auts(rand: Uint8Array): Buffer {
    const { functions } = this.#options
    const sqnMs = Buffer.alloc(6)
    sqnMs.writeUIntBE(this.#highestSqn, 0, 6)
    return Buffer.concat([xor(sqnMs, functions.f5star(rand)), functions.f1star(rand, sqnMs, amfStar)])
  }
}

/** What an E-UTRAN vector must contain for this card and this serving network (PLMN in 3 octets). */
export function isVectorGood(
  answer: Extract<UsimAnswer, { ok: true }>,
  vector: { xres: Uint8Array; kasme: Uint8Array },
  plmn: Uint8Array,
): boolean {
  return isEqualBytes(answer.res, vector.xres) && isEqualBytes(deriveKasme(answer.ck, answer.ik, plmn, answer.sqnXorAk), vector.kasme)
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(a.length)
  for (let i = 0; i < a.length; i++) out[i] = (a[i] ?? 0) ^ (b[i] ?? 0)
  return out
}
