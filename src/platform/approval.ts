import type { Tx } from '#store/db.ts'
import type { Message } from './text.ts'

export const approvalStates = ['waiting', 'approved', 'executed', 'failed', 'refused', 'withdrawn', 'expired'] as const
export type ApprovalState = (typeof approvalStates)[number]

/** A command that waits for persons. What is approved is exactly this command: its hash is what they sign. */
export interface ApprovalDraft {
  /** Registered with `on` by the function that will execute it: `sim-change`, `bulk-job`, `release-hold`, ... */
  kind: string
  providerId: string | null
  /** Everything that will be done, as JSON: executed as it stands here and nowhere else. */
  command: Readonly<Record<string, unknown>>
  /** What a person reads before they decide; its words stand in the portal's `words/approvals.ts`, as `approval.<...>`. */
  summary: Message
  reason: string
  /** The person or client that asks, who cannot decide it; null: a control asks. */
  requestedBy: string | null
  /** How many persons must agree, besides whoever asked. */
  needed: number
  /** Whose persons may decide: the tenant's own (the operator's may as well), or the operator's only. */
  deciders: 'provider' | 'operator'
  /** Wall time after which nobody can approve it any more. */
  expiresAt: number
  /** The SIM it is about, where it is about one. */
  imsi?: string | null
}

export interface Approval extends ApprovalDraft {
  id: string
  state: ApprovalState
  /** SHA-256 over the canonical JSON of id, kind, provider and command, hex: what the persons who decide sign. */
  commandHash: string
  requestedAt: number
  /** Persons who agreed, in order. */
  approvedBy: readonly string[]
  /** Why it failed; null in every other state. */
  failure: string | null
}

export interface ApprovalPort {
  /** With `tx`: in the caller's transaction, under whatever role that has. Throws `approvals-full` (409) past the bound. */
  request(draft: ApprovalDraft, tx?: Tx): Promise<Approval>
  read(id: string): Promise<Approval | null>
  /** The approval of that kind that waits for this SIM, or null. */
  waitingFor(kind: string, imsi: string): Promise<Approval | null>
  /** Takes back what still waits, because what it was for is gone; false where it was decided before. */
  withdraw(id: string, by: { actor: string; reason: string; address: string | null }): Promise<boolean>
  /** Whether the newest receipt of an approval verified when it was last tried; null where there is none yet. */
  receiptCheck(): { at: number; ok: boolean; signed: boolean } | null
  /**
   * What runs once enough persons agreed. It runs at least once, after a restart too: make it idempotent by the approval's
   * id. What it throws is kept as the reason of the state `failed`.
   */
  on(kind: string, execute: (approval: Approval) => Promise<void>): void
}
