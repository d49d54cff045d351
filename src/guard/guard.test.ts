import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate, defaultGatePolicy } from './gate.ts'
import { guardWith, known, now, realmOf, registration, signal, subscriber } from './guard.fixture.ts'
import { createGuard, judgeLate, predicateText } from './guard.ts'
import type { Rule } from './rule.ts'
import { s6aRules } from './rules/s6a.ts'
import { lateRule, s6aLateRules } from './rules/s6a-late.ts'

const rule = (change: Partial<Rule>): Rule => ({
  id: 'r',
  interface: 'S6a',
  operations: ['AIR'],
  when: { fact: 'externalLink', is: true },
  action: 'reject',
  reason: 'malformed',
  alert: false,
  defaultMode: 'active',
  control: 'c',
  says: 's',
  spec: 'x',
  ...change,
})

test('an operation or interface that no row names is refused', () => {
  const guard = guardWith()
  for (const told of ['UDR', 'ECR', '16777312/8388647']) {
    const verdict = guard.judge(signal({ operation: told }), known())
    assert.deepEqual([verdict.action, verdict.reason, verdict.ruleId, verdict.alert], ['reject', 'operation-from-outside', 'default', true])
  }
  assert.equal(guard.judge({ ...signal(), interface: 'S13' }, known()).action, 'reject')
})

test('a rule that names an unknown fact, and an id used twice, are found when the rules load', () => {
  const modeOf = () => 'active' as const
  assert.throws(() => createGuard({ rules: [rule({ when: { fact: 'nonsense', is: true } })], modeOf }), /r uses the fact nonsense/)
  assert.throws(() => createGuard({ rules: [rule({}), rule({})], modeOf }), /r stands twice/)
})

test('predicates: all, any, not, is, above; and as text', () => {
  const holds = (when: Rule['when']) =>
    createGuard({ rules: [rule({ when })], modeOf: () => 'active' }).judge(signal(), known({ vectorsLastHour: 4 })).ruleId === 'r'
  const yes = { fact: 'externalLink', is: true } as const
  const no = { fact: 'externalLink', is: false } as const
  assert.ok(holds({ all: [yes, { not: no }] }))
  assert.ok(!holds({ all: [yes, no] }))
  assert.ok(holds({ any: [no, yes] }))
  assert.ok(!holds({ any: [no, { not: yes }] }))
  assert.ok(holds({ fact: 'vectorsWithinHour', above: 4 }))
  assert.ok(!holds({ fact: 'vectorsWithinHour', above: 5 }))
  assert.equal(
    predicateText({ all: [yes, { any: [no, { fact: 'x', above: 3 }] }, { not: yes }] }),
    'externalLink = true and (externalLink = false or x > 3) and (not externalLink = true)',
  )
})

test('modes act at once, and the first active rule decides', () => {
  const modes = new Map<string, 'off' | 'shadow' | 'active'>([
    ['a', 'shadow'],
    ['b', 'active'],
  ])
  const rules = [rule({ id: 'a', reason: 'forged-host' }), rule({ id: 'b' })]
  const guard = createGuard({ rules, modeOf: (id) => modes.get(id) ?? 'off' })
  const first = guard.judge(signal(), known())
  assert.deepEqual([first.ruleId, first.shadow], ['b', [{ ruleId: 'a', action: 'reject', reason: 'forged-host' }]])
  modes.set('a', 'active')
  assert.equal(guard.judge(signal(), known()).ruleId, 'a')
  modes.set('a', 'off')
  modes.set('b', 'shadow')
  assert.equal(guard.judge(signal(), known()).action, 'allow')
})

test('a verdict names what was proven, claimed, known and set', () => {
  const verdict = guardWith().judge(signal({ originRealm: realmOf.brenn }), known())
  assert.equal(verdict.ruleId, 's6a-realm-not-of-peer')
  assert.ok(verdict.facts.some((fact) => fact.source === 'claimed' && fact.value === realmOf.brenn))
  assert.ok(verdict.facts.some((fact) => fact.source === 'proven' && fact.value === `mme1.${realmOf.aurelia}`))
  assert.ok(verdict.facts.some((fact) => fact.source === 'policy' && fact.value === realmOf.aurelia))
})

