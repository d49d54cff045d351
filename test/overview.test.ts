import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { alarmsFunction } from '#functions/alarms/index.ts'
import { controlsFunction } from '#functions/controls/index.ts'
import { overviewFunction } from '#functions/overview/index.ts'
import { screeningFunction } from '#functions/screening/index.ts'
import type { Ports, SignalEvent } from '#platform/ports.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { startTestPlatform, type TestPlatform } from './platform.ts'

const others = [screeningFunction, recorderFunction, alarmsFunction, overviewFunction]
const aurelia = randomUUID()

const partnerBody = {
  name: 'Aurelia',
  plmns: ['001-01'],
  realms: ['epc.mnc001.mcc001.3gppnetwork.org'],
  hosts: [],
  addresses: [],
  location: [48.2, 16.4, 200],
  via: ['dra1'],
  topologyHiding: false,
  agreedRate: 100,
  validFrom: 0,
  validUntil: null,
  source: 'IR.21 of the test',
  confirmedAt: Date.UTC(2026, 0, 1),
  waivers: [],
  equivalentPlmns: [],
}
const peerBody = {
  identity: 'dra1.aurelia.example',
  realm: 'aurelia.example',
  role: 'agent',
  linkClass: 'ipx',
  transport: 'tls',
  realms: [],
  connectTo: null,
  enabled: true,
}

