import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { latencyColumn, latencyColumns, latencyQuantile, withinLatency } from './latency.ts'
import { createSeries } from './series.ts'

test('sums over any window agree with a list of everything', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom('a' as const, 'b' as const)), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (gaps, windowSteps) => {
        const series = createSeries(['a', 'b'], 100, 20)
        const all: { at: number; column: 'a' | 'b' }[] = []
        let now = 1_000_000
        for (const [gap, column] of gaps) {
          now += gap
          series.add(now, column)
          all.push({ at: now, column })
        }
        const first = (Math.floor(now / 100) - windowSteps + 1) * 100
        for (const column of ['a', 'b'] as const) {
          const expected = all.filter((entry) => entry.column === column && entry.at >= first).length
          assert.equal(series.sum(now, windowSteps * 100, column), expected)
          assert.equal(series.totals(now, windowSteps * 100)[column], expected)
          assert.equal(
            series.buckets(now, windowSteps * 100, windowSteps, column).reduce((a, b) => a + b, 0),
            expected,
          )
        }
      },
    ),
  )
})

test('buckets stand oldest first and forget what is past the ring', () => {
  const series = createSeries(['n'], 1_000, 10)
  series.add(100_000, 'n', 5)
  series.add(103_000, 'n', 2)
  assert.deepEqual(series.buckets(103_500, 4_000, 4, 'n'), [5, 0, 0, 2])
  assert.deepEqual(series.buckets(103_500, 4_000, 2, 'n'), [5, 2])
  series.add(110_000, 'n')
  assert.equal(series.sum(110_000, 60_000, 'n'), 3)
  series.add(99_000, 'n', 9)
  assert.equal(series.sum(110_000, 60_000, 'n'), 3, 'a clock that steps back wipes nothing')
})

test('a latency quantile is at most one class too high', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (values, q) => {
        const counts: Record<string, number> = {}
        for (const value of values) counts[latencyColumn(value)] = (counts[latencyColumn(value)] ?? 0) + 1
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.ceil(q * sorted.length - 1e-9) - 1] ?? 0
        const found = latencyQuantile(counts, q) ?? 0
        assert.ok(found >= exact * 0.99 && found <= exact * 1.43, `${found} for ${exact}`)
      },
    ),
  )
  assert.equal(latencyQuantile({}, 0.5), null)
  assert.equal(withinLatency({ [latencyColumn(1)]: 3, [latencyColumn(900)]: 1 }, 20), 3)
  assert.ok(latencyColumns.includes(latencyColumn(Number.NaN)))
})
