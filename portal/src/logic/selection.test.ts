import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosenPage, headState, isChosen, jobAddress, namedAtMost, nothing, toggled } from './selection.ts'

const loaded = ['a', 'b', 'c']

test('rows are taken in and out by name', () => {
  const one = toggled(nothing, 'b', loaded)
  assert.deepEqual([isChosen(one, 'a'), isChosen(one, 'b')], [false, true])
  assert.equal(headState(one, loaded), 'some')
  assert.equal(headState(chosenPage(loaded), loaded), 'all')
  assert.equal(headState(toggled(one, 'b', loaded), loaded), 'none')
})

test('one taken out of all that match leaves what is loaded', () => {
  const left = toggled({ kind: 'all' }, 'c', loaded)
  assert.deepEqual(left, { kind: 'some', ids: new Set(['a', 'b']) })
})

test('a job is told the filter, or the names while they fit an address', () => {
  assert.equal(jobAddress({ kind: 'all' }, 'group:north held:yes'), '/jobs/new?filter=group%3Anorth%20held%3Ayes')
  assert.equal(jobAddress(chosenPage(loaded), 'x'), '/jobs/new?ids=a,b,c')
  assert.equal(jobAddress(nothing, 'x'), null)
  assert.equal(jobAddress(chosenPage(Array.from({ length: namedAtMost + 1 }, (_, i) => String(i))), 'x'), null)
})