describe('screening and overview', () => {
  let platform: TestPlatform
  const ports = (): Ports => platform.composition.ports as Ports
  const record = (over: Partial<SignalEvent> = {}): void =>
    ports().recorder.record({
      at: platform.clock.now(),
      interface: 'S6a',
      operation: 'AIR',
      direction: 'in',
      peerId: 'dra1',
      partnerId: aurelia,
      originHost: 'mme1.epc.mnc001.mcc001.3gppnetwork.org',
      originRealm: 'epc.mnc001.mcc001.3gppnetwork.org',
      visitedPlmn: '001-01',
      imsi: '999700000000001',
      providerId: null,
      class: 'critical',
      action: 'allow',
      reason: 'ok',
      ruleId: 'default',
      facts: [],
      shadow: [],
      alert: false,
      resultCode: 2001,
      latencyMs: 4,
      heldMs: 0,
      vectors: 0,
      request: null,
      answer: null,
      ...over,
    })
  before(async () => {
    platform = await startTestPlatform({ functions: [...others, controlsFunction({ others })] })
  })
  after(() => platform[Symbol.asyncDispose]())

  test('nobody is on record at first, and rows must make sense', async () => {
    assert.deepEqual((await platform.call('GET', 'partners')).body.items, [])
    assert.equal((await platform.call('PUT', `partners/${aurelia}`, { body: partnerBody })).body.code, 'peer-unknown')
    assert.equal((await platform.call('PUT', 'peers/dra1', { body: { ...peerBody, identity: 'no name!' } })).body.code, 'name-invalid')
    assert.equal((await platform.call('PUT', 'peers/dra1', { body: { ...peerBody, more: 1 } })).status, 400)
    assert.equal((await platform.call('PUT', 'partners/not-a-uuid', { body: { ...partnerBody, via: [] } })).body.code, 'partner-id')
    assert.equal((await platform.call('PUT', `partners/${aurelia}`, { body: { ...partnerBody, plmns: ['1-1'] } })).status, 400)
    assert.equal((await platform.call('PUT', 'peers/dra1', { roles: ['operator-engineer'], body: peerBody })).status, 403)
  })

  test('a peer and a partner take effect at once, with ledger rows that say what was before', async () => {
    let told = 0
    const stop = ports().network.onChange(() => {
      told += 1
    })
    const peer = await platform.call('PUT', 'peers/dra1', { body: { ...peerBody, changeReason: 'new agreement' } })
    assert.equal(peer.status, 200, peer.text)
    const partner = await platform.call('PUT', `partners/${aurelia}`, { body: partnerBody })
    assert.equal(partner.status, 200, partner.text)
    assert.deepEqual(partner.body.live.peers, [{ id: 'dra1', identity: 'dra1.aurelia.example', up: false }])
    assert.equal(ports().network.partners()[0]?.name, 'Aurelia')
    assert.ok(told >= 2)
    stop()
    await platform.call('PUT', 'peers/dra1', { body: { ...peerBody, enabled: false } })
    const { rows } = await platform.store.query<{ kind: string; body: { before: unknown; reason: string } }>(
      "SELECT kind, body FROM ledger_entry WHERE kind IN ('peer-changed', 'partner-changed') ORDER BY seq",
    )
    assert.deepEqual(
      rows.map(({ kind, body }) => [kind, body.reason, body.before === null]),
      [
        ['peer-changed', 'new agreement', true],
        ['partner-changed', '', true],
        ['peer-changed', '', false],
      ],
    )
    await platform.call('PUT', 'peers/dra1', { body: peerBody })
    assert.equal(
      (await platform.call('PUT', 'peers/other', { body: { ...peerBody, identity: 'DRA1.aurelia.example' } })).body.code,
      'peer-identity',
    )
    assert.equal(
      (await platform.call('PUT', `partners/${randomUUID()}`, { body: { ...partnerBody, name: 'AURELIA' } })).body.code,
      'partner-name',
    )
    assert.equal((await platform.call('GET', `partners/${randomUUID()}`)).body.code, 'partner-unknown')
  })

  test('a peer that is removed is gone', async () => {
    await platform.call('PUT', 'peers/gone', { body: { ...peerBody, identity: 'gone.example' } })
    assert.equal((await platform.call('DELETE', 'peers/gone?reason=ended')).status, 204)
    assert.equal((await platform.call('GET', 'peers/gone')).body.code, 'peer-unknown')
    assert.equal((await platform.call('DELETE', 'peers/gone')).status, 404)
  })

  test('the overview says what happened and the list shows each message, wherever it stands', async () => {
    assert.equal((await platform.call('GET', 'overview')).body.verdict.key, 'overview.quiet')
    for (let i = 0; i < 20; i++) {
      record({ vectors: 1 })
      record({ operation: 'ULR', heldMs: i < 5 ? 400 : 0, latencyMs: i < 5 ? 404 : 4 })
      platform.clock.advance(200)
    }
    record({
      operation: 'ULR',
      visitedPlmn: '001-05',
      action: 'reject',
      reason: 'forged-network',
      ruleId: 's6a-network-not-of-partner',
      alert: true,
      resultCode: 5012,
    })
    record({ operation: 'AIR', action: 'reject', reason: 'storm', resultCode: 4181, class: 'deferrable' })
    platform.clock.advance(1_000)
    const { body } = await platform.call('GET', 'overview')
    assert.equal(body.verdict.state, 'attention')
    assert.equal(body.verdict.key, 'overview.below-objective')
    assert.equal(body.verdict.params.attacks, 1)
    assert.equal(body.readouts.vectors, 20)
    assert.equal(body.readouts.vectorsToUnproven, 0)
    assert.equal(body.readouts.attachSuccess, 40 / 41)
    assert.equal(body.judged, 42)
    assert.deepEqual(
      body.verdicts.map(({ action, reason, answer, count }: { action: string; reason: string; answer: number; count: number }) => [
        action,
        reason,
        answer,
        count,
      ]),
      [
        ['allow', 'ok', 2001, 35],
        ['hold', 'ok', 2001, 5],
        ['reject', 'forged-network', 5012, 1],
        ['reject', 'storm', 4181, 1],
      ],
    )
    const inAll = body.load.points.reduce((sum: number, point: { critical: number }) => sum + point.critical * body.load.stepS, 0)
    assert.equal(Math.round(inAll), 20)
    assert.equal(body.partners[0].state, 'attention')
    assert.ok(body.readouts.answerP99Ms < 10, 'time that admission control holds is not ours to answer for')
    assert.equal(body.controls.total, 289)
    assert.ok(body.needsYou.length > 0)

    await ports().history.writer.flush()
    const all = await platform.call('GET', 'signals?limit=200')
    assert.equal(all.body.items.length, 42)
    assert.equal(all.body.items[0].reason, 'storm')
    assert.equal(all.body.items[0].partnerName, 'Aurelia')
    assert.deepEqual(all.body.count, { value: 42, capped: false })
    const refused = await platform.call('GET', `signals?filter=${encodeURIComponent('verdict:reject -reason:storm')}`)
    assert.equal(refused.body.items.length, 1)
    assert.equal((await platform.call('GET', 'signals?filter=colour:red')).body.code, 'filter-invalid')
    const detail = await platform.call('GET', `signals/${refused.body.items[0].id}`)
    assert.equal(detail.body.rule.id, 's6a-network-not-of-partner')
    assert.match(detail.body.rule.when, /plmnOfPartner/)
    assert.ok(detail.body.rule.requirementIds.includes('clp14:5.6-04'))
    assert.equal((await platform.call('GET', 'signals/none')).body.code, 'signal-unknown')
  })

  test('pages follow one another without gap or repetition', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null && page < 50; page++) {
      const answer = await platform.call('GET', `signals?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...answer.body.items.map(({ id }: { id: string }) => id))
      cursor = answer.body.next
    }
    assert.equal(seen.length, 42)
    assert.deepEqual(seen, [...new Set(seen)].toSorted().toReversed())
    assert.equal((await platform.call('GET', 'signals?cursor=nonsense')).body.code, 'cursor-invalid')
  })

  test('vectors that leave to another network than the link proves turn the first line', async () => {
    record({ visitedPlmn: '001-05', vectors: 2 })
    const { body } = await platform.call('GET', 'overview')
    assert.deepEqual([body.verdict.state, body.verdict.key, body.readouts.vectorsToUnproven], ['refused', 'overview.vectors-leaked', 2])
  })

  test('a provider has no part in the operator’s pages', async () => {
    const as = randomUUID()
    for (const path of ['overview', 'partners', 'peers', 'rules', 'controls']) {
      assert.equal((await platform.call('GET', path, { as, roles: ['provider-admin'] })).status, 403, path)
    }
    assert.deepEqual((await platform.call('GET', 'signals', { as, roles: ['provider-admin'] })).body.items, [])
  })
})

test('messages leave the ring and stay in the store; octets are sealed for their subject and open again', async () => {
  await using platform = await startTestPlatform({ functions: [screeningFunction, recorderFunction] })
  const { recorder, history, subjects } = platform.composition.ports as Ports
  // CER of RFC 6733 §5.3.1 with no AVPs: any octets do.
  const octets = Buffer.from('010000148000010100000000000000010000000a', 'hex')
  const base = {
    at: platform.clock.now(),
    interface: 'S6a',
    operation: 'ULR',
    direction: 'in',
    peerId: 'p',
    partnerId: null,
    originHost: 'h',
    originRealm: 'r',
    visitedPlmn: null,
    imsi: '999700000000009',
    providerId: null,
    class: null,
    action: 'reject',
    reason: 'forged-realm',
    ruleId: 'x',
    facts: [{ name: 'realm', value: 'r', source: 'claimed' }],
    shadow: [],
    alert: true,
    resultCode: 5012,
    latencyMs: 1,
    heldMs: 0,
    vectors: 0,
    answer: null,
  } as const satisfies Omit<SignalEvent, 'id' | 'request'>
  recorder.record({ ...base, request: octets })
  const [first] = [...history.recent()]
  assert.ok(first)
  await history.writer.flush()
  for (let i = 0; i < 5_100; i++)
    recorder.record({ ...base, at: platform.clock.now() + i, request: null, action: 'allow', reason: 'ok', alert: false })
  assert.equal(history.byId(first.id), undefined)
  const detail = await platform.call('GET', `signals/${first.id}`)
  assert.equal(detail.body.request.hex, octets.toString('hex'))
  assert.equal(detail.body.reason, 'forged-realm')
  const { rows } = await platform.store.query<{ request: Buffer }>('SELECT request FROM signal_event WHERE id = $1', [first.id])
  assert.ok(!rows[0]?.request.includes(octets), 'never in the clear')
  const found = await platform.call('GET', `signals?filter=${encodeURIComponent('imsi:999700000000009 verdict:reject')}`)
  assert.deepEqual(
    found.body.items.map(({ id }: { id: string }) => id),
    [first.id],
  )
  const { ledger } = platform.composition.ports as Ports
  const subject = await subjects.find('sim', '999700000000009')
  await ledger.eraseSubject(subject ?? '', { actor: 'tester', reason: 'asked for' })
  assert.equal((await platform.call('GET', `signals/${first.id}`)).body.request, null, 'erasure reaches recorded messages')
  const counts = history.writer.counts
  assert.ok(counts.unrowed > 4_000, 'above the rate ordinary messages are counted, not rowed')
})
