import type { RandomSource } from '#crypto/random.ts'
import { amfFor, generateEpsVector, generateUtranVector, verifyAuts } from '#crypto/vectors.ts'
import type { AvpsOf } from '#protocols/diameter/message.ts'
import { raiseSeq, takeSeq, toSqn } from './sqn.ts'
import type { SubscriberState } from './subscriber-state.ts'

/** What an Authentication-Information-Request asks for (TS 29.272 §7.2.5). */
export interface AirRequest {
  eutran: number
  utran: number
  /** RAND || AUTS of a resynchronisation. */
  resync: Buffer | null
}

export type AirPlan =
  | { ok: true; eutran: number; utran: number; firstSeq: bigint; reserve: bigint | null; resync: 'none' | 'raised' | 'stale' }
  | { ok: false; because: 'no-vectors-asked' | 'no-lease' | 'keys-unavailable' | 'auts-mac' | 'auts-replayed' | 'exhausted' }

/** Reads the two Requested-...-Authentication-Info AVPs; `cap` vectors at most of each kind. */
export function readAir(avps: AvpsOf<'AIR'>, cap: number): AirRequest {
  const eutran = avps['Requested-EUTRAN-Authentication-Info']
  const utran = avps['Requested-UTRAN-GERAN-Authentication-Info']
  // Number-Of-Requested-Vectors may be left out: then one (TS 29.272 §7.3.14).
  const count = (info: typeof eutran): number => (info === undefined ? 0 : Math.min(info['Number-Of-Requested-Vectors'] ?? 1, cap))
  return {
    eutran: count(eutran),
    utran: count(utran),
    resync: eutran?.['Re-Synchronization-Info'] ?? utran?.['Re-Synchronization-Info'] ?? null,
  }
}

/**
 * Takes the SEQs for one request: one reservation for all vectors, after a resynchronisation that may only raise.
 * `isReplay` says whether this very AUTS was already used a while ago: a card never makes the same one twice.
 */
export function planAir(state: SubscriberState, request: AirRequest, blockSize: number, isReplay: (auts: Buffer) => boolean): AirPlan {
  const count = request.eutran + request.utran
  if (count === 0) return { ok: false, because: 'no-vectors-asked' }
  // Another process owns this partition of IMSIs: only it may issue sequence numbers.
  if (blockSize < 1) return { ok: false, because: 'no-lease' }
  if (state.credentials === null) return { ok: false, because: 'keys-unavailable' }
  const { indBits } = state.row.batch.parameters
  let resync: 'none' | 'raised' | 'stale' = 'none'
  if (request.resync !== null) {
    const verified = verifyAuts(state.credentials, request.resync.subarray(0, 16), request.resync.subarray(16))
    if (verified === null) return { ok: false, because: 'auts-mac' }
    if (isReplay(request.resync)) return { ok: false, because: 'auts-replayed' }
    resync = raiseSeq(state.seq, verified.sqnMs, indBits) ? 'raised' : 'stale'
  }
  const grant = takeSeq(state.seq, count, resync === 'raised' ? 1 : blockSize, indBits)
  if (!grant.ok) return { ok: false, because: 'exhausted' }
  return { ok: true, eutran: request.eutran, utran: request.utran, firstSeq: grant.first, reserve: grant.reserve, resync }
}

/** The vectors of a plan, in ascending Item-Number and SEQ. To be called when the plan's reservation is durable. */
export function makeVectors(
  state: SubscriberState,
  plan: AirPlan & { ok: true },
  at: { plmn: Buffer; ind: number; rand: RandomSource },
): NonNullable<AvpsOf<'AIA'>['Authentication-Info']> {
  const { credentials } = state
  if (credentials === null) throw new TypeError('a plan is only made where the keys open')
  const { indBits, amf } = state.row.batch.parameters
  const amfBytes = Buffer.from(amf, 'hex')
  const sqnOf = (i: number): bigint => toSqn(plan.firstSeq + BigInt(i), at.ind, indBits)
  const eutran = Array.from({ length: plan.eutran }, (_, i) => {
    const vector = generateEpsVector(credentials, { sqn: sqnOf(i), amf: amfFor('eps', amfBytes), rand: at.rand(), plmn: at.plmn })
    return { 'Item-Number': i + 1, RAND: Buffer.from(vector.rand), XRES: vector.xres, AUTN: vector.autn, KASME: vector.kasme }
  })
  const utran = Array.from({ length: plan.utran }, (_, i) => {
    const vector = generateUtranVector(credentials, { sqn: sqnOf(plan.eutran + i), amf: amfFor('utran', amfBytes), rand: at.rand() })
    return {
      'Item-Number': i + 1,
      RAND: Buffer.from(vector.rand),
      XRES: vector.xres,
      AUTN: vector.autn,
      'Confidentiality-Key': vector.ck,
      'Integrity-Key': vector.ik,
    }
  })
  return { ...(eutran.length > 0 ? { 'E-UTRAN-Vector': eutran } : {}), ...(utran.length > 0 ? { 'UTRAN-Vector': utran } : {}) }
}
