import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '#core/random.ts'
import { openVerifier } from '#functions/ledger/signing-key.ts'
import type { Db } from '#store/db.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { postgresqlMissing, startPostgresql } from '../postgresql-server.ts'
import type { HssLoad } from './hss-load.ts'
import { type Bench, Victim, withBench } from './hss-victim.ts'

const loops = Number(process.env.SIMWARD_CRASH_LOOPS ?? 3)
const seed = Number(process.env.SIMWARD_SEED ?? Date.now() % 1_000_000)
/** Few, so that each is being asked about all the time. */
const sims = 40

/** Kills the process again and again under load; in the end compares what was promised with what the store holds. */
async function crashLoops({ settings, load, openStore }: Bench, afterKill: () => Promise<void>): Promise<void> {
  const random = seededRandom(seed)
  const entries: string[] = []
  /** Runs the process for as long as `use` takes, then kills it. */
  const whileItRuns = async <T>(use: () => Promise<T>): Promise<T> => {
    await using victim = new Victim(settings, entries)
    return await victim.during(async () => {
      await load.ready()
      return await use()
    })
  }
  for (let loop = 0; loop < loops; loop++) {
    await whileItRuns(async () => {
      const checked = await load.checkRegistrations()
      assert.ok(loop === 0 || checked > 0)
      const killAt = load.counts.registrations + 50 + random.int(250)
      load.start()
      await load.until(({ registrations }) => registrations >= killAt)
    })
    await load.stop()
    await afterKill()
  }
  await whileItRuns(async () => assert.ok((await load.checkRegistrations()) > 0))

  const db = await openStore()
  try {
    await checkStore(db, load, entries)
  } finally {
    await db.close()
  }
}

async function checkStore(db: Db, load: HssLoad, entries: readonly string[] | null): Promise<void> {
  const { rows } = await db.query<{ imsi: string; seq_reserved: bigint; mme_host: string | null }>(
    'SELECT a.imsi, a.seq_reserved, r.mme_host FROM auc a LEFT JOIN registration r ON r.imsi = a.imsi',
  )
  const stored = new Map(rows.map((row) => [row.imsi, row]))
  for (const { imsi, hosts, highestSeq } of load.promises()) {
    const row = stored.get(imsi)
    assert.ok(row !== undefined)
    assert.ok(row.seq_reserved >= highestSeq, `${imsi}: SEQ ${highestSeq} was issued, ${row.seq_reserved} is reserved`)
    if (hosts.length > 0)
      assert.ok(hosts.includes(row.mme_host ?? ''), `${imsi} is registered at ${row.mme_host}, not ${hosts.join(' or ')}`)
  }
  if (entries === null) return
  const kept = new Set((await db.query<{ id: string }>('SELECT id FROM ledger_entry')).rows.map(({ id }) => id))
  assert.ok(entries.length > 0)
  assert.deepEqual(
    entries.filter((id) => !kept.has(id)),
    [],
    'acknowledged ledger entries that are gone',
  )
  assert.equal((await verifyLedger(db, await openVerifier(db))).fault, null)
}

const said = ({ load: { counts } }: Bench): string => `${counts.vectors} vectors, ${counts.registrations} registrations`

const says = 'no SEQ issued twice or out of order, no acknowledged registration lost, the ledger verifies'

test(`kill -9 of the HSS under load, ${loops} times (PGlite, seed ${seed}): ${says}`, async (t) => {
  await withBench(null, { sims, seed }, async (bench) => {
    await crashLoops(bench, async () => {})
    t.diagnostic(said(bench))
  })
})

test(`kill -9 of the HSS under load, ${loops} times (PostgreSQL, seed ${seed}): ${says}`, { skip: postgresqlMissing }, async (t) => {
  const server = await startPostgresql()
  try {
    await withBench(await server.createDatabase(), { sims, seed }, async (bench) => {
      // The dead process's lease on the IMSIs would run out by itself within 6 s.
      const expireLease = async (): Promise<void> => {
        const db = await bench.openStore()
        await db.query("UPDATE partition_lease SET expires_at = 'epoch'")
        await db.close()
      }
      await crashLoops(bench, expireLease)
      t.diagnostic(said(bench))
    })
  } finally {
    await server.remove()
  }
})

test('PostgreSQL stopped under load: nobody is told that a subscriber is unknown, and service returns with it', {
  skip: postgresqlMissing,
}, async (t) => {
  const server = await startPostgresql()
  try {
    await withBench(await server.createDatabase(), { sims: 2 * sims, seed }, async ({ settings, load, openStore }) => {
      await using victim = new Victim(settings, [])
      await victim.during(async () => {
        await load.ready()
        load.start(0, sims)
        await load.until(({ registrations }) => registrations >= 50)
        await server.stop('immediate')
        // These are not in memory yet.
        load.start(sims, 2 * sims)
        await load.until(({ results }) => (results.get('e4181') ?? 0) >= 500)
        await server.start()
        const before = load.counts.registrations
        await load.until(({ registrations }) => registrations >= before + 100)
        await load.stop()
        assert.ok((await load.checkRegistrations()) > 0)
      })
      t.diagnostic([...load.counts.results].map(([code, count]) => `${code}: ${count}`).join(', '))
      // 4181: authentication data unavailable. 5012: unable to comply, to a ULR. Both leave the card alone.
      assert.deepEqual(
        [...load.counts.results.keys()].filter((code) => !['2001', 'e4181', '5012'].includes(code)),
        [],
      )
      assert.equal(load.counts.timeouts, 0)
      const db = await openStore()
      await checkStore(db, load, null)
      await db.close()
    })
  } finally {
    await server.remove()
  }
})
