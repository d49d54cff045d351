import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { createIdMaker } from '#core/ids.ts'
import { limits } from '#core/limits.ts'
import { silentLog } from '#test/silent-log.ts'
import { overBothEngines } from '#test/stores.ts'
import { toJson } from './db.ts'
import { migrate, readMigrations } from './migrate.ts'
import { defaultRetention, prune, runRetention, startRetention } from './retention.ts'
import { ensureSignalPartitions, lowestIdAt } from './signal-partitions.ts'

const dayMs = 86_400_000

overBothEngines('schema', (store) => {
  test('migrating again changes nothing', async () => {
    assert.equal(await migrate(store.db, await readMigrations()), 0)
  })

  test('a migration that fails leaves nothing of itself', async () => {
    const migrations = await readMigrations()
    const sql = 'CREATE TABLE half_done (n int); SELECT 1 / 0;'
    const broken = { number: (migrations.at(-1)?.number ?? 0) + 1, name: 'broken', sql, checksum: 'x' }
    await assert.rejects(migrate(store.db, [...migrations, broken]), { code: '22012' })
    await assert.rejects(store.db.query('SELECT FROM half_done'), { code: '42P01' })
  })

  test('a migration that was edited after it ran is refused, and so is an older build', async () => {
    const migrations = await readMigrations()
    const [first, ...others] = migrations
    assert.ok(first !== undefined)
    await assert.rejects(migrate(store.db, [{ ...first, checksum: 'edited' }, ...others]), { code: 'store-schema' })
    await assert.rejects(migrate(store.db, migrations.slice(0, -1)), { code: 'store-schema', message: /newer build/ })
  })

  test('nodes that start at once migrate once', async (t) => {
    if (store.engine === 'pglite') return t.skip('one process only')
    const migrations = await readMigrations()
    const extra = { number: (migrations.at(-1)?.number ?? 0) + 1, name: 'extra', sql: 'CREATE TABLE extra (n int)', checksum: 'x' }
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(store.db, [...migrations, extra])))
    assert.deepEqual(applied.toSorted(), [0, 0, 0, 1])
    await store.db.exec(`DROP TABLE extra; DELETE FROM schema_migration WHERE name = 'extra'`)
  })

  test('typed queries know exactly the columns that there are', async () => {
    const { rows } = await store.db.query<{ name: string; columns: string[] }>(
      `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_migration'
       GROUP BY c.relname ORDER BY c.relname`,
    )
    // The interfaces are read as text: types leave nothing behind at run time.
    const bodies = ['tables', 'job-tables', 'health-tables'].map(async (name) => {
      const source = await readFile(new URL(`./${name}.ts`, import.meta.url), 'utf8')
      return source.slice(source.search(/export interface \w*Tables /))
    })
    const body = (await Promise.all(bodies)).join('\n')
    const plain = body.replaceAll(/Json<(?:[^<>]|<[^<>]*>)*>/g, 'Json')
    const typed = [...plain.matchAll(/^ {2}(\w+): \{([^}]*)\}/gm)].map(([, name = '', members = '']) => ({
      name,
      columns: [...members.matchAll(/(\w+):/g)].map(([, column = '']) => column),
    }))
    assert.deepEqual(
      typed.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      rows,
    )
  })
})

