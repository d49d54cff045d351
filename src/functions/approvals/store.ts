import type { Selectable } from 'kysely'
import type { Approval, ApprovalDraft, ApprovalState } from '#platform/approval.ts'
import type { SignedAssertion } from '#platform/passkey.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'
import type { Tables } from '#store/tables.ts'
import type { Decision } from './command-hash.ts'

export type ApprovalRow = Selectable<Tables['approval']>

export interface DecisionRow {
  approval_id: string
  person_id: string
  provider_id: string | null
  decision: Decision
  reason: string
  address: string | null
  at: Date
  assertion: SignedAssertion | null
}

export interface NewApproval {
  id: string
  draft: ApprovalDraft
  /** Canonical JSON. */
  command: string
  hash: Buffer
  requestedAt: Date
}

export async function insertApproval(tx: Tx, { id, draft, command, hash, requestedAt }: NewApproval): Promise<void> {
  await tx.query(
    `INSERT INTO approval (id, provider_id, kind, command, command_hash, summary, reason, requested_by, needed, deciders, imsi,
       requested_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      id,
      draft.providerId,
      draft.kind,
      command,
      hash,
      toJson(draft.summary),
      draft.reason,
      draft.requestedBy,
      draft.needed,
      draft.deciders,
      draft.imsi ?? null,
      requestedAt,
      new Date(draft.expiresAt),
    ],
  )
}

/** How many wait, counted up to the bound. */
export async function countWaiting(tx: Pick<Tx, 'query'>, providerId: string | null, bound: number): Promise<number> {
  const { rows } = await tx.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM (SELECT FROM approval WHERE state = 'waiting'
       AND (provider_id = $1::uuid OR ($1::uuid IS NULL AND provider_id IS NULL)) LIMIT $2) counted`,
    [providerId, bound],
  )
  return Number(rows[0]?.n ?? 0n)
}

export async function selectApproval(db: Pick<Tx, 'query'>, id: string, lock = false): Promise<ApprovalRow | null> {
  const { rows } = await db.query<ApprovalRow>(`SELECT * FROM approval WHERE id = $1${lock ? ' FOR UPDATE' : ''}`, [id])
  return rows[0] ?? null
}

export async function selectDecisions(db: Pick<Tx, 'query'>, ids: readonly string[]): Promise<DecisionRow[]> {
  if (ids.length === 0) return []
  const { rows } = await db.query<DecisionRow>(
    'SELECT * FROM approval_decision WHERE approval_id = ANY($1::uuid[]) ORDER BY at, person_id',
    [ids],
  )
  return rows
}

export async function insertDecision(tx: Tx, row: DecisionRow): Promise<void> {
  await tx.query(
    `INSERT INTO approval_decision (approval_id, person_id, provider_id, decision, reason, address, at, assertion)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      row.approval_id,
      row.person_id,
      row.provider_id,
      row.decision,
      row.reason,
      row.address,
      row.at,
      row.assertion === null ? null : toJson(row.assertion),
    ],
  )
}

/** Moves it on, where it still stands in `from`. */
export async function moveApproval(
  tx: Tx,
  id: string,
  {
    from,
    to,
    closedAt = null,
    failure = null,
  }: { from: ApprovalState; to: ApprovalState; closedAt?: Date | null; failure?: string | null },
): Promise<boolean> {
  const { affected } = await tx.query('UPDATE approval SET state = $3, closed_at = $4, failure = $5 WHERE id = $1 AND state = $2', [
    id,
    from,
    to,
    closedAt,
    failure,
  ])
  return affected > 0
}

/** The newest of that kind that waits for this SIM. */
export async function selectWaitingFor(store: Db, kind: string, imsi: string, now: Date): Promise<ApprovalRow | null> {
  const { rows } = await store.query<ApprovalRow>(
    `SELECT * FROM approval WHERE imsi = $2 AND kind = $1 AND state = 'waiting' AND expires_at > $3 ORDER BY id DESC LIMIT 1`,
    [kind, imsi, now],
    { priority: 'portal' },
  )
  return rows[0] ?? null
}

export function approvalOf(row: ApprovalRow, decisions: readonly DecisionRow[]): Approval {
  return {
    id: row.id,
    kind: row.kind,
    providerId: row.provider_id,
    command: JSON.parse(row.command) as Record<string, unknown>,
    summary: row.summary,
    reason: row.reason,
    requestedBy: row.requested_by,
    needed: row.needed,
    deciders: row.deciders as Approval['deciders'],
    expiresAt: row.expires_at.getTime(),
    imsi: row.imsi,
    state: row.state as ApprovalState,
    commandHash: row.command_hash.toString('hex'),
    requestedAt: row.requested_at.getTime(),
    approvedBy: decisions
      .filter(({ approval_id, decision }) => approval_id === row.id && decision === 'approve')
      .map((one) => one.person_id),
    failure: row.failure,
  }
}
