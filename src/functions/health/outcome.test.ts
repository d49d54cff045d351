import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Attempts, attemptMs } from './attempts.ts'
import { eventOf } from './event.fixture.ts'
import { concernOf, outcomeOf } from './outcome.ts'

describe('outcome of a message', () => {
  test('a ULR that succeeded is in; an AIR that was answered says nothing', () => {
    assert.equal(outcomeOf(eventOf({ operation: 'ULR' }))?.what, 'in')
    assert.equal(outcomeOf(eventOf({ operation: 'AIR' })), null)
    assert.equal(outcomeOf(eventOf({ operation: 'ULR', action: 'hold' }))?.what, 'in')
  })

  test('load and faults keep a device out; policy refuses it', () => {
    assert.equal(outcomeOf(eventOf({ operation: 'AIR', action: 'reject', reason: 'storm' }))?.what, 'failed')
    assert.equal(outcomeOf(eventOf({ resultCode: 5012 }))?.what, 'failed')
    for (const reason of ['suspended', 'not-subscribed', 'imei-lock', 'held-for-approval'] as const)
      assert.equal(outcomeOf(eventOf({ action: 'reject', reason }))?.what, 'refused', reason)
  })

  test('what others claim in a device’s name is not its own try', () => {
    assert.equal(outcomeOf(eventOf({ action: 'reject', reason: 'forged-network', alert: true })), null)
    const passed = eventOf({ alert: true, shadow: [{ ruleId: 'r', action: 'reject', reason: 'forged-network' }] })
    assert.equal(outcomeOf(passed), null)
    assert.deepEqual(concernOf(passed), { kind: 'attack-passed', reason: 'forged-network', ruleId: 'r' })
    assert.equal(concernOf(eventOf({ action: 'drop', reason: 'unsolicited-answer', alert: true }))?.kind, 'attack')
    assert.equal(concernOf(eventOf({ action: 'reject', reason: 'imei-lock', alert: true }))?.kind, 'refused')
    assert.equal(concernOf(eventOf({})), null)
  })

  test('nothing is said of subscribers that are not on record, nor by answers and other operations', () => {
    assert.equal(outcomeOf(eventOf({ providerId: null })), null)
    assert.equal(outcomeOf(eventOf({ direction: 'out' })), null)
    assert.equal(outcomeOf(eventOf({ operation: 'PUR' })), null)
  })
})

describe('attempts', () => {
  const at = (ms: number, what: 'in' | 'failed' | 'refused', imsi = '999700000000001') => ({ imsi, at: ms, plmn: '001-01', what })

  test('a device that retries until it is in counts once, as in', () => {
    const attempts = new Attempts()
    assert.equal(attempts.note(at(0, 'failed')), null)
    assert.equal(attempts.note(at(10_000, 'failed')), null)
    assert.equal(attempts.note(at(20_000, 'in'))?.how, 'gotIn')
    assert.equal(attempts.note(at(25_000, 'in')), null, 'within the same window')
    assert.deepEqual(attempts.sweep(20_000 + attemptMs), [])
    assert.equal(attempts.note(at(20_000 + attemptMs, 'in'))?.how, 'gotIn')
  })

  test('one that never gets in is kept out once per window', () => {
    const attempts = new Attempts()
    attempts.note(at(0, 'failed'))
    assert.deepEqual(attempts.sweep(attemptMs - 1), [])
    assert.deepEqual(attempts.sweep(attemptMs), [{ imsi: '999700000000001', at: attemptMs, plmn: '001-01', how: 'keptOut' }])
    attempts.note(at(attemptMs + 1, 'failed'))
    assert.equal(attempts.note(at(2 * attemptMs + 1, 'failed'))?.how, 'keptOut', 'the former window is over')
    assert.equal(attempts.sweep(9 * attemptMs).length, 1)
  })

  test('refused by policy is said once per window and never kept out', () => {
    const attempts = new Attempts()
    assert.equal(attempts.note(at(0, 'refused'))?.how, 'refused')
    assert.equal(attempts.note(at(10_000, 'refused')), null)
    assert.deepEqual(attempts.sweep(attemptMs), [])
    assert.equal(attempts.note(at(attemptMs, 'refused'))?.how, 'refused')
  })

  test('past its bound the oldest are forgotten', () => {
    const attempts = new Attempts(2)
    for (const imsi of ['1', '2', '3']) attempts.note(at(0, 'failed', imsi))
    assert.deepEqual(
      attempts.sweep(attemptMs).map(({ imsi }) => imsi),
      ['2', '3'],
    )
  })
})
