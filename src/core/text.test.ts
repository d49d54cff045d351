import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstCharacters } from './text.ts'

test('text is cut to its first characters, whatever they are', () => {
  assert.equal(firstCharacters('abc', 3), 'abc')
  assert.equal(firstCharacters('äbçd', 3), 'äbç')
  assert.equal(firstCharacters('９９９７０', 2), '９９')
  assert.equal(firstCharacters('', 2), '')
})
