import { sql } from 'kysely'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import { type FilterFields, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import type { Call } from '#platform/http/route.ts'
import type { Count } from '#platform/http/schemas/common.ts'
import type { ProviderDetail, ProviderRow } from '#platform/http/schemas/organisations.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import { type TenantDb, type Tx, toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'

type Facts = Omit<ProviderRow, 'sims' | 'people'>

interface Row {
  id: string
  name: string
  legal: Facts['legal']
  verified: Facts['verified']
  data_processing_agreement: Facts['agreement']
  contact: Facts['contact']
  suspended: Facts['suspended']
  created_at: Date
  version: number
}

const columns = 'p.id, p.name, p.legal, p.verified, p.data_processing_agreement, p.contact, p.suspended, p.created_at, p.version'

const providerFields: FilterFields<Row> = {
  name: { type: 'text', column: 'lower(p.name)', letters: 'lower', searched: true },
  country: { type: 'text', column: "p.legal->>'country'", letters: 'upper' },
  registration: { type: 'text', column: "p.legal->>'registrationNumber'", searched: true },
  verified: { type: 'flag', column: '(p.verified is not null)' },
  agreement: { type: 'flag', column: '(p.data_processing_agreement is not null)' },
  suspended: { type: 'flag', column: '(p.suspended is not null)' },
}

/** A page of providers by name, each with what it has here. */
export async function listProviders(
  db: TenantDb,
  query: { filter?: string; cursor?: string; limit?: number },
  now: number,
): Promise<Page<ProviderRow>> {
  const condition = filterSql(parseFilter(query.filter ?? '', providerFields), providerFields, now)
  const limit = pageLimit(query.limit)
  const [after = null] = decodeCursor(query.cursor, 1) ?? []
  const beyond = after === null ? sql`true` : sql`lower(p.name) > ${String(after)}`
  const { rows } = await sql<Row>`select ${sql.raw(columns)} from provider p where ${condition} and ${beyond}
    order by lower(p.name) limit ${limit + 1}`.execute(db.kysely)
  const shown = rows.slice(0, limit)
  const counts = await countOwned(
    db,
    shown.map(({ id }) => id),
  )
  const cap = limits.http.cappedCount
  const total = await sql<{
    n: bigint
  }>`select count(*) as n from (select 1 from provider p where ${condition} limit ${cap + 1}) as part`.execute(db.kysely)
  return {
    items: shown.map((row) => ({ ...factsOf(row), ...(counts.get(row.id) ?? { sims: none, people: none }) })),
    next: rows.length > limit ? encodeCursor([shown.at(-1)?.name.toLowerCase() ?? '']) : null,
    count: capped(total.rows[0]?.n, cap),
  }
}

const none: Count = { value: 0, capped: false }

function capped(n: bigint | undefined, cap: number): Count {
  const value = Number(n ?? 0n)
  return { value: Math.min(value, cap), capped: value > cap }
}

/** Along indexes, each to a bound: a page of providers with a million SIMs each costs no more than one with a thousand. */
async function countOwned(db: TenantDb, ids: readonly string[]): Promise<Map<string, { sims: Count; people: Count }>> {
  const { simsCounted, people } = limits.organisations
  const { rows } = await db.query<{ id: string; sims: bigint; people: bigint }>(
    `SELECT v.id, (SELECT count(*) FROM (SELECT 1 FROM subscription s WHERE s.provider_id = v.id LIMIT ${simsCounted + 1}) AS a) AS sims,
            (SELECT count(*) FROM (SELECT 1 FROM person n WHERE n.provider_id = v.id LIMIT ${people + 1}) AS b) AS people
       FROM unnest($1::uuid[]) AS v (id)`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, { sims: capped(row.sims, simsCounted), people: capped(row.people, people) }]))
}

function factsOf(row: Row): Facts {
  return {
    id: row.id,
    name: row.name,
    legal: row.legal,
    verified: row.verified,
    agreement: row.data_processing_agreement,
    contact: row.contact,
    suspended: row.suspended,
    createdAt: row.created_at.getTime(),
    version: row.version,
  }
}

export async function readProvider(db: TenantDb, id: string): Promise<ProviderDetail> {
  const { rows } = isUuid(id) ? await db.query<Row>(`SELECT ${columns} FROM provider p WHERE p.id = $1`, [id]) : { rows: [] }
  const [row] = rows
  if (row === undefined) throw unknownProvider(id)
  return { ...factsOf(row), figures: await figuresOf(db, id) }
}

