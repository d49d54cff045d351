import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { TenantDb } from '#store/db.ts'
import type { Filter, FilterTerm } from './filter.ts'
import { filterSql } from './filter-sql.ts'
import { isUuid } from './page.ts'
import { groupTree, simFields } from './sim-fields.ts'

/** Where in the order of IMSIs a page begins, and which way it goes. */
export interface Range {
  /** Condition on an IMSI column: behind the cursor. */
  beyond(column: RawBuilder<unknown>): RawBuilder<SqlBool>
  order(column: RawBuilder<unknown>): RawBuilder<unknown>
}

export function rangeOf(after: string | null, isDown: boolean): Range {
  return {
    beyond(column) {
      if (after === null) return sql<SqlBool>`true`
      return isDown ? sql<SqlBool>`${column} < ${after}` : sql<SqlBool>`${column} > ${after}`
    },
    order: (column) => (isDown ? sql`${column} desc` : sql`${column}`),
  }
}

/** Identifiers at least this long were pasted whole: they are looked up along an index, shorter words are searched for. */
const wholeIdentifier = 14
/** Rows that an identifier's prefix may lead to through another table, and sources that one page may merge. */
const ledTo = 1_000
const mostSources = 5

type Condition = RawBuilder<SqlBool>

const everything: readonly Condition[] = [sql<SqlBool>`true`]

/**
 * Conditions on the subscription table, each of which an index answers in the order of IMSIs; together they hold every
 * row that the filter can match. The first kind of term that has an index wins; the rest of the filter is applied after.
 */
export async function sourcesOf(db: TenantDb, filter: Filter, range: Range, rows: number): Promise<readonly Condition[]> {
  for (const find of [byIdentifier, byStop, byLabel, byNetwork, byGroup, byOwner, byColumn]) {
    for (const term of filter) {
      if (term.negated) continue
      const found = await find(term, { db, range, rows })
      if (found !== undefined && found.length <= mostSources) return found
    }
  }
  return everything
}

interface At {
  db: TenantDb
  range: Range
  rows: number
}
type Find = (term: FilterTerm, at: At) => Condition[] | undefined | Promise<Condition[] | undefined>

const byIdentifier: Find = (term) => {
  if (term.kind === 'words') return /^\d+$/.test(term.text) && term.text.length >= wholeIdentifier ? [identifier(term.text)] : undefined
  if (term.kind !== 'text') return undefined
  const only: Filter = [term]
  switch (term.field) {
    case 'imsi':
    case 'msisdn':
      return [filterSql(only, simFields, 0)]
    case 'iccid':
    case 'eid':
      return [
        sql<SqlBool>`s.card_id = any(array(select c.id from card c where ${filterSql(only, simFields, 0)} order by c.iccid limit ${ledTo}))`,
      ]
    case 'imei':
      return [sql<SqlBool>`s.imsi = any(array(select r.imsi from registration r where ${filterSql(only, simFields, 0)} limit ${ledTo}))`]
    default:
      return undefined
  }
}

function identifier(digits: string): Condition {
  const prefix = `${digits}%`
  return sql<SqlBool>`(s.imsi like ${prefix} or s.msisdn = ${digits}
    or s.card_id = any(array(select c.id from card c where c.iccid like ${prefix} order by c.iccid limit ${ledTo}))
    or s.imsi = any(array(select r.imsi from registration r where r.imei like ${prefix} limit ${ledTo})))`
}

/** What cannot connect is either not meant to, or something is imposed on it: few rows, each with an index of its own. */
const byStop: Find = (term) => {
  if (term.kind !== 'flag') return undefined
  const isImposed = sql<SqlBool>`s.imposed <> '[]'`
  if (term.field === 'stopped' && term.value) return [isImposed]
  if (term.field === 'held' && term.value) return [sql<SqlBool>`s.hold_next_attach`]
  if (term.field !== 'connects' || term.value) return undefined
  const idle = ['inventory', 'suspended', 'retired'].map((state) => sql<SqlBool>`s.intended = ${state}`)
  const isMeant = sql<SqlBool>`s.intended in ('active', 'test')`
  // What is held and imposed as well stands in one of them only: a row must not come twice.
  return [...idle, sql<SqlBool>`(${isImposed} and ${isMeant})`, sql<SqlBool>`(s.hold_next_attach and s.imposed = '[]' and ${isMeant})`]
}

