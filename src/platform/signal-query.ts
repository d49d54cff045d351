import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { TenantDb } from '#store/db.ts'
import type { Tables } from '#store/tables.ts'
import { type Filter, filterPredicate, parseFilter } from './filter.ts'
import { filterSql } from './filter-sql.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from './page.ts'
import type { SignalEvent } from './ports.ts'
import type { SignalHistory, SignalSummary } from './recorder.ts'
import { signalFields } from './signal-fields.ts'

export interface SignalQuery {
  history: SignalHistory
  /** The asker's own handle; its scope also decides what of the ring is shown. */
  db: TenantDb
  filter?: string
  cursor?: string
  limit?: number
  /** Wall time, ms. */
  now: number
}

type Row = Selectable<Tables['signal_event']>

/** Judged messages newest first: those in memory, then those in the store. */
export async function listSignals(query: SignalQuery): Promise<Page<SignalSummary>> {
  const { history, now } = query
  const filter = parseFilter(query.filter ?? '', signalFields)
  const limit = pageLimit(query.limit)
  const before = cursorId(query.cursor)
  const isOwn = ownership(query.db)
  const matches = filterPredicate(filter, signalFields, now)
  const found: SignalSummary[] = []
  for (const event of history.recent(before)) {
    if (!isOwn(event) || !matches(event)) continue
    found.push(history.summary(event))
    if (found.length > limit) break
  }
  const oldest = history.oldestId()
  let next: string | null = null
  if (found.length <= limit) {
    const storeBefore = lower(before, oldest ?? undefined)
    const stored = await readStored(query, filter, storeBefore, limit + 1 - found.length)
    found.push(...stored.rows)
    next = stored.scannedTo
  }
  if (found.length > limit) next = found[limit - 1]?.id ?? null
  return { items: found.slice(0, limit), next: next === null ? null : encodeCursor([next]), count: await count(query, filter, oldest) }
}

/** One message with its octets' sealed columns; undefined where the asker has no such message. */
export async function findSignal(
  history: SignalHistory,
  db: TenantDb,
  id: string,
): Promise<{ event: SignalEvent } | { row: Row; event: SignalEvent } | undefined> {
  const recent = history.byId(id)
  if (recent !== undefined) return ownership(db)(recent) ? { event: recent } : undefined
  if (!isUuid(id)) return undefined
  const row = await db.kysely.selectFrom('signal_event').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : { row, event: eventOf(row) }
}

function ownership(db: TenantDb): (event: { providerId: string | null }) => boolean {
  const { scope } = db
  return 'operator' in scope ? () => true : (event) => event.providerId === scope.providerId
}

async function readStored(
  { db, history, now }: SignalQuery,
  filter: Filter,
  before: string | undefined,
  wanted: number,
): Promise<{ rows: SignalSummary[]; scannedTo: string | null }> {
  const condition = filterSql(filter, signalFields, now)
  const window = windowSql(filter, before)
  const { rows } = await sql<Row>`select * from (${window}) as w where ${condition} order by id desc limit ${wanted}`.execute(db.kysely)
  const summaries = rows.map((row) => history.summary(eventOf(row)))
  if (rows.length >= wanted || hasKey(filter)) return { rows: summaries, scannedTo: null }
  // Fewer than asked, though the window may have been full: the next page goes on where this one stopped looking.
  const end = await sql<{ id: string }>`select id from signal_event where ${olderThan(before)}
    order by id desc offset ${limits.events.scannedPerPage - 1} limit 1`.execute(db.kysely)
  return { rows: summaries, scannedTo: end.rows[0]?.id ?? null }
}

/** What one page may look at: all of one IMSI's rows, or the newest so many. */
function windowSql(filter: Filter, before: string | undefined): RawBuilder<unknown> {
  const key = exactImsi(filter)
  if (key !== undefined)
    return sql`select * from signal_event where imsi = ${key} and ${olderThan(before)} order by id desc limit ${limits.events.scannedPerPage}`
  return sql`select * from signal_event where ${olderThan(before)} order by id desc limit ${limits.events.scannedPerPage}`
}

function olderThan(before: string | undefined): RawBuilder<SqlBool> {
  return before === undefined ? sql<SqlBool>`true` : sql<SqlBool>`id < ${before}::uuid`
}

function exactImsi(filter: Filter): string | undefined {
  for (const term of filter) {
    if (term.kind === 'text' && term.field === 'imsi' && !term.negated && term.values.length === 1) {
      const [value] = term.values
      if (value !== undefined && !value.isPrefix) return value.text
    }
  }
  return undefined
}

function hasKey(filter: Filter): boolean {
  return exactImsi(filter) !== undefined
}

/** Counted to a cap, over the rows that a page may look at. */
async function count(query: SignalQuery, filter: Filter, oldest: string | null): Promise<{ value: number; capped: boolean }> {
  const cap = limits.http.cappedCount
  const isOwn = ownership(query.db)
  const matches = filterPredicate(filter, signalFields, query.now)
  let value = 0
  for (const event of query.history.recent()) if (isOwn(event) && matches(event)) value += 1
  const window = windowSql(filter, oldest ?? undefined)
  const condition = filterSql(filter, signalFields, query.now)
  const { rows } = await sql<{ matched: bigint; seen: bigint }>`
    select count(*) filter (where ${condition}) as matched, count(*) as seen from (${window}) as w`.execute(query.db.kysely)
  const [row] = rows
  value += Number(row?.matched ?? 0n)
  const isPartial = Number(row?.seen ?? 0n) >= limits.events.scannedPerPage
  return { value: Math.min(value, cap), capped: value > cap || isPartial }
}

function cursorId(cursor: string | undefined): string | undefined {
  const [id] = decodeCursor(cursor, 1) ?? []
  if (id === undefined) return undefined
  if (typeof id === 'string' && isUuid(id)) return id
  throw new OperationError('cursor-invalid', 400, 'this cursor is not one of this list: start again at its first page')
}

function lower(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

function eventOf(row: Row): SignalEvent {
  return {
    id: row.id,
    at: row.at.getTime(),
    interface: row.interface,
    operation: row.operation,
    direction: row.direction as SignalEvent['direction'],
    peerId: row.peer_id,
    partnerId: row.partner_id,
    originHost: row.origin_host,
    originRealm: row.origin_realm,
    visitedPlmn: row.visited_plmn,
    imsi: row.imsi,
    providerId: row.provider_id,
    class: row.class,
    action: row.action as SignalEvent['action'],
    reason: row.reason as SignalEvent['reason'],
    ruleId: row.rule_id,
    facts: row.facts as SignalEvent['facts'],
    shadow: row.shadow as SignalEvent['shadow'],
    alert: row.alert,
    resultCode: row.result_code,
    latencyMs: row.latency_ms,
    heldMs: row.held_ms,
    vectors: row.vectors,
    request: null,
    answer: null,
  }
}
