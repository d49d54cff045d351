import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import { verifyAssertion } from '#crypto/webauthn.ts'
import type { PasskeyPort } from '#platform/passkey.ts'
import { createAssertionMaker } from '#test/assertion-maker.ts'
import { overBothEngines } from '#test/stores.ts'
import { createPasskeyPort } from './passkey-port.ts'

const site = { id: 'localhost', name: 'Test', origin: null }

overBothEngines('passkeys of a person', (store) => {
  const ann = randomUUID()
  const bob = randomUUID()
  const key = createAssertionMaker('ES256', 'YW5u')
  const synced = createAssertionMaker('EdDSA', 'c3luYw')
  let port: PasskeyPort

  before(async () => {
    port = createPasskeyPort({ db: store.db, site, clock: store.clock })
    for (const [id, name] of [
      [ann, 'Ann'],
      [bob, 'Bob'],
    ])
      await store.db.query('INSERT INTO person (id, name, roles) VALUES ($1, $2, $3)', [id, name, ['operator-security']])
    for (const [maker, owner] of [
      [key, ann],
      [synced, bob],
    ] as const)
      await store.db.query(
        `INSERT INTO credential (id, person_id, kind, external_id, secret, body) VALUES ($1, $2, 'passkey', $3, $4, '{"transports":["usb"]}')`,
        [randomUUID(), owner, maker.credentialId, maker.publicKey],
      )
  })

  /** As a browser gives it. */
  function response(maker: typeof key, challenge: Uint8Array): Record<string, unknown> {
    const { authenticatorData, clientDataJSON, signature } = maker.sign(challenge)
    const { credentialId: id } = maker
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: { authenticatorData, clientDataJSON, signature } }
  }

  test('what a person signs is proof by itself', async () => {
    const challenge = randomBytes(32)
    const signed = await port.verify(ann, challenge, response(key, challenge))
    assert.equal(verifyAssertion(signed, { challenge, rpId: port.rpId }).ok, true)
    assert.deepEqual(await port.list(ann), [{ id: 'YW5u', transports: ['usb'] }])
  })

  test('the same answer a second time, another challenge and another person’s passkey are refused', async () => {
    const challenge = randomBytes(32)
    const answer = response(key, challenge)
    await port.verify(ann, challenge, answer)
    await assert.rejects(port.verify(ann, challenge, answer), { code: 'passkey-refused' })
    await assert.rejects(port.verify(ann, randomBytes(32), response(key, challenge)), { code: 'passkey-refused' })
    await assert.rejects(port.verify(ann, challenge, response(synced, challenge)), { code: 'passkey-refused', message: /not one of yours/ })
    await assert.rejects(port.verify('demo', challenge, response(key, challenge)), { code: 'passkey-refused' })
  })

  test('whoever may not come in any more signs nothing', async () => {
    await store.db.query('UPDATE person SET disabled_at = now() WHERE id = $1', [bob])
    const challenge = randomBytes(32)
    await assert.rejects(port.verify(bob, challenge, response(synced, challenge)), { code: 'passkey-refused' })
    assert.deepEqual(await port.list(bob), [])
  })

  test('nonsense from a browser is its fault, not ours', async () => {
    for (const nonsense of [{}, { id: 'YW5u' }, { id: 'YW5u', response: null }, { id: 'YW5u', response: { clientDataJSON: 'e30' } }])
      await assert.rejects(port.verify(ann, randomBytes(32), nonsense), { code: 'passkey-refused' })
  })
})
