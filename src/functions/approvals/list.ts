import { sql } from 'kysely'
import { limits } from '#core/limits.ts'
import { approvalStates } from '#platform/approval.ts'
import { type FilterFields, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'
import type { ApprovalRow } from './store.ts'

/** What approvals can be filtered by; the same words as everywhere. */
const fields: FilterFields<ApprovalRow> = {
  kind: { type: 'text', column: 'a.kind', letters: 'lower', searched: true },
  state: { type: 'text', column: 'a.state', words: approvalStates, letters: 'lower' },
  imsi: { type: 'text', column: 'a.imsi', searched: true },
  asked: { type: 'text', column: 'a.requested_by' },
  reason: { type: 'text', column: 'a.reason', searched: true },
  age: { type: 'age', column: 'a.requested_at' },
}

export interface ListQuery {
  state?: 'waiting' | 'decided' | 'all'
  filter?: string
  cursor?: string
  limit?: number
}

/** Newest first, by key. */
export async function listApprovals(db: TenantDb, query: ListQuery, now: number): Promise<Page<ApprovalRow>> {
  const limit = pageLimit(query.limit)
  const [after] = decodeCursor(query.cursor, 1) ?? [null]
  const condition = filterSql(parseFilter(query.filter ?? '', fields), fields, now)
  const isOpen = sql<boolean>`a.state in ('waiting', 'approved')`
  const rows = await db.kysely
    .selectFrom('approval as a')
    .selectAll()
    .where(condition)
    .$if(query.state === 'waiting', (only) => only.where(isOpen))
    .$if(query.state === 'decided', (only) => only.where(sql<boolean>`a.state not in ('waiting', 'approved')`))
    .$if(typeof after === 'string' && isUuid(after), (only) => only.where('a.id', '<', String(after)))
    .orderBy('a.id', 'desc')
    .limit(limit + 1)
    .execute()
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    next: rows.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
    count: await countOf(db, query, condition),
  }
}

async function countOf(db: TenantDb, query: ListQuery, condition: ReturnType<typeof filterSql>): Promise<Page<ApprovalRow>['count']> {
  const cap = limits.http.cappedCount
  const counted = db.kysely
    .selectFrom('approval as a')
    .select('a.id')
    .where(condition)
    .$if(query.state === 'waiting', (only) => only.where(sql<boolean>`a.state in ('waiting', 'approved')`))
    .$if(query.state === 'decided', (only) => only.where(sql<boolean>`a.state not in ('waiting', 'approved')`))
    .limit(cap + 1)
    .as('counted')
  const row = await db.kysely.selectFrom(counted).select(sql<bigint>`count(*)`.as('n')).executeTakeFirstOrThrow()
  const found = Number(row.n)
  return { value: Math.min(found, cap), capped: found > cap }
}