const byNetwork: Find = (term, { range, rows }) => {
  if (term.kind !== 'text' || term.field !== 'visited' || term.values.some(({ isPrefix }) => isPrefix)) return undefined
  const imsi = sql`r.imsi`
  return term.values.map(
    ({ text }) =>
      sql<SqlBool>`s.imsi = any(array(select r.imsi from registration r where r.visited_plmn = ${text} and ${range.beyond(imsi)} order by ${range.order(imsi)} limit ${rows}))`,
  )
}

/** A label that few have is looked up; one that many share is met soon in the order of IMSIs. */
const byLabel: Find = async (term, { db }) => {
  if (term.kind !== 'text' || term.field !== 'label') return undefined
  const condition = filterSql([term], simFields, 0)
  const { rows } = await sql<{ id: string }>`select s.id from subscription s where ${condition} limit ${ledTo + 1}`.execute(db.kysely)
  return rows.length > ledTo ? undefined : [sql<SqlBool>`s.id = any(${rows.map(({ id }) => id)}::uuid[])`]
}

const byGroup: Find = async (term, { db }) => {
  if (term.kind !== 'text' || term.field !== 'group') return undefined
  const trees = term.values.map(({ text }) => sql`(${groupTree(text)})`)
  const { rows } = await sql<{ id: string }>`select id from (${sql.join(trees, sql` union `)}) as tree limit ${mostSources + 1}`.execute(
    db.kysely,
  )
  return orNone(rows.map(({ id }) => sql<SqlBool>`s.group_id = ${id}::uuid`))
}

const idColumns: Readonly<Record<string, string>> = { provider: 's.provider_id', plan: 's.plan_id', batch: 's.batch_id' }

const byOwner: Find = async (term, { db }) => {
  if (term.kind !== 'text') return undefined
  const column = idColumns[term.field]
  if (column !== undefined) {
    const ids = term.values.flatMap(({ text, isPrefix }) => (!isPrefix && isUuid(text) ? [text] : []))
    return ids.length === term.values.length ? ids.map((id) => sql<SqlBool>`${sql.raw(column)} = ${id}::uuid`) : undefined
  }
  const condition = filterSql([term], simFields, 0)
  if (term.field === 'owner') {
    const { rows } = await sql<{ id: string }>`select p.id from provider p where ${condition} limit ${mostSources + 1}`.execute(db.kysely)
    return orNone(rows.map(({ id }) => sql<SqlBool>`s.provider_id = ${id}::uuid`))
  }
  if (term.field !== 'profile') return undefined
  const { rows } = await sql<{ id: string }>`select f.id from service_profile f where ${condition} limit ${mostSources + 1}`.execute(
    db.kysely,
  )
  return orNone(rows.map(({ id }) => sql<SqlBool>`s.profile_id = ${id}::uuid`))
}

const byColumn: Find = (term) => {
  if (term.kind !== 'text' || (term.field !== 'intended' && term.field !== 'class') || term.values.some(({ isPrefix }) => isPrefix))
    return undefined
  return term.values.map((value) => filterSql([{ ...term, values: [value] }], simFields, 0))
}

/** Fields of which one term alone is exactly its sources. */
const exact: ReadonlySet<string> = new Set(['class', 'intended', 'provider', 'plan', 'batch', 'group', 'held', 'stopped'])

/** Conditions that an index counts, no row in two of them; undefined where counting would mean reading everything. */
export async function countableSources(db: TenantDb, filter: Filter): Promise<readonly Condition[] | undefined> {
  const [term] = filter
  if (term === undefined) return [sql<SqlBool>`true`]
  if (filter.length > 1 || term.negated || term.kind === 'words') return undefined
  if (term.field === 'imsi') return [filterSql(filter, simFields, 0)]
  if (!exact.has(term.field)) return undefined
  const sources = await sourcesOf(db, filter, rangeOf(null, false), 0)
  // The order of everything: no source of its own was found.
  return sources === everything ? undefined : sources
}

function orNone(conditions: Condition[]): Condition[] {
  return conditions.length === 0 ? [sql<SqlBool>`false`] : conditions
}
