import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
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
