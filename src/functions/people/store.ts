import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { limits } from '#core/limits.ts'
import { type Filter, type FilterFields, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import { personRoles } from '#platform/permission.ts'
import type { TenantDb, Tx } from '#store/db.ts'

/** Persons as rows. Row-level security says whose there are. */
export interface PersonRow {
  id: string
  provider_id: string | null
  provider_name: string | null
  name: string
  email: string | null
  language: string | null
  roles: string[]
  disabled_at: Date | null
  created_at: Date
  signed_in_at: Date | null
  sso_only: boolean
  version: number
}

const columns = `n.id, n.provider_id, p.name AS provider_name, n.name, n.email, n.language, n.roles, n.disabled_at, n.created_at,
  n.signed_in_at, n.sso_only, n.version`
const tables = 'person n LEFT JOIN provider p ON p.id = n.provider_id'

const personFields: FilterFields<PersonRow> = {
  name: { type: 'text', column: 'lower(n.name)', letters: 'lower', searched: true },
  email: { type: 'text', column: 'lower(n.email)', letters: 'lower', searched: true },
  /** The organisation's name; a person of the operator has none. */
  owner: { type: 'text', column: 'lower(p.name)', letters: 'lower', searched: true },
  provider: { type: 'text', column: 'n.provider_id::text', letters: 'lower' },
  operator: { type: 'flag', column: '(n.provider_id is null)' },
  role: { type: 'text', column: 'role', letters: 'lower', words: personRoles },
  disabled: { type: 'flag', column: '(n.disabled_at is not null)' },
  came: { type: 'flag', column: '(n.signed_in_at is not null)' },
}

/** A role is one of several that a person has: asked for by itself, so that `-role:` means that they do not have it. */
function conditionOf(filter: Filter, now: number): RawBuilder<SqlBool> {
  const terms = filter.map((term) => {
    if (!('field' in term) || term.field !== 'role') return filterSql([term], personFields, now)
    const has = sql<SqlBool>`exists (select from unnest(n.roles) as role where ${filterSql([{ ...term, negated: false }], personFields, now)})`
    return term.negated ? sql<SqlBool>`not ${has}` : has
  })
  return terms.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`(${sql.join(terms, sql` and `)})`
}

/** A page by name: it is unique, so it is the key as well. */
export async function listPersons(
  db: TenantDb,
  query: { filter?: string; cursor?: string; limit?: number },
  now: number,
): Promise<Page<PersonRow>> {
  const fits = conditionOf(parseFilter(query.filter ?? '', personFields), now)
  const limit = pageLimit(query.limit)
  const [after = null] = decodeCursor(query.cursor, 1) ?? []
  const beyond = after === null ? sql`true` : sql`lower(n.name) > ${String(after)}`
  const { rows } = await sql<PersonRow>`select ${sql.raw(columns)} from ${sql.raw(tables)} where ${fits} and ${beyond}
    order by lower(n.name) limit ${limit + 1}`.execute(db.kysely)
  const items = rows.slice(0, limit)
  const cap = limits.http.cappedCount
  const total = await sql<{
    n: bigint
  }>`select count(*) as n from (select 1 from ${sql.raw(tables)} where ${fits} limit ${cap + 1}) as part`.execute(db.kysely)
  const value = Number(total.rows[0]?.n ?? 0n)
  return {
    items,
    next: rows.length > limit ? encodeCursor([items.at(-1)?.name.toLowerCase() ?? '']) : null,
    count: { value: Math.min(value, cap), capped: value > cap },
  }
}

export async function readPerson(db: Pick<TenantDb, 'query'> | Tx, id: string): Promise<PersonRow | undefined> {
  if (!isUuid(id)) return undefined
  const { rows } = await db.query<PersonRow>(`SELECT ${columns} FROM ${tables} WHERE n.id = $1`, [id])
  return rows[0]
}

/** The row as nobody else can change it until the end of the transaction. */
export async function lockPerson(tx: Tx, id: string): Promise<PersonRow | undefined> {
  if (!isUuid(id)) return undefined
  await tx.query('SELECT 1 FROM person WHERE id = $1 FOR UPDATE', [id])
  return readPerson(tx, id)
}

/** Changes of who administers the installation come one after another, so that two cannot demote each other at once. */
export async function lockAdministrators(tx: Tx): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', ['operator administrators'])
}

export async function countAdministrators(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM person WHERE provider_id IS NULL AND disabled_at IS NULL AND roles @> ARRAY['operator-admin']`,
  )
  return Number(rows[0]?.n ?? 0n)
}

export async function isNameTaken(tx: Tx, name: string): Promise<boolean> {
  const { rows } = await tx.query('SELECT 1 FROM person WHERE lower(name) = lower($1)', [name])
  return rows.length > 0
}

export async function insertPerson(
  tx: Tx,
  row: Omit<PersonRow, 'provider_name' | 'disabled_at' | 'signed_in_at' | 'version'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO person (id, provider_id, name, email, language, roles, sso_only, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [row.id, row.provider_id, row.name, row.email, row.language, row.roles, row.sso_only, row.created_at],
  )
}

/** Writes what may change of a person, and raises the version. */
export async function updatePerson(
  tx: Tx,
  row: Pick<PersonRow, 'id' | 'name' | 'email' | 'language' | 'roles' | 'disabled_at'>,
): Promise<void> {
  await tx.query(
    `UPDATE person SET name = $2, email = $3, language = $4, roles = $5, disabled_at = $6, version = version + 1 WHERE id = $1`,
    [row.id, row.name, row.email, row.language, row.roles, row.disabled_at],
  )
}
