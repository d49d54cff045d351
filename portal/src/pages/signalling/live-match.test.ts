import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SignalRow } from '../../api/types.ts'
import { parseFilter } from '../../logic/filter.ts'
import { matchesLive } from './live-match.ts'

const row = {
  interface: 'S6a',
  operation: 'ULR',
  action: 'reject',
  reason: 'forged-network',
  imsi: '999700000107731',
  alert: true,
  shadow: [] as SignalRow['shadow'],
  latencyMs: 0.9,
  resultCode: 5012,
  at: 1_000_000,
  partnerName: 'Estrel',
} as SignalRow
const matches = (filter: string) => matchesLive(row, parseFilter(filter), 1_100_000)

test('a live row is held against every term', () => {
  assert.equal(matches(''), true)
  assert.equal(matches('iface:s6a -op:PUR verdict:reject,drop since:5m'), true)
  assert.equal(matches('op:AIR'), false)
  assert.equal(matches('since:10s'), false)
  assert.equal(matches('ms<1 result:5012 alert:yes imsi:9997*'), true)
  assert.equal(matches('-alert:yes'), false)
  assert.equal(matches('"estrel"'), true)
  assert.equal(matches('home:999-70'), true)
  assert.equal(matches('-home:999-70'), false)
  assert.equal(matches('shadow:yes'), false)
})

test('a field that only the server knows leaves it open, unless another term already fails', () => {
  assert.equal(matches('colour:red'), null)
  assert.equal(matches('colour:red op:AIR'), false)
})
