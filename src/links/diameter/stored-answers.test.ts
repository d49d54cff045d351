import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStoredAnswers, finish, type Remembered } from './stored-answers.ts'

function remembered(endToEnd: number, more: Partial<Remembered> = {}): Remembered {
  return { endToEnd, originHost: 'MME.example', sessionId: `s${endToEnd}`, answer: null, waiting: null, isForgotten: false, ...more }
}

const nobody = () => assert.fail('nobody waits')

test('a repeated request gets the kept answer, only with the same Session-Id and origin', () => {
  const stored = createStoredAnswers(4)
  const request = remembered(1)
  stored.remember(request)
  finish(request, Buffer.from('answer'))
  assert.deepEqual(stored.recall('mme.EXAMPLE', 1, 's1', nobody), Buffer.from('answer'))
  assert.equal(stored.recall('mme.example', 1, 'other', nobody), undefined)
  assert.equal(stored.recall('other.example', 1, 's1', nobody), undefined)
  assert.equal(stored.recall('mme.example', 2, 's1', nobody), undefined)
})

test('a repeated request waits for the answer that is being made, and few may wait', () => {
  const stored = createStoredAnswers(4)
  const request = remembered(1)
  stored.remember(request)
  let served = 0
  for (let i = 0; i < 10; i++)
    assert.equal(
      stored.recall('mme.example', 1, 's1', () => served++),
      'waiting',
    )
  finish(request, Buffer.from('answer'))
  assert.equal(served, 4)
})

test('what is forgotten is not repeated', () => {
  const stored = createStoredAnswers(4)
  const request = remembered(1, { answer: Buffer.from('x') })
  stored.remember(request)
  request.isForgotten = true
  assert.equal(stored.recall('mme.example', 1, 's1', nobody), undefined)
})

test('the last of them are kept, no more, also when identifiers repeat', () => {
  const stored = createStoredAnswers(3)
  for (let i = 1; i <= 5; i++) stored.remember(remembered(i, { answer: Buffer.from([i]) }))
  assert.equal(stored.size, 3)
  assert.equal(stored.recall('mme.example', 2, 's2', nobody), undefined)
  assert.deepEqual(stored.recall('mme.example', 3, 's3', nobody), Buffer.from([3]))
  for (let i = 0; i < 10; i++) stored.remember(remembered(5, { answer: Buffer.from([i]) }))
  assert.equal(stored.size, 1)
  assert.deepEqual(stored.recall('mme.example', 5, 's5', nobody), Buffer.from([9]))
})
