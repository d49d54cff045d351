import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextPace } from './pace.ts'

const work = { workMs: 100 }

test('rests grow well before signalling takes twice its idle value or 20 ms, and shrink while there is room', () => {
  let pace = nextPace({ restMs: 0, idleMs: 15 }, { ...work, nowMs: 23 })
  assert.equal(pace.restMs, 25)
  pace = nextPace(pace, { ...work, nowMs: 23 })
  assert.equal(pace.restMs, 37.5)
  assert.equal(nextPace(pace, { ...work, nowMs: 20 }).restMs, 37.5, 'near the aim it stays')
  assert.ok(nextPace(pace, { ...work, nowMs: 5 }).restMs < 37.5)
  assert.equal(nextPace({ restMs: 0, idleMs: 3 }, { ...work, nowMs: 14 }).restMs, 0, 'most of the 20 ms is always allowed')
})

test('a job works more than a third of the time within the limit, and a fifth of it however slow signalling is', () => {
  const longest = (nowMs: number): number => {
    let pace = { restMs: 0, idleMs: 3 }
    for (let i = 0; i < 20; i++) pace = nextPace(pace, { ...work, nowMs })
    return pace.restMs
  }
  assert.equal(longest(19), 175)
  assert.equal(longest(60), 400)
})

test('what signalling takes while the job works never becomes the idle value: the limit would follow the harm', () => {
  let pace = { restMs: 0, idleMs: 3 }
  for (let i = 0; i < 100; i++) pace = nextPace(pace, { ...work, nowMs: 60 })
  assert.equal(pace.idleMs, 3)
})
