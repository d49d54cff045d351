import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { limits } from '#core/limits.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { organisationsFunction } from './index.ts'

const any = { 'if-match': '*' }
const legal = { name: 'Meters Limited', registrationNumber: 'HRB 1234', country: 'DE' }

describe('organisations', () => {
  let platform: TestPlatform
  let meters: ProviderRows
  let trackers: ProviderRows
  const ledgerKinds = async (providerId: string): Promise<string[]> => {
    const { rows } = await platform.store.query<{ kind: string }>('SELECT kind FROM ledger_entry WHERE provider_id = $1 ORDER BY id', [
      providerId,
    ])
    return rows.map(({ kind }) => kind)
  }
  const create = async (body: object, as?: string) =>
    platform.call('POST', 'groups', { body, ...(as === undefined ? {} : { as, roles: ['provider-manager'] }) })

  before(async () => {
    platform = await startTestPlatform({ functions: [organisationsFunction] })
    meters = await insertProvider(platform.store, 'Meters', '9997000001', 12)
    trackers = await insertProvider(platform.store, 'Trackers', '9997000002', 3)
  })
  after(() => platform[Symbol.asyncDispose]())

  test('a provider is taken on, named once, and found by what is on record', async () => {
    const made = await platform.call('POST', 'providers', { body: { name: 'Pumps', reason: 'contract 7' } })
    assert.equal(made.status, 201, made.text)
    assert.equal(made.headers.etag, '"1"')
    const again = await platform.call('POST', 'providers', { body: { name: 'PUMPS', reason: 'contract 8' } })
    assert.deepEqual([again.status, again.body.code], [409, 'provider-name'])
    const names = async (filter: string): Promise<string[]> =>
      (await platform.call('GET', `providers?filter=${encodeURIComponent(filter)}`)).body.items.map(({ name }: { name: string }) => name)
    assert.deepEqual(await names(''), ['Meters', 'Pumps', 'Trackers'])
    assert.deepEqual(await names('ump'), ['Pumps'])
    assert.deepEqual(await names('verified:yes'), [])
    assert.deepEqual(await ledgerKinds(made.body.id), ['provider-created'])
    const page = (await platform.call('GET', 'providers?limit=2')).body
    assert.deepEqual((await platform.call('GET', `providers?limit=2&cursor=${page.next}`)).body.items.length, 1)
    assert.deepEqual(page.items[0].sims, { value: 12, capped: false })
    for (const name of ['', ' x', 'x ', 'a\u0000b', 'a\u202eb', 'x'.repeat(81)])
      assert.equal((await platform.call('POST', 'providers', { body: { name, reason: 'bad input' } })).status, 400, JSON.stringify(name))
  })

  test('what it has is counted by state and class', async () => {
    await platform.store.query("UPDATE subscription SET intended = 'suspended', class = 'critical' WHERE imsi = $1", [meters.imsis[0]])
    const { figures } = (await platform.call('GET', `providers/${meters.providerId}`)).body
    assert.deepEqual(figures.sims, { value: 12, capped: false })
    const of = (list: { sims: { value: number } }[]) => list.map(({ sims }) => sims.value)
    assert.deepEqual(of(figures.byState), [0, 0, 11, 1, 0])
    assert.deepEqual(of(figures.byClass), [1, 11, 0])
    await platform.store.query("UPDATE subscription SET intended = 'active', class = 'standard'")
  })

  test('a legal identity is verified by a person, and must be again once it changes', async () => {
    const path = `providers/${meters.providerId}`
    const verify = () =>
      platform.call('POST', `${path}/verify`, { body: { evidence: 'register extract', reason: 'onboarding' }, headers: any })
    assert.equal((await verify()).body.code, 'legal-missing')
    const change = (body: object, version: string) => platform.call('PATCH', path, { body, headers: { 'if-match': version } })
    assert.equal((await platform.call('PATCH', path, { body: { legal, reason: 'onboarding' } })).body.code, 'version-needed')
    assert.equal((await change({ legal, reason: 'onboarding' }, '"9"')).body.code, 'version-changed')
    assert.equal((await change({ legal, reason: 'onboarding' }, '"1"')).status, 200)
    const verified = await verify()
    assert.deepEqual(verified.body.verified, { at: platform.clock.now(), by: 'tester', evidence: 'register extract' })
    assert.deepEqual((await change({ name: 'Meters 2', reason: 'new name' }, '*')).body.verified, verified.body.verified)
    assert.deepEqual((await change({ legal: { ...legal, country: 'FR' }, reason: 'moved' }, '*')).body.verified, null)
    assert.deepEqual(await ledgerKinds(meters.providerId), [
      'provider-changed',
      'provider-verified',
      'provider-changed',
      'provider-changed',
    ])
  })

  test('an agreement is recorded and ended, and none is signed tomorrow', async () => {
    const path = `providers/${trackers.providerId}/agreement`
    const sign = (signedAt: number) =>
      platform.call('PUT', path, { body: { reference: 'DPA-9', signedAt, reason: 'signed' }, headers: any })
    assert.equal((await sign(platform.clock.now() + 86_400_000)).body.code, 'signed-later')
    assert.deepEqual((await sign(5)).body.agreement, { reference: 'DPA-9', signedAt: 5 })
    const end = () => platform.call('POST', `${path}/end`, { body: { reason: 'terminated' }, headers: any })
    assert.equal((await end()).body.agreement, null)
    assert.equal((await end()).body.code, 'agreement-missing')
  })

  test('a provider is suspended and resumed, by a person who has just proven who they are', async () => {
    const path = `providers/${trackers.providerId}`
    const ask = (what: string, headers: Record<string, string> = {}) =>
      platform.call('POST', `${path}/${what}`, { body: { reason: 'unpaid' }, headers: { ...any, ...headers } })
    assert.equal((await ask('suspend', { 'x-test-proof-age-ms': String(limits.http.stepUpMs + 1) })).body.code, 'step-up-needed')
    assert.equal((await ask('suspend', { 'x-test-kind': 'client' })).body.code, 'people-only')
    const suspended = (await ask('suspend')).body
    assert.equal(suspended.suspended.reason, 'unpaid')
    assert.equal((await ask('suspend')).body.version, suspended.version, 'twice is once')
    assert.equal((await ask('resume')).body.suspended, null)
  })

  test('ids that are none, or of nobody, are unknown', async () => {
    for (const id of [randomUUID(), 'x', "'"]) {
      const path = `providers/${encodeURIComponent(id)}`
      assert.equal((await platform.call('GET', path)).body.code, 'provider-unknown', id)
      assert.equal(
        (await platform.call('POST', `${path}/suspend`, { body: { reason: 'why not' }, headers: any })).body.code,
        'provider-unknown',
      )
      assert.equal((await platform.call('GET', `groups/${encodeURIComponent(id)}`)).body.code, 'group-unknown')
    }
  })

  test('groups nest, move and are removed once empty', async () => {
    const as = meters.providerId
    const city = (await create({ name: 'City' }, as)).body
    const north = (await create({ name: 'North', parentId: city.id, service: { objective: 0.995, windowS: 2_592_000 } }, as)).body
    assert.deepEqual(north.service, { objective: 0.995, windowS: 2_592_000 })
    assert.equal((await create({ name: 'north', parentId: city.id }, as)).body.code, 'group-name')
    assert.equal((await create({ name: 'x', parentId: randomUUID() }, as)).body.code, 'group-unknown')
    const change = (id: string, body: object) =>
      platform.call('PATCH', `groups/${id}`, { as, roles: ['provider-manager'], body, headers: any })
    assert.equal((await change(city.id, { parentId: north.id })).body.code, 'group-cycle')
    assert.equal((await change(north.id, { parentId: null, name: 'North side' })).body.version, 2)
    await platform.store.query('UPDATE subscription SET group_id = $2 WHERE imsi = ANY ($1)', [meters.imsis.slice(0, 4), north.id])
    assert.equal((await change(north.id, { parentId: city.id })).status, 200)
    assert.equal((await change(north.id, { cardUse: 'handset' })).body.code, 'group-card-use')
    assert.equal((await change(north.id, { cardUse: 'iot' })).body.cardUse, 'iot')
    const list = (await platform.call('GET', 'groups', { as, roles: ['provider-viewer'] })).body
    assert.deepEqual(
      list.items.map(({ name, sims }: { name: string; sims: object }) => [name, sims]),
      [
        ['City', { value: 0, capped: false }],
        ['North side', { value: 4, capped: false }],
      ],
    )
    assert.deepEqual((await platform.call('GET', `groups/${city.id}`)).body.below, { value: 4, capped: false })
    const remove = (id: string) => platform.call('DELETE', `groups/${id}?reason=tidy`, { as, roles: ['provider-manager'], headers: any })
    assert.equal((await remove(city.id)).body.code, 'group-not-empty')
    assert.equal((await remove(north.id)).body.code, 'group-not-empty')
    await platform.store.query('UPDATE subscription SET group_id = NULL')
    assert.deepEqual([(await remove(north.id)).status, (await remove(city.id)).status], [204, 204])
    assert.deepEqual(
      (await ledgerKinds(as)).filter((kind) => kind.startsWith('group')),
      ['created', 'created', 'changed', 'changed', 'changed', 'deleted', 'deleted'].map((what) => `group-${what}`),
    )
  })

  test('the operator says whose groups it means; a provider cannot mean another', async () => {
    assert.equal((await platform.call('GET', 'groups')).body.code, 'provider-needed')
    assert.equal((await create({ name: 'A' })).body.code, 'provider-needed')
    assert.equal((await create({ name: 'A', provider: randomUUID() })).body.code, 'provider-unknown')
    const made = (await create({ name: 'A', provider: trackers.providerId })).body
    assert.equal(made.providerId, trackers.providerId)
    assert.equal((await create({ name: 'B', provider: trackers.providerId }, meters.providerId)).body.code, 'provider-unknown')
    assert.equal((await create({ name: 'B', parentId: made.id }, meters.providerId)).body.code, 'group-unknown')
    const other = await platform.call('GET', `groups?provider=${trackers.providerId}`, {
      as: meters.providerId,
      roles: ['provider-viewer'],
    })
    assert.equal(other.body.code, 'provider-unknown')
  })

  test('the store itself keeps SIMs and groups of two providers apart, and an eUICC with one', async () => {
    const [{ id: mine = '' } = {}] = (await platform.store.query<{ id: string }>('SELECT id FROM sim_group WHERE name = $1', ['A'])).rows
    await assert.rejects(platform.store.query('UPDATE subscription SET group_id = $1 WHERE imsi = $2', [mine, meters.imsis[0]]), {
      code: '23503',
    })
    const eid = '89999070000000000000000000000001'
    const set = (imsi: string | undefined) => platform.store.query('UPDATE card SET eid = $1 WHERE iccid = $2', [eid, `8999${imsi}`])
    await set(meters.imsis[0])
    await set(meters.imsis[1])
    await assert.rejects(set(trackers.imsis[0]), { code: '23505', constraint: 'card_eid_one_provider' })
  })
})
