import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forgetRecent, type Recent, readRecent, remember } from './recent.ts'

function storage(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage
}

const place = (id: string): Recent => ({ id, to: `/sims/${id}`, icon: 'sim', text: id, beside: '', mono: true })

test('the last six, each once, the newest first', () => {
  const kept = storage()
  for (const id of ['1', '2', '3', '4', '5', '6', '7', '3']) remember(kept, place(id))
  assert.deepEqual(
    readRecent(kept).map(({ id }) => id),
    ['3', '7', '6', '5', '4', '2'],
  )
  forgetRecent(kept)
  assert.deepEqual(readRecent(kept), [])
})

test('what is not ours is not read', () => {
  for (const text of [
    '{',
    '{}',
    '[1]',
    JSON.stringify([{ ...place('1'), to: 'https://elsewhere.example' }]),
    JSON.stringify([{ ...place('1'), to: '//x' }]),
  ])
    assert.deepEqual(readRecent({ getItem: () => text }), [], text)
})
