import type { Approval as ApprovalView } from '#platform/http/schemas/approvals.ts'
import type { Identity } from '#platform/session.ts'
import type { TenantDb } from '#store/db.ts'
import type { Obstacle } from './desk.ts'
import { type ApprovalRow, approvalOf, type DecisionRow, selectDecisions } from './store.ts'

export interface Viewer {
  identity: Identity
  /** Whether they have a passkey, or need none (the demo). */
  canSign: boolean
  obstacle(row: ApprovalRow, decisions: readonly DecisionRow[]): Obstacle | null
}

/** As the API shows them to one reader; names only of persons and providers whom the reader's role may see. */
export async function viewApprovals(db: TenantDb, rows: readonly ApprovalRow[], viewer: Viewer): Promise<ApprovalView[]> {
  const decisions = await selectDecisions(
    db,
    rows.map(({ id }) => id),
  )
  const byApproval = Map.groupBy(decisions, ({ approval_id }) => approval_id)
  const names = await namesOf(db, [...rows.map((row) => row.requested_by), ...decisions.map((one) => one.person_id)])
  const providers = await providersOf(db, rows)
  const who = (id: string): ApprovalView['decisions'][number]['person'] => ({
    id,
    name: names.get(id) ?? (id === viewer.identity.personId ? viewer.identity.name : null),
  })
  return rows.map((row) => {
    const own = byApproval.get(row.id) ?? []
    const { id, kind, state, summary, reason, command, commandHash, needed, deciders, requestedAt, expiresAt, failure } = approvalOf(
      row,
      own,
    )
    const isMine = row.requested_by === viewer.identity.personId
    return {
      ...{ id, kind, state, summary, reason, command, commandHash, needed, deciders, requestedAt, expiresAt, failure },
      provider: row.provider_id === null ? null : { id: row.provider_id, name: providers.get(row.provider_id) ?? '' },
      imsi: row.imsi,
      requestedBy: row.requested_by === null ? null : who(row.requested_by),
      closedAt: row.closed_at?.getTime() ?? null,
      decisions: own.map((one) => ({
        person: who(one.person_id),
        decision: one.decision,
        reason: one.reason,
        at: one.at.getTime(),
        signed: one.assertion !== null,
      })),
      obstacle: obstacleOf(row, own, viewer),
      mayWithdraw: isMine && row.state === 'waiting',
    }
  })
}

function obstacleOf(row: ApprovalRow, decisions: readonly DecisionRow[], viewer: Viewer): ApprovalView['obstacle'] {
  const obstacle = viewer.obstacle(row, decisions)
  if (obstacle !== null) return obstacle
  if (!viewer.identity.permissions.includes('approvals:decide')) return 'not-allowed'
  return viewer.canSign ? null : 'passkey-needed'
}

async function namesOf(db: TenantDb, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  if (wanted.length === 0) return new Map()
  const { rows } = await db.query<{ id: string; name: string }>(
    'SELECT id::text AS id, name FROM person WHERE id::text = ANY($1::text[])',
    [wanted],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

async function providersOf(db: TenantDb, rows: readonly ApprovalRow[]): Promise<Map<string, string>> {
  const wanted = [...new Set(rows.map((row) => row.provider_id))].filter((id) => id !== null)
  if (wanted.length === 0) return new Map()
  const { rows: found } = await db.query<{ id: string; name: string }>('SELECT id, name FROM provider WHERE id = ANY($1::uuid[])', [wanted])
  return new Map(found.map(({ id, name }) => [id, name]))
}
