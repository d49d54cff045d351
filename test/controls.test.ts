import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { alarmsFunction } from '#functions/alarms/index.ts'
import { controlsFunction } from '#functions/controls/index.ts'
import { profilesFunction } from '#functions/profiles/index.ts'
import { screeningFunction } from '#functions/screening/index.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import type { Ports, SignalEvent } from '#platform/ports.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { startTestPlatform, type TestPlatform } from './platform.ts'
import { insertProvider } from './subscribers.ts'

const others = [screeningFunction, recorderFunction, profilesFunction, alarmsFunction]
const rule = 's6a-network-not-of-partner'
const partnerId = randomUUID()

function message(over: Partial<SignalEvent>): Omit<SignalEvent, 'id'> {
  return {
    at: 0,
    interface: 'S6a',
    operation: 'ULR',
    direction: 'in',
    peerId: 'estrel',
    partnerId,
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

describe('controls turn with what happens', () => {
  let platform: TestPlatform
  const record = (over: Partial<SignalEvent> = {}): void =>
    (platform.composition.ports as Ports).recorder.record(message({ at: platform.clock.now(), ...over }))
  /** Lets five seconds pass and says what the portal would show then. */
  const statusAfter5S = async (): Promise<{ status: string; because: { key: string }; controlStatus: string }> => {
    for (let i = 0; i < 5; i++) await settle(1_000)
    const { body } = await platform.call('GET', 'controls')
    const control = body.controls.find(({ id }: { id: string }) => id === 'signalling-screening')
    const requirement = body.requirements.find(({ id }: { id: string }) => id === 'clp14:5.6-04')
    return { status: requirement.status, because: control.because, controlStatus: control.status }
  }
  /** Queries take real time, the clock stands still meanwhile: it moves on when the checks that are due have run. */
  const settle = async (ms: number): Promise<void> => {
    await platform.clock.advanceAsync(ms)
    for (;;) {
      const { body } = await platform.call('GET', 'controls')
      const late = body.controls.some(({ checkedAt }: { checkedAt: number | null }) => (checkedAt ?? 0) < platform.clock.now() - 2_000)
      if (!late) return
      await platform.store.query('SELECT 1', [], { priority: 'job' })
      await platform.clock.advanceAsync(0)
    }
  }
  before(async () => {
    platform = await startTestPlatform({
      functions: [...others, controlsFunction({ others })],
      config: { cutOverComplete: true },
      http: { requestsPerMinute: 1_000_000 },
    })
  })
  after(() => platform[Symbol.asyncDispose]())

  test('every rule names a control that exists', async () => {
    const { body } = await platform.call('GET', 'controls')
    const ids = new Set(body.controls.map(({ id }: { id: string }) => id))
    for (const { id, control } of s6aRules) assert.ok(ids.has(control), `rule ${id} names ${control}`)
    const covered = new Set(body.controls.flatMap(({ ruleIds }: { ruleIds: string[] }) => ruleIds))
    assert.equal(covered.size, s6aRules.length)
  })

  test('unknown without evidence, met once messages were judged, not met when a rule stops acting, met again after', async () => {
    assert.deepEqual(await statusAfter5S(), {
      status: 'unknown',
      because: { key: 'control.nothing-judged', params: {} },
      controlStatus: 'unknown',
    })

    record()
    record({ operation: 'AIR', vectors: 1 })
    for (const operation of ['PUR', 'NOR']) record({ operation })
    assert.equal((await statusAfter5S()).controlStatus, 'met')
    assert.equal((await statusAfter5S()).status, 'met')

    const put = await platform.call('PATCH', `rules/${rule}`, { body: { mode: 'shadow', reason: 'to see what it would do' } })
    assert.equal(put.body.mode, 'shadow')
    assert.equal(put.body.changeReason, 'to see what it would do')
    const idle = await statusAfter5S()
    assert.deepEqual([idle.status, idle.controlStatus, idle.because.key], ['not-met', 'not-met', 'control.rules-not-active'])

    record({ visitedPlmn: '001-02', vectors: 1, shadow: [{ ruleId: rule, action: 'reject', reason: 'forged-network' }] })
    const passed = await statusAfter5S()
    assert.deepEqual([passed.status, passed.because.key], ['not-met', 'control.attack-passed'])

    await platform.call('PATCH', `rules/${rule}`, { body: { mode: 'active', reason: 'seen enough' } })
    assert.equal((await statusAfter5S()).controlStatus, 'unknown', 'what was judged before says nothing about now')
    record({ visitedPlmn: '001-02', action: 'reject', reason: 'forged-network', ruleId: rule, alert: true, resultCode: 5012 })
    assert.equal((await statusAfter5S()).status, 'met')
  })

  test('each turn leaves evidence, a ledger row for what a person changed, and an alarm while it lasts', async () => {
    const { body } = await platform.call('GET', 'controls/signalling-screening')
    assert.deepEqual(
      body.evidence.map(({ status, because }: { status: string; because: { key: string } }) => [status, because.key]),
      [
        ['met', 'control.rules-active'],
        // The message that passed is evidence of its own beside the mode that let it pass.
        ['not-met', 'control.attack-passed'],
        ['not-met', 'control.rules-not-active'],
        ['met', 'control.rules-active'],
      ],
    )
    assert.ok(
      body.requirements.some(({ id, status }: { id: string; status: string }) => id === 'clp14:5.6.1-06' && status === 'unknown'),
      'a part never makes it met',
    )
    const { rows } = await platform.store.query<{ body: object; actor: string }>(
      "SELECT body, actor FROM ledger_entry WHERE kind = 'rule-mode-changed' ORDER BY seq",
    )
    assert.deepEqual(rows[0], {
      actor: 'tester',
      body: { ruleId: rule, before: 'active', after: 'shadow', reason: 'to see what it would do', address: '127.0.0.1' },
    })
    assert.equal(rows.length, 2)
    const alarms = await platform.call('GET', 'alarms?state=all')
    const alarm = alarms.body.items.find(({ key }: { key: string }) => key === 'control:signalling-screening')
    assert.equal(alarm.state, 'cleared')
  })

  test('every check runs against the store: none fails, and what has no evidence is unknown', async () => {
    await insertProvider(platform.store, 'Wayfold', '99970', 3)
    await platform.store.query("UPDATE subscription SET class = 'critical' WHERE imsi = '999700000000001'")
    const from = platform.clock.now()
    let { body } = await platform.call('GET', 'controls')
    while (body.controls.some(({ checkedAt }: { checkedAt: number | null }) => (checkedAt ?? 0) <= from)) {
      await settle(1_000)
      body = (await platform.call('GET', 'controls')).body
    }
    const found = new Map<string, { status: string; because: { key: string } }>(
      body.controls.map((control: { id: string }) => [control.id, control]),
    )
    assert.deepEqual(
      [...found.values()].filter(({ because }) => because.key === 'control.check-failed'),
      [],
    )
    const expected = {
      'no-comp128': 'met',
      'least-privilege': 'met',
      'as-assessed': 'unknown',
      'needs-assessment': 'unknown',
      'critical-protection': 'met',
      'card-use': 'met',
      'device-priority': 'met',
      'portal-encryption': 'not-met',
      authentication: 'unknown',
      'storm-admission': 'unknown',
      'diameter-tls': 'unknown',
    }
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((id) => [id, found.get(id)?.status])), expected)
  })

  test('vectors that left to a network which the link does not prove are counted, whatever the rules', () => {
    const { load } = (platform.composition.ports as Ports).history.counts
    assert.equal(load.fine.sum(platform.clock.now(), 3_600_000, 'vectors'), 2)
    assert.equal(load.fine.sum(platform.clock.now(), 3_600_000, 'unproven'), 2, 'no partner is on record here')
  })

  test('modes survive: another process reads them from the store', async () => {
    await platform.call('PATCH', `rules/${rule}`, { body: { mode: 'off', reason: 'for this test' } })
    const { rows } = await platform.store.query<{ mode: string; changed_by: string }>('SELECT mode, changed_by FROM rule_mode')
    assert.deepEqual(rows, [{ mode: 'off', changed_by: 'tester' }])
    assert.equal((await platform.call('PATCH', 'rules/none', { body: { mode: 'off', reason: 'no rule' } })).body.code, 'rule-unknown')
    assert.equal((await platform.call('PATCH', `rules/${rule}`, { body: { mode: 'off', reason: '' } })).status, 400, 'a reason is needed')
    assert.equal(
      (await platform.call('PATCH', `rules/${rule}`, { roles: ['auditor'], body: { mode: 'off', reason: 'auditor' } })).status,
      403,
    )
  })
})
