import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate, defaultGatePolicy, type GateDecision } from './gate.ts'

const critical = { class: 'critical', providerId: 'p1' } as const
const standard = { class: 'standard', providerId: 'p1' } as const
const gate = createGate({
  ...defaultGatePolicy,
  agreements: ['p1'],
  jurisdictions: [{ mcc: '001', forbids: ['suspend', 'ban'], because: 'the regulator decides' }],
})

const decide = (kind: Exclude<GateDecision['kind'], 'refuse'>, approvals: readonly string[], jurisdiction?: string): GateDecision => ({
  kind,
  by: 'control',
  approvals,
  ...(jurisdiction === undefined ? {} : { jurisdiction }),
})

test('a critical device is cut off by two persons, never by a control alone', () => {
  assert.deepEqual(gate.ask(decide('autoblock', []), standard), { allowed: true })
  const refused = gate.ask(decide('autoblock', ['ann']), critical)
  assert.deepEqual(refused, { allowed: false, because: '2 approvals needed for a critical device, 1 given', needed: 2 })
  assert.equal(gate.ask(decide('autoblock', ['ann', 'ann']), critical).allowed, false, 'one person twice is one person')
  assert.equal(gate.ask(decide('autoblock', ['ann', 'bob']), critical).allowed, true)
})

test('a ban and a steering plan need two for anybody', () => {
  for (const kind of ['ban', 'steer'] as const) {
    assert.equal(gate.ask(decide(kind, ['ann']), standard).allowed, false)
    assert.equal(gate.ask(decide(kind, ['ann', 'bob']), standard).allowed, true)
  }
})

test('jurisdiction comes before approval', () => {
  assert.deepEqual(gate.ask(decide('suspend', ['ann', 'bob'], '001'), standard), {
    allowed: false,
    because: 'jurisdiction 001: the regulator decides',
  })
  assert.equal(gate.ask(decide('suspend', [], '999'), standard).allowed, true)
})

test('automatic blocking waits for an agreement with the provider', () => {
  const answer = gate.ask(decide('autoblock', []), { class: 'standard', providerId: 'p2' })
  assert.match(answer.allowed ? '' : answer.because, /no data-processing agreement with provider p2/)
})

test('what a person or the store decided refuses a critical device too; what a rule decides by itself only alerts', () => {
  const refuse = (reason: 'suspended' | 'outside-roaming-area' | 'imei-lock') =>
    gate.ask({ kind: 'refuse', ruleId: 'r', reason }, critical).allowed
  assert.equal(refuse('suspended'), true)
  assert.equal(refuse('outside-roaming-area'), true)
  assert.equal(refuse('imei-lock'), false)
  assert.equal(gate.ask({ kind: 'refuse', ruleId: 'r', reason: 'imei-lock' }, standard).allowed, true)
})
