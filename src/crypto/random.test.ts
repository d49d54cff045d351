import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandomSource } from './random.ts'

test('every RAND has 16 octets of its own, none twice, across refills', () => {
  let refills = 0
  let next = 0
  const random = createRandomSource((pool) => {
    refills += 1
    const view = new DataView(pool.buffer, pool.byteOffset, pool.length)
    for (let i = 0; i < pool.length; i += 16) view.setUint32(i, next++)
  })
  const seen = new Set<string>()
  for (let i = 0; i < 4096 * 2 + 1; i++) seen.add(random().toString('hex'))
  assert.equal(seen.size, 4096 * 2 + 1)
  assert.equal(refills, 3)
})

test('what was handed out is no longer in the pool, and stays as it was', () => {
  let kept: Uint8Array = new Uint8Array()
  const random = createRandomSource((pool) => {
    pool.fill(0xa5)
    kept = pool
  })
  const first = random()
  const copy = Buffer.from(first)
  random()
  assert.ok(kept.subarray(0, 32).every((octet) => octet === 0))
  assert.deepEqual(first, copy)
})

test('the system’s generator is the source unless a test gives another', () => {
  const random = createRandomSource()
  assert.notDeepEqual(random(), random())
})