test('the gate keeps a critical device connected where a rule about the device would not, and still alarms', () => {
  const profile = { roamingArea: { kind: 'anywhere' }, imeiLock: true, equivalentPlmns: [] } as const
  const judge = (ofClass: 'critical' | 'standard') =>
    guardWith().judge(
      signal({ operation: 'ULR', imei: '35693803564381' }),
      known({ subscriber: subscriber({ class: ofClass, lockedImei: '35693803564380', profile }) }),
    )
  assert.equal(judge('standard').reason, 'imei-lock')
  const critical = judge('critical')
  assert.deepEqual([critical.action, critical.alert, critical.shadow[0]?.ruleId], ['allow', true, 's6a-imei-lock'])
  assert.equal(
    createGate(defaultGatePolicy).ask({ kind: 'refuse', ruleId: 'x', reason: 'imei-lock' }, { class: 'critical', providerId: 'p' }).allowed,
    false,
  )
})

test('late rules judge what another place found', () => {
  const late = (id: string, operation: string, facts: Record<string, string | boolean>, rest = {}) =>
    judgeLate(lateRule(id), signal({ operation, facts }), known(rest), 'active')
  assert.equal(late('s6a-answer-unsolicited', 'AIA', { answerExpected: false })?.action, 'drop')
  assert.equal(late('s6a-answer-unsolicited', 'AIA', {}), null)
  assert.equal(late('s6a-answer-altered', 'ULA', { answerUnaltered: false, because: 'origin-host' })?.reason, 'unsolicited-answer')
  assert.equal(late('s6a-auts', 'AIR', { autsFresh: false })?.reason, 'replay')
  assert.equal(late('s6a-admission', 'AIR', { admitted: 'storm' })?.reason, 'storm')
  assert.equal(late('s6a-admission', 'AIR', { admitted: 'yes' }), null)
  assert.throws(() => lateRule('nothing'), /no late rule nothing/)
  const shadow = judgeLate(lateRule('s6a-auts'), signal({ facts: { autsFresh: false } }), known(), 'shadow')
  assert.deepEqual([shadow?.action, shadow?.shadow.length], ['allow', 1])
})

test('a challenge: present is refused, gone passes, silence passes unless nobody can travel so fast', () => {
  const old = (minutesAgo: number) =>
    known({
      registration: registration({ visitedPlmn: '001-04', partnerId: 'dorvik', registeredAt: now - minutesAgo * 60_000 }),
      givenTo: ['001-04'],
    })
  const judged = (oldNode: string, minutesAgo: number) =>
    judgeLate(lateRule('s6a-ulr-challenged'), signal({ operation: 'ULR', facts: { oldNode } }), old(minutesAgo), 'active')?.action ??
    'allow'
  assert.equal(judged('present', 600), 'reject')
  assert.equal(judged('gone', 1), 'allow')
  assert.equal(judged('silent', 600), 'allow')
  assert.equal(judged('silent', 10), 'reject')
  const early = judgeLate(
    lateRule('s6a-ulr-challenged'),
    signal({ operation: 'ULR', facts: { oldNode: 'present' } }),
    { ...old(600), cutOverComplete: false },
    'active',
  )
  assert.equal(early?.action, 'allow')
})

test('every rule names a clause and a sentence, and ids are unique over both tables', () => {
  const all: readonly Rule[] = [...s6aRules, ...s6aLateRules]
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
  for (const { id, spec, says } of all) {
    assert.match(spec, /(TS \d\d\.\d{3} (§|Annex)|RFC \d{4} §|CLP\.14 §)/, id)
    assert.ok(says.length > 20 && says.endsWith('.'), id)
  }
})
