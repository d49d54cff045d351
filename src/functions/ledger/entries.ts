import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { limits } from '#core/limits.ts'
import { type Filter, type FilterFields, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import type { LedgerEntry } from '#platform/http/schemas/audit.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'
import type { SubjectKeys } from '#store/subject-keys.ts'

export interface EntryRow {
  id: string
  at: Date
  kind: string
  actor: string
  provider_id: string | null
  subject_id: string | null
  body: Record<string, unknown>
  is_sealed: boolean
}

/** What the ledger can be filtered by. `sim` is looked up before: an entry names its subject, not the IMSI. */
const fields: FilterFields<EntryRow> = {
  kind: { type: 'text', column: 'e.kind', letters: 'lower', searched: true },
  actor: { type: 'text', column: 'e.actor' },
  sim: { type: 'text', column: `(e.body ->> 'imsi')` },
  address: { type: 'text', column: `(e.body ->> 'address')` },
  reason: { type: 'text', column: `(e.body ->> 'reason')`, searched: true },
  provider: { type: 'text', column: 'e.provider_id::text' },
  approval: { type: 'text', column: `(e.body ->> 'approvalId')` },
  age: { type: 'age', column: 'e.at' },
}

const { scannedRows, scansPerPage } = limits.subscriptions

/**
 * Newest first, by key. A statement looks at a bounded stretch of the ledger, and a page at so many of them: where little
 * matches, the page ends before it is full and its cursor says where to go on.
 */
export async function listEntries(
  db: TenantDb,
  subjects: SubjectKeys,
  query: { filter?: string; cursor?: string; limit?: number },
  now: number,
): Promise<Page<EntryRow>> {
  const limit = pageLimit(query.limit)
  const filter = parseFilter(query.filter ?? '', fields)
  const condition = await conditionOf(filter, subjects, now)
  const [after] = decodeCursor(query.cursor, 1) ?? [null]
  let before = typeof after === 'string' && isUuid(after) ? after : null
  const items: EntryRow[] = []
  for (let scan = 0; scan < scansPerPage && items.length <= limit; scan += 1) {
    const { rows, last } = await scanOnce(db, condition, before, limit + 1 - items.length)
    items.push(...rows)
    before = last
    if (last === null) break
  }
  const isMore = items.length > limit
  const shown = items.slice(0, limit)
  const next = isMore ? (shown.at(-1)?.id ?? null) : before
  return {
    items: shown,
    next: next === null ? null : encodeCursor([next]),
    count: { value: shown.length, capped: next !== null },
  }
}

/** `last`: where the stretch ended; null at the end of the ledger. */
async function scanOnce(
  db: TenantDb,
  condition: RawBuilder<SqlBool>,
  before: string | null,
  wanted: number,
): Promise<{ rows: EntryRow[]; last: string | null }> {
  const { rows } = await sql<EntryRow & { bottom: string; scanned: bigint }>`
    with stretch as materialized (
      select id, at, kind, actor, provider_id, subject_id, body, sealed is not null as is_sealed from ledger_entry
      where (${before}::uuid is null or id < ${before}::uuid) order by id desc limit ${scannedRows}
    ), bounds as (select (select id from stretch order by id limit 1) as bottom, count(*) as scanned from stretch)
    select e.id, e.at, e.kind, e.actor, e.provider_id, e.subject_id, e.body, e.is_sealed, b.bottom, b.scanned
    from bounds b left join lateral (
      select * from stretch e where ${condition} order by e.id desc limit ${wanted}
    ) e on true order by e.id desc`.execute(db.kysely)
  const [first] = rows
  const found = rows.filter((row) => row.id !== null)
  const isEnd = first === undefined || Number(first.scanned) < scannedRows
  if (found.length >= wanted) return { rows: found, last: found.at(-1)?.id ?? null }
  return { rows: found, last: isEnd ? null : first.bottom }
}

/** A SIM's entries are those of its subject, and those that name its IMSI. */
async function conditionOf(filter: Filter, subjects: SubjectKeys, now: number): Promise<RawBuilder<SqlBool>> {
  const conditions: RawBuilder<SqlBool>[] = [
    filterSql(
      filter.filter((term) => !('field' in term) || term.field !== 'sim'),
      fields,
      now,
    ),
  ]
  for (const term of filter) {
    if (!('field' in term) || term.field !== 'sim' || term.kind !== 'text') continue
    const ids = await Promise.all(term.values.map(({ text }) => subjects.find('sim', text)))
    const known = ids.filter((id) => id !== null)
    const named = filterSql([{ ...term, negated: false }], fields, now)
    const either =
      known.length === 0 ? named : sql<SqlBool>`(${named} or e.subject_id in (${sql.join(known.map((id) => sql`${id}::uuid`))}))`
    conditions.push(term.negated ? sql<SqlBool>`((${either}) is not true)` : either)
  }
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

/** As the API shows them; names only of persons and providers whom the reader's role may see. */
export async function viewEntries(db: TenantDb, rows: readonly EntryRow[]): Promise<LedgerEntry[]> {
  const actors = [...new Set(rows.map(({ actor }) => actor))].filter(isUuid)
  const { rows: people } = await db.query<{ id: string; name: string }>('SELECT id, name FROM person WHERE id = ANY($1::uuid[])', [actors])
  const names = new Map(people.map(({ id, name }) => [id, name]))
  const owners = [...new Set(rows.map((row) => row.provider_id))].filter((id) => id !== null)
  const { rows: providers } = await db.query<{ id: string; name: string }>('SELECT id, name FROM provider WHERE id = ANY($1::uuid[])', [
    owners,
  ])
  const providerNames = new Map(providers.map(({ id, name }) => [id, name]))
  const subjectIds = rows.filter((row) => row.is_sealed).map((row) => row.subject_id)
  const { rows: erased } = await db.query<{ id: string }>(
    'SELECT id FROM subject_key WHERE id = ANY($1::uuid[]) AND erased_at IS NOT NULL',
    [subjectIds],
  )
  const gone = new Set(erased.map(({ id }) => id))
  return rows.map((row) => ({
    id: row.id,
    at: row.at.getTime(),
    kind: row.kind,
    actor: { id: row.actor, name: names.get(row.actor) ?? null, type: names.has(row.actor) || isUuid(row.actor) ? 'person' : 'process' },
    provider: row.provider_id === null ? null : { id: row.provider_id, name: providerNames.get(row.provider_id) ?? '' },
    address: textOf(row.body.address),
    reason: textOf(row.body.reason),
    body: row.body,
    personal: !row.is_sealed ? 'none' : row.subject_id !== null && gone.has(row.subject_id) ? 'erased' : 'sealed',
  }))
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
