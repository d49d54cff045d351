import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttackOutcome, AttackRow } from '#sim/attack.ts'
import { attackByName } from '#sim/attacks.ts'
import { type OutageResult, outages, type StormRow } from '#sim/outage.ts'
import type { Made } from './attacks.ts'
import { isGood, leakedVectors, reportOf, type StoryParts } from './report.ts'

const row: StormRow = {
  spreadS: 30,
  class: 'critical',
  mme: 'plain',
  devices: 150,
  admitted: 150,
  p50: 0.2,
  p95: 2.5,
  p99: 3.1,
  max: 3.2,
  t3402: 0,
  t3346: 0,
}

function outage(storms: StormRow[]): OutageResult {
  const series = { attempted: [], offered: [], admitted: { critical: [], standard: [], deferrable: [] } }
  const peaks = { offeredPeak: 100, processedPeak: 52, criticalSilent: 0, sticky: 0, gone: 0 }
  return { outage: outages.story, seed: 1, clock: 'real', computed: false, seconds: 60, storms, series, ...peaks }
}

function made(name: string, over: Partial<AttackOutcome> = {}, ruleId?: string): Made {
  const found = attackByName(name) as AttackRow
  const outcome = { name, critical: false, answer: null, vectors: 0, profile: false, harmed: false, refused: true, detail: '', ...over }
  return { row: found, outcome, signal: ruleId === undefined ? undefined : ({ ruleId } as Made['signal']) }
}

const parts: StoryParts = {
  isAttached: true,
  flows: [{ name: 't-flag', title: 'T', passed: true, detail: 'fine' }],
  made: [made('forged-ulr', {}, 's6a-network-not-of-partner')],
  day: { accepted: 40, later: 7, refused: 0 },
  live: outage([row, { ...row, class: 'deferrable', admitted: 20, p95: null, t3346: 130 }]),
  computed: outage([{ ...row, p95: 855.6, t3402: 126 }]),
  processedPeak: 50,
  ledgerOk: true,
}

test('the line has the keys that scripts read, with null for what is infinite', () => {
  const report = reportOf(parts)
  for (const key of [
    'attaches',
    'attacks',
    'vectorsToAttackers',
    'falseBlocks',
    'storms',
    'processedPeak',
    'capacity',
    'ledgerOk',
  ] as const)
    assert.ok(key in report, key)
  assert.deepEqual(report.attacks, [{ name: 'forged-ulr', critical: false, rule: 's6a-network-not-of-partner', refused: true }])
  const keys = ['spreadS', 'class', 'mme', 'devices', 'admitted', 'p50', 'p95', 'p99', 'max', 't3402', 't3346']
  for (const storm of [...report.storms, ...report.withoutControl.storms]) assert.deepEqual(Object.keys(storm), keys)
  assert.equal(JSON.parse(JSON.stringify(report)).storms[1].p95, null)
  assert.equal(report.withoutControl.computed, true)
  assert.deepEqual(report.attaches, { accepted: 40, later: 7, refused: 0, story: 1, outage: 170 })
  assert.equal(report.capacity, outages.story.capacityPerSecond)
})

test('told to try later in a storm is no false block; any other refusal of an honest device is', () => {
  assert.equal(reportOf(parts).falseBlocks, 0)
  assert.equal(reportOf({ ...parts, day: { accepted: 1, later: 0, refused: 2 } }).falseBlocks, 2)
  const failed = { name: 'mocn', title: 'M', passed: false, detail: 'ULR: cause 11' }
  const report = reportOf({ ...parts, isAttached: false, flows: [...parts.flows, failed] })
  assert.equal(report.falseBlocks, 2)
  assert.deepEqual(report.flows, [
    { name: 't-flag', passed: true },
    { name: 'mocn', passed: false, detail: 'ULR: cause 11' },
  ])
})

test('vectors within what policy lets any partner have are counted apart from leaks', () => {
  assert.deepEqual(leakedVectors([made('vector-greed', { vectors: 5 }), made('forged-realm', { vectors: 0 })]), {
    leaked: 0,
    withinPolicy: 5,
  })
  assert.deepEqual(leakedVectors([made('vector-greed', { vectors: 7 }), made('forged-realm', { vectors: 1 })]), {
    leaked: 3,
    withinPolicy: 5,
  })
})

test('an attack that the connection refused is reported under the rule that says so', () => {
  assert.equal(reportOf({ ...parts, made: [made('unlisted-peer')] }).attacks[0]?.rule, 's6a-unknown-peer')
})

test('good means: critical devices back soon, and the capacity never passed', () => {
  assert.ok(isGood(reportOf(parts)))
  assert.ok(!isGood(reportOf({ ...parts, processedPeak: 51 })))
  assert.ok(!isGood(reportOf({ ...parts, live: outage([{ ...row, admitted: 149, p95: null }]) })))
  assert.ok(!isGood(reportOf({ ...parts, live: outage([{ ...row, p95: 20.01 }]) })))
})
