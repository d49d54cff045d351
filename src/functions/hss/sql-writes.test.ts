import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import type { PartitionLease } from '#store/partition-lease.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider } from '#test/subscribers.ts'
import { commitWrites } from './sql-writes.ts'
import type { HssWrite, Registration } from './subscriber.ts'

const registration: Registration = {
  mmeHost: 'mme01.epc.mnc001.mcc001.3gppnetwork.org',
  mmeRealm: 'epc.mnc001.mcc001.3gppnetwork.org',
  visitedPlmn: '001-01',
  partnerId: '0195d0f0-0000-7000-8000-000000000001',
  peerId: 'mme01',
  registeredAt: Date.UTC(2026, 0, 1, 12, 0, 0, 250),
  purged: false,
  imei: '35000000000001',
  softwareVersion: null,
  ratType: 1004,
}
const auth = (imsi: string, seqReserved: bigint, givenTo: string[] = []): HssWrite => ({ kind: 'auth', imsi, seqReserved, givenTo })

overBothEngines('writes of the HSS', (store) => {
  const authOf = async (imsi: string) => {
    const { rows } = await store.db.query<{ seq_reserved: bigint; given_to: string[] }>(
      'SELECT seq_reserved, given_to FROM auc WHERE imsi = $1',
      [imsi],
    )
    return rows[0]
  }
  const takeOver = `INSERT INTO partition_lease (partition, owner, epoch, expires_at) VALUES ('main', 'b', 2, now())
    ON CONFLICT (partition) DO UPDATE SET owner = 'b', epoch = 2`
  const leaseOf = (epoch: bigint): PartitionLease => ({ partition: 'main', epoch, isHeld: () => true })

  test('of one IMSI the highest SEQ and the latest registration stay', async () => {
    const { imsis } = await insertProvider(store.db, 'Writes A', '0010100001', 3)
    const [a = '', b = '', c = ''] = imsis
    const former: HssWrite = { kind: 'registration', imsi: a, registration: { ...registration, mmeHost: 'former' }, givenTo: ['001-09'] }
    await commitWrites(
      store.db,
      [auth(a, 32n), auth(a, 16n, ['001-01', '001-02']), former, { ...former, registration, givenTo: ['001-01'] }, auth(b, 8n, ['999-12'])],
      null,
    )
    await commitWrites(store.db, [auth(b, 7n, ['999-12'])], null)
    assert.deepEqual(await authOf(a), { seq_reserved: 32n, given_to: ['001-01'] })
    assert.deepEqual(await authOf(b), { seq_reserved: 8n, given_to: ['999-12'] })
    assert.deepEqual(await authOf(c), { seq_reserved: 0n, given_to: [] })
    const { rows } = await store.db.query('SELECT * FROM registration WHERE imsi = ANY($1)', [imsis])
    assert.equal(rows.length, 1)
    const [row = {}] = rows
    assert.equal(row.mme_host, registration.mmeHost)
    assert.equal(row.partner_id, registration.partnerId)
    assert.deepEqual(row.registered_at, new Date(registration.registeredAt))
    assert.deepEqual([row.purged, row.imei, row.imeisv, row.rat_type], [false, registration.imei, null, 1004])
  })

  test('a lock binds the card once, beside other writes', async () => {
    const { imsis } = await insertProvider(store.db, 'Writes B', '0010100002', 2)
    const [a = '', b = ''] = imsis
    await commitWrites(store.db, [{ kind: 'lock', imsi: a, imei: '35000000000001' }, auth(b, 1n)], null)
    await commitWrites(store.db, [{ kind: 'lock', imsi: a, imei: '35000000000002' }], null)
    const { rows } = await store.db.query<{ locked_imei: string | null }>(
      'SELECT locked_imei FROM subscription WHERE imsi = ANY($1) ORDER BY imsi',
      [imsis],
    )
    assert.deepEqual(
      rows.map((row) => row.locked_imei),
      ['35000000000001', null],
    )
  })

  test('who has lost the partition writes nothing', async () => {
    const { imsis } = await insertProvider(store.db, 'Writes C', '0010100003', 1)
    const [a = ''] = imsis
    await store.db.exec(takeOver)
    const writes: HssWrite[] = [auth(a, 99n), { kind: 'registration', imsi: a, registration, givenTo: [] }]
    await assert.rejects(commitWrites(store.db, writes, leaseOf(1n)), { code: 'lease-lost' })
    assert.equal((await authOf(a))?.seq_reserved, 0n)
    await commitWrites(store.db, writes, leaseOf(2n))
    assert.equal((await authOf(a))?.seq_reserved, 99n)
  })

  test('nor who loses it while the statement waits', { skip: store.engine === 'pglite' ? 'it has one connection' : false }, async () => {
    const { imsis } = await insertProvider(store.db, 'Writes D', '0010100004', 1)
    const [a = ''] = imsis
    await store.db.exec(`${takeOver}; UPDATE partition_lease SET epoch = 1`)
    // Another process would be outside of this transaction; within one process that must be said.
    const outsideOf = AsyncLocalStorage.snapshot()
    const { waiting } = await store.db.transaction(async (tx) => {
      await tx.exec(takeOver)
      const commit = outsideOf(() => commitWrites(store.db, [auth(a, 99n)], leaseOf(1n)))
      commit.catch(() => {})
      for (let blocked = 0n; blocked === 0n; ) {
        const { rows } = await tx.query<{ blocked: bigint }>(`SELECT count(*) AS blocked FROM pg_locks WHERE NOT granted`)
        blocked = rows[0]?.blocked ?? 0n
      }
      return { waiting: commit }
    })
    await assert.rejects(waiting, { code: 'lease-lost' })
    assert.equal((await authOf(a))?.seq_reserved, 0n)
  })
})
