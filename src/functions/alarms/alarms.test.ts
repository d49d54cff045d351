import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { pino } from 'pino'
import type { AlarmReport } from '#platform/alarm.ts'
import type { LinkState, Ports, SignalEvent } from '#platform/ports.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { SignalCounts } from '#platform/signal-counts.ts'
import { say } from '#platform/text.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { createAlarmBook } from './book.ts'
import { alarmsFunction } from './index.ts'
import { objectives } from './objectives.ts'

const report: AlarmReport = {
  key: 'k',
  kind: 'test',
  severity: 'major',
  source: 'test',
  title: say('alarm.test'),
  cause: say('alarm.test.cause'),
  action: say('alarm.test.action'),
}

export function signal(over: Partial<SignalEvent> = {}): Omit<SignalEvent, 'id'> {
  return {
    at: 0,
    interface: 'S6a',
    operation: 'ULR',
    direction: 'in',
    peerId: 'peer-1',
    partnerId: null,
    originHost: 'mme9.epc.mnc005.mcc001.3gppnetwork.org',
    originRealm: 'epc.mnc005.mcc001.3gppnetwork.org',
    visitedPlmn: '001-01',
    imsi: '999700000000001',
    providerId: null,
    class: 'standard',
    action: 'allow',
    reason: 'ok',
    ruleId: 'default',
    facts: [],
    shadow: [],
    alert: false,
    resultCode: 2001,
    latencyMs: 2,
    heldMs: 0,
    vectors: 0,
    request: null,
    answer: null,
    ...over,
  }
}

