import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { alarmsFunction } from '#functions/alarms/index.ts'
import { noticesFunction } from '#functions/notices/index.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { clientsFunction } from './index.ts'
import { mayComeFrom, parseSources } from './sources.ts'

const dayMs = 86_400_000
const reason = 'for the test'

describe('API clients', () => {
  let platform: TestPlatform
  let providerId: string
  let otherId: string
  before(async () => {
    platform = await startTestPlatform({
      functions: [recorderFunction, noticesFunction, clientsFunction, alarmsFunction],
      base: { network: { partners: () => [], peers: () => [], onChange: () => () => {} } },
    })
    providerId = (await insertProvider(platform.store, 'Wayfold', '99970', 1)).providerId
    otherId = (await insertProvider(platform.store, 'Northmere', '99971', 1)).providerId
  })
  after(() => platform[Symbol.asyncDispose]())

  const asAdmin = () => ({ as: providerId, roles: ['provider-admin'] as const })
  const create = (body: object) =>
    platform.call('POST', 'clients', {
      ...asAdmin(),
      body: { kind: 'key', name: 'Meter back end', scopes: ['alarms:read'], reason, ...body },
    })
  const using = (bearer: string, path = 'alarms', headers: Record<string, string> = {}) =>
    platform.call('GET', path, { as: '', headers: { authorization: `Bearer ${bearer}`, ...headers } })
  const formOf = (form: Record<string, string>, basic?: [string, string]) =>
    platform.http.app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: {
        host: 'localhost:8480',
        'content-type': 'application/x-www-form-urlencoded',
        ...(basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic.join(':')).toString('base64')}` }),
      },
      payload: new URLSearchParams(form).toString(),
    })

  test('a key is shown once, lets its scopes in and nothing else, and stands in the store as a digest', async () => {
    const made = await create({})
    assert.equal(made.status, 201, made.text)
    const { client, secret } = made.body
    assert.match(secret, /^swk_[0-9a-f]{32}_[\w-]{43}$/)
    assert.deepEqual([client.state, client.scopes, client.expiresAt], ['active', ['alarms:read'], platform.clock.now() + 365 * dayMs])
    assert.equal((await using(secret)).status, 200)
    assert.equal((await using(secret, 'notices')).status, 200)
    assert.match((await using(secret, 'clients')).body.detail, /clients:read/)
    for (const row of (await platform.store.query<{ text: string }>('SELECT s::text AS text FROM api_client_secret s')).rows)
      assert.ok(!row.text.includes(secret.slice(-43)))
    const listed = await platform.call('GET', 'clients', asAdmin())
    assert.ok(!listed.text.includes(secret.slice(-43)))
    assert.equal(listed.body.items[0].usedFrom, '127.0.0.1')
    assert.ok(listed.body.grantable.includes('sims:write') && !listed.body.grantable.includes('clients:write'))
  })

  test('nobody gives what they do not have, or what no client may have', async () => {
    for (const scope of ['people:write', 'clients:read', 'self', 'network:read', 'overview:read']) {
      const refused = await create({ scopes: ['sims:read', scope] })
      assert.deepEqual([refused.status, refused.body.code, refused.body.refused], [403, 'scope-refused', [scope]])
    }
    assert.equal((await create({ scopes: ['everything'] })).body.code, 'request-invalid')
    const manager = await platform.call('POST', 'clients', { as: providerId, roles: ['provider-manager'], body: {} })
    assert.deepEqual([manager.status, manager.body.code], [403, 'not-allowed'])
  })

  test('a client makes no clients, whatever it holds; a person must have proven themselves lately', async () => {
    const body = { kind: 'key', name: 'x', scopes: ['sims:read'], reason }
    const client = await platform.call('POST', 'clients', { ...asAdmin(), body, headers: { 'x-test-kind': 'client' } })
    assert.equal(client.body.code, 'people-only')
    const stale = await platform.call('POST', 'clients', { ...asAdmin(), body, headers: { 'x-test-proof-age-ms': '400000' } })
    assert.equal(stale.body.code, 'step-up-needed')
  })

  test('expired, revoked, of another address, damaged: each is refused alike, and says how to prove oneself', async () => {
    const short = (await create({ expiresAt: platform.clock.now() + 61_000 })).body
    const bound = (await create({ sources: ['192.0.2.0/24'] })).body
    const revoked = (await create({})).body
    const end = await platform.call('POST', `clients/${revoked.client.id}/revoke`, { ...asAdmin(), body: { reason } })
    assert.equal(end.body.state, 'revoked')
    assert.equal((await using(short.secret)).status, 200)
    platform.clock.advance(62_000)
    for (const bearer of [short.secret, bound.secret, revoked.secret, `${revoked.secret.slice(0, -1)}_`, 'swk_x', 'x'.repeat(4000)]) {
      const refused = await using(bearer)
      assert.deepEqual([refused.status, refused.body.code], [401, 'key-refused'], bearer)
      assert.match(String(refused.headers['www-authenticate']), /Bearer .*invalid_token/)
    }
    const inBasic = await platform.call('GET', 'alarms', { headers: { authorization: 'Basic eDp5' } })
    assert.equal(inBasic.status, 401, 'the cookie of a person does not stand in for a bad header')
    const again = await platform.call('POST', `clients/${revoked.client.id}/rotate`, { ...asAdmin(), body: { reason } })
    assert.equal(again.body.code, 'client-revoked')
  })

  test('a rotated key works beside its successor until the overlap ends; a third ends the first', async () => {
    const first = (await create({})).body
    const rotate = async (overlapMinutes: number): Promise<string> =>
      (await platform.call('POST', `clients/${first.client.id}/rotate`, { ...asAdmin(), body: { reason, overlapMinutes } })).body.secret
    const second = await rotate(5)
    assert.deepEqual([(await using(first.secret)).status, (await using(second)).status], [200, 200])
    const third = await rotate(5)
    assert.deepEqual([(await using(first.secret)).status, (await using(second)).status, (await using(third)).status], [401, 200, 200])
    platform.clock.advance(301_000)
    assert.deepEqual([(await using(second)).status, (await using(third)).status], [401, 200])
    const fourth = await rotate(0)
    assert.deepEqual([(await using(third)).status, (await using(fourth)).status], [401, 200])
  })

  test('an edit names the version that it saw, and acts on the next request', async () => {
    const { client, secret } = (await create({})).body
    const path = `clients/${client.id}`
    const seen = await platform.call('GET', path, asAdmin())
    assert.equal(seen.headers.etag, '"1"')
    const body = { scopes: ['sims:read'], reason }
    assert.equal((await platform.call('PATCH', path, { ...asAdmin(), body })).status, 428)
    const edited = await platform.call('PATCH', path, { ...asAdmin(), body, headers: { 'if-match': '"1"' } })
    assert.deepEqual([edited.status, edited.body.scopes, edited.headers.etag], [200, ['sims:read'], '"2"'])
    assert.equal((await platform.call('PATCH', path, { ...asAdmin(), body, headers: { 'if-match': '"1"' } })).status, 412)
    assert.equal((await using(secret)).status, 403)
  })

  test('another tenant’s clients do not exist; the operator’s person may make one for a provider', async () => {
    const { client } = (await create({})).body
    const other = { as: otherId, roles: ['provider-admin'] as const }
    assert.equal((await platform.call('GET', `clients/${client.id}`, other)).status, 404)
    assert.equal((await platform.call('POST', `clients/${client.id}/revoke`, { ...other, body: { reason } })).status, 404)
    assert.deepEqual((await platform.call('GET', 'clients', other)).body.items, [])
    const forOther = { kind: 'key', name: 'x', scopes: ['sims:read'], reason, organisation: otherId }
    assert.equal((await platform.call('POST', 'clients', { ...asAdmin(), body: forOther })).body.code, 'organisation-unknown')
    const byOperator = await platform.call('POST', 'clients', { body: forOther })
    assert.equal(byOperator.body.client.organisation.name, 'Northmere')
    assert.equal((await platform.call('POST', 'clients', { body: { ...forOther, organisation: randomUUID() } })).status, 404)
  })

  test('bad input is refused before anything is written', async () => {
    const count = async () => (await platform.store.query('SELECT FROM api_client')).affected
    const had = await count()
    for (const [body, code] of [
      [{ sources: ['192.0.2.0/33'] }, 'source-invalid'],
      [{ sources: ['example.net'] }, 'source-invalid'],
      [{ expiresAt: platform.clock.now() - 1 }, 'expiry-invalid'],
      [{ expiresAt: platform.clock.now() + 800 * dayMs }, 'expiry-invalid'],
      [{ keys: { keys: [{ kty: 'EC' }] } }, 'keys-invalid'],
      [{ kind: 'oauth', keys: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, 'keys-invalid'],
      [{ kind: 'oauth', keys: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] } }, 'keys-invalid'],
      [{ name: 'line\nbreak' }, 'request-invalid'],
      [{ reason: 'x' }, 'request-invalid'],
    ] as const) {
      assert.equal((await create(body)).body.code, code, JSON.stringify(body))
    }
    assert.equal(await count(), had)
  })

  test('every change stands in the ledger and is noticed, without the secret', async () => {
    const { client, secret } = (await create({})).body
    await platform.call('POST', `clients/${client.id}/rotate`, { ...asAdmin(), body: { reason } })
    await platform.call('POST', `clients/${client.id}/revoke`, { ...asAdmin(), body: { reason: 'found in a log' } })
    const { rows } = await platform.store.query<{ kind: string; actor: string; provider_id: string; text: string }>(
      `SELECT kind, actor, provider_id, body::text AS text FROM ledger_entry WHERE body->>'clientId' = $1 ORDER BY seq`,
      [client.id],
    )
    assert.deepEqual(
      rows.map(({ kind, actor, provider_id }) => [kind, actor, provider_id]),
      ['client-created', 'client-rotated', 'client-revoked'].map((kind) => [kind, 'tester', providerId]),
    )
    assert.match(rows[2]?.text ?? '', /found in a log/)
    assert.ok(!JSON.stringify(rows).includes(secret.slice(-43)))
    const noticed = await platform.store.query<{ data: { change: string } }>('SELECT data FROM notice WHERE subject_id = $1 ORDER BY id', [
      client.id,
    ])
    assert.deepEqual(
      noticed.rows.map(({ data }) => data.change),
      ['created', 'rotated', 'revoked'],
    )
  })

  test('OAuth: id and secret give a token for ten minutes, of fewer scopes where fewer are asked for', async () => {
    const { client, secret } = (await create({ kind: 'oauth', scopes: ['alarms:read', 'sims:read'] })).body
    assert.match(secret, /^sws_/)
    assert.equal((await using(secret)).status, 401, 'the secret itself opens nothing')
    const given = await formOf({ grant_type: 'client_credentials', scope: 'alarms:read' }, [client.id, secret])
    assert.equal(given.statusCode, 200, given.body)
    const answer = given.json()
    assert.deepEqual([answer.token_type, answer.expires_in, answer.scope], ['Bearer', 600, 'alarms:read'])
    assert.equal(given.headers['cache-control'], 'no-store')
    assert.equal((await using(answer.access_token)).status, 200)
    assert.equal((await using(answer.access_token, 'clients')).status, 403)
    platform.clock.advance(601_000)
    assert.equal((await using(answer.access_token)).status, 401)
    const fresh = (await formOf({ grant_type: 'client_credentials' }, [client.id, secret])).json()
    assert.equal(fresh.scope, 'alarms:read sims:read')
    await platform.call('POST', `clients/${client.id}/revoke`, { ...asAdmin(), body: { reason } })
    assert.equal((await using(fresh.access_token)).status, 401, 'tokens end with their client')
  })

  test('OAuth: errors are those of RFC 6749', async () => {
    const { client, secret } = (await create({ kind: 'oauth' })).body
    const key = (await create({})).body
    const grant_type = 'client_credentials'
    for (const [form, basic, status, error] of [
      [{}, [client.id, secret], 400, 'invalid_request'],
      [{ grant_type: 'password' }, [client.id, secret], 400, 'unsupported_grant_type'],
      [{ grant_type }, [client.id, `${secret.slice(0, -1)}_`], 401, 'invalid_client'],
      [{ grant_type }, [randomUUID(), secret], 401, 'invalid_client'],
      [{ grant_type }, [key.client.id, key.secret], 401, 'invalid_client'],
      [{ grant_type, client_id: client.id, client_secret: secret }, undefined, 401, 'invalid_client'],
      [{ grant_type, scope: 'sims:write' }, [client.id, secret], 400, 'invalid_scope'],
      [{ grant_type, client_assertion: 'a.b.c', client_assertion_type: 'x' }, undefined, 401, 'invalid_client'],
    ] as const) {
      const answer = await formOf(form as Record<string, string>, basic as [string, string] | undefined)
      assert.deepEqual([answer.statusCode, answer.json().error], [status, error], JSON.stringify(form))
    }
    const json = await platform.call('POST', '/oauth/token', { as: '', body: { grant_type } })
    assert.deepEqual([json.status, json.body.error], [400, 'invalid_request'])
    const metadata = await platform.call('GET', '/.well-known/oauth-authorization-server', { as: '' })
    assert.equal(metadata.body.issuer, 'http://localhost:8480')
    assert.equal(metadata.body.token_endpoint, 'http://localhost:8480/oauth/token')
  })

  test('OAuth: a client with keys of its own signs an assertion; each works once, for us, and not for long', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const stranger = await generateKeyPair('ES256')
    const { client, secret } = (await create({ kind: 'oauth', keys: { keys: [await exportJWK(pair.publicKey)] } })).body
    assert.equal(secret, null)
    const now = () => Math.floor(platform.clock.now() / 1_000)
    const sign = (
      over: { jti?: string; aud?: string; exp?: number; key?: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'] } = {},
    ) =>
      new SignJWT({ jti: over.jti ?? randomUUID() })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(client.id)
        .setSubject(client.id)
        .setAudience(over.aud ?? 'http://localhost:8480/oauth/token')
        .setExpirationTime(over.exp ?? now() + 60)
        .sign(over.key ?? pair.privateKey)
    const ask = async (assertion: string) =>
      await formOf({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      })
    const good = await sign()
    const given = await ask(good)
    assert.equal(given.statusCode, 200, given.body)
    assert.equal((await using(given.json().access_token)).status, 200)
    for (const [assertion, why] of [
      [good, /used before/],
      [await sign({ key: stranger.privateKey }), /signature/],
      [await sign({ aud: 'https://elsewhere.example/token' }), /"aud"/],
      [await sign({ exp: now() - 60 }), /"exp"/],
      [await sign({ exp: now() + 3_600 }), /at most 600/],
      ['eyJhbGciOiJub25lIn0.e30.', /names no client/],
      ['nothing', /refused/],
    ] as const) {
      const refused = await ask(assertion)
      assert.deepEqual([refused.statusCode, refused.json().error], [401, 'invalid_client'])
      assert.match(refused.json().error_description, why)
    }
  })
})

test('sources: networks of both families, and IPv4 as a dual-stack socket shows it', () => {
  const sources = parseSources([' 192.0.2.0/24', '2001:db8:1::/48', '198.51.100.7', '192.0.2.0/24'])
  assert.equal(sources.length, 3)
  for (const [address, may] of [
    ['192.0.2.9', true],
    ['::ffff:192.0.2.9', true],
    ['192.0.3.9', false],
    ['2001:db8:1:2::3', true],
    ['2001:db8:2::3', false],
    ['198.51.100.7', true],
    ['198.51.100.8', false],
    ['', false],
  ] as const) {
    assert.equal(mayComeFrom(sources, address), may, address)
  }
  assert.equal(mayComeFrom([], '203.0.113.1'), true)
})
