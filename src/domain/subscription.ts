import type { Plmn } from '#core/bcd.ts'

/** Who is admitted first when not all can be (CLP.14 §5.10, §5.6). */
export const subscriptionClasses = ['critical', 'standard', 'deferrable'] as const
export type SubscriptionClass = (typeof subscriptionClasses)[number]

/** What the provider wants. `retired` is the only permanent one: only it may give a sticky answer. */
export const intendedStates = ['inventory', 'test', 'active', 'suspended', 'retired'] as const
export type IntendedState = (typeof intendedStates)[number]

/** A reason set by a control, with an owner and an end. Several may stand at once. */
export interface ImposedState {
  reason: 'imei-lock' | 'blocklisted' | 'held' | 'quota' | 'abuse' | 'operator-barring'
  /** The control or person that set it. */
  by: string
  since: number
  /** null: until someone takes it away. */
  expiresAt: number | null
  note: string
}

/** Derived, never stored: what the network functions obey. */
export type EffectiveState =
  | { canConnect: true }
  | { canConnect: false; because: Exclude<IntendedState, 'active' | 'test'> | ImposedState['reason']; permanent: boolean; by: string }

export type AuthAlgorithm = 'MILENAGE' | 'TUAK'

/** Parameters of one card batch (TS 35.205, TS 35.231, TS 33.102 Annex C). */
export interface AlgorithmParameters {
  algorithm: AuthAlgorithm
  /** Bits of SQN that are IND. */
  indBits: number
  /** Largest accepted jump of SEQ by the card. */
  delta: number
  /** Age limit of SEQ; 0: none. */
  ageLimit: number
  amf: string
  /** SQN on import, decimal. */
  startSqn: string
  /** MILENAGE c1..c5, r1..r5 where the batch departs from the defaults. */
  milenage?: { c: readonly string[]; r: readonly number[] }
  /** TUAK output lengths in bits, and Keccak iterations. */
  tuak?: {
    keyBits: 128 | 256
    macBits: 64 | 128 | 256
    resBits: 32 | 64 | 128 | 256
    ckBits: 128 | 256
    ikBits: 128 | 256
    iterations: number
  }
}

export interface Subscription {
  id: string
  providerId: string
  cardId: string
  imsi: string
  msisdn: string | null
  homePlmn: Plmn
  intended: IntendedState
  imposed: readonly ImposedState[]
  class: SubscriptionClass
  /** Which HSS serves it: long-lived devices stay on a partition of their own. */
  hssPartition: string
  profileId: string
  batchId: string
  /** Bound IMEI (14 digits) when the profile locks it; null until first seen. */
  lockedImei: string | null
}
