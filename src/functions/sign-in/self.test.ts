import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { goodPassword, insertPerson, linkFor, startSignIn, Visitor } from '#test/visitor.ts'

const minutes = 60_000

describe('own security, over HTTP', () => {
  let platform: TestPlatform
  let nextPrefix = 1
  before(async () => {
    platform = await startSignIn()
  })
  after(() => platform[Symbol.asyncDispose]())

  async function joined(role: 'operator-admin' | 'operator-engineer', name: string, by: 'passkey' | 'password'): Promise<Visitor> {
    const visitor = new Visitor(platform)
    const token = await linkFor(platform, await insertPerson(platform, { name, role }))
    const answer = by === 'passkey' ? await visitor.joinByPasskey(token) : await visitor.joinByPassword(token)
    assert.equal(answer.status, 200, answer.text)
    return visitor
  }

  test('an administrator with password and code may add a passkey and nothing else', async () => {
    const ada = await joined('operator-admin', 'Ada', 'password')
    const session = await ada.call('GET', 'session')
    assert.deepEqual([session.body.mustEnrol, session.body.permissions], ['passkey', ['self']])
    assert.equal((await ada.call('GET', 'sims')).body.code, 'enrol-passkey')
    const added = await ada.addPasskey('laptop')
    assert.equal(added.status, 200, added.text)
    assert.equal(added.body.mustEnrol, null)
    assert.ok(added.body.permissions.includes('people:write'))

    // A stolen password and code must not add another passkey beside hers.
    platform.clock.advance(minutes)
    const thief = new Visitor(platform)
    thief.secret = ada.secret
    const entered = await thief.signInByPassword('Ada', ada.code())
    assert.equal(entered.body.mustEnrol, 'passkey')
    assert.equal((await thief.addPasskey('mine')).body.code, 'use-passkey')
    assert.equal((await thief.call('POST', 'self/recovery-codes')).body.code, 'use-passkey')
    assert.deepEqual((await thief.call('POST', 'self/step-up/options')).body.password, false)
    // She herself does not need to: her passkey opens the same session.
    thief.authenticator.passkeys.push(...ada.authenticator.passkeys)
    assert.equal((await thief.stepUpByPasskey()).body.mustEnrol, null)
  })

  test('what changes a factor asks for a fresh proof; a proof gives another token and the old one is worth nothing', async () => {
    const eli = await joined('operator-engineer', 'Eli', 'password')
    platform.clock.advance(6 * minutes)
    const refused = await eli.call('POST', 'self/recovery-codes')
    assert.deepEqual([refused.status, refused.body.code, refused.body.maxAgeS], [403, 'step-up-needed', 300])
    const old = new Visitor(platform)
    old.cookie = eli.cookie
    const wrong = await eli.call('POST', 'self/step-up', { password: goodPassword, code: '000000' })
    assert.deepEqual([wrong.status, wrong.body.code], [401, 'sign-in-refused'])
    const code = eli.code()
    const proven = await eli.patiently(eli.call('POST', 'self/step-up', { password: goodPassword, code }))
    assert.equal(proven.status, 200, proven.text)
    assert.notEqual(eli.cookie, old.cookie)
    assert.deepEqual((await old.call('GET', 'self')).body.code, 'session-ended')
    assert.equal((await eli.call('POST', 'self/recovery-codes')).body.codes.length, 10)
    platform.clock.advance(6 * minutes)
    const spent = await eli.patiently(eli.call('POST', 'self/step-up', { password: goodPassword, code }))
    assert.equal(spent.body.code, 'sign-in-refused', 'a code works once, for signing in and stepping up together')
  })

  test('a passkey of somebody else, or a challenge of somebody else, is no step-up', async () => {
    const mine = await joined('operator-engineer', 'Fay', 'passkey')
    const other = await joined('operator-engineer', 'Gil', 'passkey')
    const options = (await mine.call('POST', 'self/step-up/options')).body
    assert.equal(options.passkey.allowCredentials.length, 1)
    const foreign = await mine.call('POST', 'self/step-up', { response: other.authenticator.get(options.passkey) })
    assert.equal(foreign.status, 401)
    const theirs = (await other.call('POST', 'self/step-up/options')).body
    const crossed = await mine.call('POST', 'self/step-up', { response: mine.authenticator.get(theirs.passkey) })
    assert.equal(crossed.status, 401)
    const response = mine.authenticator.get(options.passkey)
    assert.equal((await mine.call('POST', 'self/step-up', { response })).status, 200)
    assert.equal((await mine.call('POST', 'self/step-up', { response })).status, 401, 'an answer works once')
  })

  test('changing a factor ends the other sessions, and the last way in stays', async () => {
    const first = await joined('operator-engineer', 'Hal', 'passkey')
    const second = new Visitor(platform)
    second.authenticator.passkeys.push(...first.authenticator.passkeys)
    assert.equal((await second.signInByPasskey()).status, 200)
    const listed = (await first.call('GET', 'self/sessions')).body.items
    assert.equal(listed.length, 2)
    assert.deepEqual(listed.filter((one: { current: boolean }) => one.current).length, 1)
    assert.deepEqual([listed[0].device, listed[0].factors], [{ browser: 'Firefox 140', system: 'Linux' }, ['passkey']])
    assert.equal((await first.addPasskey('key ring')).status, 200)
    assert.equal((await second.call('GET', 'self')).body.code, 'session-ended')

    const { passkeys } = (await first.call('GET', 'self')).body
    assert.equal((await first.call('PATCH', `self/passkeys/${passkeys[0].id}`, { name: 'old phone' })).status, 204)
    const both = await Promise.all(passkeys.map(({ id }: { id: string }) => first.call('DELETE', `self/passkeys/${id}`)))
    assert.equal(both.filter(({ status }) => status === 204).length, 1, 'two removals at once do not both find the other one still there')
    const left = (await first.call('GET', 'self')).body.passkeys
    assert.equal(left.length, 1)
    assert.equal((await first.call('DELETE', `self/passkeys/${left[0].id}`)).body.code, 'last-factor')
  })

  test('a password is chosen with its app, changed by whoever knows it, and removed together', async () => {
    const ida = await joined('operator-engineer', 'Ida', 'passkey')
    const short = await ida.call('PUT', 'self/password', { password: 'not long enough'.slice(0, 14) })
    assert.deepEqual([short.status, short.body.because], [422, 'short'])
    assert.equal((await ida.call('PUT', 'self/password', { password: 'ida of halden iot!' })).body.because, 'context')
    const started = await ida.call('PUT', 'self/password', { password: goodPassword })
    ida.readSecret(started.body.authenticator)
    assert.equal((await ida.call('GET', 'self')).body.passwordSince, null, 'nothing is kept before the first code')
    assert.equal((await ida.call('POST', 'self/authenticator', { code: ida.code(9) })).body.code, 'code-wrong')
    assert.equal((await ida.call('POST', 'self/authenticator', { code: ida.code() })).status, 204)
    const other = 'copper kettle on nine hills'
    assert.equal((await ida.call('PUT', 'self/password', { password: other })).body.code, 'password-wrong')
    assert.deepEqual((await ida.call('PUT', 'self/password', { password: other, current: goodPassword })).body, { authenticator: null })
    platform.clock.advance(minutes)
    const again = new Visitor(platform)
    assert.equal((await again.signInByPassword('ida', ida.code(), other)).status, 200)
    assert.equal((await ida.call('DELETE', 'self/password')).status, 204)
    assert.equal((await again.call('GET', 'self')).body.code, 'session-ended')
    platform.clock.advance(minutes)
    assert.equal((await again.signInByPassword('ida', ida.code(), other)).status, 401)
  })

  test('a recovery code works once: with the password where there is one, alone for nothing but a new passkey', async () => {
    const jo = await joined('operator-engineer', 'Jo', 'password')
    const [first] = (await jo.call('POST', 'self/recovery-codes')).body.codes as string[]
    const visitor = new Visitor(platform)
    assert.equal((await visitor.signInByPassword('Jo', first ?? '', 'not the password at all')).status, 401)
    assert.equal((await visitor.signInByPassword('Jo', first ?? '', '')).status, 401, 'she has a password: the code alone is not enough')
    assert.equal((await visitor.signInByPassword('Jo', first ?? '')).status, 200)
    assert.equal((await visitor.signInByPassword('Jo', first ?? '')).status, 401)
    assert.equal((await visitor.call('GET', 'self')).body.recoveryCodes.left, 9)

    const kim = await joined('operator-engineer', 'Kim', 'passkey')
    const [only] = (await kim.call('POST', 'self/recovery-codes')).body.codes as string[]
    const lost = new Visitor(platform)
    const entered = await lost.signInByPassword('Kim', (only ?? '').toLowerCase().replaceAll('-', ' '), '')
    assert.deepEqual([entered.body.mustEnrol, entered.body.permissions], ['passkey', ['self']])
    assert.equal((await lost.addPasskey('new phone')).body.mustEnrol, null)
  })

  test('an invitation works once and for one person; a recovery ends sessions at once and replaces every factor', async () => {
    const { providerId } = await insertProvider(platform.store, `Customer ${nextPrefix++}`, `99970${nextPrefix}`, 1)
    const id = await insertPerson(platform, { name: 'Lee', role: 'provider-admin', providerId })
    const stale = await linkFor(platform, id)
    const token = await linkFor(platform, id)
    const lee = new Visitor(platform)
    assert.equal((await lee.call('POST', 'claim/look', { token: stale })).body.valid, false, 'a newer link ends the older one')
    const { body: seen } = await lee.call('POST', 'claim/look', { token })
    assert.deepEqual([seen.purpose, seen.person.name, seen.person.roles], ['invite', 'Lee', ['provider-admin']])
    assert.equal((await lee.joinByPasskey(token)).status, 200)
    assert.equal((await lee.joinByPasskey(token)).body.code, 'token-invalid')
    await assert.rejects(linkFor(platform, id, 'invite'), { code: 'already-enrolled' })

    const recovery = await linkFor(platform, id, 'recover')
    assert.equal((await lee.call('GET', 'self')).body.code, 'session-ended')
    assert.equal((await lee.signInByPasskey()).status, 200, 'until the new factor stands the old one may still be found')
    const anew = new Visitor(platform)
    assert.equal((await anew.joinByPassword(recovery)).status, 200)
    assert.equal((await lee.call('GET', 'self')).body.code, 'session-ended')
    assert.equal((await lee.signInByPasskey()).status, 401)
    const { rows } = await platform.store.query<{ kind: string; actor: string }>(
      `SELECT kind, actor FROM ledger_entry WHERE kind IN ('enrolment-link-made', 'sign-in-enrolled') AND provider_id = $1 ORDER BY chain, seq`,
      [providerId],
    )
    assert.deepEqual(rows.map((row) => row.kind).slice(-3), ['sign-in-enrolled', 'enrolment-link-made', 'sign-in-enrolled'])
    assert.equal(rows[0]?.actor, 'an-administrator')
  })

  test('a provider’s session may be idle for half an hour, the operator’s for a quarter', async () => {
    const { providerId } = await insertProvider(platform.store, `Customer ${nextPrefix++}`, `99970${nextPrefix}`, 1)
    const customer = new Visitor(platform)
    const id = await insertPerson(platform, { name: 'Mia', role: 'provider-viewer', providerId })
    await customer.joinByPasskey(await linkFor(platform, id))
    const operator = await joined('operator-engineer', 'Noa', 'passkey')
    platform.clock.advance(16 * minutes)
    assert.equal((await operator.call('GET', 'self')).body.code, 'session-ended')
    assert.equal((await customer.call('GET', 'self')).status, 200)
    platform.clock.advance(31 * minutes)
    assert.equal((await customer.call('GET', 'self')).body.code, 'session-ended')
    assert.equal((await new Visitor(platform).call('GET', 'self')).body.code, 'sign-in-needed')
  })

  test('a person who is shut out, or whose role changes, is so at the next request', async () => {
    const rex = await joined('operator-engineer', 'Rex', 'passkey')
    const { query } = platform.store
    await query(`UPDATE person SET roles = '{auditor}' WHERE name = 'Rex'`)
    assert.deepEqual((await rex.call('GET', 'session')).body.person.roles, ['auditor'])
    await query(`UPDATE person SET disabled_at = $1 WHERE name = 'Rex'`, [new Date(platform.clock.now())])
    assert.equal((await rex.call('GET', 'self')).body.code, 'session-ended')
    assert.equal((await rex.signInByPasskey()).status, 401)
  })

  test('ten wrong codes with the right password close that door for a while, and say nothing of it', async () => {
    const pat = await joined('operator-engineer', 'Pat', 'password')
    platform.clock.advance(minutes)
    const thief = new Visitor(platform)
    for (let i = 0; i < 10; i++) assert.equal((await thief.signInByPassword('Pat', pat.code(9))).body.code, 'sign-in-refused')
    assert.equal((await thief.signInByPassword('Pat', pat.code())).body.code, 'sign-in-refused')
    await platform.clock.advanceAsync(16 * minutes)
    assert.equal((await thief.signInByPassword('Pat', pat.code())).status, 200)
  })

  test('who came in stands in the ledger, with what and from where', async () => {
    const wren = await joined('operator-engineer', 'Wren', 'passkey')
    assert.equal((await wren.signInByPasskey()).status, 200)
    const { rows } = await platform.store.query<{ body: object }>(
      `SELECT l.body FROM ledger_entry l JOIN person p ON p.id::text = l.actor WHERE l.kind = 'signed-in' AND p.name = 'Wren'`,
    )
    assert.deepEqual(
      rows.map(({ body }) => body),
      [1, 2].map(() => ({ factors: ['passkey'], address: '127.0.0.1' })),
    )
  })

  test('attempts for one name wait in line, and another address has its own', async () => {
    const answers = Promise.all(
      Array.from({ length: 6 }, () =>
        new Visitor(platform).call('POST', 'sign-in/password', { name: 'Quinn', password: 'x', code: '123456' }),
      ),
    )
    const statuses = (await new Visitor(platform).patiently(answers)).map(({ status }) => status)
    assert.deepEqual(statuses.toSorted(), [401, 401, 401, 401, 429, 429])
  })
})

test('where TLS is spoken the cookie is bound to this host, and no other name stands in for it', async () => {
  const httpOrigin = 'https://simward.example'
  await using platform = await startSignIn({ config: { httpOrigin }, http: { publicOrigin: httpOrigin } })
  const left = await new Visitor(platform).call('POST', 'sign-out')
  const cookie = String(left.headers['set-cookie'])
  assert.match(cookie, /^__Host-simward=;/)
  for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']) assert.ok(cookie.includes(attribute), attribute)
  const visitor = new Visitor(platform)
  visitor.cookie = `simward=${'a'.repeat(43)}`
  assert.equal((await visitor.call('GET', 'self')).body.code, 'session-ended')
})
