import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { limits } from '#core/limits.ts'
import { overBothEngines } from '#test/stores.ts'
import type { Tx } from './db.ts'
import { createGroupCommit } from './group-commit.ts'

overBothEngines('group commit', (store) => {
  before(() => store.db.exec('CREATE TABLE numbered (n int PRIMARY KEY, at serial)'))

  const insert = async (tx: Tx, rows: readonly number[]): Promise<void> => {
    await tx.query('INSERT INTO numbered (n) SELECT unnest($1::int[])', [rows], { prepare: 'numbered' })
  }
  /** Remembers the batches that reached the database. */
  const createRecorded = (options: { windowMs?: number; maxBatch?: number } = {}) => {
    const batches: number[][] = []
    const commits = createGroupCommit<number>({
      db: store.db,
      clock: store.clock,
      windowMs: options.windowMs ?? 3,
      maxBatch: options.maxBatch ?? 100,
      async write(tx, rows) {
        batches.push([...rows])
        await insert(tx, rows)
      },
    })
    const add = (n: number) =>
      new Promise<Error | null>((resolve) => {
        commits.add(n, resolve)
      })
    return { batches, commits, add }
  }
  const stored = async (from: number): Promise<number[]> => {
    const { rows } = await store.db.query<{ n: number }>('SELECT n FROM numbered WHERE n BETWEEN $1 AND $1 + 999 ORDER BY at', [from])
    return rows.map(({ n }) => n)
  }

  test('idle: what one turn brings goes at once, in one transaction', async () => {
    const { batches, add } = createRecorded()
    assert.deepEqual(await Promise.all([add(1000), add(1001), add(1002)]), [null, null, null])
    assert.deepEqual(batches, [[1000, 1001, 1002]])
    assert.deepEqual(await stored(1000), [1000, 1001, 1002])
  })

  test('busy: what arrives meanwhile waits for the window and shares the next one', async () => {
    const { batches, commits, add } = createRecorded({ windowMs: 5 })
    const pending = store.clock.pending
    const first = add(2000)
    await Promise.resolve()
    const others = [add(2001), add(2002)]
    await first
    assert.deepEqual(batches, [[2000]])
    // The clock stands still: the window is open until it moves.
    while (store.clock.pending === pending) await new Promise((resolve) => setImmediate(resolve))
    const later = add(2003)
    store.clock.advance(5)
    assert.deepEqual(await Promise.all([...others, later]), [null, null, null])
    assert.deepEqual(batches, [[2000], [2001, 2002, 2003]])
    await commits.close()
  })

  test('a full batch does not wait for the window', async () => {
    const { batches, add } = createRecorded({ windowMs: 1_000_000, maxBatch: 4 })
    const first = add(3000)
    await Promise.resolve()
    const answers = Promise.all(Array.from({ length: 8 }, (_, index) => add(3001 + index)))
    await first
    assert.ok((await answers).every((error) => error === null))
    assert.deepEqual(
      batches.map(({ length }) => length),
      [1, 4, 4],
    )
    assert.deepEqual(await stored(3000), [3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008])
  })

  test('a row that the database refuses costs only itself', async () => {
    const { add } = createRecorded()
    await add(4003)
    const errors = await Promise.all([4000, 4001, 4002, 4003, 4004, 4005].map(add))
    assert.deepEqual(
      errors.map((error) => error !== null && 'code' in error && error.code),
      [false, false, false, '23505', false, false],
    )
    assert.deepEqual(await stored(4000), [4003, 4000, 4001, 4002, 4004, 4005])
  })

  test('after a commit the next row finds it idle and waits for nothing', async () => {
    const { batches, add } = createRecorded({ windowMs: 1_000_000 })
    for (const n of [7000, 7001, 7002]) assert.equal(await add(n), null)
    assert.deepEqual(batches, [[7000], [7001], [7002]])
  })

  test('flush decides everything, close refuses what comes later', async () => {
    const { commits, add } = createRecorded({ windowMs: 1_000_000 })
    const first = add(5000)
    await Promise.resolve()
    const second = add(5001)
    await commits.flush()
    assert.deepEqual(await Promise.all([first, second]), [null, null])
    await commits.close()
    const refused = await add(5002)
    assert.ok(refused !== null && 'code' in refused && refused.code === 'store-unavailable')
    assert.deepEqual(await stored(5000), [5000, 5001])
  })

  test('a queue that is full answers busy', async () => {
    const gate = Promise.withResolvers<void>()
    const commits = createGroupCommit<number>({
      db: store.db,
      clock: store.clock,
      windowMs: 0,
      maxBatch: limits.store.groupCommitQueue,
      write: () => gate.promise,
    })
    let refused = 0
    commits.add(0, () => {})
    await Promise.resolve()
    for (let n = 0; n < limits.store.groupCommitQueue + 3; n++) commits.add(n, (error) => (refused += error === null ? 0 : 1))
    assert.equal(refused, 3)
    gate.resolve()
    await commits.close()
    assert.equal(refused, 3)
  })

  test('inside an open transaction it throws instead of waiting for that transaction', async () => {
    const { commits } = createRecorded()
    await store.db.transaction(async () => {
      assert.throws(() => commits.add(6000, () => {}), /inside an open transaction/)
    })
    await commits.close()
  })
})
