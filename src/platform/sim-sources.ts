import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { TenantDb } from '#store/db.ts'
import type { Filter, FilterTerm } from './filter.ts'
import { filterSql } from './filter-sql.ts'
import { isUuid } from './page.ts'
import { simFields } from './sim-fields.ts'

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
const mostSources = 4

type Condition = RawBuilder<SqlBool>

/**
 * Conditions on the subscription table, each of which an index answers in the order of IMSIs; together they hold every
 * row that the filter can match. The first kind of term that has an index wins; the rest of the filter is applied after.
 */
export async function sourcesOf(db: TenantDb, filter: Filter, range: Range, rows: number): Promise<readonly Condition[]> {
  for (const find of [byIdentifier, byStop, byNetwork, byOwner, byColumn]) {
    for (const term of filter) {
      if (term.negated) continue
      const found = await find(term, { db, range, rows })
      if (found !== undefined && found.length <= mostSources) return found
    }
  }
  return [sql<SqlBool>`true`]
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
  if (term.field !== 'connects' || term.value) return undefined
  const idle = ['inventory', 'suspended', 'retired'].map((state) => sql<SqlBool>`s.intended = ${state}`)
  return [...idle, sql<SqlBool>`(${isImposed} and s.intended in ('active', 'test'))`]
}

const byNetwork: Find = (term, { range, rows }) => {
  if (term.kind !== 'text' || term.field !== 'visited' || term.values.some(({ isPrefix }) => isPrefix)) return undefined
  const imsi = sql`r.imsi`
  return term.values.map(
    ({ text }) =>
      sql<SqlBool>`s.imsi = any(array(select r.imsi from registration r where r.visited_plmn = ${text} and ${range.beyond(imsi)} order by ${range.order(imsi)} limit ${rows}))`,
  )
}

const byOwner: Find = async (term, { db }) => {
  if (term.kind !== 'text') return undefined
  if (term.field === 'provider') {
    const ids = term.values.flatMap(({ text, isPrefix }) => (!isPrefix && isUuid(text) ? [text] : []))
    return ids.length === term.values.length ? ids.map((id) => sql<SqlBool>`s.provider_id = ${id}::uuid`) : undefined
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

function orNone(conditions: Condition[]): Condition[] {
  return conditions.length === 0 ? [sql<SqlBool>`false`] : conditions
}
