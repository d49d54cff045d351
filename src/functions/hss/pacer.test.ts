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
