import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interleave, median } from './bench.ts'
import { benches, runBench } from './run.ts'

test('the sides take turns, after one turn each that does not count', async () => {
  const order: string[] = []
  const side = (name: string, nanoseconds: number) => (count: number) => {
    order.push(name)
    return count * nanoseconds
  }
  const { rates, rounds } = await interleave([side('a', 10), side('b', 20)], 100, 3)
  assert.equal(order.join(''), 'abababab')
  assert.deepEqual(rates, [1e8, 5e7])
  assert.deepEqual(rounds, [
    [1e8, 1e8, 1e8],
    [5e7, 5e7, 5e7],
  ])
})

test('the median of an even and an odd count', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 3, 2]), 2.5)
})

test('names are unique, and an unknown one runs nothing', async (t) => {
  assert.equal(new Set(benches.map((bench) => bench.name)).size, benches.length)
  const written = t.mock.method(process.stderr, 'write', () => true)
  assert.equal(await runBench(['no-such-bench'], { json: true }), 2)
  assert.match(String(written.mock.calls[0]?.arguments[0]), /no bench "no-such-bench"; there are .*milenage/)
})
