import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { pino } from 'pino'
import { silentDemo } from '#cli/demo/silent.ts'
import { openStage, type Stage } from '#cli/demo/stage.ts'
import { sleep, systemClock } from '#core/clock.ts'
import type { SignalEvent } from '#platform/ports.ts'
import { type AttackOutcome, type AttackRow, runAttack } from '#sim/attack.ts'
import { attackByName, attacks, storyAttacks } from '#sim/attacks.ts'
import { type FlowContext, runFlow } from '#sim/flow.ts'
import { legitimateFlows } from '#sim/traffic.ts'

/** The whole of Simward on the embedded store, with its API, and the simulated networks on real sockets. */
describe('Simward with its API, and the simulated networks on real sockets', () => {
  let stage: Stage

  before(async () => {
    stage = await openStage({
      clock: systemClock,
      log: pino({ level: 'silent' }),
      sims: 3_000,
      seed: 5,
      capacityPerSecond: 2_000,
      httpPort: 0,
      diameterPort: 0,
      // The hub as freeDiameter has tests of its own.
      simulatedHub: true,
      demo: silentDemo,
      progress() {},
    })
  })

  after(() => stage?.[Symbol.asyncDispose]())

  function context(): FlowContext {
    const { visited, subjects, sockets } = stage
    return { clock: systemClock, visited, subjects, transportOf: (id) => sockets.transportOf(id) }
  }

  /** Makes the attack; gives what it got, and every message that was judged meanwhile. */
  async function attack(row: AttackRow, critical = false): Promise<{ outcome: AttackOutcome; seen: SignalEvent[] }> {
    const seen: SignalEvent[] = []
    const stop = stage.simward.ports.history?.onSignal((event) => seen.push(event))
    const outcome = await runAttack(row, { ...context(), critical, rawAt: stage.diameter })
    stop?.()
    return { outcome, seen }
  }

  function named(name: string): AttackRow {
    const row = attackByName(name)
    assert.ok(row !== undefined)
    return row
  }

  // biome-ignore lint/suspicious/noExplicitAny: many shapes of answer
  async function api(path: string, init?: { method: string; body?: object }): Promise<any> {
    const answer = await fetch(new URL(`/api/v1/${path}`, stage.simward.url), {
      ...(init === undefined
        ? {}
        : { method: init.method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(init.body ?? {}) }),
    })
    assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`)
    return answer.json()
  }

  test('every network is connected, one of them in TLS, and the API says so', async () => {
    const { items } = await api('peers')
    const up = items.filter((peer: { live: { up: boolean } }) => peer.live.up)
    assert.equal(up.length, stage.sockets.peerIds.length)
    assert.deepEqual(
      (stage.simward.ports.links?.links() ?? []).filter((link) => link.tls !== null).map((link) => link.peerId),
      ['dra1.castrel'],
    )
  })

  describe('what honest networks do passes', () => {
    for (const row of legitimateFlows) {
      test(row.title, async () => {
        const alerts: string[] = []
        const stop = stage.simward.ports.history?.onSignal((event) => event.alert && alerts.push(`${event.operation} ${event.ruleId}`))
        const result = await runFlow(row, context())
        stop?.()
        assert.ok(result.passed, result.detail)
        assert.deepEqual(alerts, [])
      })
    }
  })

  for (const critical of [false, true]) {
    describe(`attacks on ${critical ? 'critical' : 'ordinary'} devices gain nothing`, () => {
      for (const row of attacks.filter((each) => each.isLoud !== true)) {
        test(`${row.name}: ${row.claims}`, async () => {
          const { outcome, seen } = await attack(row, critical)
          assert.ok(outcome.refused, JSON.stringify(outcome))
          assert.ok(outcome.vectors <= (row.bound ?? 0))
          const decided = new Set(seen.map(({ ruleId }) => ruleId))
          assert.ok(
            row.expectedRules.some((rule) => decided.has(rule)),
            `expected ${row.expectedRules.join(' or ')}, saw ${[...decided].join(', ')}`,
          )
        })
      }
    })
  }

  test('what was refused is in the API with its rule, its facts and its decoded message', async () => {
    for (const name of storyAttacks) {
      const { seen } = await attack(named(name))
      const event = seen.findLast(({ ruleId }) => named(name).expectedRules.includes(ruleId))
      assert.ok(event !== undefined, name)
      const detail = await api(`signals/${event.id}`)
      assert.equal(detail.ruleId, event.ruleId)
      assert.ok(detail.facts.length > 0, name)
      assert.ok(JSON.stringify(detail.request).includes('Origin-Host'), name)
    }
  })

  describe('a rule in shadow', () => {
    const ruleId = 's6a-network-not-of-partner'
    const row = named('forged-ulr')
    const setMode = (mode: string) => api(`rules/${ruleId}`, { method: 'PATCH', body: { mode, reason: 'a test of what it is worth' } })

    /** Resolves when the control of the rule says so; fails after 5 s. */
    async function mustBecome(status: string, because: string): Promise<void> {
      const state = () => stage.simward.ports.controls?.statusOf('signalling-screening')
      for (let waited = 0; state()?.status !== status || state()?.because.key !== because; waited += 20) {
        assert.ok(waited < 5_000, `it is ${JSON.stringify(state())}`)
        await sleep(systemClock, 20)
      }
    }

    test('lets the attack pass, and its control says so within 5 s; active again, both are as before', async () => {
      assert.equal((await attack(row)).outcome.refused, true)
      await mustBecome('met', 'control.rules-active')

      assert.equal((await setMode('shadow')).mode, 'shadow')
      const { outcome, seen } = await attack(row)
      assert.equal(outcome.refused, false, outcome.detail)
      const passed = seen.find((event) => event.shadow.some((entry) => entry.ruleId === ruleId))
      assert.ok(passed?.action === 'allow' && passed.resultCode === 2001)
      await mustBecome('not-met', 'control.attack-passed')
      const { control, requirements } = await api('controls/signalling-screening')
      assert.equal(control.status, 'not-met')
      assert.equal(control.because.params.rule, ruleId)
      assert.ok(requirements.some((requirement: { status: string }) => requirement.status === 'not-met'))

      await setMode('active')
      assert.equal((await attack(row)).outcome.refused, true)
      await mustBecome('met', 'control.rules-active')
      const { rows } = await stage.simward.db.query<{ body: object }>(`SELECT body FROM ledger_entry WHERE kind = 'rule-mode-changed'`)
      assert.equal(rows.length, 2, 'both changes are in the ledger')
    })
  })
})
