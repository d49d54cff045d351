import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StormRow } from '#sim/outage.ts'
import { mmeKinds, trafficClasses } from '#sim/world.ts'
import { completedSince, criticalHeld, stormTable } from './storm.ts'

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

test('critical devices held means all of them, soon, behind every MME that leaves the choice to us', () => {
  assert.ok(criticalHeld([row]))
  assert.ok(!criticalHeld([{ ...row, admitted: 149, p95: null }]))
  assert.ok(!criticalHeld([{ ...row, p95: 20.1 }]))
  assert.ok(!criticalHeld([{ ...row, mme: 'low-priority-first', p95: null }]))
  assert.ok(criticalHeld([row, { ...row, mme: 'random-abating', admitted: 0, p95: null }]), 'what abates at random is printed, not bounded')
  assert.ok(criticalHeld([row, { ...row, mme: 'low-priority-first', devices: 0, admitted: 0, p95: null }]), 'nobody is nobody too late')
  assert.ok(criticalHeld([row, { ...row, class: 'deferrable', admitted: 0, p95: null }]))
})

test('the widest table fits a terminal of 100 columns, both worlds in one line', () => {
  const wide = {
    ...row,
    devices: 50_000,
    admitted: 50_000,
    p50: 855.55,
    p95: 855.55,
    p99: 855.55,
    max: 1855.55,
    t3402: 12_345,
    t3346: 12_345,
  }
  const rows = trafficClasses.flatMap((traffic) => mmeKinds.map((mme) => ({ ...wide, class: traffic, mme })))
  const lines = stormTable(rows, rows)
  assert.equal(lines.length, 11)
  for (const line of lines) assert.ok(line.length + 2 <= 100, `${line.length + 2}: ${line}`)
  assert.equal(new Set(lines.map((line) => line.indexOf('│'))).size, 1, 'the line between the worlds is straight')
  const [, , critical] = stormTable([row], [{ ...row, p95: null, t3402: 126 }])
  assert.match(critical ?? '', /^critical {2}plain {2}150 {3}150 {2}0\.2 {2}2\.5 {2}3\.2 .*│ {3}150 {4}– {4}126$/)
})

test('what the HSS counted stands at its second, and a second without traffic is 0', () => {
  const none = { critical: 0, standard: 0, deferrable: 0 }
  const second = (at: number, critical: number, deferrable: number) => ({
    at,
    offered: none,
    admitted: none,
    rejected: none,
    held: none,
    completed: { critical, standard: 1, deferrable },
  })
  const series = [second(9_000, 40, 0), second(10_000, 5, 2), second(12_000, 1, 0)]
  assert.deepEqual(completedSince({ series }, 10_700, 4), [8, 0, 2, 0])
  assert.deepEqual(completedSince(undefined, 10_700, 2), [0, 0])
})
