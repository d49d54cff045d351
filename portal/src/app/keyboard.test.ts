import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyboard, hasSingleKeys, isPressed, isTaken, type Key } from './keyboard.ts'

const key = (name: string, over: Partial<Key> = {}): Key => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  repeat: false,
  taken: false,
  ...over,
})

function setUp() {
  const time = { now: 0 }
  const state = { single: true }
  return { time, state, press: createKeyboard({ now: () => time.now, single: () => state.single }) }
}

test('g and a letter lead somewhere, if they come together', () => {
  const { time, press } = setUp()
  assert.equal(press(key('g')), null)
  assert.deepEqual(press(key('S')), { kind: 'go', letter: 's' })
  assert.deepEqual(press(key('s')), { kind: 'page', key: 's' }, 'alone it is the page that may know it')
  press(key('g'))
  time.now = 1_500
  assert.deepEqual(press(key('s')), { kind: 'page', key: 's' }, 'too late')
  press(key('g'))
  assert.deepEqual(press(key('g')), { kind: 'go', letter: 'g' })
})

test('nothing but Ctrl K works where somebody types', () => {
  const { press } = setUp()
  for (const name of ['?', '/', 'g', 's']) assert.equal(press(key(name, { taken: true })), null, name)
  press(key('g'))
  assert.equal(press(key('s', { taken: true })), null)
  assert.deepEqual(press(key('k', { taken: true, ctrlKey: true })), { kind: 'palette' })
  assert.deepEqual(press(key('K', { metaKey: true })), { kind: 'palette' })
})

test('keys of the browser, of an input method and held ones are left alone', () => {
  const { press } = setUp()
  assert.equal(press(key('?', { altKey: true })), null)
  assert.equal(press(key('/', { ctrlKey: true })), null)
  assert.equal(press(key('?', { isComposing: true })), null)
  assert.equal(press(key('k', { isComposing: true, ctrlKey: true })), null)
  assert.deepEqual(press(key('?', { repeat: true })), { kind: 'page', key: '?' })
  assert.deepEqual(press(key('?')), { kind: 'help' })
  assert.deepEqual(press(key('/')), { kind: 'filter' })
})

test('single keys can be switched off; Ctrl K stays', () => {
  const { state, press } = setUp()
  state.single = false
  press(key('g'))
  assert.equal(press(key('s')), null)
  assert.equal(press(key('?')), null)
  assert.deepEqual(press(key('k', { ctrlKey: true })), { kind: 'palette' })
  assert.equal(hasSingleKeys({ getItem: () => 'off' }), false)
  assert.equal(hasSingleKeys({ getItem: () => null }), true)
  assert.equal(
    hasSingleKeys({
      getItem: () => {
        throw new Error('storage is forbidden')
      },
    }),
    true,
  )
})

test('a key is taken by a field that has the focus, and by a dialog over the page', () => {
  const field = { closest: () => ({}) } as unknown as EventTarget
  const row = { closest: () => null } as unknown as EventTarget
  assert.equal(isTaken(field, { querySelector: () => null }), true)
  assert.equal(isTaken(row, { querySelector: () => null }), false)
  assert.equal(isTaken(row, { querySelector: () => ({}) as never }), true)
  assert.equal(isTaken(null, { querySelector: () => null }), false)
  assert.equal(isPressed('Enter', field), true)
  assert.equal(isPressed('Enter', row), false)
  assert.equal(isPressed('j', field), false)
})
