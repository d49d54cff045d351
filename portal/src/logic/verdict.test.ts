import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markOf } from '../api/state.ts'
import type { Overview } from '../api/types.ts'
import { toneBuckets, verdictClauses, verdictRows } from './verdict.ts'

const row = (action: Overview['verdicts'][number]['action'], reason: Overview['verdicts'][number]['reason'], count: number) => ({
  action,
  reason,
  count,
  answer: null,
  when: [count, 0],
})
const verdict: Overview['verdict'] = { state: 'ok', key: 'overview.attacks-refused', params: {}, line: null }
const readouts: Overview['readouts'] = {
  registrationsPerSecond: 9.6,
  capacity: 50,
  attachSuccess: 0.99,
  attachObjective: 0.99,
  answerP99Ms: 7,
  answerObjectiveMs: 20,
  vectorsToUnproven: 0,
  vectors: 5306,
  criticalBack: 300,
  criticalTotal: 300,
  criticalP95S: 0.9,
  devicesInT3402: null,
}
const verdicts = [
  row('drop', 'replay', 2),
  row('reject', 'storm', 5709),
  row('reject', 'forged-network', 4),
  row('allow', 'ok', 10_990),
  row('reject', 'imei-lock', 5),
]

test('the sentence counts attacks, not storms or policy', () => {
  assert.deepEqual(verdictClauses({ verdict, verdicts, readouts }), [
    { kind: 'attacks', refused: 6 },
    { kind: 'vectors', leaked: 0 },
    { kind: 'critical', back: 300, total: 300 },
  ])
})

test('a leak is said even where nothing was refused', () => {
  assert.deepEqual(
    verdictClauses({ verdict, verdicts: [row('allow', 'ok', 3)], readouts: { ...readouts, vectorsToUnproven: 2, criticalTotal: null } }),
    [{ kind: 'vectors', leaked: 2 }],
  )
})

test('the count of the server goes before ours, and a missed objective before all', () => {
  const below = { ...verdict, key: 'overview.below-objective', params: { attacks: 9 } }
  assert.deepEqual(verdictClauses({ verdict: below, verdicts, readouts }).slice(0, 2), [
    { kind: 'below-objective' },
    { kind: 'attacks', refused: 9 },
  ])
})

test('a calm and an empty window', () => {
  const calm = { ...readouts, criticalTotal: null }
  assert.deepEqual(verdictClauses({ verdict, verdicts: [row('allow', 'ok', 3)], readouts: calm })[0], {
    kind: 'registrations',
    perSecond: 9.6,
  })
  assert.deepEqual(verdictClauses({ verdict, verdicts: [], readouts: calm }), [{ kind: 'quiet' }])
})

test('rows keep their order, and the strip adds them up', () => {
  assert.deepEqual(
    verdictRows(verdicts).map((one) => one.reason),
    ['ok', 'storm', 'forged-network', 'imei-lock', 'replay'],
  )
  assert.deepEqual(toneBuckets(verdicts, (action, reason) => markOf(action, reason).tag)[0], { allow: 10_990, wait: 5709, refuse: 11 })
})