overBothEngines('retention', (store) => {
  const insertSignal = async (at: number): Promise<string> => {
    // A maker of its own: one maker's ids never go back in time.
    const id = createIdMaker()(at)
    await store.db.query(
      `INSERT INTO signal_event (id, at, interface, operation, direction, peer_id, origin_host, origin_realm, action, reason, rule_id)
       VALUES ($1, $2, 'S6a', 'AIR', 'in', 'p', 'mme.example.net', 'example.net', 'allow', 'ok', 'default')`,
      [id, new Date(at)],
    )
    return id
  }
  const partitionOf = async (id: string): Promise<string | undefined> => {
    const { rows } = await store.db.query<{ name: string }>('SELECT tableoid::regclass::text AS name FROM signal_event WHERE id = $1', [id])
    return rows[0]?.name
  }

  test('a signal lands in the partition of its day, a stray one in the default', async () => {
    const now = Date.UTC(2026, 0, 1, 12)
    assert.equal(await partitionOf(await insertSignal(now)), 'signal_event_20260101')
    assert.equal(await partitionOf(await insertSignal(Date.UTC(2026, 0, 1, 23, 59, 59, 999))), 'signal_event_20260101')
    assert.equal(await partitionOf(await insertSignal(Date.UTC(2026, 0, 2))), 'signal_event_20260102')
    assert.equal(await partitionOf(await insertSignal(Date.UTC(2020, 5, 1))), 'signal_event_other')
  })

  test('a day whose rows are already in the default partition stays there', async () => {
    const day = Date.UTC(2026, 5, 1)
    const id = await insertSignal(day + 1000)
    assert.equal(await ensureSignalPartitions(store.db, day, 0, silentLog), 1)
    assert.equal(await partitionOf(id), 'signal_event_other')
  })

  test('the newest signals are read from the newest partition, by index', async () => {
    const { rows } = await store.db.transaction(async (tx) => {
      await tx.exec('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off')
      return await tx.query<{ 'QUERY PLAN': string }>('EXPLAIN SELECT * FROM signal_event WHERE id < $1 ORDER BY id DESC LIMIT 50', [
        lowestIdAt(Date.UTC(2026, 0, 1, 13)),
      ])
    })
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    assert.match(plan, /Index Scan Backward using signal_event_20260101_pkey/)
    assert.doesNotMatch(plan, /20260102/)
  })

  test('a round drops days that are over and deletes old rows, and leaves the rest', async () => {
    const now = Date.UTC(2026, 0, 1, 12) + 31 * dayMs
    for (const [key, at] of [
      ['old', now - 401 * dayMs],
      ['recent', now - 399 * dayMs],
    ] as const) {
      await store.db.query(
        `INSERT INTO alarm (id, key, severity, state, source, raised_at, last_at, cleared_at) VALUES ($1, $2, 'minor', 'cleared', 'test', $3, $3, $3)`,
        [randomUUID(), key, new Date(at)],
      )
      await store.db.query(
        `INSERT INTO control_evidence (id, control_id, at, outcome, source_class, body) VALUES ($1, $2, $3, 'pass', 'observed in line', $4)`,
        [randomUUID(), key, new Date(at), toJson({})],
      )
    }
    await store.db.query(
      `INSERT INTO alarm (id, key, severity, source, raised_at, last_at) VALUES ($1, 'standing', 'minor', 'test', $2, $2)`,
      [randomUUID(), new Date(0)],
    )
    const removed = await runRetention(store.db, now, defaultRetention, silentLog)
    assert.deepEqual(Object.fromEntries(Object.entries(removed).filter(([, rows]) => rows > 0)), {
      signal_event_partitions: 1,
      signal_event_other: 1,
      control_evidence: 1,
      alarm: 1,
    })
    const alarms = await store.db.query('SELECT key FROM alarm ORDER BY key')
    assert.deepEqual(alarms.rows, [{ key: 'recent' }, { key: 'standing' }])
    // 2 January is not over thirty days ago at every instant of it.
    const left = await store.db.query<{ name: string }>('SELECT DISTINCT tableoid::regclass::text AS name FROM signal_event ORDER BY 1')
    assert.deepEqual(left.rows, [{ name: 'signal_event_20260102' }, { name: 'signal_event_other' }])
  })

  test('a partition that someone reads is left for the next round', async (t) => {
    if (store.engine === 'pglite') return t.skip('one connection: nobody else reads')
    const now = Date.UTC(2026, 6, 1)
    await store.db.asTenant({ operator: true }).transaction(async (tx) => {
      await tx.query('SELECT FROM signal_event')
      await new Promise<void>((resolve, reject) => {
        outside(() => runRetention(store.db, now, defaultRetention, silentLog)).then((removed) => {
          assert.equal(removed.signal_event_partitions, 0)
          resolve()
        }, reject)
      })
    })
    const removed = await runRetention(store.db, now, defaultRetention, silentLog)
    assert.ok((removed.signal_event_partitions ?? 0) > 0)
  })

  test('many rows go in steps', async () => {
    const count = 2 * limits.store.chunkRows + 7
    await store.db.query(
      `INSERT INTO control_evidence (id, control_id, at, outcome, source_class)
       SELECT gen_random_uuid(), 'many', '2020-01-01', 'pass', 'attested' FROM generate_series(1, $1)`,
      [count],
    )
    assert.equal(await prune(store.db, 'control_evidence', 'at < $1', new Date(Date.UTC(2021, 0, 1))), count)
  })

  test('runs every hour', async () => {
    const retention = startRetention({ db: store.db, clock: store.clock, log: silentLog })
    await store.db.exec('DROP TABLE IF EXISTS signal_event_20260104')
    store.clock.advance(3_600_000)
    await retention.close()
    const { rows } = await store.db.query(`SELECT to_regclass('signal_event_20260104') IS NOT NULL AS made`)
    assert.deepEqual(rows, [{ made: true }])
  })
})

const outside = AsyncLocalStorage.snapshot()
