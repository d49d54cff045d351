import type { CardBatch } from '#domain/card.ts'
import type { ServiceProfile } from '#domain/profile.ts'
import type { ImposedState, IntendedState, SubscriptionClass } from '#domain/subscription.ts'

/** Where an IMSI is registered (TS 29.272 §5.2.1). One row per IMSI; a purge keeps the row. */
export interface Registration {
  mmeHost: string
  mmeRealm: string
  visitedPlmn: string
  partnerId: string | null
  /** The link over which the ULR came, and over which CLR, IDR and DSR go back. */
  peerId: string
  registeredAt: number
  purged: boolean
  /** 14 digits, where the ULR carried Terminal-Information. */
  imei: string | null
  softwareVersion: string | null
  ratType: number
}

/** What is stored of one subscription and its authentication centre row, as one read brings it. */
export interface SubscriberRow {
  imsi: string
  subscriptionId: string
  providerId: string
  msisdn: string | null
  homePlmn: string
  intended: IntendedState
  imposed: readonly ImposedState[]
  class: SubscriptionClass
  lockedImei: string | null
  profile: ServiceProfile
  batch: CardBatch
  /** K, or K || OPc where `sealedOpc` is null. */
  sealedK: Buffer
  sealedOpc: Buffer | null
  /** Highest SEQ that is durably reserved; SQN = SEQ << indBits | IND. */
  seqReserved: bigint
  /** PLMNs that got vectors since the IMSI last registered elsewhere. */
  givenTo: readonly string[]
  registration: Registration | null
  /** The next attach needs a person (CLP.14 §5.8.6). */
  holdNextAttach: boolean
}

/** One write that an answer waits for. Writes of one IMSI in one batch are merged, the later one winning. */
export type HssWrite =
  | { kind: 'auth'; imsi: string; seqReserved: bigint; givenTo: readonly string[] }
  | { kind: 'registration'; imsi: string; registration: Registration; givenTo: readonly string[] }
  | { kind: 'lock'; imsi: string; imei: string }

/** The HSS's own view of the store: one query for many IMSIs, one transaction for many writes. */
export interface HssStore {
  /** IMSIs that are absent from the map positively do not exist. Rejects when the store cannot say. */
  load(imsis: readonly string[]): Promise<ReadonlyMap<string, SubscriberRow>>
  /** Those of them that a node serves now: to tell it. Stands behind all other reads. */
  loadServed(imsis: readonly string[]): Promise<ReadonlyMap<string, SubscriberRow>>
  /** `done(null)` once the write is durable. Writes that arrive together share one transaction, all or nothing. */
  write(write: HssWrite, done: (error: Error | null) => void): void
  /** Serving nodes, in the order in which IND slots were given to them. */
  loadIndSlots(): Promise<readonly string[]>
  /** Kept so that a node has the same IND after a restart; the answer does not wait for it. */
  addIndSlot(nodeKey: string, slot: number): void
  /** Ends what is under way. */
  close(): Promise<void>
}
