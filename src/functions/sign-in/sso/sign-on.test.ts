import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Role } from '#platform/permission.ts'
import { type Account, type IdentityProvider, startIdentityProvider, visitProvider } from '#test/identity-provider.ts'
import type { TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { insertPerson, linkFor, startSignIn, Visitor } from '#test/visitor.ts'

const origin = 'http://localhost:8480'
const back = `${origin}/sign-in/sso`
type Body = Record<string, unknown>
type Answer = Awaited<ReturnType<TestPlatform['call']>>

describe('single sign-on at a real provider', () => {
  let idp: IdentityProvider
  let platform: TestPlatform
  let admin: Visitor
  let operator: Visitor
  let providerId: string
  let signOn: { id: string; version: number }

  const settings = (over: Body = {}): Body => ({
    name: 'Meadow Metering',
    profile: 'openid-connect',
    issuer: idp.issuer,
    clientId: idp.clientId,
    clientAuth: 'client_secret_basic',
    secret: idp.clientSecret,
    scopes: ['openid', 'email', 'profile', 'groups'],
    acrValues: [],
    domains: ['meadow.example'],
    autoCreate: true,
    defaultRole: 'provider-viewer',
    roleMap: { claim: 'groups', roles: { 'iot-admins': 'provider-admin' } },
    enabled: true,
    reason: 'the test sets it up',
    ...over,
  })

  async function person(name: string, role: Role, of: string | null): Promise<Visitor> {
    const visitor = new Visitor(platform)
    const id = await insertPerson(platform, {
      name,
      role,
      providerId: of,
      email: `${name.toLowerCase()}@${of === null ? 'halden' : 'meadow'}.example`,
    })
    assert.equal((await visitor.joinByPasskey(await linkFor(platform, id))).status, 200)
    return visitor
  }

  before(async () => {
    idp = await startIdentityProvider([back])
    platform = await startSignIn({ config: { ssoInsideHosts: ['localhost'] } })
    providerId = (await insertProvider(platform.store, 'Meadow Metering', '999702', 1)).providerId
    admin = await person('Ada', 'provider-admin', providerId)
    operator = await person('Omar', 'operator-admin', null)
    const made = await admin.call('POST', 'sign-ons', settings())
    assert.equal(made.status, 201, made.text)
    signOn = made.body
  })
  after(async () => {
    await platform[Symbol.asyncDispose]()
    await idp[Symbol.asyncDispose]()
  })

  async function begin(visitor: Visitor, more: Body = {}): Promise<{ url: string; binding: string }> {
    const answer = await visitor.call('POST', 'sign-in/sso', { organisation: 'someone@meadow.example', origin, ...more })
    assert.equal(answer.status, 200, answer.text)
    return answer.body
  }

  async function signIn(account: Account, more: Body = {}): Promise<{ visitor: Visitor; status: number; body: Answer['body'] }> {
    idp.accounts.set(account.sub, account)
    const visitor = new Visitor(platform)
    const { url, binding } = await begin(visitor, more)
    const answer = await visitProvider(url, account.sub, back)
    const { status, body } = await visitor.call('POST', 'sign-in/sso/finish', { answer, binding })
    return { visitor, status, body }
  }

  test('whoever the provider vouches for comes in, with the role of their group, and is the same person next time', async () => {
    const first = await signIn({ sub: 'u-1', email: 'lea@meadow.example', name: 'Lea', groups: ['iot-admins'], amr: ['pwd', 'otp'] })
    assert.equal(first.status, 200, JSON.stringify(first.body))
    assert.deepEqual(
      [first.body.person.name, first.body.person.roles, first.body.person.providerId],
      ['Lea', ['provider-admin'], providerId],
    )
    const [session] = (await first.visitor.call('GET', 'self/sessions')).body.items
    assert.deepEqual([session.factors, session.assurance], [['oidc'], 2])
    const again = await signIn({ sub: 'u-1', email: 'renamed@meadow.example', groups: [] })
    assert.equal(again.body.person.id, first.body.person.id)
  })

  test('an invited person is found by their verified address, within their organisation only', async () => {
    const id = await insertPerson(platform, { name: 'Max', role: 'provider-manager', providerId, email: 'max@meadow.example' })
    assert.equal((await signIn({ sub: 'u-2', email: 'MAX@meadow.example' })).body.person.id, id)
    const unverified = await signIn({ sub: 'u-3', email: 'ada@meadow.example', emailVerified: false })
    assert.deepEqual([unverified.status, unverified.body.code], [401, 'sso-refused'])
    const foreign = await signIn({ sub: 'u-4', email: 'omar@halden.example' })
    assert.deepEqual([foreign.status, foreign.body.code], [401, 'sso-refused'], 'a customer’s provider speaks for no one of the operator')
  })

  test('wrong state, issuer, nonce, verifier or browser: refused, each alike', async () => {
    idp.accounts.set('u-5', { sub: 'u-5', email: 'ines@meadow.example' })
    const visitor = new Visitor(platform)
    const attempt = async (change: {
      url?: (url: URL) => void
      answer?: (answer: Record<string, string>) => unknown
      binding?: string
    }): Promise<unknown[]> => {
      const { url, binding } = await begin(visitor)
      const to = new URL(url)
      change.url?.(to)
      const answer = await visitProvider(to.href, 'u-5', back)
      change.answer?.(answer)
      const { status, body } = await visitor.call('POST', 'sign-in/sso/finish', { answer, binding: change.binding ?? binding })
      return [status, body.code]
    }
    const refused = [401, 'sso-refused']
    assert.deepEqual(await attempt({ answer: (answer) => Object.assign(answer, { state: 'another' }) }), refused)
    assert.deepEqual(await attempt({ answer: (answer) => Object.assign(answer, { iss: 'http://localhost:1' }) }), refused)
    assert.deepEqual(await attempt({ answer: (answer) => Reflect.deleteProperty(answer, 'iss') }), refused)
    assert.deepEqual(await attempt({ url: (url) => url.searchParams.set('nonce', 'another') }), refused)
    assert.deepEqual(
      await attempt({ url: (url) => url.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM') }),
      refused,
    )
    assert.deepEqual(await attempt({ binding: 'what another browser holds' }), refused)
    assert.deepEqual(await attempt({ answer: (answer) => Object.assign(answer, { code: 'made-up' }) }), refused)
    assert.equal(visitor.cookie, null)
    assert.deepEqual(await attempt({}), [200, undefined])
  })

  test('an answer works once, and its code in no other sign-on', async () => {
    idp.accounts.set('u-6', { sub: 'u-6', email: 'jo@meadow.example' })
    const visitor = new Visitor(platform)
    const first = await begin(visitor)
    const second = await begin(visitor)
    const answer = await visitProvider(first.url, 'u-6', back)
    const other = await visitProvider(second.url, 'u-6', back)
    const crossed = { ...answer, code: other.code }
    assert.equal((await visitor.call('POST', 'sign-in/sso/finish', { answer: crossed, binding: first.binding })).status, 401)
    assert.equal((await visitor.call('POST', 'sign-in/sso/finish', { answer, binding: first.binding })).status, 401, 'the state is used up')
    const third = await begin(visitor)
    const good = await visitProvider(third.url, 'u-6', back)
    assert.equal((await visitor.call('POST', 'sign-in/sso/finish', { answer: good, binding: third.binding })).status, 200)
    assert.equal((await visitor.call('POST', 'sign-in/sso/finish', { answer: good, binding: third.binding })).status, 401)
  })

  test('a domain that is nobody’s, one that is switched off and one whose provider is away read the same', async () => {
    const visitor = new Visitor(platform)
    const ask = async (organisation: string): Promise<unknown[]> => {
      const { status, body } = await visitor.call('POST', 'sign-in/sso', { organisation, origin })
      return [status, body.code, body.detail]
    }
    const unknown = await ask('nobody@elsewhere.example')
    assert.deepEqual(unknown.slice(0, 2), [422, 'sso-unavailable'])
    const off = await operator.call(
      'POST',
      'sign-ons',
      settings({ domains: ['halden.example'], enabled: false, defaultRole: 'auditor', roleMap: null }),
    )
    assert.equal(off.status, 201, off.text)
    assert.deepEqual(await ask('omar@halden.example'), unknown)
    const away = settings({ domains: ['halden.example'], issuer: 'http://localhost:9', defaultRole: 'auditor', roleMap: null })
    const { status, text } = await changed(operator, off.body, away)
    assert.equal(status, 200, text)
    assert.deepEqual(await ask('omar@halden.example'), unknown)
    assert.deepEqual(await ask('not a domain'), unknown)
    const tested = await operator.call('POST', `sign-ons/${off.body.id}/test`)
    assert.deepEqual([tested.body.ok, /ECONNREFUSED/.test(tested.body.problem)], [false, true])
    assert.equal((await operator.call('DELETE', `sign-ons/${off.body.id}`, { reason: 'no longer needed' })).status, 204)
  })

  async function changed(
    who: Visitor,
    row: { id: string; version: number },
    body: Body,
  ): Promise<{ status: number; body: Answer['body']; text: string }> {
    return platform.call('PUT', `sign-ons/${row.id}`, {
      as: '',
      body,
      headers: { cookie: who.cookie ?? '', 'if-match': `"${row.version}"` },
    })
  }

  test('a level of assurance that was asked for must be reached', async () => {
    const asked = await changed(admin, signOn, settings({ acrValues: ['phr', '3'] }))
    assert.equal(asked.status, 200, asked.text)
    const weak = await signIn({ sub: 'u-7', email: 'kai@meadow.example', acr: '2' })
    assert.equal(weak.body.code, 'sso-too-weak')
    const strong = await signIn({ sub: 'u-7', email: 'kai@meadow.example', acr: 'phr' })
    assert.equal((await strong.visitor.call('GET', 'self/sessions')).body.items[0].assurance, 3)
    signOn = (await changed(admin, asked.body, settings({ acrValues: [] }))).body
  })

  test('an operator’s administrator needs a phishing-resistant proof this way too', async () => {
    const made = await operator.call(
      'POST',
      'sign-ons',
      settings({ domains: ['halden.example'], autoCreate: false, defaultRole: 'auditor', roleMap: null }),
    )
    const at = { organisation: 'omar@halden.example' }
    const plain = await signIn({ sub: 'o-1', email: 'omar@halden.example', amr: ['pwd', 'otp'] }, at)
    assert.deepEqual([plain.body.mustEnrol, plain.body.permissions], ['passkey', ['self']])
    const hardware = await signIn({ sub: 'o-1', email: 'omar@halden.example', amr: ['hwk'] }, at)
    assert.equal(hardware.body.mustEnrol, null)
    const stranger = await signIn({ sub: 'o-2', email: 'nobody@halden.example' }, at)
    assert.equal(stranger.body.code, 'sso-refused', 'nobody is made where only invited people may come')
    assert.equal((await operator.call('DELETE', `sign-ons/${made.body.id}`, { reason: 'no longer needed' })).status, 204)
  })

  test('Mobile Connect: by telephone number, level 3 as two factors', async () => {
    const mobile = settings({
      name: 'Mobile Connect',
      profile: 'mobile-connect',
      scopes: ['openid', 'mc_authn', 'email'],
      acrValues: ['3', '2'],
      domains: ['phones.example'],
      roleMap: null,
    })
    const made = await admin.call('POST', 'sign-ons', mobile)
    assert.equal(made.status, 201, made.text)
    const visitor = new Visitor(platform)
    const asked = await visitor.call('POST', 'sign-in/sso', { organisation: 'phones.example', origin })
    assert.deepEqual(asked.body, { needs: 'msisdn' })
    const begun = await begin(visitor, { organisation: 'phones.example', msisdn: '+999 555 0100' })
    const { searchParams } = new URL(begun.url)
    assert.deepEqual([searchParams.get('login_hint'), searchParams.get('acr_values')], ['MSISDN:9995550100', '3 2'])
    const entered = await signIn(
      { sub: 'm-1', email: 'pia@phones.example', acr: '3' },
      { organisation: 'phones.example', msisdn: '+9995550100' },
    )
    assert.equal(entered.status, 200, JSON.stringify(entered.body))
    assert.equal((await entered.visitor.call('GET', 'self/sessions')).body.items[0].assurance, 2)
  })

  test('the client may prove itself by a key that is made here and never leaves', async () => {
    const made = await admin.call(
      'POST',
      'sign-ons',
      settings({ clientId: idp.keyClientId, clientAuth: 'private_key_jwt', domains: ['keys.example'], secret: undefined }),
    )
    assert.equal(made.status, 201, made.text)
    assert.equal(made.body.publicJwk.d, undefined)
    idp.setClientKey(made.body.publicJwk)
    const tested = await admin.call('POST', `sign-ons/${made.body.id}/test`)
    assert.deepEqual([tested.body.ok, tested.body.problem], [true, null])
    const entered = await signIn({ sub: 'k-1', email: 'kim@keys.example' }, { organisation: 'keys.example' })
    assert.equal(entered.status, 200, JSON.stringify(entered.body))
  })

  test('where the provider takes it, the request is pushed to it and the browser carries only its name', async () => {
    await using pushing = await startIdentityProvider([back], { pushed: true })
    pushing.accounts.set('p-1', { sub: 'p-1', email: 'ole@pushed.example' })
    const { issuer, clientId, clientSecret: secret } = pushing
    const made = await admin.call('POST', 'sign-ons', settings({ issuer, clientId, secret, domains: ['pushed.example'] }))
    assert.equal(made.status, 201, made.text)
    const visitor = new Visitor(platform)
    const { url, binding } = await begin(visitor, { organisation: 'pushed.example' })
    assert.deepEqual([...new URL(url).searchParams.keys()].toSorted(), ['client_id', 'request_uri'])
    const answer = await visitProvider(url, 'p-1', back)
    assert.equal((await visitor.call('POST', 'sign-in/sso/finish', { answer, binding })).status, 200)
  })

  test('one customer’s sign-on is nobody else’s: not to see, not to change, not its domain', async () => {
    const { providerId: otherId } = await insertProvider(platform.store, 'Brook Telematics', '999703', 1)
    const other = await person('Bea', 'provider-admin', otherId)
    assert.deepEqual((await other.call('GET', 'sign-ons')).body.items, [])
    assert.equal((await changed(other, signOn, settings())).body.code, 'sign-on-unknown')
    assert.equal((await other.call('DELETE', `sign-ons/${signOn.id}`, { reason: 'not mine' })).body.code, 'sign-on-unknown')
    assert.equal((await other.call('POST', 'sign-ons', settings())).body.code, 'domain-taken')
    assert.equal((await changed(operator, signOn, settings({ defaultRole: 'auditor', roleMap: null }))).body.code, 'sign-on-unknown')
    const admins = settings({ domains: ['brook.example'], defaultRole: 'operator-admin' })
    assert.equal((await other.call('POST', 'sign-ons', admins)).body.code, 'sso-settings', 'no role beyond one’s own organisation')
    const stale = await changed(admin, { id: signOn.id, version: 1 }, settings())
    assert.equal(stale.body.code, 'version-changed')
    const { items } = (await operator.call('GET', 'sign-ons')).body
    assert.ok(items.some((one: { organisation: string; own: boolean }) => one.organisation === 'Meadow Metering' && !one.own))
    assert.ok(!JSON.stringify(items).includes(idp.clientSecret) && items.every((one: object) => !('secret' in one)))
  })
})
