import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sleep, VirtualClock } from './clock.ts'

test('timers run in order of time, then of setting, and see the time they were due', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 80 }), (delays) => {
      const clock = new VirtualClock(0)
      const ran: { delay: number; order: number; at: number }[] = []
      for (const [order, delay] of delays.entries()) clock.after(delay, () => ran.push({ delay, order, at: clock.now() }))
      clock.advance(100)
      const expected = delays.map((delay, order) => ({ delay, order, at: delay })).sort((a, b) => a.delay - b.delay || a.order - b.order)
      assert.deepEqual(ran, expected)
    }),
  )
})

test('a cancelled timer does not run; one set by a timer does', () => {
  const clock = new VirtualClock(0)
  const ran: string[] = []
  clock.after(5, () => ran.push('cancelled')).cancel()
  clock.after(10, () => clock.after(10, () => ran.push('nested')))
  clock.advance(19)
  assert.deepEqual(ran, [])
  clock.advance(1)
  assert.deepEqual(ran, ['nested'])
  assert.equal(clock.monotonicMs(), 20)
})

test('advanceAsync lets awaiting code go on between timers', async () => {
  const clock = new VirtualClock(0)
  const seen: number[] = []
  const work = (async () => {
    for (let i = 0; i < 3; i++) {
      await sleep(clock, 10)
      seen.push(clock.now())
    }
  })()
  await clock.advanceAsync(30)
  await work
  assert.deepEqual(seen, [10, 20, 30])
})
