import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { type Db, type QueryOptions, toJson } from '#store/db.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider } from '#test/subscribers.ts'
import { createSqlHssStore, type WriteRight } from './sql-store.ts'

overBothEngines('the right to write', (store) => {
  const lease = (epoch: bigint): WriteRight => ({ partition: 'main', epoch, isHeld: () => true })

  test('without a lease, or planned under an earlier one, nothing is written and the writer is told', async () => {
    const { imsis } = await insertProvider(store.db, 'Lease', '00101', 1)
    const [imsi = ''] = imsis
    await store.db.query(
      `INSERT INTO partition_lease (partition, owner, epoch, expires_at) VALUES ('main', 'us', 7, now() + interval '1 hour')`,
    )
    let right: WriteRight = null
    const hss = createSqlHssStore(store.db, store.clock, () => right)
    const write = (): Promise<string> =>
      new Promise((resolve) => {
        hss.write({ kind: 'auth', imsi, seqReserved: 40n, givenTo: [] }, (error) =>
          resolve(error instanceof OperationError ? error.code : String(error)),
        )
      })
    assert.equal(await write(), 'lease-lost')
    right = lease(5n)
    const planned = write()
    right = lease(7n)
    assert.equal(await planned, 'lease-lost')
    const { rows } = await store.db.query<{ seq_reserved: bigint }>('SELECT seq_reserved FROM auc WHERE imsi = $1', [imsi])
    assert.equal(rows[0]?.seq_reserved, 0n)
    assert.equal(await write(), 'null')
    await hss.close()
  })
})

overBothEngines('reading subscribers', (store) => {
  test('what is forgotten while a subscriber is being read does not make it look absent: 5001 would stick', async () => {
    const { imsis } = await insertProvider(store.db, 'Forgotten', '00102', 3)
    await store.db.query(`UPDATE service_profile SET body = $1`, [toJson(profileBody)])
    // A notification comes in after each statement of the load, as while a bulk job changes SIMs.
    const db: Db = {
      ...store.db,
      async query<R>(sql: string, params?: readonly unknown[], options?: QueryOptions) {
        const result = await store.db.query<R>(sql, params, options)
        hss.forgetShared()
        return result
      },
    }
    const hss = createSqlHssStore(db, store.clock, () => 'alone')
    const found = await hss.load([...imsis, '001020000000099'])
    assert.deepEqual([...found.keys()].toSorted(), imsis, 'those that are there, and not the one that is not')
    await hss.close()
  })
})

const profileBody = {
  apns: [{ name: 'iot', pdn: 'IPv4', qci: 9, arpPriority: 8, localBreakout: false, maxUplinkKbps: 128, maxDownlinkKbps: 128 }],
  voice: false,
  sms: false,
  otaSms: true,
  roamingArea: { kind: 'anywhere' },
  imeiLock: false,
  periodicTauSeconds: 0,
  maxUplinkKbps: 128,
  maxDownlinkKbps: 128,
  equivalentPlmns: [],
}
