import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Item, inGroups, matching } from './palette-items.ts'

const item = (group: Item['group'], text: string, beside = ''): Item => ({
  id: `${group}-${text}`,
  group,
  icon: 'sim',
  text,
  beside,
  mono: false,
  to: '/',
})

const items = [
  item('pages', 'Signalling', 'page'),
  item('pages', 'SIMs', 'page'),
  item('actions', 'SIMs that cannot connect'),
  item('rules', 's6a-suspended', 'rule'),
  item('recent', '999700000000001'),
  item('sims', '999700000000002', 'Wayfold'),
]

const texts = (typed: string): string[] => matching(items, typed).map(({ text }) => text)

test('nothing typed: recent places, then what can be done and where one can go', () => {
  assert.deepEqual(texts(''), ['999700000000001', 'SIMs that cannot connect', 'Signalling', 'SIMs'])
  assert.ok(!texts('').includes('s6a-suspended'))
})

test('every word typed must be there; what begins with the first comes first', () => {
  assert.deepEqual(texts('sim connect').slice(1), ['SIMs that cannot connect'])
  assert.deepEqual(
    matching(items, 'si')
      .filter(({ group }) => group === 'pages')
      .map(({ text }) => text),
    ['Signalling', 'SIMs'],
  )
  assert.ok(texts('susp').includes('s6a-suspended'))
  assert.ok(!texts('susp').includes('999700000000001'), 'recent places are for an empty field')
})

test('what the server found stands first, whatever was typed', () => {
  assert.equal(texts('8999')[0], '999700000000002')
})

test('rows keep their order under their headings', () => {
  assert.deepEqual(
    inGroups(matching(items, '')).map(({ group }) => group),
    ['recent', 'actions', 'pages'],
  )
})

test('a long group is cut, so that others are seen', () => {
  const many = Array.from({ length: 40 }, (_, index) => item('rules', `s6a-${index}`))
  assert.equal(matching([...many, item('peers', 's6a-peer')], 's6a').filter(({ group }) => group === 'rules').length, 7)
})
