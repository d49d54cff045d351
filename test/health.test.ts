import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { healthFunction } from '#functions/health/index.ts'
import { screeningFunction } from '#functions/screening/index.ts'
import type { Ports, SignalEvent } from '#platform/ports.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { toJson } from '#store/db.ts'
import { startTestPlatform, type TestPlatform } from './platform.ts'
import { insertProvider, type ProviderRows } from './subscribers.ts'

describe('health over HTTP', () => {
  let platform: TestPlatform
  let wayfold: ProviderRows
  let meters: ProviderRows
  const viewer = (provider: ProviderRows) => ({ as: provider.providerId, roles: ['provider-viewer'] as const })
  const record = (of: ProviderRows, over: Partial<SignalEvent>): void =>
    (platform.composition.ports as Ports).recorder.record({
      ...{ at: platform.clock.now(), interface: 'S6a', operation: 'ULR', direction: 'in', peerId: 'p', partnerId: null },
      ...{ originHost: 'mme', originRealm: 'realm', visitedPlmn: '001-01', imsi: of.imsis[0] ?? '', providerId: of.providerId },
      ...{ class: 'standard', action: 'allow', reason: 'ok', ruleId: 'default', facts: [], shadow: [], alert: false },
      ...{ resultCode: 2001, latencyMs: 1, heldMs: 0, vectors: 0, request: null, answer: null },
      ...over,
    })

  before(async () => {
    platform = await startTestPlatform({ functions: [screeningFunction, recorderFunction, healthFunction] })
    wayfold = await insertProvider(platform.store, 'Wayfold', '9997000001', 6)
    meters = await insertProvider(platform.store, 'Meters', '9997000002', 3)
    record(wayfold, { action: 'reject', reason: 'forged-network', ruleId: 'r', alert: true })
    record(wayfold, { imsi: wayfold.imsis[1] ?? '', action: 'reject', reason: 'suspended', ruleId: 'r' })
    record(wayfold, { imsi: wayfold.imsis[2] ?? '' })
  })
  after(() => platform?.[Symbol.asyncDispose]())

  test('a provider sees its own, at once, and no other', async () => {
    const own = await platform.call('GET', 'health', viewer(wayfold))
    assert.equal(own.status, 200, own.text)
    assert.deepEqual([own.body.provider.name, own.body.attacks.refused, own.body.refused.devices.value], ['Wayfold', 1, 1])
    assert.equal(own.body.equipment.state, 'no-agreement')
    const other = await platform.call('GET', 'health', viewer(meters))
    assert.deepEqual([other.body.attacks.refused, other.body.refused.devices.value, other.body.attacks.evidenceAt], [0, 0, null])
    for (const path of ['health', 'health/services', 'health/devices']) {
      const foreign = await platform.call('GET', `${path}?providerId=${wayfold.providerId}`, viewer(meters))
      assert.deepEqual([foreign.status, foreign.body.code], [404, 'provider-unknown'], path)
    }
    const list = await platform.call('GET', 'health/providers', viewer(meters))
    assert.deepEqual(
      list.body.items.map(({ provider }: { provider: { name: string } }) => provider.name),
      ['Meters'],
    )
  })

  test('the operator sees every provider, worst first, and says which one is meant', async () => {
    const list = await platform.call('GET', 'health/providers')
    assert.deepEqual(
      list.body.items.map(({ provider, state }: { provider: { name: string }; state: string }) => [provider.name, state]),
      [
        ['Wayfold', 'attention'],
        ['Meters', 'unknown'],
      ],
    )
    const unsaid = await platform.call('GET', 'health')
    assert.deepEqual([unsaid.status, unsaid.body.code], [422, 'provider-needed'])
    const said = await platform.call('GET', `health?providerId=${wayfold.providerId}&windowS=604800`)
    assert.deepEqual([said.body.windowS, said.body.attacks.overTime.length], [604_800, 8])
  })

  test('a service without a try is unknown, and never well', async () => {
    const groupId = '00000000-0000-4000-8000-00000000000c'
    await platform.store.query('INSERT INTO sim_group (id, provider_id, name, service) VALUES ($1, $2, $3, $4)', [
      groupId,
      meters.providerId,
      'Gas meters',
      toJson({ objective: 0.995, windowS: 2_592_000 }),
    ])
    const { body } = await platform.call('GET', 'health/services', viewer(meters))
    const [service] = body.items
    assert.deepEqual([service.name, service.good, service.state, service.usableNetworks], ['Gas meters', null, 'unknown', 0])
  })

  test('what is asked for wrongly is refused', async () => {
    for (const query of ['windowS=60', 'windowS=x', 'providerId=1', `cursor=${'x'.repeat(600)}`, 'cursor=forged']) {
      const path = query.startsWith('cursor') ? 'health/devices' : 'health'
      assert.equal((await platform.call('GET', `${path}?${query}`, viewer(meters))).status, 400, query)
    }
    assert.equal((await platform.call('GET', 'health', { as: '' })).status, 401)
  })
})
