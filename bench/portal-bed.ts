import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idOf } from '#cli/world/rows.ts'
import { systemClock } from '#core/clock.ts'
import { home } from '#sim/world.ts'
import { type Db, toJson } from '#store/db.ts'
import { openStore } from '#store/open.ts'
import { signInAs } from '#test/e2e/installation.ts'
import { startPostgresql } from '#test/postgresql-server.ts'
import { silentLog } from '#test/silent-log.ts'
import { type SimwardServer, startServer } from './simward-server.ts'

/** SIMs whose keys are real: the signalling load walks over them. They are of the simulated world's three providers. */
export const signallingSims = 20_000
/** The others are all one provider's, so that one profile is right for them. */
const providerName = 'wayfold'
const rowsPerStatement = 50_000

export interface Bed extends AsyncDisposable {
  server: SimwardServer
  db: Db
  databaseUrl: string
  url: string
  cookie: string
  providerId: string
  /** Two profiles that differ: a job moves the SIMs from the first to the second. */
  profileIds: readonly [string, string]
  postgresqlPid: number
  seedSeconds: number
}

/** Simward with everything that it is, on a PostgreSQL 15 that holds that many SIMs. */
export async function openBed(sims: number): Promise<Bed> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'simward-bench-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const postgresql = await startPostgresql({ durable: true, more: ['shared_buffers=512MB', 'max_wal_size=4GB'] })
  stack.defer(() => postgresql.remove())
  const databaseUrl = await postgresql.createDatabase()
  const startedAt = performance.now()
  const server = await startServer({ dataDir, databaseUrl, diameterPort: 0, sims: Math.min(signallingSims, sims), portal: true })
  stack.defer(() => server.close())
  const db = await openStore({ url: databaseUrl, log: silentLog, clock: systemClock })
  stack.defer(() => db.close())
  const providerId = idOf('provider', providerName)
  const profileIds = await twoProfiles(db, providerId)
  await fill(db, sims - signallingSims, providerId, profileIds[0])
  const seedSeconds = Math.round((performance.now() - startedAt) / 100) / 10
  const url = await server.url()
  const { cookie } = await signInAs({ db, url }, { name: 'Bench', role: 'operator-admin' })
  const owned = stack.move()
  return {
    server,
    db,
    databaseUrl,
    url,
    cookie,
    providerId,
    profileIds,
    postgresqlPid: postgresql.pid,
    seedSeconds,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function twoProfiles(db: Db, providerId: string): Promise<[string, string]> {
  const first = idOf('profile', 'tracker-eu')
  const second = idOf('profile', 'bench-second')
  await db.query(
    `INSERT INTO service_profile (id, provider_id, name, version, body)
     SELECT $2, provider_id, 'Bench second', 1, body || $3::jsonb FROM service_profile WHERE id = $1`,
    [first, second, toJson({ id: second, name: 'Bench second', periodicTauSeconds: 7_200 })],
  )
  await db.query('UPDATE service_profile SET provider_id = $2 WHERE id = $1', [first, providerId])
  return [first, second]
}

/** Cards, subscriptions and key records by the ten thousand, made in the database; nobody authenticates with these. */
async function fill(db: Db, count: number, providerId: string, profileId: string): Promise<void> {
  const batchId = (await db.query<{ id: string }>('SELECT id FROM card_batch ORDER BY id LIMIT 1')).rows[0]?.id
  const job = { priority: 'job' } as const
  for (let from = 0; from < count; from += rowsPerStatement) {
    const until = Math.min(count, from + rowsPerStatement) - 1
    await db.query(
      `WITH numbers AS (SELECT n, gen_random_uuid() AS card, gen_random_uuid() AS sim FROM generate_series($1::int, $2::int) AS n),
            cards AS (INSERT INTO card (id, provider_id, iccid, form_factor, use, batch_id)
                      SELECT card, $3, '8999950' || lpad(n::text, 12, '0'), 'MFF2', 'iot', $5 FROM numbers),
            keys AS (INSERT INTO auc (imsi, sealed_k, kcv) SELECT $6 || lpad((900000000 + n)::text, 10, '0'), '\\x00', '000000' FROM numbers)
       INSERT INTO subscription (id, card_id, provider_id, imsi, msisdn, home_plmn, intended, class, profile_id, batch_id)
       SELECT sim, card, $3, $6 || lpad((900000000 + n)::text, 10, '0'), '+99990' || lpad(n::text, 8, '0'), $7, 'active',
              CASE WHEN n % 4 = 0 THEN 'deferrable' ELSE 'standard' END, $4, $5 FROM numbers`,
      [from, until, providerId, profileId, batchId, home.imsiPrefix, home.plmn],
      job,
    )
  }
  await db.exec('ANALYZE subscription; ANALYZE card; ANALYZE auc', job)
}
