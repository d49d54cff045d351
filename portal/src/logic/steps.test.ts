import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linearScale, niceTicks, runsAbove, stepArea, stepLine, timeTicks } from './steps.ts'

const scale = { x: linearScale([0, 10], [0, 100]), y: linearScale([0, 10], [100, 0]) }
const points = [
  { at: 0, value: 2 },
  { at: 2, value: 2 },
  { at: 4, value: 5 },
]

test('a step holds until the next one', () => {
  assert.equal(stepLine(points, 2, scale), 'M0 80H20H40V50H60')
  assert.equal(stepArea(points, 2, scale), 'M0 100V80H20H40V50H60V100Z')
  assert.equal(stepLine([], 2, scale), '')
})

test('ticks start at 0 and reach the largest value', () => {
  assert.deepEqual(niceTicks(246), [0, 50, 100, 150, 200, 250])
  assert.deepEqual(niceTicks(50), [0, 10, 20, 30, 40, 50])
  assert.deepEqual(niceTicks(0), [0, 1])
})

test('time ticks fall on whole minutes', () => {
  const from = Date.UTC(2026, 2, 12, 12, 11, 40)
  const ticks = timeTicks(from, from + 300_000)
  assert.equal(ticks.length, 5)
  assert.ok(ticks.every((at) => at % 60_000 === 0))
})

test('the hatching covers only what is above the limit', () => {
  assert.deepEqual(
    runsAbove(
      [1, 6, 7, 2, 9].map((value) => ({ value })),
      5,
    ).map((run) => run.map(({ value }) => value)),
    [[6, 7], [9]],
  )
})
