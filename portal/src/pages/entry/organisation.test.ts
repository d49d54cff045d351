import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safePlace } from './organisation.ts'

test('after signing in one goes to a place of this portal and nowhere else', () => {
  for (const place of ['/', '/sims/0190?filter=op%3AULR', '/controls#x']) assert.equal(safePlace(place), place)
  for (const asked of [
    null,
    '',
    'sims',
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
    'data:text/html,x',
  ])
    assert.equal(safePlace(asked), '/', String(asked))
})
