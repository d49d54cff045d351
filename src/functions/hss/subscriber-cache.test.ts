import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SubscriberRow } from './subscriber.ts'
import { type Lookup, SubscriberCache } from './subscriber-cache.ts'

const row = (imsi: string): SubscriberRow => ({ imsi }) as SubscriberRow

interface State {
  imsi: string
  seq: number
}

function cacheOver(load: (imsis: readonly string[]) => Promise<ReadonlyMap<string, SubscriberRow>>, maxWaiting = 100) {
  return new SubscriberCache<State>({
    load,
    build: (r, ahead) => ({ imsi: r.imsi, seq: Math.max(Number(r.seqReserved ?? 0), ahead?.seq ?? 0) }),
    capacity: 10,
    batch: 4,
    maxWaiting,
  })
}

const state = (imsi: string) => ({ imsi, seq: 0 })

const ask = (cache: SubscriberCache<State>, imsi: string) => new Promise<Lookup<State>>((resolve) => cache.with(imsi, resolve))

test('all misses of one turn are one query, and each IMSI is asked for once', async () => {
  const queries: (readonly string[])[] = []
  const cache = cacheOver(async (imsis) => {
    queries.push(imsis)
    return new Map(imsis.filter((imsi) => imsi !== '999').map((imsi) => [imsi, row(imsi)]))
  })
  const answers = await Promise.all([ask(cache, '1'), ask(cache, '2'), ask(cache, '1'), ask(cache, '999')])
  assert.deepEqual(queries, [['1', '2', '999']])
  assert.deepEqual(answers, [{ found: state('1') }, { found: state('2') }, { found: state('1') }, { found: null }])
  cache.with('1', (lookup) => assert.ok('found' in lookup))
})

test('a store that fails says "unavailable", never "absent", and is asked again', async () => {
  let fails = true
  const cache = cacheOver(async (imsis) => {
    if (fails) throw new TypeError('down')
    return new Map(imsis.map((imsi) => [imsi, row(imsi)]))
  })
  assert.deepEqual(await ask(cache, '1'), { unavailable: true })
  fails = false
  assert.deepEqual(await ask(cache, '1'), { found: state('1') })
})

test('more waiting than allowed is refused at once', () => {
  const cache = cacheOver(() => new Promise(() => {}), 1)
  cache.with('1', () => assert.fail('never loads'))
  let refused: unknown
  cache.with('2', (lookup) => {
    refused = lookup
  })
  assert.deepEqual(refused, { unavailable: true })
})

test('batches are bounded', async () => {
  const sizes: number[] = []
  const cache = cacheOver(async (imsis) => {
    sizes.push(imsis.length)
    return new Map(imsis.map((imsi) => [imsi, row(imsi)]))
  })
  await Promise.all(Array.from({ length: 9 }, (_, i) => ask(cache, `${i}`)))
  assert.deepEqual(sizes.sort(), [1, 4, 4])
})

test('what was issued before a commit stays issued when the state is forgotten and read again meanwhile', async () => {
  const cache = cacheOver(async (imsis) => new Map(imsis.map((imsi) => [imsi, row(imsi)])))
  const first = await ask(cache, '1')
  assert.ok('found' in first && first.found !== null)
  first.found.seq = 7
  cache.pin('1')
  cache.forget('1')
  const reading = ask(cache, '1')
  await new Promise((resolve) => setImmediate(resolve))
  cache.unpin('1')
  const second = await reading
  assert.ok('found' in second && second.found !== null)
  assert.equal(second.found.seq, 7)
})

test('an eviction for want of room keeps a pending state too', async () => {
  const cache = cacheOver(async (imsis) => new Map(imsis.map((imsi) => [imsi, row(imsi)])))
  const first = await ask(cache, 'a')
  assert.ok('found' in first && first.found !== null)
  first.found.seq = 9
  cache.pin('a')
  await Promise.all(Array.from({ length: 12 }, (_, i) => ask(cache, `${i}`)))
  assert.equal(cache.peek('a'), undefined)
  const again = await ask(cache, 'a')
  assert.ok('found' in again && again.found !== null)
  assert.equal(again.found.seq, 9)
})

test('forgotten twice while one write is under way: what was issued stays issued', async () => {
  const cache = cacheOver(async (imsis) => new Map(imsis.map((imsi) => [imsi, row(imsi)])))
  const seqOf = async () => {
    const { found } = await ask(cache, '1')
    return found?.seq
  }
  const first = await ask(cache, '1')
  assert.ok('found' in first && first.found !== null)
  first.found.seq = 7
  cache.pin('1')
  for (let i = 0; i < 3; i++) {
    cache.forget('1')
    assert.equal(await seqOf(), 7)
  }
  cache.pin('1')
  cache.unpin('1')
  assert.equal(cache.isPinned('1'), true)
  cache.forget('1')
  assert.equal(await seqOf(), 7)
  cache.unpin('1')
  assert.equal(cache.isPinned('1'), false)
  cache.forget('1')
  assert.equal(await seqOf(), 0, 'nothing is under way: the store has the last word')
})