describe('alarms', () => {
  let platform: TestPlatform
  let links: LinkState[] = []
  const ports = (): Required<Ports> => platform.composition.ports as Required<Ports>
  before(async () => {
    const peer = { id: 'peer-1', enabled: true } as never
    platform = await startTestPlatform({
      functions: [recorderFunction, alarmsFunction],
      base: {
        network: { partners: () => [], peers: () => [peer], onChange: () => () => {} },
        links: { links: () => links, refusals: () => ({}), listening: () => [] },
      },
    })
  })
  after(() => platform[Symbol.asyncDispose]())

  test('the same cause counts up and does not ring twice', async () => {
    ports().alarms.raise(report)
    platform.clock.advance(1_000)
    ports().alarms.raise(report)
    ports().alarms.raise({ ...report, key: 'worse', severity: 'critical' })
    const { body } = await platform.call('GET', 'alarms')
    assert.deepEqual(
      body.items.map(({ key, count, state }: { key: string; count: number; state: string }) => [key, count, state]),
      [
        ['worse', 1, 'raised'],
        ['k', 2, 'raised'],
      ],
    )
    ports().alarms.raise(report)
    const again = (await platform.call('GET', 'alarms')).body.items.find(({ key }: { key: string }) => key === 'k')
    assert.equal(again.count, 3)
    assert.equal(again.lastAt - again.raisedAt, 1_000)
  })

  test('a person takes and clears it, with a row in the ledger; a cleared one stays cleared and the cause rings anew', async () => {
    const [alarm] = (await platform.call('GET', 'alarms?state=raised')).body.items.filter(({ key }: { key: string }) => key === 'k')
    const taken = await platform.call('POST', `alarms/${alarm.id}/acknowledge`, { body: { note: 'calling their NOC' } })
    assert.deepEqual([taken.body.state, taken.body.owner, taken.body.note], ['acknowledged', 'Tester', 'calling their NOC'])
    const cleared = await platform.call('POST', `alarms/${alarm.id}/clear`, { body: { note: '' } })
    assert.deepEqual([cleared.body.state, cleared.body.note], ['cleared', 'calling their NOC'])
    assert.equal((await platform.call('POST', `alarms/${alarm.id}/clear`, { body: { note: '' } })).body.code, 'alarm-cleared')
    assert.equal((await platform.call('POST', 'alarms/nothing/clear', { body: { note: '' } })).status, 404)
    const { rows } = await platform.store.query<{ kind: string; actor: string }>(
      "SELECT kind, actor FROM ledger_entry WHERE kind LIKE 'alarm%' ORDER BY seq",
    )
    assert.deepEqual(rows, [
      { kind: 'alarm-acknowledged', actor: 'tester' },
      { kind: 'alarm-cleared', actor: 'tester' },
    ])
    ports().alarms.raise(report)
    const fresh = (await platform.call('GET', 'alarms')).body.items.find(({ key }: { key: string }) => key === 'k')
    assert.notEqual(fresh.id, alarm.id)
    assert.equal(fresh.count, 1)
  })

  test('a provider sees its own alarms only', async () => {
    const { providerId } = await insertProvider(platform.store, 'Wayfold', '99970', 1)
    ports().alarms.raise({ ...report, key: 'tenant', providerId })
    const own = await platform.call('GET', 'alarms', { as: providerId, roles: ['provider-viewer'] })
    assert.deepEqual(
      own.body.items.map(({ key }: { key: string }) => key),
      ['tenant'],
    )
    const other = await platform.call('GET', 'alarms', { as: '01900000-0000-7000-8000-000000000009', roles: ['provider-viewer'] })
    assert.deepEqual(other.body.items, [])
    assert.equal((await platform.call('GET', 'alarms')).body.items.length, 3)
  })

  test('forged signalling raises one alarm for each partner and reason, a critical one where it passed', () => {
    const { recorder, alarms } = ports()
    for (let i = 0; i < 5; i++)
      recorder.record(
        signal({ action: 'reject', reason: 'forged-network', ruleId: 's6a-network-not-of-partner', alert: true, resultCode: 5012 }),
      )
    recorder.record(signal({ alert: true, shadow: [{ ruleId: 's6a-network-not-of-partner', action: 'reject', reason: 'forged-network' }] }))
    recorder.record(signal({ action: 'reject', reason: 'suspended', alert: true }))
    const found = alarms.standing().filter(({ kind }) => kind.startsWith('forged'))
    assert.deepEqual(
      found.map(({ key, severity, count }) => [key, severity, count]),
      [
        ['passed:forged-network:peer-1', 'critical', 1],
        ['refused:forged-network:peer-1', 'major', 5],
      ],
    )
  })

  test('a link that goes down rings until it is back', () => {
    const { alarms } = ports()
    const link: LinkState = {
      peerId: 'peer-1',
      state: 'open',
      up: true,
      tls: null,
      remoteAddress: null,
      openSince: 1,
      messagesIn: 3,
      messagesOut: 3,
    }
    const rings = (): boolean => alarms.standing().some(({ key }) => key === 'peer-down:peer-1')
    links = [link]
    platform.clock.advance(2_000)
    assert.equal(rings(), false)
    links = [{ ...link, state: 'closed', up: false, openSince: null }]
    platform.clock.advance(2_000)
    assert.equal(rings(), true)
    links = [link]
    platform.clock.advance(2_000)
    assert.equal(rings(), false)
  })

  test('alarms survive the process: a new book begins with those that stand', async () => {
    await platform.call('GET', 'alarms')
    const { store, clock } = platform
    const options = {
      store,
      clock,
      ledger: ports().ledger,
      log: pino({ level: 'silent' }),
      newId: () => '01900000-0000-7000-8000-00000000000a',
    }
    const book = await createAlarmBook(options)
    const keys = (alarms: readonly { key: string }[]): string[] => alarms.map(({ key }) => key).toSorted()
    assert.deepEqual(keys(book.standing()), keys(ports().alarms.standing()))
    await book.close()
  })
})

test('objectives: silence is unknown, an error budget that burns fast in both windows is refused', () => {
  const counts = new SignalCounts()
  const targets = { attach: 0.99, latencyMs: 20 }
  const now = Date.UTC(2026, 0, 1, 12)
  assert.deepEqual(
    objectives(counts, targets, now).map(({ state, good }) => [state, good]),
    [
      ['unknown', null],
      ['unknown', null],
    ],
  )
  for (let i = 0; i < 100; i++) {
    const isBad = i < 20
    counts.count(
      { ...signal(isBad ? { action: 'reject', reason: 'busy', resultCode: 3004, latencyMs: 900 } : {}), id: String(i) },
      now,
      true,
    )
  }
  const [success, latency] = objectives(counts, targets, now)
  assert.equal(success?.good, 0.8)
  assert.equal(Math.round(success?.burn[0]?.rate ?? 0), 20)
  assert.equal(success?.state, 'refused')
  assert.equal(latency?.good, 0.8)
  for (const reason of ['forged-network', 'suspended'] as const)
    counts.count({ ...signal({ action: 'reject', reason, resultCode: 5012 }), id: 'x' }, now, true)
  assert.equal(objectives(counts, targets, now)[0]?.good, 0.8, 'what was rightly refused is no failure')
})
