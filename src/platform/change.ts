import type { IntendedState, SubscriptionClass } from '#domain/subscription.ts'
import type { Scope, Tx } from '#store/db.ts'

/** One change that a person, a client, a job or a control makes to subscriptions: the same for one and for a million. */
export type SubscriptionChange =
  | { kind: 'state'; to: IntendedState }
  | { kind: 'profile'; profileId: string }
  | { kind: 'class'; to: SubscriptionClass }
  | { kind: 'group'; groupId: string | null }
  | { kind: 'plan'; planId: string | null }
  | { kind: 'label'; label: string | null }
  /** 14 digits; null: whatever device comes next is bound. */
  | { kind: 'imei-lock'; imei: string | null }
  /** The next attach needs a person (CLP.14 §5.8.6). */
  | { kind: 'hold'; held: boolean }
  | { kind: 'partition'; hssPartition: string }
  | { kind: 'impose'; reason: 'quota' | 'abuse' | 'operator-barring'; expiresAt: number | null; note: string }
  | { kind: 'lift'; reason: 'quota' | 'abuse' | 'operator-barring' | 'held' | 'imei-lock' }

export interface ChangeBy {
  /** Person, client, job or control. */
  actor: string
  /** Under whose rights it is done: rows of another tenant do not exist. */
  scope: Scope
  reason: string
  /** Persons who agreed, by id: the exemption gate counts them. The actor counts as one where it is a person. */
  approvals: readonly string[]
  /** Where the request came from; null for jobs and controls. */
  address: string | null
  /** The bulk job that it is part of: its own notices tell of the whole, instead of one for each SIM. */
  job?: string
}

export type ChangeOutcome =
  | { id: string; imsi: string; outcome: 'changed' | 'unchanged' }
  /** `code` is a literal of the registry: `transition-not-allowed`, `sim-unknown`, `class-needs-two`, ... */
  | { id: string; imsi: string; outcome: 'refused'; code: string; detail: string }
  /** The gate wants that many persons in all. */
  | { id: string; imsi: string; outcome: 'needs-approval'; needed: number; detail: string }

/** What the serving nodes made of a change (CLR, IDR, DSR answered). */
export interface Confirmations {
  confirmed: number
  failed: number
  /** Not registered anywhere: it meets the new state at its next attempt. */
  notRegistered: number
}

/** The one way by which subscriptions change, whoever asks. Asks the exemption gate for every row. */
export interface SubscriptionChanges {
  /** What would happen, changing nothing. At most `limits.subscriptions.changeChunk` ids; in their order. */
  check(tx: Tx, change: SubscriptionChange, ids: readonly string[], by: ChangeBy): Promise<ChangeOutcome[]>
  /**
   * Does it to the rows that may be changed, in set-based statements, with notices; the caller writes the ledger entry. At
   * the commit (NOTIFY in the same transaction) every process's caches forget these rows, so that the network functions
   * meet the new state at once, however long it takes to tell the serving nodes.
   */
  apply(tx: Tx, change: SubscriptionChange, ids: readonly string[], by: ChangeBy): Promise<ChangeOutcome[]>
  /**
   * After the commit, maybe much later: the serving nodes of these IMSIs are told, paced to each partner's agreed rate.
   * Resolves when each has been told or given up. With `change`, nobody is bothered with what serving nodes do not hold (a
   * label, a group, a hold): all then count as `notRegistered`.
   */
  announce(imsis: readonly string[], change?: SubscriptionChange): Promise<Confirmations>
}
