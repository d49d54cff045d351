import type { AesImplementation } from '#crypto/aes.ts'
import { type Credentials, openCredentials } from '#crypto/credentials.ts'
import type { Vault } from '#crypto/vault.ts'
import { effectiveState } from '#domain/effective-state.ts'
import type { RegistrationView, SubscriberView } from '#guard/known.ts'
import { initialSeq, type SeqState } from './sqn.ts'
import type { Registration, SubscriberRow } from './subscriber.ts'

/** A subscriber in memory: what the store said, and what this process has done since. */
export interface SubscriberState {
  readonly row: SubscriberRow
  /** null: the sealed keys do not open under our master key. */
  readonly credentials: Credentials | null
  readonly seq: SeqState
  givenTo: readonly string[]
  registration: Registration | null
  lockedImei: string | null
}

/** Opens the keys once; a state that is ahead of the store lends its SEQ, registration and grants. */
export function buildState(
  row: SubscriberRow,
  ahead: SubscriberState | undefined,
  vault: Vault,
  aes: AesImplementation = 'table',
): SubscriberState {
  const { algorithm, milenage, tuak } = row.batch.parameters
  const parameters = { ...(milenage === undefined ? {} : { milenage }), ...(tuak === undefined ? {} : { tuak }) }
  const seq = initialSeq(row.seqReserved)
  if (ahead !== undefined && ahead.seq.next > seq.next) {
    seq.next = ahead.seq.next
    seq.reserving = ahead.seq.reserving
  }
  return {
    row,
    credentials:
      ahead?.credentials ??
      openCredentials(vault, row.imsi, { algorithm, sealedK: row.sealedK, sealedOpc: row.sealedOpc, parameters }, aes),
    seq,
    givenTo: ahead?.givenTo ?? row.givenTo,
    registration: ahead === undefined ? row.registration : ahead.registration,
    lockedImei: lockOf(row, ahead),
  }
}

/** A binding that is still being written counts; one that the store had and has no more was released. */
function lockOf(row: SubscriberRow, ahead: SubscriberState | undefined): string | null {
  const isBinding = ahead !== undefined && ahead.row.lockedImei === null && ahead.lockedImei !== null
  return row.lockedImei ?? (isBinding ? ahead.lockedImei : null)
}

/** What the guard judges. */
export function viewOf(state: SubscriberState, now: number): SubscriberView {
  const { row } = state
  return {
    imsi: row.imsi,
    providerId: row.providerId,
    class: row.class,
    homePlmn: row.homePlmn,
    effective: effectiveState(row, now),
    lockedImei: state.lockedImei,
    profile: row.profile,
  }
}

export function registrationViewOf(registration: Registration | null): RegistrationView | null {
  return registration
}
