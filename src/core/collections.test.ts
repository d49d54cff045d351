import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
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

test('an LRU map does what a plain map in the order of use would do', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.tuple(fc.constantFrom('get', 'peek', 'set', 'delete', 'clear'), fc.integer({ min: 0, max: 40 })), { maxLength: 400 }),
      (capacity, steps) => {
        const gone: number[] = []
        const expectedGone: number[] = []
        const map = new LruMap<number, string>(capacity, (key) => gone.push(key))
        const model = new Map<number, string>()
        const use = (key: number, value: string): void => {
          model.delete(key)
          model.set(key, value)
        }
        for (const [step, [what, key]] of steps.entries()) {
          const known = model.get(key)
          if (what === 'get') {
            assert.equal(map.get(key), known)
            if (known !== undefined) use(key, known)
          } else if (what === 'peek') assert.equal(map.peek(key), known)
          else if (what === 'delete') assert.equal(map.delete(key), model.delete(key))
          else if (what === 'clear' && key === 0) {
            map.clear()
            model.clear()
          } else if (what === 'set') {
            const [oldest] = model.keys()
            if (known === undefined && model.size >= capacity && oldest !== undefined) {
              model.delete(oldest)
              expectedGone.push(oldest)
            }
            use(key, `${step}`)
            map.set(key, `${step}`)
          }
        }
        assert.deepEqual([...map.keys()], [...model.keys()])
        assert.equal(map.size, model.size)
        assert.deepEqual(gone, expectedGone)
      },
    ),
  )
})
