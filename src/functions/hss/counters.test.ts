import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { Counters } from './counters.ts'

test('vectors of an hour are counted per IMSI and network, and then forgotten', () => {
  const clock = new VirtualClock(0)
  const counters = new Counters(clock)
  counters.countVectors('1', '001-01', 5)
  clock.advance(1_800_000)
  counters.countVectors('1', '001-01', 3)
  counters.countVectors('1', '001-02', 1)
  assert.equal(counters.vectorsLastHour('1', '001-01'), 8)
  assert.equal(counters.vectorsLastHour('1', '001-02'), 1)
  clock.advance(1_900_000)
  assert.equal(counters.vectorsLastHour('1', '001-01'), 3)
  clock.advance(7_200_000)
  assert.equal(counters.vectorsLastHour('1', '001-01'), 0)
})

test('messages of a second', () => {
  const clock = new VirtualClock(0)
  const counters = new Counters(clock)
  for (let i = 0; i < 30; i++) {
    counters.countMessage('mme')
    clock.advance(50)
  }
  assert.ok(Math.abs(counters.messagesLastSecond('mme') - 20) <= 2)
})
