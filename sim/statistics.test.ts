import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatencyHistogram, percentiles, SecondSeries, slidingPeak } from './statistics.ts'

test('a device that was not admitted is infinite, and infinite prints null', () => {
  const seconds = [...Array.from({ length: 96 }, (_, i) => i + 1), null, null, null, null]
  assert.deepEqual(percentiles(seconds), { p50: 50, p95: 95, p99: null, max: null })
  assert.deepEqual(percentiles([]), { p50: null, p95: null, p99: null, max: null })
})

test('the peak of a sliding second sees what fixed seconds hide', () => {
  const times = [900, 950, 999, 1000, 1050, 1899]
  assert.equal(slidingPeak(times, 1000), 6)
  assert.equal(slidingPeak([0, 1000, 2000], 1000), 1)
  assert.equal(slidingPeak([], 1000), 0)
})

test('a series counts per second and fills the gaps', () => {
  const series = new SecondSeries()
  series.add(100)
  series.add(3_900, 2)
  assert.deepEqual(series.values(5), [1, 0, 0, 2, 0])
  assert.equal(series.peak, 2)
})

test('the histogram finds percentiles within five percent', () => {
  const histogram = new LatencyHistogram()
  for (let i = 1; i <= 1000; i++) histogram.add(i / 10)
  assert.ok(Math.abs(histogram.at(0.5) - 50) < 2.6)
  assert.ok(Math.abs(histogram.at(0.99) - 99) < 5)
  assert.equal(histogram.at(1), 100)
  assert.equal(new LatencyHistogram().at(0.5), 0)
})
