import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import type { Db, TenantDb } from './db.ts'
import { refreshStatistics } from './retention.ts'

// A page of a table of a million rows must read an index range, never the table; these plans say so.
overBothEngines('paging by key', (store) => {
  let meters: ProviderRows
  let trackers: ProviderRows

  before(async () => {
    meters = await insertProvider(store.db, 'Meters Ltd', '00101100', 3000)
    trackers = await insertProvider(store.db, 'Trackers Ltd', '00101200', 3000)
    await store.db.query(`UPDATE subscription SET intended = 'suspended' WHERE imsi LIKE '%7'`)
    await store.db.query(`UPDATE subscription SET class = 'critical' WHERE imsi LIKE '%33'`)
    await store.db.query(
      `INSERT INTO registration (imsi, mme_host, mme_realm, visited_plmn, registered_at)
       SELECT imsi, 'mme.example.net', 'example.net', '999-01', now() FROM subscription`,
    )
    await refreshStatistics(store.db)
  })

  const planOf = async (db: Db | TenantDb, sql: string, params: readonly unknown[]): Promise<string> => {
    const { rows } = await db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, params)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }
  const cases = [
    { by: 'key', where: '', index: /subscription_(provider|imsi_key)/ },
    { by: 'state', where: `AND intended = 'suspended'`, index: /subscription_(provider_)?state/ },
    { by: 'class', where: `AND class = 'critical'`, index: /subscription_(provider_)?class/ },
    { by: 'prefix', where: `AND imsi >= '0010120000' AND imsi < '0010120001'`, index: /subscription_(provider|imsi_key)/ },
  ]
  for (const { by, where, index } of cases) {
    const sql = `SELECT id, imsi FROM subscription WHERE imsi > $1 ${where} ORDER BY imsi LIMIT 50`
    test(`filtered by ${by}: the operator's page and the tenant's are ranges of an index`, async () => {
      const handles = [store.db.asTenant({ operator: true }), store.db.asTenant({ providerId: trackers.providerId })]
      for (const handle of handles) {
        const plan = await planOf(handle, sql, ['001012000000100'])
        assert.match(plan, index)
        assert.match(plan, /Index Cond: .*imsi >/)
        assert.doesNotMatch(plan, /Seq Scan/)
      }
    })
  }

  test('the pages of a tenant, walked by key, are its SIMs once each', async () => {
    const tenant = store.db.asTenant({ providerId: meters.providerId })
    const seen: string[] = []
    for (let after = ''; ; ) {
      const { rows } = await tenant.query<{ imsi: string }>('SELECT imsi FROM subscription WHERE imsi > $1 ORDER BY imsi LIMIT 700', [
        after,
      ])
      if (rows.length === 0) break
      seen.push(...rows.map(({ imsi }) => imsi))
      after = seen.at(-1) ?? ''
    }
    assert.deepEqual(seen, meters.imsis)
  })

  test('one SIM by its number is one index look-up, of card, key and registration too', async () => {
    for (const [table, key] of [
      ['subscription', 'imsi'],
      ['auc', 'imsi'],
      ['registration', 'imsi'],
      ['card', 'iccid'],
    ] as const) {
      assert.match(await planOf(store.db, `SELECT * FROM ${table} WHERE ${key} = ANY ($1::text[])`, [['00101']]), /Index/, table)
    }
  })
})
