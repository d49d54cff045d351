import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chart, table, wrap } from './draw.ts'

test('a chart has its limit drawn and named, and its highest value at the top', () => {
  const lines = chart([0, 25, 50, 200], { width: 40, height: 4, limit: { value: 50, label: 'capacity 50' }, stepS: 1, unit: 'per second' })
  assert.equal(lines.length, 5)
  assert.match(lines[0] ?? '', /^ {3}200 {4}█/)
  assert.match(lines[3] ?? '', /^ {4}50 ╌▄██ capacity 50$/)
})

test('many values are compressed to their greatest', () => {
  const lines = chart(
    Array.from({ length: 1000 }, (_, i) => (i === 500 ? 8 : 0)),
    { width: 10, height: 1, stepS: 1, unit: '' },
  )
  assert.equal((lines[0]?.match(/█/g) ?? []).length, 1)
})

test('tables align, and null is a dash', () => {
  assert.deepEqual(
    table(
      ['class', 'p95'],
      [
        ['critical', 3.14],
        ['standard', null],
      ],
    ),
    ['class     p95', 'critical  3.1', 'standard    –'],
  )
})

test('a paragraph is broken at spaces, never inside a word', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
  assert.deepEqual(wrap('a-very-long-word b', 5), ['a-very-long-word', 'b'])
  assert.deepEqual(wrap('', 5), [''])
})

test('a peak above the ceiling is cut off and marked', () => {
  const lines = chart([10_000, 40, 400], { width: 40, height: 2, ceiling: 400, stepS: 1, unit: '' })
  assert.equal(lines[0], '   400 ▲ █')
  assert.match(lines[1] ?? '', /^ {7}█▂█$/)
})
