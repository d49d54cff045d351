import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdMaker } from '#core/ids.ts'
import { overBothEngines } from '#test/stores.ts'
import { toJson } from './db.ts'

overBothEngines('db port', (store) => {
  test('values come back the same from both engines', async () => {
    const { rows } = await store.db.query(
      `SELECT 9007199254740993::int8 AS big, $1::bytea AS octets, $2::jsonb AS json, $3::timestamptz AS at, $4::text[] AS texts,
              $5::int8[] AS bigs, 7::int4 AS small, true AS yes, 1.5::float8 AS float, NULL::text AS nothing, $6::bytea[] AS many,
              'a b'::text AS text, ARRAY['x', NULL]::text[] AS holes`,
      [
        Buffer.from([0, 255, 0x5c]),
        toJson([{ a: true }, 'x']),
        new Date(1_767_268_800_123),
        ['a', '', 'with "quotes"', 'back\\slash', 'comma, brace}', 'NULL'],
        [1n, -(2n ** 63n)],
        [Buffer.from([1, 2]), Buffer.from([])],
      ],
    )
    assert.deepEqual(rows, [
      {
        big: 9_007_199_254_740_993n,
        octets: Buffer.from([0, 255, 0x5c]),
        json: [{ a: true }, 'x'],
        at: new Date(1_767_268_800_123),
        texts: ['a', '', 'with "quotes"', 'back\\slash', 'comma, brace}', 'NULL'],
        bigs: [1n, -(2n ** 63n)],
        small: 7,
        yes: true,
        float: 1.5,
        nothing: null,
        many: [Buffer.from([1, 2]), Buffer.from([])],
        text: 'a b',
        holes: ['x', null],
      },
    ])
  })

  test('times are read in their own offset, to the millisecond', async () => {
    const { rows } = await store.db.query(
      `SELECT '1969-12-31 23:59:59.5+00'::timestamptz AS a, '2026-03-01 12:00:00+05:30'::timestamptz AS b`,
    )
    assert.deepEqual(rows, [{ a: new Date(-500), b: new Date(Date.UTC(2026, 2, 1, 6, 30)) }])
  })

  test('a transaction commits what it returned from and rolls back what it threw from', async () => {
    await store.db.exec('CREATE TABLE tried (n int PRIMARY KEY)')
    const result = await store.db.transaction(async (tx) => {
      await tx.query('INSERT INTO tried VALUES (1)')
      return 'done'
    })
    assert.equal(result, 'done')
    const refused = store.db.transaction(async (tx) => {
      await tx.query('INSERT INTO tried VALUES (2)')
      throw new Error('changed my mind')
    })
    await assert.rejects(refused, /changed my mind/)
    assert.deepEqual((await store.db.query('SELECT n FROM tried')).rows, [{ n: 1 }])
  })

  test('a statement that fails rejects with its code and constraint, and the connection serves on', async () => {
    await store.db.exec('CREATE TABLE once (n int CONSTRAINT once_n PRIMARY KEY); INSERT INTO once VALUES (1)')
    await assert.rejects(store.db.query('INSERT INTO once VALUES (1)'), {
      code: '23505',
      constraint: 'once_n',
      detail: 'Key (n)=(1) already exists.',
    })
    await assert.rejects(store.db.query('SELECT 1 / $1::int', [0], { prepare: 'divide' }), { code: '22012' })
    assert.deepEqual((await store.db.query('SELECT 6 / $1::int AS n', [2])).rows, [{ n: 3 }])
  })

  test('a transaction whose failed statement was swallowed does not pass for committed', async () => {
    await store.db.exec('CREATE TABLE swallowed (n int)')
    const run = store.db.transaction(async (tx) => {
      await tx.query('INSERT INTO swallowed VALUES (1)')
      await tx.query('SELECT 1 / 0').catch(() => {})
    })
    await assert.rejects(run, /rolled back/)
    assert.equal((await store.db.query('SELECT FROM swallowed')).affected, 0)
  })

  test('using the db inside its own open transaction throws at once', async () => {
    const { db } = store
    await db.transaction(async (tx) => {
      assert.ok(db.insideTransaction())
      await assert.rejects(db.query('SELECT 1'), /inside its own open transaction/)
      await assert.rejects(
        db.transaction(async () => 1),
        /inside its own open transaction/,
      )
      await assert.rejects(db.exec('SELECT 1'), /inside its own open transaction/)
      await assert.rejects(db.notify('a', 'b'), /inside its own open transaction/)
      await assert.rejects(db.asTenant({ operator: true }).query('SELECT 1'), /inside its own open transaction/)
      await assert.rejects(db.asTenant({ operator: true }).kysely.selectFrom('provider').select('id').execute(), /inside its own open/)
      assert.deepEqual((await tx.query('SELECT 1 AS n')).rows, [{ n: 1 }])
    })
    assert.ok(!db.insideTransaction())
  })

  test('what a transaction started may use the db after its end, but no longer the transaction', async () => {
    const { db } = store
    const ended = Promise.withResolvers<void>()
    const later = await db.transaction(async (tx) => ({
      started: ended.promise.then(async () => {
        assert.ok(!db.insideTransaction())
        await assert.rejects(tx.query('SELECT 1'), /after its end/)
        return (await db.query<{ n: number }>('SELECT 2 AS n')).rows
      }),
    }))
    ended.resolve()
    assert.deepEqual(await later.started, [{ n: 2 }])
  })

  test('notifications arrive in order, and only those of committed transactions', async () => {
    const heard: string[] = []
    const last = Promise.withResolvers<void>()
    const stop = await store.db.listen('news', (payload) => {
      heard.push(payload)
      if (payload === 'last') last.resolve()
    })
    await store.db.notify('news', 'first')
    await store.db
      .transaction(async (tx) => {
        await tx.notify('news', 'unsaid')
        throw new Error('no')
      })
      .catch(() => {})
    await store.db.transaction((tx) => tx.notify('news', 'second'))
    await store.db.notify('other', 'elsewhere')
    await store.db.notify('news', 'last')
    await last.promise
    await stop()
    assert.deepEqual(heard, ['first', 'second', 'last'])
  })

  test('a notification after the last listener left calls nobody', async () => {
    const heard: string[] = []
    const stop = await store.db.listen('quiet', (payload) => heard.push(payload))
    await stop()
    await stop()
    await store.db.notify('quiet', 'x')
    const again = Promise.withResolvers<string>()
    const stopAgain = await store.db.listen('quiet', again.resolve)
    await store.db.notify('quiet', 'y')
    assert.equal(await again.promise, 'y')
    await stopAgain()
    assert.deepEqual(heard, [])
    await assert.rejects(async () => store.db.listen('no; DROP TABLE', () => {}), /not a channel name/)
  })

  test('a statement that another thread of work prepared is prepared once for each connection', async () => {
    const run = (n: number) => store.db.query<{ n: number }>('SELECT $1::int AS n', [n], { prepare: 'echo' })
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => run(n)))
    assert.deepEqual(
      answers.map(({ rows }) => rows[0]?.n),
      Array.from({ length: 40 }, (_, n) => n),
    )
  })

  test('an id made later sorts later', async () => {
    const newId = createIdMaker()
    const ids = [newId(1_000), newId(1_000), newId(2_000)]
    const { rows } = await store.db.query<{ id: string }>('SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id DESC', [ids])
    assert.deepEqual(
      rows.map(({ id }) => id),
      ids.toReversed(),
    )
  })
})
