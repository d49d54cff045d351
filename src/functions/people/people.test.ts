import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { limits } from '#core/limits.ts'
import type { EnrolmentPort, PersonSession } from '#platform/enrolment.ts'
import type { Role } from '#platform/permission.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { peopleFunction } from './index.ts'

const any = { 'if-match': '*' }

describe('people', () => {
  let platform: TestPlatform
  let meters: ProviderRows
  let trackers: ProviderRows
  let admin = ''
  const factors = new Map<string, readonly ['passkey']>()
  const calls: string[] = []
  const session: PersonSession = {
    id: randomUUID(),
    createdAt: 1,
    seenAt: 2,
    expiresAt: 3,
    factors: ['passkey'],
    address: '192.0.2.7',
    device: { browser: 'Chromium', system: 'Linux' },
  }
  const enrolment: EnrolmentPort = {
    claimToken: async () => null,
    async link(personId, purpose, by) {
      calls.push(`${purpose} ${by}`)
      return { url: `https://simward.example/${purpose}#token=${personId}`, expiresAt: 7 }
    },
    async endSessions(personId) {
      calls.push(`end ${personId}`)
      return 2
    },
    endSession: async (_personId, sessionId) => sessionId === session.id,
    sessionsOf: async () => [session],
    factorsOf: async (ids) => new Map(ids.flatMap((id) => (factors.has(id) ? [[id, factors.get(id) ?? []] as const] : []))),
  }

  interface Asked {
    as?: string
    role?: Role
    me?: string
    headers?: Record<string, string>
  }
  const ask = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    { as = 'operator', role, me, headers }: Asked = {},
  ) =>
    platform.call(method, path, {
      as,
      roles: [role ?? (as === 'operator' ? 'operator-admin' : 'provider-admin')],
      headers: { ...any, 'x-test-person': me ?? admin, ...headers },
      ...(body === undefined ? {} : { body }),
    })
  const invite = (body: object, asked?: Asked) => ask('POST', 'people', { reason: 'joins the team', ...body }, asked)
  const invited = async (body: object, asked?: Asked): Promise<string> => {
    const answer = await invite(body, asked)
    assert.equal(answer.status, 201, answer.text)
    return answer.body.person.id
  }

  before(async () => {
    platform = await startTestPlatform({ functions: [peopleFunction], base: { enrolment } })
    meters = await insertProvider(platform.store, 'Meters', '9997000001', 1)
    trackers = await insertProvider(platform.store, 'Trackers', '9997000002', 1)
    admin = randomUUID()
    await platform.store.query("INSERT INTO person (id, name, roles) VALUES ($1, 'Ada', ARRAY['operator-admin'])", [admin])
  })
  after(() => platform[Symbol.asyncDispose]())

  test('an invitation makes the account and a link that is shown once; names and addresses stand sealed in the ledger', async () => {
    const { status, body } = await invite({
      name: 'Mira Field',
      email: 'mira@meters.example',
      language: 'ja',
      roles: ['provider-admin'],
      provider: meters.providerId,
    })
    assert.equal(status, 201)
    assert.deepEqual(
      [body.person.state, body.person.factors, body.person.provider.name, body.person.signedInAt, body.person.lock],
      ['invited', [], 'Meters', null, null],
    )
    assert.match(body.link.url, /^https:\/\/simward\.example\/invite#token=/)
    assert.doesNotMatch((await ask('GET', `people/${body.person.id}`)).text, /token/)
    const { rows } = await platform.store.query<{ body: object; sealed: Buffer | null; provider_id: string }>(
      "SELECT body, sealed, provider_id FROM ledger_entry WHERE kind = 'person-invited'",
    )
    assert.equal(rows[0]?.provider_id, meters.providerId)
    assert.ok(rows[0]?.sealed !== null)
    assert.doesNotMatch(JSON.stringify(rows[0]?.body), /Mira|mira@/)
  })

  test('a provider’s administrator sees and invites their own people only', async () => {
    const as = meters.providerId
    const names = async (asked?: Asked): Promise<string[]> =>
      (await ask('GET', 'people', undefined, asked)).body.items.map(({ name }: { name: string }) => name)
    const own = await invited({ name: 'Manu', roles: ['provider-manager'] }, { as })
    const stranger = await invited({ name: 'Tess', roles: ['provider-viewer'], provider: trackers.providerId })
    assert.deepEqual(await names({ as }), ['Manu', 'Mira Field'])
    assert.deepEqual(await names(), ['Ada', 'Manu', 'Mira Field', 'Tess'])
    assert.equal((await ask('GET', `people/${stranger}`, undefined, { as })).body.code, 'person-unknown')
    assert.equal((await ask('POST', `people/${stranger}/disable`, { reason: 'not mine' }, { as })).body.code, 'person-unknown')
    assert.equal((await ask('POST', `people/${stranger}/recover`, { reason: 'not mine' }, { as })).body.code, 'person-unknown')
    assert.equal(
      (await invite({ name: 'X', roles: ['provider-viewer'], provider: trackers.providerId }, { as })).body.code,
      'provider-unknown',
    )
    assert.equal((await invite({ name: 'X', roles: ['auditor'], provider: null }, { as })).body.code, 'provider-unknown')
    assert.equal((await invite({ name: 'X', roles: ['operator-admin'] }, { as })).body.code, 'role-not-of-organisation')
    assert.equal((await ask('GET', `people/${own}`, undefined, { as: trackers.providerId })).status, 404)
    assert.deepEqual(
      (await ask('GET', 'roles', undefined, { as })).body.items.map(({ role, grantable }: { role: string; grantable: boolean }) => [
        role,
        grantable,
      ]),
      [
        ['provider-admin', true],
        ['provider-manager', true],
        ['provider-viewer', true],
      ],
    )
  })

  test('lists are filtered by what stands in them, and page by name', async () => {
    const names = async (filter: string): Promise<string> =>
      (await ask('GET', `people?filter=${encodeURIComponent(filter)}`)).body.items.map(({ name }: { name: string }) => name).join()
    await invited({ name: 'Both', roles: ['operator-engineer', 'auditor'] })
    assert.equal(await names('role:auditor'), 'Both')
    assert.equal(await names('-role:auditor operator:yes'), 'Ada')
    assert.equal(await names('owner:meters'), 'Manu,Mira Field')
    assert.equal(await names('mira@'), 'Mira Field')
    assert.equal(await names('disabled:yes'), '')
    assert.equal((await ask('GET', 'people?filter=role:king')).body.code, 'filter-invalid')
    const first = (await ask('GET', 'people?limit=2')).body
    assert.deepEqual([first.items.length, first.count], [2, { value: 5, capped: false }])
    const second = (await ask('GET', `people?limit=2&cursor=${first.next}`)).body
    assert.deepEqual(
      second.items.map(({ name }: { name: string }) => name),
      ['Manu', 'Mira Field'],
    )
  })

  test('two people never sign in by one name', async () => {
    assert.equal((await invite({ name: 'ADA', roles: ['auditor'] })).body.code, 'person-name')
    const id = await invited({ name: 'Otto', roles: ['auditor'] })
    assert.equal((await ask('PATCH', `people/${id}`, { name: 'ada', reason: 'married' })).body.code, 'person-name')
    assert.equal((await ask('PATCH', `people/${id}`, { name: 'OTTO', email: null, reason: 'spelling' })).body.name, 'OTTO')
  })

  test('roles change for others, never for oneself, and never beyond one’s own', async () => {
    const id = await invited({ name: 'Eng', roles: ['operator-engineer'] })
    const put = (who: string, roles: string[], asked?: Asked) => ask('PUT', `people/${who}/roles`, { roles, reason: 'new task' }, asked)
    const changed = await put(id, ['auditor', 'operator-security'])
    assert.deepEqual([changed.body.roles, changed.body.version, changed.headers.etag], [['auditor', 'operator-security'], 2, '"2"'])
    assert.equal((await put(id, ['auditor'], { headers: { 'if-match': '"1"' } })).body.code, 'version-changed')
    assert.equal((await put(admin, ['auditor'])).body.code, 'own-account')
    assert.equal((await put(id, ['provider-viewer'])).body.code, 'role-not-of-organisation')
    assert.equal((await put(id, [])).status, 400)
    assert.equal((await put(id, ['demo'])).status, 400)
    // Somebody whose role lets them manage people, but who may do less than the person.
    const less = ask('PUT', `people/${admin}/roles`, { roles: ['auditor'], reason: 'coup' }, { role: 'operator-security', me: id })
    assert.equal((await less).body.code, 'not-allowed')
  })

  test('the last administrator of the operator stays, also when two demote each other at once', async () => {
    const second = await invited({ name: 'Bea', roles: ['operator-admin'] })
    const demote = (who: string, me: string) => ask('PUT', `people/${who}/roles`, { roles: ['auditor'], reason: 'quarrel' }, { me })
    const both = await Promise.all([demote(second, admin), demote(admin, second)])
    assert.deepEqual(both.map(({ body, status }) => body.code ?? status).toSorted(), [200, 'last-administrator'])
    await platform.store.query("UPDATE person SET roles = ARRAY['operator-admin'] WHERE id = $1", [admin])
    await platform.store.query("UPDATE person SET roles = ARRAY['auditor'] WHERE id = $1", [second])
    const outsider = randomUUID()
    const disable = await ask('POST', `people/${admin}/disable`, { reason: 'leaves' }, { me: outsider })
    assert.equal(disable.body.code, 'last-administrator')
  })

  test('who is disabled loses their sessions, and comes back as they were', async () => {
    const id = await invited({ name: 'Leaver', roles: ['auditor'] })
    factors.set(id, ['passkey'])
    calls.length = 0
    const { body } = await ask('POST', `people/${id}/disable`, { reason: 'left the company' })
    assert.deepEqual([body.person.state, body.sessionsEnded, calls], ['disabled', 2, [`end ${id}`]])
    assert.equal((await ask('POST', `people/${id}/recover`, { reason: 'lost key' })).body.code, 'person-disabled')
    assert.equal((await ask('POST', `people/${id}/enable`, { reason: 'came back' })).body.state, 'active')
  })

  test('links: a new invitation before there are factors, a recovery after, neither for oneself', async () => {
    const id = await invited({ name: 'Late', roles: ['auditor'] })
    calls.length = 0
    assert.equal((await ask('POST', `people/${id}/invite`, { reason: 'link ran out' })).body.expiresAt, 7)
    factors.set(id, ['passkey'])
    assert.equal((await ask('POST', `people/${id}/invite`, { reason: 'link ran out' })).body.code, 'person-enrolled')
    assert.match((await ask('POST', `people/${id}/recover`, { reason: 'lost phone' })).body.url, /recover/)
    assert.deepEqual(calls, [`invite ${admin}`, `recover ${admin}`])
    assert.equal((await ask('POST', `people/${admin}/recover`, { reason: 'for myself' })).body.code, 'own-account')
    const sso = await invite({ name: 'Federated', roles: ['auditor'], ssoOnly: true })
    assert.deepEqual([sso.body.link, sso.body.person.state], [null, 'active'])
    assert.equal((await ask('POST', `people/${sso.body.person.id}/invite`, { reason: 'why not' })).body.code, 'sso-only')
  })

  test('sessions of a person are seen and ended by whoever may manage them', async () => {
    const id = await invited({ name: 'Somewhere', roles: ['provider-viewer'], provider: meters.providerId })
    const path = `people/${id}/sessions`
    assert.deepEqual((await ask('GET', path)).body, { items: [session] })
    assert.equal((await ask('GET', path, undefined, { as: trackers.providerId })).body.code, 'person-unknown')
    assert.equal((await ask('DELETE', path)).body.ended, 2)
    assert.equal((await ask('DELETE', `${path}/${session.id}`)).status, 204)
    for (const other of [randomUUID(), 'x']) assert.equal((await ask('DELETE', `${path}/${other}`)).body.code, 'person-session-unknown')
    assert.equal((await ask('DELETE', `people/${admin}/sessions`)).body.code, 'own-account')
  })

  test('writing asks for a person who has just proven who they are', async () => {
    const body = { name: 'Nobody', roles: ['auditor'] }
    const old = { 'x-test-proof-age-ms': String(limits.http.stepUpMs + 1) }
    assert.equal((await invite(body, { headers: old })).body.code, 'step-up-needed')
    assert.equal((await invite(body, { headers: { 'x-test-kind': 'client' } })).body.code, 'people-only')
    assert.equal((await invite(body, { role: 'operator-engineer' })).body.code, 'not-allowed')
    for (const bad of [
      { email: 'no address' },
      { email: 'a@b' },
      { language: 'fr' },
      { name: 'a\u202eb' },
      { roles: ['auditor', 'auditor'] },
    ])
      assert.equal((await invite({ ...body, ...bad })).status, 400, JSON.stringify(bad))
  })
})

test('without sign-in no account is made that nobody could use', async () => {
  await using platform = await startTestPlatform({ functions: [peopleFunction] })
  const answer = await platform.call('POST', 'people', { body: { name: 'Ada', roles: ['auditor'], reason: 'first' } })
  assert.equal(answer.body.code, 'not-running')
  assert.equal((await platform.store.query('SELECT FROM person')).affected, 0)
})
