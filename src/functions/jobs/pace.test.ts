import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextPace } from './pace.ts'

const work = { workMs: 100 }

test('rests grow at once while signalling is slower than twice its idle value and 20 ms, and shrink while there is room', () => {
  let pace = nextPace({ restMs: 0, idleMs: 15 }, { ...work, nowMs: 31 })
  assert.equal(pace.restMs, 25)
  pace = nextPace(pace, { ...work, nowMs: 31 })
  assert.equal(pace.restMs, 37.5)
  assert.equal(nextPace(pace, { ...work, nowMs: 28 }).restMs, 37.5, 'near the aim it stays')
  assert.ok(nextPace(pace, { ...work, nowMs: 5 }).restMs < 37.5)
  assert.equal(nextPace({ restMs: 0, idleMs: 3 }, { ...work, nowMs: 19 }).restMs, 0, '20 ms are always allowed')
})

test('a job that rests as much as it may takes what it then measures for the idle value, and works a fifth of the time at least', () => {
  let pace = { restMs: 0, idleMs: 3 }
  for (let i = 0; i < 20 && pace.idleMs === 3; i++) pace = nextPace(pace, { ...work, nowMs: 60 })
  assert.deepEqual(pace, { restMs: 400, idleMs: 60 })
  assert.ok(nextPace(pace, { ...work, nowMs: 60 }).restMs < 400, 'not its doing: it goes on')
})
