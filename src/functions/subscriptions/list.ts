import { type RawBuilder, sql } from 'kysely'
import { limits } from '#core/limits.ts'
import { type Filter, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import { decodeCursor, encodeCursor, type Page, pageLimit } from '#platform/page.ts'
import { type ListRow, simFields, simTables } from '#platform/sim-fields.ts'
import { countableSources, rangeOf, sourcesOf } from '#platform/sim-sources.ts'
import type { TenantDb } from '#store/db.ts'
import type { ListMemory } from './list-memory.ts'
import type { RecentlySeen } from './recently-seen.ts'

export interface SimQuery {
  db: TenantDb
  filter?: string
  cursor?: string
  limit?: number
  sort?: 'imsi' | '-imsi' | '-lastSeen'
  now: number
  seen: RecentlySeen
  memory: ListMemory
}

const { scannedRows, scansPerPage } = limits.subscriptions

/**
 * A page of subscriptions. However selective the filter, one statement looks at some thousand rows only, so that
 * signalling is never held up; a page makes several and then says where the next one goes on.
 */
export async function listSims(query: SimQuery): Promise<Page<ListRow>> {
  const filter = parseFilter(query.filter ?? '', simFields)
  const page = query.sort === '-lastSeen' ? await bySeen(query, filter) : await byImsi(query, filter)
  return { ...page, count: await countSims(query, filter, page) }
}

type ItemsAndNext = Omit<Page<ListRow>, 'count'>

async function byImsi(query: SimQuery, filter: Filter): Promise<ItemsAndNext> {
  const limit = pageLimit(query.limit)
  const [cursor = null] = decodeCursor(query.cursor, 1) ?? []
  const items: ListRow[] = []
  let after = cursor === null ? null : String(cursor)
  for (let scan = 0; scan < scansPerPage; scan++) {
    const found = await scanFrom(query, filter, after, limit + 1 - items.length)
    items.push(...found.rows)
    if (items.length > limit) return { items: items.slice(0, limit), next: encodeCursor([items[limit - 1]?.imsi ?? '']) }
    if (found.end === null) return { items, next: null }
    after = found.end
  }
  return { items, next: encodeCursor([after]) }
}

/** Looks at the next rows in the order of IMSIs. `end`: the last one looked at; null where there are no more. */
async function scanFrom(
  { db, sort, now, memory }: SimQuery,
  filter: Filter,
  after: string | null,
  wanted: number,
): Promise<{ rows: ListRow[]; end: string | null }> {
  const range = rangeOf(after, sort === '-imsi')
  const imsi = sql`s.imsi`
  const order = range.order(imsi)
  const sources = await sourcesOf(db, filter, range, scannedRows)
  // Bounds stand in the statement itself: without them a plan that is kept would be made for a tenth of the table.
  const bound = sql.lit(scannedRows)
  const parts = sources.map(
    (source) => sql`(select * from subscription s where ${source} and ${range.beyond(imsi)} order by ${order} limit ${bound})`,
  )
  const window = sql`select * from (${sql.join(parts, sql` union all `)}) as s order by ${order} limit ${bound}`
  const rows = await memory.run(
    db,
    sql<ListRow>`${selectSql(window)} where ${filterSql(filter, simFields, now)} order by ${order} limit ${sql.lit(wanted)}`,
  )
  if (rows.length >= wanted) return { rows, end: null }
  const last = await memory.run(
    db,
    sql<{ imsi: string }>`select s.imsi from (${window}) as s order by ${order} offset ${sql.lit(scannedRows - 1)} limit 1`,
  )
  return { rows, end: last[0]?.imsi ?? null }
}

/** Those that signalled lately, the last one first: from memory, since ordering a million rows by time would cost everyone. */
async function bySeen(query: SimQuery, filter: Filter): Promise<ItemsAndNext> {
  const { db, now, seen } = query
  const limit = pageLimit(query.limit)
  const [fromAt = null, fromImsi = null] = decodeCursor(query.cursor, 2) ?? []
  const after = typeof fromAt === 'number' && typeof fromImsi === 'string' ? { at: fromAt, imsi: fromImsi } : undefined
  const items: ListRow[] = []
  let last = after
  for (const chunk of seen.newestFirst(after, scannedRows / 4, scansPerPage)) {
    const position = new Map(chunk.map(({ imsi }, i) => [imsi, i]))
    const window = sql`select * from subscription s where s.imsi = any(${chunk.map(({ imsi }) => imsi)}::text[])`
    const { rows } = await sql<ListRow>`${selectSql(window)} where ${filterSql(filter, simFields, now)}`.execute(db.kysely)
    for (const row of rows.toSorted((a, b) => (position.get(a.imsi) ?? 0) - (position.get(b.imsi) ?? 0))) {
      items.push(row)
      if (items.length === limit) {
        const place = chunk[position.get(row.imsi) ?? 0]
        return { items, next: place === undefined ? null : encodeCursor([place.at, place.imsi]) }
      }
    }
    last = chunk.at(-1)
  }
  if (last === undefined || last === after || !seen.hasAfter(last)) return { items, next: null }
  return { items, next: encodeCursor([last.at, last.imsi]) }
}

function selectSql(window: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select s.id, s.imsi, s.msisdn, s.intended, s.imposed, s.class, c.iccid,
      s.provider_id, p.name as provider_name, s.profile_id, f.name as profile_name, f.version as profile_version,
      r.registered_at, r.visited_plmn, r.partner_id, r.imei, s.label, s.group_id, s.plan_id, s.hold_next_attach,
      s.locked_imei, c.use, (select g.name from sim_group g where g.id = s.group_id) as group_name
    from ${simTables(window)}`
}

/** To a cap where an index counts; else what this page found, and whether there may be more. */
async function countSims(
  { db, cursor, filter: text = '', now, memory }: SimQuery,
  filter: Filter,
  page: ItemsAndNext,
): Promise<Page<ListRow>['count']> {
  const cap = limits.http.cappedCount
  if (memory.isCapped(db.scope, text, now)) return { value: cap, capped: true }
  const sources = await countableSources(db, filter)
  if (sources === undefined) return { value: page.items.length, capped: page.next !== null || cursor !== undefined }
  const parts = sources.map((source) => sql`(select 1 from subscription s where ${source} limit ${cap + 1})`)
  const { rows } = await sql<{
    n: bigint
  }>`select count(*) as n from (select from (${sql.join(parts, sql` union all `)}) as every limit ${cap + 1}) as part`.execute(db.kysely)
  const value = Number(rows[0]?.n ?? 0n)
  if (value > cap) memory.noteCapped(db.scope, text, now)
  return { value: Math.min(value, cap), capped: value > cap }
}