/** One statement a column: each counts along an index, to the cap. */
async function figuresOf(db: TenantDb, id: string): Promise<ProviderDetail['figures']> {
  const cap = limits.http.cappedCount
  const countBy = async (column: 'intended' | 'class', words: readonly string[]): Promise<Map<string, Count>> => {
    const { rows } = await db.query<{ word: string; n: bigint }>(
      `SELECT w.word, (SELECT count(*) FROM (SELECT 1 FROM subscription s WHERE s.provider_id = $1 AND s.${column} = w.word LIMIT ${cap + 1}) AS part) AS n
         FROM unnest($2::text[]) AS w (word)`,
      [id, words],
    )
    return new Map(rows.map(({ word, n }) => [word, capped(n, cap)]))
  }
  const states = await countBy('intended', intendedStates)
  const classes = await countBy('class', subscriptionClasses)
  const { rows } = await db.query<{ people: bigint; groups: bigint }>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM person n WHERE n.provider_id = $1 LIMIT ${limits.organisations.people + 1}) AS a) AS people,
            (SELECT count(*) FROM sim_group g WHERE g.provider_id = $1) AS groups`,
    [id],
  )
  const all = [...states.values()]
  const sum = all.reduce((total, { value }) => total + value, 0)
  return {
    sims: { value: Math.min(sum, cap), capped: sum > cap || all.some((one) => one.capped) },
    byState: intendedStates.map((state) => ({ state, sims: states.get(state) ?? none })),
    byClass: subscriptionClasses.map((name) => ({ class: name, sims: classes.get(name) ?? none })),
    people: capped(rows[0]?.people, limits.organisations.people),
    groups: Number(rows[0]?.groups ?? 0n),
  }
}

function unknownProvider(id: string): OperationError {
  return new OperationError('provider-unknown', 404, `there is no provider ${id}`)
}

export interface ProviderWriting {
  ledger: Ledger
  clock: Clock
}

type Caller = Pick<Call, 'identity' | 'db' | 'address' | 'checkVersion' | 'isRehearsal'>

/** What a change sets. Columns that are absent stay. */
export interface ProviderChange {
  name?: string
  legal?: Facts['legal']
  verified?: Facts['verified']
  agreement?: Facts['agreement']
  contact?: Facts['contact']
  suspended?: Facts['suspended']
}

export async function createProvider(
  { ledger, clock }: ProviderWriting,
  id: string,
  draft: { name: string; legal: Facts['legal']; contact: Facts['contact']; reason: string },
  call: Caller,
): Promise<void> {
  await ledger.record(
    async (tx, note) => {
      await refuseTakenName(tx, draft.name, id)
      await tx.query('INSERT INTO provider (id, name, legal, contact, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $5)', [
        id,
        draft.name,
        orNull(draft.legal),
        orNull(draft.contact),
        new Date(clock.now()),
      ])
      // The contact is a person's: it stands in the row only, where it can be taken away again.
      note({
        kind: 'provider-created',
        actor: actorOf(call),
        providerId: id,
        body: { providerId: id, name: draft.name, legal: draft.legal, reason: draft.reason, address: call.address },
      })
    },
    { scope: call.db.scope },
  )
}

/**
 * Reads the row for update, lets `decide` say what changes (or throw), writes it and the ledger's entry in one transaction.
 * `undefined`: nothing is to be done.
 */
export async function changeProvider(
  { ledger, clock }: ProviderWriting,
  id: string,
  kind: string,
  reason: string,
  call: Caller,
  decide: (before: Facts, by: { at: number; by: string }) => ProviderChange | undefined,
): Promise<void> {
  if (!isUuid(id)) throw unknownProvider(id)
  await ledger.record(
    async (tx, note) => {
      const { rows } = await tx.query<Row>(`SELECT ${columns} FROM provider p WHERE p.id = $1 FOR UPDATE`, [id])
      const [row] = rows
      if (row === undefined) throw unknownProvider(id)
      call.checkVersion(row.version)
      const before = factsOf(row)
      const change = decide(before, { at: clock.now(), by: actorOf(call) })
      if (change === undefined) return
      if (change.name !== undefined) await refuseTakenName(tx, change.name, id)
      const after = { ...before, ...change }
      await tx.query(
        `UPDATE provider SET name = $2, legal = $3, verified = $4, data_processing_agreement = $5, contact = $6, suspended = $7,
                changed_at = $8, version = version + 1 WHERE id = $1`,
        [
          id,
          after.name,
          orNull(after.legal),
          orNull(after.verified),
          orNull(after.agreement),
          orNull(after.contact),
          orNull(after.suspended),
          new Date(clock.now()),
        ],
      )
      note({
        kind,
        actor: actorOf(call),
        providerId: id,
        body: { providerId: id, ...differences(before, change), reason, address: call.address },
      })
    },
    { scope: call.db.scope, rehearsal: call.isRehearsal },
  )
}

/** What changed, for the ledger; of a contact, which is a person, only that it did. */
function differences(before: Facts, { contact, ...change }: ProviderChange): Record<string, unknown> {
  const names = Object.keys(change) as (keyof typeof change)[]
  return {
    before: Object.fromEntries(names.map((name) => [name, before[name]])),
    after: change,
    ...(contact === undefined ? {} : { contactChanged: true }),
  }
}

async function refuseTakenName(tx: Tx, name: string, id: string): Promise<void> {
  const { rows } = await tx.query('SELECT 1 FROM provider WHERE lower(name) = lower($1) AND id <> $2', [name, id])
  if (rows.length > 0) throw new OperationError('provider-name', 409, `there is a provider of that name: ${name}`)
}

function orNull(value: unknown): string | null {
  return value === null || value === undefined ? null : toJson(value)
}

function actorOf({ identity }: Pick<Call, 'identity'>): string {
  return identity?.personId ?? 'nobody'
}
