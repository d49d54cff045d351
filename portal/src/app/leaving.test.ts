import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { leavePerson } from './leaving.ts'

test('whoever leaves takes what they saw along, whether or not the server was reached', async () => {
  for (const signOut of [async () => {}, () => Promise.reject(new TypeError('failed to fetch'))]) {
    const kept = new Map([
      ['simward-recent', '[]'],
      ['simward-theme', 'dark'],
    ])
    let cleared = 0
    const cache = {
      clear() {
        cleared += 1
      },
    }
    await leavePerson(signOut, cache, { removeItem: (key: string) => void kept.delete(key) }).catch((error: unknown) =>
      assert.ok(error instanceof TypeError, 'that it failed is still said'),
    )
    assert.deepEqual([cleared, [...kept.keys()]], [1, ['simward-theme']])
  }
})

test('both ends of a session do so: signing out, and the page that stands where a session is over', () => {
  for (const [file, call] of [
    ['shell.tsx', 'leavePerson('],
    ['../pages/entry/sign-in-page.tsx', 'forgetPerson('],
  ] as const)
    assert.ok(readFileSync(new URL(file, import.meta.url), 'utf8').includes(call), file)
})
