import { sql } from 'kysely'
import { limits } from '#core/limits.ts'
import { type Filter, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import { simFields, simTables } from '#platform/sim-fields.ts'
import { rangeOf, sourcesOf } from '#platform/sim-sources.ts'
import type { Db, Scope, TenantDb } from '#store/db.ts'

/** A SIM of the set as it stands now. */
export interface TargetSim {
  id: string
  imsi: string
  owner: string
  intended: string
  class: string
}

/** Walks over the SIMs that a filter matches, in the order of their IMSIs, some at a time. */
export interface TargetWalk {
  /** Up to `wanted` SIMs behind `after`. `end`: the last IMSI looked at; null where there is nothing behind it. */
  next(after: string | null, wanted: number): Promise<{ sims: TargetSim[]; end: string | null }>
}

const { scannedRows, scansPerPage } = limits.subscriptions

/** Under whose eyes the walk is made: rows of another tenant do not exist. `now` is pinned for terms about age. */
export function walkTargets(store: Db, scope: Scope, { filter: text, now }: { filter: string; now: number }): TargetWalk {
  const filter = parseFilter(text, simFields)
  const db = store.asTenant(scope)
  // Rows that one statement looks at: as many as are wanted while most match, more while few do.
  let span: number = limits.jobs.chunkRows
  return {
    async next(from, wanted) {
      const sims: TargetSim[] = []
      let after = from
      for (let scan = 0; scan < scansPerPage; scan++) {
        const found = await scanFrom(db, filter, { after, wanted: wanted - sims.length, span, now })
        sims.push(...found.sims)
        span = found.sims.length * 2 >= span ? limits.jobs.chunkRows : Math.min(scannedRows, span * 2)
        after = found.end
        if (after === null || sims.length >= wanted) break
      }
      return { sims, end: after }
    },
  }
}

interface Scan {
  after: string | null
  wanted: number
  span: number
  now: number
}

/** One look at the next rows. Where all that were wanted are found, the walk goes on behind the last of them. */
async function scanFrom(
  db: TenantDb,
  filter: Filter,
  { after, wanted, span, now }: Scan,
): Promise<{ sims: TargetSim[]; end: string | null }> {
  const range = rangeOf(after, false)
  const imsi = sql`s.imsi`
  const sources = await sourcesOf(db, filter, range, span)
  const parts = sources.map(
    (source) => sql`(select * from subscription s where ${source} and ${range.beyond(imsi)} order by ${imsi} limit ${span})`,
  )
  const window = sql`select * from (${sql.join(parts, sql` union all `)}) as s order by ${imsi} limit ${span}`
  const select = sql<TargetSim>`select s.id, s.imsi, s.provider_id as owner, s.intended, s.class from ${simTables(window)}
    where ${filterSql(filter, simFields, now)} order by ${imsi} limit ${wanted}`.compile(db.kysely)
  const { rows } = await db.query<TargetSim>(select.sql, select.parameters, { priority: 'job' })
  if (rows.length >= wanted) return { sims: rows, end: rows.at(-1)?.imsi ?? null }
  const last = sql`select s.imsi from (${window}) as s order by ${imsi} offset ${span - 1} limit 1`.compile(db.kysely)
  const found = await db.query<{ imsi: string }>(last.sql, last.parameters, { priority: 'job' })
  return { sims: rows, end: found.rows[0]?.imsi ?? null }
}

/** How the SIMs of a frozen chunk stand now; those that are gone are left out. */
export async function readSims(
  db: Pick<TenantDb, 'query'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Pick<TargetSim, 'intended' | 'class'>>> {
  const { rows } = await db.query<Pick<TargetSim, 'id' | 'intended' | 'class'>>(
    'SELECT id, intended, class FROM subscription WHERE id = ANY ($1::uuid[])',
    [ids],
    { priority: 'job' },
  )
  return new Map(rows.map((row) => [row.id, row]))
}
