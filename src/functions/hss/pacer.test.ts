import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { Pacer } from './pacer.ts'

test('no sliding second holds more than the agreed rate, and all are sent in order', () => {
  const clock = new VirtualClock(0)
  const pacer = new Pacer(clock, () => 10, 1000)
  const sent: { at: number; i: number }[] = []
  for (let i = 0; i < 45; i++) assert.ok(pacer.add('aurelia', () => sent.push({ at: clock.monotonicMs(), i })))
  clock.advance(5_000)
  assert.deepEqual(
    sent.map((s) => s.i),
    Array.from({ length: 45 }, (_, i) => i),
  )
  for (const { at } of sent) assert.ok(sent.filter((s) => s.at > at - 1000 && s.at <= at).length <= 10)
  assert.equal(sent.at(-1)?.at, 4000)
})

test('one partner does not wait for another, and a full queue says no', () => {
  const clock = new VirtualClock(0)
  const pacer = new Pacer(clock, (key) => (key === 'slow' ? 1 : 100), 3)
  let quick = 0
  const slow = Array.from({ length: 6 }, () => pacer.add('slow', () => {}))
  pacer.add('quick', () => quick++)
  assert.deepEqual(slow, [true, true, true, true, false, false])
  assert.equal(quick, 1)
  assert.equal(pacer.waiting('slow'), 3)
  pacer.close()
})

test('what somebody waits for passes the bulk, and finds room at once', () => {
  const clock = new VirtualClock(0)
  const pacer = new Pacer(clock, () => 10, 1000)
  const sent: { at: number; what: string }[] = []
  const add = (what: string, pace: 'now' | 'bulk'): boolean =>
    pacer.add('aurelia', () => sent.push({ at: clock.monotonicMs(), what }), pace)
  for (let i = 0; i < 100; i++) add('bulk', 'bulk')
  assert.equal(sent.length, 8)
  clock.advance(500)
  add('urgent', 'now')
  assert.deepEqual(sent.at(-1), { at: 500, what: 'urgent' })
  clock.advance(20_000)
  assert.equal(sent.length, 101)
  for (const { at } of sent) assert.ok(sent.filter((each) => each.at > at - 1000 && each.at <= at).length <= 10)
})
