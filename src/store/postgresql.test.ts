import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Clock, systemClock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { type PostgresqlServer, postgresqlMissing } from '#test/postgresql.ts'
import { startPostgresql } from '#test/postgresql-server.ts'
import { silentLog } from '#test/silent-log.ts'
import { type Db, isStoreUnavailable } from './db.ts'
import { createDb } from './engine.ts'
import { createGroupCommit } from './group-commit.ts'
import { openStore } from './open.ts'
import { openPostgresql } from './postgresql.ts'

/** Asks until the store answers; the probes of the store itself set the pace. */
async function untilBack(db: Db): Promise<void> {
  for (;;) {
    const back = await db.query('SELECT 1').then(
      () => true,
      (error: unknown) => {
        assert.ok(isStoreUnavailable(error), String(error))
        return false
      },
    )
    if (back) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a PostgreSQL that goes away and comes back', { skip: postgresqlMissing }, () => {
  let server: PostgresqlServer
  let url = ''
  let db: Db

  before(async () => {
    server = await startPostgresql()
    url = await server.createDatabase()
    db = await openStore({ url, log: silentLog, clock: systemClock })
    await db.exec('CREATE TABLE rows (n int PRIMARY KEY)')
  })
  after(async () => {
    await db.close()
    await server.remove()
  })

  test('statements under way and later ones reject as unavailable, then are served again', async () => {
    const underWay = db.query('SELECT pg_sleep(30)').catch((error: unknown) => error)
    const inTransaction = db
      .transaction(async (tx) => {
        await tx.query('INSERT INTO rows VALUES (1)')
        await server.stop('immediate')
        await tx.query('INSERT INTO rows VALUES (2)')
      })
      .catch((error: unknown) => error)
    for (const error of [await underWay, await inTransaction]) assert.ok(isStoreUnavailable(error), String(error))
    for (const scope of [undefined, { operator: true }] as const) {
      const handle = scope === undefined ? db : db.asTenant(scope)
      await assert.rejects(handle.query('SELECT 1'), { code: 'store-unavailable', status: 503 })
    }
    await server.start()
    await untilBack(db)
    assert.equal((await db.query('SELECT FROM rows')).affected, 0)
    assert.equal((await db.asTenant({ operator: true }).query('SELECT FROM subscription')).affected, 0)
  })

  test('rows that wait for a group commit are told, and the next ones are committed', async () => {
    const commits = createGroupCommit<number>({
      db,
      clock: systemClock,
      windowMs: 2,
      maxBatch: 10,
      write: async (tx, rows) => void (await tx.query('INSERT INTO rows SELECT unnest($1::int[])', [rows])),
    })
    const add = (n: number) => new Promise<Error | null>((resolve) => commits.add(n, resolve))
    assert.equal(await add(10), null)
    await server.stop('immediate')
    const refused = await Promise.all(Array.from({ length: 35 }, (_, n) => add(100 + n)))
    assert.ok(refused.every(isStoreUnavailable))
    await server.start()
    await untilBack(db)
    assert.equal(await add(11), null)
    await commits.close()
    assert.deepEqual((await db.query('SELECT n FROM rows ORDER BY n')).rows, [{ n: 10 }, { n: 11 }])
  })

  test('who listens is told of the gap and hears on', async () => {
    const gap = Promise.withResolvers<void>()
    const heard = Promise.withResolvers<string>()
    const stop = await db.listen('changes', heard.resolve, gap.resolve)
    await server.stop('immediate')
    await server.start()
    await gap.promise
    await untilBack(db)
    await db.notify('changes', 'after the gap')
    assert.equal(await heard.promise, 'after the gap')
    await stop()
  })

  test('an orderly shutdown looks the same as a crash', async () => {
    const underWay = db.query('SELECT pg_sleep(30)').catch((error: unknown) => error)
    await db.query('SELECT 1')
    await server.stop('fast')
    assert.ok(isStoreUnavailable(await underWay))
    await server.start()
    await untilBack(db)
  })

  test('portal queries, however many and slow, leave signalling its connections', async () => {
    const portal = db.asTenant({ operator: true })
    const slow = Array.from({ length: 20 }, () => portal.query('SELECT pg_sleep(0.2)'))
    const done: string[] = []
    const all = Promise.allSettled(slow).then(() => done.push('portal'))
    for (let n = 0; n < 5; n++) await db.query('SELECT 1')
    done.push('signalling')
    await all
    assert.deepEqual(done, ['signalling', 'portal'])
  })

  test('one lost connection, of a job or of signalling itself, refuses nobody else', async () => {
    for (const priority of ['job', 'signalling'] as const) {
      const lost = await db
        .transaction(
          async (tx) => {
            const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
            await tx.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
          },
          { priority },
        )
        .catch((error: unknown) => error)
      assert.ok(isStoreUnavailable(lost), String(lost))
      await Promise.all(Array.from({ length: 20 }, () => db.query('SELECT 1')))
    }
  })

  test('a store that is not there at the start is unavailable, not a fault', async () => {
    await server.stop()
    await assert.rejects(openStore({ url, log: silentLog, clock: systemClock }), { code: 'store-unavailable' })
    await server.start()
    await untilBack(db)
  })
})

describe('a server that takes connections and says nothing', () => {
  test('costs one caller the connect timeout; everyone else is refused at once', async () => {
    const sockets = new Set<Socket>()
    const silent = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    assert.ok(address !== null && typeof address === 'object')
    // Time is the test's, so that a second probe comes only when the test says so.
    let now = 0
    const clock: Clock = { ...systemClock, monotonicMs: () => now }
    const url = `postgresql://nobody@127.0.0.1:${address.port}/none`
    const db = createDb(openPostgresql({ url, log: silentLog, clock, connectTimeoutMs: 150 }))
    await assert.rejects(db.query('SELECT 1'), { code: 'store-unavailable' })
    const connections = sockets.size
    await Promise.all(Array.from({ length: 50 }, () => assert.rejects(db.query('SELECT 1'), { code: 'store-unavailable' })))
    assert.equal(sockets.size, connections)
    now += limits.store.probeEveryMs
    const probe = assert.rejects(db.query('SELECT 1'), { code: 'store-unavailable' })
    await Promise.all(Array.from({ length: 50 }, () => assert.rejects(db.query('SELECT 1'), /does not answer/)))
    await probe
    assert.equal(sockets.size, connections + 1)
    await db.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })
})
