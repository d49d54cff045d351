import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { hashPassword, isPassword, PasswordRules } from './passwords.ts'

const because = (password: string, words: readonly string[] = ['Simward', 'Halden']): unknown => {
  try {
    new PasswordRules(words).check(password, [])
    return null
  } catch (error) {
    assert.ok(error instanceof OperationError)
    return error.details.because
  }
}

test('length, not composition: a long plain sentence is good', () => {
  assert.equal(because('meadow lantern seven otters'), null)
  assert.equal(because('short but 1!A'), 'short')
  assert.equal(because('ваш длинный пароль тут'), null)
  assert.equal(because('x'.repeat(257)), 'long')
})

test('what attackers try first is refused', () => {
  assert.equal(because('aaaaaaaaaaaaaaaaaaaa'), 'monotonous')
  assert.equal(because('abcdefghijklmnopqrst'), 'monotonous')
  assert.equal(because('lantern7lantern7lantern7'), 'monotonous')
  assert.equal(because('Correct-Horse-Battery-Staple'), 'known')
  assert.equal(because('simwardhalden2026!'), 'context')
  assert.equal(because('simward meadow lantern seven'), null)
})

test('a hash is salted, and only its password opens it', async () => {
  const first = await hashPassword('meadow lantern seven otters')
  const second = await hashPassword('meadow lantern seven otters')
  assert.notDeepEqual(first.secret, second.secret)
  assert.ok(await isPassword('meadow lantern seven otters', first.secret, first.body))
  assert.equal(await isPassword('meadow lantern seven otterz', first.secret, first.body), false)
})
