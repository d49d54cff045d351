import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draftOfPlan, planBodyOf, planFaults } from './plan-draft.ts'

const plan = {
  name: 'small',
  period: { kind: 'days' as const, days: 30, anchor: Date.UTC(2026, 0, 5) },
  includedBytes: 2_500_000,
  alertsPercent: [80, 100],
  cutOffPercent: null,
}

test('a plan that nobody touched is sent as it came', () => {
  const { name: _name, ...body } = plan
  assert.deepEqual(planBodyOf(draftOfPlan(plan, 0)), body)
  assert.deepEqual(planFaults(draftOfPlan(plan, 0)), [])
})

test('what is typed is read, and what cannot be is named', () => {
  const draft = { ...draftOfPlan(undefined, 0), name: 'x', includedMb: '0.5', alerts: '100, 50%', cutOff: '120' }
  assert.deepEqual(planBodyOf(draft), {
    period: { kind: 'calendar-month' },
    includedBytes: 500_000,
    alertsPercent: [50, 100],
    cutOffPercent: 120,
  })
  const wrong = { ...draft, name: ' ', period: 'days' as const, days: '0', anchor: 'soon', includedMb: '-1', alerts: 'half', cutOff: '0' }
  assert.deepEqual(planFaults(wrong), ['name', 'days', 'anchor', 'includedMb', 'alerts', 'cutOff'])
})
