import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { storeUnavailable } from './db.ts'
import { TurnQueue } from './turn-queue.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function createTurns(capacity = 10) {
  const clock = new VirtualClock()
  const turns = new TurnQueue(capacity, () => clock.monotonicMs())
  const order: string[] = []
  const ask = (name: string, priority: 'signalling' | 'portal' | 'job'): void => {
    turns.take(priority).then(
      () => order.push(name),
      () => order.push(`${name} refused`),
    )
  }
  const give = async (): Promise<void> => {
    turns.give()
    await settle()
  }
  return { clock, turns, order, ask, give }
}

test('signalling goes before portal and job work, each in its own order', async () => {
  const { order, ask, give } = createTurns()
  ask('first', 'job')
  await settle()
  ask('job 1', 'job')
  ask('page 1', 'portal')
  ask('update 1', 'signalling')
  ask('page 2', 'portal')
  ask('update 2', 'signalling')
  for (let turn = 0; turn < 6; turn++) await give()
  assert.deepEqual(order, ['first', 'update 1', 'update 2', 'page 1', 'page 2', 'job 1'])
})

test('of those that have waited too long one goes first from time to time, whatever signalling does', async () => {
  const { clock, order, ask, give } = createTurns()
  ask('first', 'signalling')
  await settle()
  ask('page 1', 'portal')
  ask('page 2', 'portal')
  for (const n of [1, 2, 3]) ask(`update ${n}`, 'signalling')
  clock.advance(501)
  await give()
  await give()
  await give()
  clock.advance(200)
  await give()
  await give()
  assert.deepEqual(order, ['first', 'page 1', 'update 1', 'update 2', 'page 2', 'update 3'])
})

test('a full queue refuses at once', async () => {
  const { order, ask } = createTurns(1)
  ask('first', 'portal')
  ask('waiting', 'portal')
  ask('third', 'portal')
  ask('update', 'signalling')
  await settle()
  assert.deepEqual(order, ['first', 'third refused'])
})

test('closing refuses who waits and lets the present turn end', async () => {
  const { turns, order, ask, give } = createTurns()
  ask('first', 'signalling')
  ask('second', 'signalling')
  await settle()
  let closed = false
  const closing = turns.close(storeUnavailable('it is closed')).then(() => {
    closed = true
  })
  ask('third', 'portal')
  await settle()
  assert.deepEqual(order.toSorted(), ['first', 'second refused', 'third refused'])
  assert.equal(closed, false)
  await give()
  await closing
})
