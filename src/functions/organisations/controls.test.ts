import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckContext } from '#platform/control.ts'
import { toJson } from '#store/db.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider } from '#test/subscribers.ts'
import { organisationControls } from './controls.ts'

overBothEngines('controls of organisations', (store) => {
  const check = async (id: string): Promise<string> => {
    const control = organisationControls.find((one) => one.id === id)
    const context: CheckContext = { now: 1, ports: { store: store.db }, config: () => null }
    return (await control?.check(context))?.status ?? 'none'
  }

  test('every provider with SIMs has a legal identity that a person verified', async () => {
    assert.equal(await check('legal-identity'), 'unknown')
    const { providerId } = await insertProvider(store.db, 'Meters', '9997000001', 2)
    await store.db.query("INSERT INTO provider (id, name) VALUES ('01900000-0000-7000-8000-000000000001', 'No SIMs')")
    assert.equal(await check('legal-identity'), 'not-met')
    await store.db.query('UPDATE provider SET verified = $2 WHERE id = $1', [providerId, toJson({ at: 1, by: 'x', evidence: 'extract' })])
    assert.equal(await check('legal-identity'), 'met')
  })

  test('a provider manages its own SIMs once somebody who may change them has come in', async () => {
    assert.equal(await check('own-management'), 'offered')
    const { rows } = await store.db.query<{ id: string }>("SELECT id FROM provider WHERE name = 'Meters'")
    const insert = (name: string, role: string) =>
      store.db.query('INSERT INTO person (id, provider_id, name, roles, signed_in_at) VALUES (gen_random_uuid(), $1, $2, $3, now())', [
        rows[0]?.id,
        name,
        [role],
      ])
    await insert('Viewer', 'provider-viewer')
    assert.equal(await check('own-management'), 'offered')
    await insert('Manager', 'provider-manager')
    assert.equal(await check('own-management'), 'met')
    await store.db.query('DELETE FROM subscription')
    assert.equal(await check('own-management'), 'unknown')
  })
})

test('without a store nothing is known', async () => {
  for (const control of organisationControls) {
    assert.equal((await control.check({ now: 1, ports: {}, config: () => null })).status, 'unknown', control.id)
  }
})
