import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { silentLog } from '#test/silent-log.ts'
import { overBothEngines } from '#test/stores.ts'
import { createPartitionLeases, fence, type PartitionLease } from './partition-lease.ts'

const ttlMs = 9_000

overBothEngines('partition lease', (store) => {
  const createOwner = (owner: string) => {
    const lost: string[] = []
    const { db, clock } = store
    const leases = createPartitionLeases({ db, clock, log: silentLog, owner, ttlMs, onLost: (partition) => lost.push(partition) })
    return { leases, lost }
  }
  /** As if the store's clock had moved past the end of every lease. */
  const expire = () => store.db.query(`UPDATE partition_lease SET expires_at = now() - interval '1 second'`)
  const acquire = async (owner: { leases: ReturnType<typeof createPartitionLeases> }, partition: string): Promise<PartitionLease> => {
    const lease = await owner.leases.acquire(partition)
    assert.ok(lease !== null)
    return lease
  }

  test('one owner at a time; asking again gives the same lease', async () => {
    const [a, b] = [createOwner('a'), createOwner('b')]
    const lease = await acquire(a, 'p1')
    assert.equal(lease.epoch, 1n)
    assert.equal(await a.leases.acquire('p1'), lease)
    assert.equal(await b.leases.acquire('p1'), null)
    assert.equal((await acquire(b, 'p2')).epoch, 1n)
    await a.leases.close()
    await b.leases.close()
  })

  test('released, it goes to the next with a higher epoch at once', async () => {
    const [a, b] = [createOwner('a'), createOwner('b')]
    const first = await acquire(a, 'p3')
    await a.leases.release('p3')
    assert.equal(first.isHeld(), false)
    assert.equal(a.leases.held('p3'), null)
    const second = await acquire(b, 'p3')
    assert.equal(second.epoch, first.epoch + 1n)
    await b.leases.close()
  })

  test('a renewed lease outlasts its first term', async () => {
    const a = createOwner('a')
    const lease = await acquire(a, 'p4')
    const until = async () =>
      // As text: a renewal within the same millisecond is one too.
      (await store.db.query<{ at: string }>(`SELECT expires_at::text AS at FROM partition_lease WHERE partition = 'p4'`)).rows[0]?.at
    const before = await until()
    const renewed = Promise.withResolvers<void>()
    store.clock.advance(ttlMs / 3)
    const poll = async (): Promise<void> => {
      if ((await until()) !== before) renewed.resolve()
      else setImmediate(() => void poll())
    }
    await poll()
    await renewed.promise
    await new Promise((resolve) => setImmediate(resolve))
    store.clock.advance(ttlMs - 1)
    assert.ok(lease.isHeld())
    await a.leases.close()
  })

  test('an owner that could not renew stops believing before the store gives it away', async () => {
    const a = createOwner('a')
    const lease = await acquire(a, 'p5')
    store.clock.advance(ttlMs)
    assert.equal(lease.isHeld(), false)
    assert.equal(a.leases.held('p5'), null)
    await a.leases.close()
  })

  test('a former owner is fenced off, and told', async () => {
    const [a, b] = [createOwner('a'), createOwner('b')]
    const former = await acquire(a, 'p6')
    await store.db.transaction((tx) => fence(tx, former))
    await expire()
    const present = await acquire(b, 'p6')
    await assert.rejects(
      store.db.transaction(async (tx) => {
        await fence(tx, former)
        assert.fail('wrote after the partition had gone to another')
      }),
      { code: 'lease-lost' },
    )
    await store.db.transaction((tx) => fence(tx, present))
    store.clock.advance(ttlMs / 3)
    while (a.lost.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(a.lost, ['p6'])
    await a.leases.close()
    await b.leases.close()
  })

  test("nobody takes a partition over while its owner's transaction runs", async (t) => {
    if (store.engine === 'pglite') return t.skip('one connection: transactions never overlap')
    const [a, b] = [createOwner('a'), createOwner('b')]
    const former = await acquire(a, 'p7')
    await expire()
    const events: string[] = []
    let taking: Promise<void> | undefined
    await store.db.transaction(async (tx) => {
      await fence(tx, former)
      // Started from outside of this transaction's context, as another process would.
      taking = new Promise((resolve, reject) => {
        queueOutside(() => {
          b.leases.acquire('p7').then((lease) => {
            events.push(`taken in epoch ${lease?.epoch}`)
            resolve()
          }, reject)
        })
      })
      // The take-over has reached the server and waits for our row.
      for (;;) {
        const { rows } = await tx.query<{ n: bigint }>(
          `SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`,
        )
        if ((rows[0]?.n ?? 0n) > 0n) break
      }
      events.push('written')
    })
    await taking
    assert.deepEqual(events, ['written', 'taken in epoch 2'])
    await a.leases.close()
    await b.leases.close()
  })
})

const queueOutside = AsyncLocalStorage.snapshot()
