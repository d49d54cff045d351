import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdMaker } from './ids.ts'
import { LruMap } from './lru.ts'
import { BoundedQueue } from './queue.ts'
import { hash32, seededRandom } from './random.ts'

test('a full queue says no and loses nothing', () => {
  const queue = new BoundedQueue<number>(2)
  assert.ok(queue.push(1))
  assert.ok(queue.push(2))
  assert.equal(queue.push(3), false)
  assert.deepEqual([queue.peek(), queue.shift(), queue.shift(), queue.shift()], [1, 1, 2, undefined])
})

test('a queue that is used for long does not keep what has left', () => {
  const queue = new BoundedQueue<number>(10_000)
  for (let i = 0; i < 50_000; i++) {
    assert.ok(queue.push(i))
    assert.equal(queue.shift(), i)
  }
  assert.equal(queue.size, 0)
})

test('the least recently used is forgotten, and the listener hears of it', () => {
  const gone: string[] = []
  const map = new LruMap<string, number>(2, (key) => gone.push(key))
  map.set('a', 1)
  map.set('b', 2)
  map.get('a')
  map.set('c', 3)
  assert.deepEqual([...map.keys()], ['a', 'c'])
  map.delete('a')
  assert.deepEqual(gone, ['b'])
})

test('ids of one millisecond keep their order and their version', () => {
  const newId = createIdMaker()
  const ids = Array.from({ length: 2000 }, () => newId(1_700_000_000_000))
  assert.deepEqual([...ids].sort(), ids)
  assert.equal(new Set(ids).size, ids.length)
  assert.match(ids[0] ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a seed repeats itself, and a fork does not disturb its parent', () => {
  const a = seededRandom(7)
  const b = seededRandom(7)
  b.fork('devices').next()
  assert.deepEqual([a.next(), a.int(100), [...a.bytes(4)]], [b.next(), b.int(100), [...b.bytes(4)]])
  assert.equal(hash32('a'), 0xe40c292c)
})
