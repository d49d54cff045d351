import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { alertReached, isCutOff, periodOf, planFault, type RatePlan } from './rate-plan.ts'

const plan: RatePlan = { period: { kind: 'calendar-month' }, includedBytes: 1_000, alertsPercent: [80, 100], cutOffPercent: 120 }

test('months begin on their first day, in UTC', () => {
  assert.deepEqual(periodOf(plan, Date.UTC(2026, 11, 31, 23, 59, 59, 999)), { start: Date.UTC(2026, 11, 1), end: Date.UTC(2027, 0, 1) })
  assert.deepEqual(periodOf(null, Date.UTC(2027, 0, 1)), { start: Date.UTC(2027, 0, 1), end: Date.UTC(2027, 1, 1) })
})

test('whatever the time, its period holds it, and the next one begins where it ends', () => {
  const periods = fc.oneof(
    fc.constant({ kind: 'calendar-month' as const }),
    fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 366 }), anchor: fc.integer({ min: 0, max: 2e12 }) }),
  )
  fc.assert(
    fc.property(periods, fc.integer({ min: 0, max: 4e12 }), (period, at) => {
      const { start, end } = periodOf({ period }, at)
      assert.ok(start <= at && at < end)
      assert.equal(periodOf({ period }, end).start, end)
      assert.equal(periodOf({ period }, start - 1).end, start)
    }),
  )
})

test('thresholds are reached exactly at their percentage', () => {
  assert.deepEqual(
    [799, 800, 999, 1_000, 5_000].map((bytes) => alertReached(plan, bytes)),
    [0, 80, 80, 100, 100],
  )
  assert.deepEqual(
    [1_199, 1_200].map((bytes) => isCutOff(plan, bytes)),
    [false, true],
  )
  assert.equal(isCutOff({ ...plan, cutOffPercent: null }, 1e15), false)
  const large = { ...plan, includedBytes: Number.MAX_SAFE_INTEGER, cutOffPercent: 100 }
  assert.deepEqual(
    [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER].map((bytes) => isCutOff(large, bytes)),
    [false, true],
  )
})

test('alerts rise, and come before the end', () => {
  assert.equal(planFault(plan), null)
  assert.equal(planFault({ ...plan, alertsPercent: [100, 100] }), 'alerts-order')
  assert.equal(planFault({ ...plan, cutOffPercent: 90 }), 'cut-off-below-alert')
})
