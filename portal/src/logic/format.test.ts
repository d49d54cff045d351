import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cappedCount,
  clock,
  clockMillis,
  durationPieces,
  exactTime,
  fineMs,
  grouped,
  latency,
  monthOf,
  percent,
  rate,
  shortened,
  when,
} from './format.ts'

const at = Date.UTC(2026, 2, 12, 12, 16, 39, 799)
const said = (ms: number) =>
  durationPieces(ms)
    .map(({ value, unit }) => `${value} ${unit}`)
    .join(' ')

test('durations grow coarser', () => {
  assert.equal(said(-5), '0 s')
  assert.equal(said(12_900), '12 s')
  assert.equal(said(108_000), '1 min 48 s')
  assert.equal(said(120_000), '2 min')
  assert.equal(said(18 * 60_000 + 31_000), '18 min')
  assert.equal(said(59.9 * 60_000), '59 min')
  assert.equal(said(2 * 3_600_000), '2 h')
  assert.equal(said(35.9 * 3_600_000), '35 h')
  assert.equal(said(3 * 86_400_000), '3 d')
})

test('times are UTC, with the exact one at hand', () => {
  assert.equal(clock(at), '12:16:39')
  assert.equal(clockMillis(at), '.799')
  assert.equal(exactTime(at), '2026-03-12 12:16:39.799 UTC')
  assert.equal(when(at, at + 60_000, 'en'), '12:16')
  assert.match(when(at - 10 * 86_400_000, at, 'en'), /^2 Mar 12:16$/)
  assert.match(when(at - 400 * 86_400_000, at, 'en'), /2025$/)
  assert.equal(monthOf(at), '03/26')
})

test('figures carry their unit and never flatter', () => {
  assert.equal(percent(0.9936, 'en'), '99.4 %')
  assert.equal(percent(0.99996, 'en'), '99.9 %')
  assert.equal(percent(1, 'en'), '100 %')
  assert.equal(rate(9.61, 'en'), '9.6')
  assert.equal(rate(246.4, 'en'), '246')
  assert.equal(fineMs(0.04, 'en'), '0.04')
  assert.equal(fineMs(2.1, 'en'), '2.1')
  assert.equal(fineMs(402.3, 'en'), '402')
  assert.equal(latency(402.31, 'en'), '402 ms')
  assert.equal(latency(12_345, 'en'), '12.3 s')
  assert.equal(cappedCount({ value: 10_000, capped: true }, 'en'), '10,000+')
})

test('identifiers keep their ends', () => {
  assert.equal(grouped('8999970000010421700', 4), '8999 9700 0001 0421 700')
  assert.equal(shortened('89999070000000000026010421704232'), '89999070…21704232')
  assert.equal(shortened('999700000104217'), '999700000104217')
})
