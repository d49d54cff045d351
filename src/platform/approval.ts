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
  /** What a person reads before they decide. */
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
  /** SHA-256 over the canonical JSON of id, kind, provider and command, hex; the WebAuthn challenge of an approval. */
  commandHash: string
  requestedAt: number
  /** Persons who agreed, in order. */
  approvedBy: readonly string[]
}

export interface ApprovalPort {
  /** With `tx`: in the caller's transaction. */
  request(draft: ApprovalDraft, tx?: Tx): Promise<Approval>
  read(id: string): Promise<Approval | null>
  /** The approval of that kind that waits for this SIM, or null. */
  waitingFor(kind: string, imsi: string): Promise<Approval | null>
  /**
   * What runs once enough persons agreed. It runs at least once, after a restart too: make it idempotent by the approval's
   * id. What it throws is kept as the reason of the state `failed`.
   */
  on(kind: string, execute: (approval: Approval) => Promise<void>): void
}
