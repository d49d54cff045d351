import assert from 'node:assert/strict'
import { test } from 'node:test'
import { citation, citations, compareSections } from './cite.ts'

test('one cite form', () => {
  assert.equal(citation('clp14:5.6.1-06'), 'CLP.14 §5.6.1')
  assert.equal(citation('en303645:5.3-2'), 'EN 303 645 5.3-2')
  assert.equal(citations(['clp14:5.6.1-06', 'clp14:5.6.1-07', 'en303645:5.3-2']), 'CLP.14 §5.6.1, EN 303 645 5.3-2')
})

test('sections are in the order of the document', () => {
  assert.deepEqual(['5.10', '5.2', '5', '5.2.1'].toSorted(compareSections), ['5', '5.2', '5.2.1', '5.10'])
})
