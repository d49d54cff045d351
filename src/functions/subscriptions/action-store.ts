import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Told } from '#platform/announcement.ts'
import type { ActionState, ChangeLine, SimAction } from '#platform/http/schemas/sim-actions.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import { type Db, type TenantDb, type Tx, toJson } from '#store/db.ts'

export interface ActionRow {
  id: string
  kind: string
  provider_id: string
  subscription_id: string
  imsi: string
  actor: string
  address: string | null
  reason: string
  changes: ChangeLine[]
  state: ActionState
  approval_id: string | null
  told: SimAction['told']
  problem: string | null
  requested_at: Date
  committed_at: Date | null
  done_at: Date | null
}

export type NewAction = Pick<
  ActionRow,
  'id' | 'kind' | 'provider_id' | 'subscription_id' | 'imsi' | 'actor' | 'address' | 'reason' | 'changes'
> & {
  state: 'waiting' | 'committed'
  approval_id: string | null
  at: number
}

export async function insertAction(tx: Tx, action: NewAction): Promise<void> {
  const at = new Date(action.at)
  await tx.query(
    `INSERT INTO sim_action (id, kind, provider_id, subscription_id, imsi, actor, address, reason, changes, state, approval_id,
                             requested_at, committed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      action.id,
      action.kind,
      action.provider_id,
      action.subscription_id,
      action.imsi,
      action.actor,
      action.address,
      action.reason,
      toJson(action.changes),
      action.state,
      action.approval_id,
      at,
      action.state === 'committed' ? at : null,
    ],
  )
}

/** Moves an action on; false where it is not in one of these states any more. */
export async function moveAction(
  db: Pick<Db, 'query'> | Tx,
  id: string,
  from: readonly ActionState[],
  to: { state: ActionState; at: number; told?: Told; problem?: string },
): Promise<boolean> {
  const { told } = to
  const kept = told === undefined ? null : { outcome: told.outcome, operation: told.operation, resultCode: told.resultCode, at: told.at }
  const { affected } = await db.query(
    `UPDATE sim_action SET state = $3, told = coalesce($5::jsonb, told), problem = coalesce($6::jsonb, problem),
            committed_at = CASE WHEN $3 IN ('committed', 'done') THEN coalesce(committed_at, $4) ELSE committed_at END,
            done_at = CASE WHEN $3 IN ('done', 'failed', 'dropped') THEN $4 ELSE done_at END
      WHERE id = $1 AND state = ANY($2::text[])`,
    [id, from, to.state, new Date(to.at), kept === null ? null : toJson(kept), to.problem === undefined ? null : toJson(to.problem)],
  )
  return affected > 0
}

export async function readAction(db: TenantDb, id: string): Promise<ActionRow> {
  const { rows } = isUuid(id) ? await db.query<ActionRow>('SELECT * FROM sim_action WHERE id = $1', [id]) : { rows: [] }
  const [row] = rows
  if (row === undefined) throw new OperationError('action-unknown', 404, `there is no action ${id.slice(0, 64)}`)
  return row
}

export async function listActionRows(db: TenantDb, query: { imsi?: string; cursor?: string; limit?: number }): Promise<Page<ActionRow>> {
  const limit = pageLimit(query.limit)
  const [before = null] = decodeCursor(query.cursor, 1) ?? []
  const { rows } = await db.query<ActionRow>(
    `SELECT * FROM sim_action WHERE ($1::text IS NULL OR imsi = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [query.imsi ?? null, typeof before === 'string' && isUuid(before) ? before : null, limit + 1],
  )
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const isMore = rows.length > limit && last !== undefined
  return {
    items,
    next: isMore ? encodeCursor([last.id]) : null,
    count: { value: items.length, capped: isMore || query.cursor !== undefined },
  }
}

/** Names of those of the actors that are persons whom the reader may know. */
export async function actionNames(db: TenantDb, actors: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(actors)].filter(isUuid)
  if (ids.length === 0) return new Map()
  const { rows } = await db.query<{ id: string; name: string }>('SELECT id, name FROM person WHERE id = ANY($1::uuid[]) LIMIT $2', [
    ids,
    limits.http.pageRows,
  ])
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export function actionView(row: ActionRow, names: ReadonlyMap<string, string>): SimAction {
  return {
    id: row.id,
    sim: { id: row.subscription_id, imsi: row.imsi },
    providerId: row.provider_id,
    actor: row.actor,
    actorName: names.get(row.actor) ?? null,
    address: row.address,
    reason: row.reason,
    changes: row.changes,
    state: row.state,
    approvalId: row.approval_id,
    told: row.told,
    problem: row.problem,
    requestedAt: row.requested_at.getTime(),
    committedAt: row.committed_at?.getTime() ?? null,
    doneAt: row.done_at?.getTime() ?? null,
  }
}
