import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { permissionsOf, personRoles, type Role, rolesFor } from '#platform/permission.ts'
import { openTestStore } from '#test/stores.ts'
import { checkGrant, lockOf, mayGrant } from './granting.ts'

const actor = (role: Role, providerId: string | null = null) => ({ personId: 'me', permissions: permissionsOf([role]), providerId })

test('an administrator gives every role of their organisation, a provider’s none of the operator', () => {
  for (const role of personRoles) assert.equal(mayGrant(actor('operator-admin'), role), true, role)
  for (const role of rolesFor.provider) assert.equal(mayGrant(actor('provider-admin', 'p'), role), true, role)
  for (const role of rolesFor.operator) assert.equal(mayGrant(actor('provider-admin', 'p'), role), false, role)
})

test('nobody gives more than they have', () => {
  assert.equal(mayGrant(actor('operator-security'), 'operator-admin'), false)
  assert.equal(mayGrant(actor('operator-engineer'), 'provider-admin'), false)
  assert.throws(() => checkGrant(actor('auditor'), ['operator-admin'], null), { code: 'more-rights', status: 403 })
})

test('a role fits its organisation only', () => {
  assert.throws(() => checkGrant(actor('operator-admin'), ['provider-admin'], null), { code: 'role-not-of-organisation' })
  assert.throws(() => checkGrant(actor('operator-admin'), ['provider-viewer', 'auditor'], 'p'), { code: 'role-not-of-organisation' })
  checkGrant(actor('operator-admin'), ['provider-viewer', 'provider-manager'], 'p')
})

test('nobody manages themselves, nor somebody who may do more', () => {
  assert.equal(lockOf(actor('operator-admin'), { id: 'me', roles: ['operator-admin'] }), 'own-account')
  assert.equal(lockOf(actor('operator-security'), { id: 'other', roles: ['operator-admin'] }), 'more-rights')
  assert.equal(lockOf(actor('provider-admin', 'p'), { id: 'other', roles: ['provider-admin'] }), null)
})

test('the store holds the same table of roles: what does not fit is refused there too', async () => {
  const store = await openTestStore('pglite', new VirtualClock())
  try {
    await store.query("INSERT INTO provider (id, name) VALUES ('01900000-0000-7000-8000-000000000001', 'Meters')")
    const insert = (role: string, providerId: string | null) =>
      store.query('INSERT INTO person (id, provider_id, name, roles) VALUES (gen_random_uuid(), $1, $2, $3)', [
        providerId,
        `${role} ${providerId ?? ''}`,
        [role],
      ])
    const own = '01900000-0000-7000-8000-000000000001'
    for (const role of rolesFor.operator) {
      await insert(role, null)
      await assert.rejects(insert(role, own), { code: '23514' }, role)
    }
    for (const role of rolesFor.provider) {
      await insert(role, own)
      await assert.rejects(insert(role, null), { code: '23514' }, role)
    }
    await assert.rejects(insert('demo', null), { code: '23514' })
  } finally {
    await store.close()
  }
})
