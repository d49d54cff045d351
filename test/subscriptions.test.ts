import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { screeningFunction } from '#functions/screening/index.ts'
import { subscriptionsFunction } from '#functions/subscriptions/index.ts'
import type { Ports, SignalEvent } from '#platform/ports.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { toJson } from '#store/db.ts'
import { startTestPlatform, type TestPlatform } from './platform.ts'
import { insertProvider, type ProviderRows } from './subscribers.ts'

const profileBody = {
  apns: [{ name: 'wayfold.iot', pdn: 'IPv4', qci: 9, arpPriority: 8, localBreakout: false, maxUplinkKbps: 128, maxDownlinkKbps: 128 }],
  voice: false,
  sms: false,
  otaSms: true,
  roamingArea: { kind: 'anywhere' },
  imeiLock: true,
  periodicTauSeconds: 0,
  maxUplinkKbps: 128,
  maxDownlinkKbps: 128,
  equivalentPlmns: [],
}

interface Sim {
  imsi: string
  effective: { canConnect: boolean }
}

describe('subscriptions', () => {
  let platform: TestPlatform
  let wayfold: ProviderRows
  let meters: ProviderRows
  const hss = { sticky: null as { resultCode: number; at: number } | null }
  const ports = (): Ports => platform.composition.ports as Ports
  const imsisOf = async (query: string, as?: string): Promise<string[]> => {
    const answer = await platform.call('GET', `sims?limit=50&${query}`, as === undefined ? {} : { as, roles: ['provider-viewer'] })
    assert.equal(answer.status, 200, answer.text)
    return answer.body.items.map(({ imsi }: Sim) => imsi)
  }
  const filtered = (filter: string): Promise<string[]> => imsisOf(`filter=${encodeURIComponent(filter)}`)
  const record = (over: Partial<SignalEvent>): void =>
    ports().recorder.record({
      at: platform.clock.now(),
      interface: 'S6a',
      operation: 'ULR',
      direction: 'in',
      peerId: 'p',
      partnerId: null,
      originHost: 'mme',
      originRealm: 'realm',
      visitedPlmn: '001-01',
      imsi: wayfold.imsis[0] ?? '',
      providerId: wayfold.providerId,
      class: 'standard',
      action: 'allow',
      reason: 'ok',
      ruleId: 'default',
      facts: [],
      shadow: [],
      alert: false,
      resultCode: 2001,
      latencyMs: 1,
      heldMs: 0,
      vectors: 0,
      request: null,
      answer: null,
      ...over,
    })

  before(async () => {
    const port = { stickyCauseOf: () => hss.sticky, expectedNext: () => ({ from: 1, to: 2, because: 'T3402' }) }
    platform = await startTestPlatform({
      functions: [screeningFunction, recorderFunction, subscriptionsFunction],
      base: { hss: port as never },
    })
    const { store } = platform
    wayfold = await insertProvider(store, 'Wayfold', '9997000001', 30)
    meters = await insertProvider(store, 'Meters', '9997000002', 5)
    await store.query('UPDATE subscription SET changed_at = $1', [new Date(platform.clock.now() - 86_400_000)])
    await store.query('UPDATE service_profile SET body = $1', [toJson(profileBody)])
    const first = wayfold.imsis[0]
    await store.query("UPDATE subscription SET class = 'critical', msisdn = '999700104217' WHERE imsi = $1", [first])
    await store.query("UPDATE subscription SET intended = 'suspended' WHERE imsi = $1", [wayfold.imsis[1]])
    await store.query('UPDATE subscription SET imposed = $2 WHERE imsi = $1', [
      wayfold.imsis[2],
      toJson([{ reason: 'imei-lock', by: 'imei-lock', since: 5, expiresAt: null, note: 'another module' }]),
    ])
    await store.query(
      `INSERT INTO registration (imsi, mme_host, mme_realm, visited_plmn, registered_at, imei)
       VALUES ($1, 'mme1', 'realm', '001-01', $2, '00101700042170')`,
      [first, new Date(platform.clock.now() - 60_000)],
    )
  })
  after(() => platform[Symbol.asyncDispose]())

  test('pages by key follow one another up and down', async () => {
    for (const sort of ['imsi', '-imsi']) {
      const seen: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body }: { body: { items: Sim[]; next: string | null; count: object } } = await platform.call(
          'GET',
          `sims?limit=7&sort=${sort}${cursor === '' ? '' : `&cursor=${cursor}`}`,
        )
        seen.push(...body.items.map(({ imsi }) => imsi))
        assert.deepEqual(body.count, { value: 35, capped: false })
        cursor = body.next
      }
      const all = [...wayfold.imsis, ...meters.imsis].toSorted()
      assert.deepEqual(seen, sort === 'imsi' ? all : all.toReversed())
    }
    assert.equal((await platform.call('GET', 'sims?cursor=AAAA')).body.code, 'cursor-invalid')
  })

  test('filters find by every identifier and state', async () => {
    const [a = '', b = '', c = ''] = wayfold.imsis
    assert.deepEqual(await filtered(`imsi:${a}`), [a])
    assert.deepEqual(await filtered(`iccid:8999${a}`), [a])
    assert.deepEqual(await filtered('msisdn:+999700104217'), [a])
    assert.deepEqual(await filtered('imei:00101700042170'), [a])
    assert.deepEqual(await filtered(`8999${a}`), [a])
    assert.deepEqual(await filtered('00101700042170'), [a])
    assert.deepEqual(await filtered('104217'), [a])
    assert.deepEqual(await filtered('class:critical'), [a])
    assert.deepEqual(await filtered('intended:suspended'), [b])
    assert.deepEqual(await filtered('connects:no'), [b, c])
    assert.deepEqual(await filtered('stopped:yes'), [c])
    assert.deepEqual(await filtered('visited:001-01 registered:yes'), [a])
    assert.deepEqual(await filtered('owner:meters -imsi:99970000020*'), [])
    assert.deepEqual((await filtered('owner:meters')).length, 5)
    assert.deepEqual((await filtered(`provider:${meters.providerId}`)).length, 5)
    assert.deepEqual((await filtered('-class:critical profile:Meters')).length, 34)
    assert.equal((await platform.call('GET', 'sims?filter=colour:red')).body.code, 'filter-invalid')
  })

  test('groups with all below them, labels, plans, batches, cards and holds are found, and counted along indexes', async () => {
    const { store } = platform
    const [d = '', e = '', f = ''] = wayfold.imsis.slice(20, 23)
    const [north, plant, plan] = [randomUUID(), randomUUID(), randomUUID()]
    await store.query("INSERT INTO sim_group (id, provider_id, name) VALUES ($1, $2, 'North')", [north, wayfold.providerId])
    await store.query("INSERT INTO sim_group (id, provider_id, parent_id, name) VALUES ($1, $2, $3, 'Plant 7')", [
      plant,
      wayfold.providerId,
      north,
    ])
    await store.query(`INSERT INTO rate_plan (id, provider_id, name, body) VALUES ($1, $2, 'Small', '{}')`, [plan, wayfold.providerId])
    await store.query("UPDATE subscription SET group_id = $2, label = 'Pump A', plan_id = $3 WHERE imsi = $1", [d, north, plan])
    await store.query("UPDATE subscription SET group_id = $2, label = 'Pump B', hold_next_attach = true WHERE imsi = $1", [e, plant])
    await store.query("UPDATE subscription SET hss_partition = 'long-lived' WHERE imsi = $1", [f])
    await store.query("UPDATE card SET use = 'handset', eid = '89999070000000000026010421704232' WHERE iccid = '8999' || $1", [f])
    assert.deepEqual(await filtered('group:north'), [d, e])
    assert.deepEqual(await filtered(`group:${north}`), [d, e])
    assert.deepEqual(await filtered('group:"plant 7"'), [e])
    assert.deepEqual(await filtered('group:nowhere'), [])
    assert.deepEqual(await filtered('label:"pump a"'), [d])
    assert.deepEqual(await filtered('label:pump*'), [d, e])
    assert.deepEqual(await filtered('"ump b"'), [e])
    assert.deepEqual(await filtered(`plan:${plan}`), [d])
    assert.deepEqual(await filtered('held:yes'), [e])
    assert.ok((await filtered('connects:no')).includes(e))
    assert.deepEqual(await filtered('use:handset'), [f])
    assert.deepEqual(await filtered('partition:long-lived'), [f])
    assert.deepEqual(await filtered('eid:8999907*'), [f])
    assert.equal((await filtered(`batch:${wayfold.batchId}`)).length, 30)
    for (const [filter, value] of [
      ['group:north', 2],
      ['held:yes', 1],
      [`batch:${wayfold.batchId}`, 30],
    ] as const) {
      const { body } = await platform.call('GET', `sims?limit=1&filter=${encodeURIComponent(filter)}`)
      assert.deepEqual(body.count, { value, capped: false }, filter)
    }
    const own = await platform.call('GET', `sims?filter=${encodeURIComponent(`group:${north}`)}`, {
      as: meters.providerId,
      roles: ['provider-viewer'],
    })
    assert.deepEqual(own.body.items, [])
    await store.query('UPDATE subscription SET group_id = NULL, label = NULL, plan_id = NULL, hold_next_attach = false')
  })

  test('a provider sees its own and nothing of others, whichever way it asks', async () => {
    assert.equal((await imsisOf('', wayfold.providerId)).length, 30)
    assert.deepEqual(await imsisOf(`filter=imsi:${meters.imsis[0]}`, wayfold.providerId), [])
    assert.deepEqual(await imsisOf(`filter=provider:${meters.providerId}`, wayfold.providerId), [])
    for (const path of [`sims/${meters.imsis[0]}`, `sims/${meters.imsis[0]}/timeline`]) {
      assert.equal((await platform.call('GET', path, { as: wayfold.providerId, roles: ['provider-admin'] })).body.code, 'sim-unknown', path)
    }
    record({ imsi: meters.imsis[0] ?? '', providerId: meters.providerId })
    const signals = await platform.call('GET', `signals?filter=imsi:${meters.imsis[0]}`, {
      as: wayfold.providerId,
      roles: ['provider-admin'],
    })
    assert.deepEqual(signals.body.items, [])
  })

  test('the page of one says what it is, what it may do and whether it can connect', async () => {
    const { body } = await platform.call('GET', `sims/${wayfold.imsis[0]}`)
    assert.equal(body.canConnect.value, true)
    assert.equal(body.provider.name, 'Wayfold')
    assert.equal(body.registration.mmeHost, 'mme1')
    assert.match(body.profileView.compiled, /Service-Selection: wayfold\.iot/)
    assert.equal(body.kcv, 'abc123')
    assert.equal(body.algorithm, 'MILENAGE')
    assert.deepEqual(body.expectedNext, { from: 1, to: 2, because: { key: 'sim.next.t3402', params: {} } })
    assert.doesNotMatch(JSON.stringify(body), /sealed/)
    assert.equal((await platform.call('GET', `sims/${body.id}`)).body.imsi, wayfold.imsis[0])
    for (const id of ['000000000000000', randomUUID(), 'x', "'"])
      assert.equal((await platform.call('GET', `sims/${encodeURIComponent(id)}`)).body.code, 'sim-unknown', id)
  })

  test('if it cannot connect, the answer names the reason, since when, and the control that stops it', async () => {
    const suspended = (await platform.call('GET', `sims/${wayfold.imsis[1]}`)).body.canConnect
    assert.deepEqual(
      [suspended.value, suspended.because.key, suspended.by, suspended.ruleId, suspended.control],
      [false, 'suspended', 'provider', 's6a-suspended', 'subscription-state'],
    )
    const locked = (await platform.call('GET', `sims/${wayfold.imsis[2]}`)).body.canConnect
    assert.deepEqual([locked.because.key, locked.since, locked.by, locked.control], ['imei-lock', 5, 'imei-lock', 'imei-lock'])
    hss.sticky = { resultCode: 5004, at: 7 }
    assert.deepEqual((await platform.call('GET', `sims/${wayfold.imsis[1]}`)).body.canConnect.sticky, {
      resultCode: 5004,
      at: 7,
      clears: { key: 'sim.clears.fplmn', params: {} },
    })
    hss.sticky = null
  })

  test('a device that was refused for itself cannot connect; one in whose name others lied can', async () => {
    const [, , , imsi = ''] = wayfold.imsis
    record({ imsi, action: 'reject', reason: 'forged-network', ruleId: 's6a-network-not-of-partner', alert: true, resultCode: 5012 })
    assert.equal((await platform.call('GET', `sims/${imsi}`)).body.canConnect.value, true)
    record({ imsi, action: 'reject', reason: 'outside-roaming-area', ruleId: 's6a-roaming-area', resultCode: 5004 })
    const refused = (await platform.call('GET', `sims/${imsi}`)).body.canConnect
    assert.deepEqual(
      [refused.value, refused.because.key, refused.ruleId, refused.control],
      [false, 'outside-roaming-area', 's6a-roaming-area', 'roaming-area'],
    )
    record({ imsi })
    assert.equal((await platform.call('GET', `sims/${imsi}`)).body.canConnect.value, true)
  })

  test('what happened to it stands in one line, newest first, and pages', async () => {
    const [a = '', , c = ''] = wayfold.imsis
    for (let i = 0; i < 5; i++) {
      platform.clock.advance(1_000)
      record({ imsi: a, operation: i % 2 === 0 ? 'AIR' : 'ULR' })
    }
    const subjectId = await ports().subjects.subjectFor({ kind: 'sim', identifier: a, providerId: wayfold.providerId })
    await ports().ledger.append({
      kind: 'intended-changed',
      actor: randomUUID(),
      providerId: wayfold.providerId,
      subjectId,
      body: { before: 'test', after: 'active' },
    })
    const lanes: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: { body: { items: { lane: string; key: string | null }[]; next: string | null } } = await platform.call(
        'GET',
        `sims/${a}/timeline?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      lanes.push(...body.items.map(({ lane, key }) => key ?? lane))
      cursor = body.next
    }
    assert.deepEqual(lanes, ['timeline.intended-changed', 'signalling', 'signalling', 'signalling', 'signalling', 'signalling'])
    const policy = (await platform.call('GET', `sims/${c}/timeline`)).body.items
    assert.deepEqual(policy, [
      {
        id: 'imposed-imei-lock-5',
        at: 5,
        lane: 'policy',
        key: 'timeline.imposed',
        params: { reason: 'imei-lock', by: 'imei-lock', note: 'another module' },
        signal: null,
        by: 'imei-lock',
        byName: null,
      },
    ])
  })

  test('those that signalled lately come first when asked so', async () => {
    const [a, b] = [wayfold.imsis[7] ?? '', meters.imsis[3] ?? '']
    platform.clock.advance(5_000)
    record({ imsi: b, providerId: meters.providerId })
    platform.clock.advance(5_000)
    record({ imsi: a })
    const first = await platform.call('GET', 'sims?sort=-lastSeen&limit=1')
    assert.equal(first.body.items[0].imsi, a)
    const second = await platform.call('GET', `sims?sort=-lastSeen&limit=1&cursor=${first.body.next}`)
    assert.equal(second.body.items[0].imsi, b)
    assert.deepEqual((await imsisOf('sort=-lastSeen', meters.providerId)).slice(0, 1), [b])
  })
})
