import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRequirements } from './requirements.ts'

const rows = loadRequirements()

test('every row is whole, in three languages, and has a reference of its own', () => {
  assert.equal(rows.filter(({ source }) => source === 'clp14').length, 221)
  assert.equal(rows.filter(({ source }) => source === 'en303645').length, 68)
  assert.equal(new Set(rows.map(({ ref }) => ref)).size, rows.length)
  for (const row of rows) {
    for (const text of [...Object.values(row.title), ...Object.values(row.requirement), row.how, row.section, row.audience]) {
      assert.ok(typeof text === 'string' && text.trim() !== '', row.ref)
    }
    assert.ok(['shall', 'should', 'can', 'may', 'inform'].includes(row.strength), row.ref)
    assert.ok(['function', 'enforce', 'evidence'].includes(row.kind), row.ref)
    assert.match(row.title.ja + row.requirement.ja, /\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Han}/u, row.ref)
    assert.match(row.requirement.zh, /\p{Script=Han}/u, row.ref)
  }
})

test('the score that means something has the rows that the operator shall or should follow', () => {
  const core = rows.filter(
    ({ source, audience, strength }) => source === 'clp14' && audience === 'operator' && (strength === 'shall' || strength === 'should'),
  )
  assert.equal(core.length, 73)
})
