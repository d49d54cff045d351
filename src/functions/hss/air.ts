import type { RandomSource } from '#crypto/random.ts'
import { amfFor, type Credentials, generateEpsVector, generateUtranVector, verifyAuts } from '#crypto/vectors.ts'
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

type AuthenticationInfo = NonNullable<AvpsOf<'AIA'>['Authentication-Info']>
type EutranVector = NonNullable<AuthenticationInfo['E-UTRAN-Vector']>[number]
type UtranVector = NonNullable<AuthenticationInfo['UTRAN-Vector']>[number]

/** For whom vectors are made: the serving network and its node's IND. */
interface VectorsAt {
  plmn: Buffer
  ind: number
  rand: RandomSource
}

/** The vectors of a plan, in ascending Item-Number and SEQ. To be called when the plan's reservation is durable. */
export function makeVectors(state: SubscriberState, plan: AirPlan & { ok: true }, at: VectorsAt): AuthenticationInfo {
  const eutran = plan.eutran === 0 ? {} : { 'E-UTRAN-Vector': eutranVectors(state, plan, at) }
  return plan.utran === 0 ? eutran : { ...eutran, 'UTRAN-Vector': utranVectors(state, plan, at) }
}

function eutranVectors(state: SubscriberState, plan: AirPlan & { ok: true }, at: VectorsAt): EutranVector[] {
  const credentials = credentialsOf(state)
  const { indBits, amf } = state.row.batch.parameters
  const epsAmf = amfFor('eps', Buffer.from(amf, 'hex'))
  const vectors: EutranVector[] = []
  for (let i = 0; i < plan.eutran; i++) {
    const sqn = toSqn(plan.firstSeq + BigInt(i), at.ind, indBits)
    const rand = at.rand()
    const { xres, autn, kasme } = generateEpsVector(credentials, { sqn, amf: epsAmf, rand, plmn: at.plmn })
    vectors.push({ 'Item-Number': i + 1, RAND: rand, XRES: xres, AUTN: autn, KASME: kasme })
  }
  return vectors
}

/** Their SEQs come after those of the E-UTRAN vectors. */
function utranVectors(state: SubscriberState, plan: AirPlan & { ok: true }, at: VectorsAt): UtranVector[] {
  const credentials = credentialsOf(state)
  const { indBits, amf } = state.row.batch.parameters
  const utranAmf = amfFor('utran', Buffer.from(amf, 'hex'))
  const vectors: UtranVector[] = []
  for (let i = 0; i < plan.utran; i++) {
    const sqn = toSqn(plan.firstSeq + BigInt(plan.eutran + i), at.ind, indBits)
    const rand = at.rand()
    const { xres, autn, ck, ik } = generateUtranVector(credentials, { sqn, amf: utranAmf, rand })
    vectors.push({ 'Item-Number': i + 1, RAND: rand, XRES: xres, AUTN: autn, 'Confidentiality-Key': ck, 'Integrity-Key': ik })
  }
  return vectors
}

function credentialsOf({ credentials }: SubscriberState): Credentials {
  if (credentials === null) throw new TypeError('a plan is only made where the keys open')
  return credentials
}
