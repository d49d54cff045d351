import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { hashPassword, isPassword, PasswordRules } from './passwords.ts'

const because = async (
  password: string,
  names: readonly string[] = ['Simward', 'Halden IoT'],
  list: string | null = null,
): Promise<unknown> => {
  try {
    await new PasswordRules(names, list).check(password, ['Ada Okafor', 'ada.okafor@halden.example'])
    return null
  } catch (error) {
    assert.ok(error instanceof OperationError)
    return error.details.because
  }
}

test('length, not composition: a long plain sentence is good', async () => {
  for (const good of [
    'meadow lantern seven otters',
    'ваш длинный пароль тут',
    '雨の日は図書館で静かに本を読みます',
    'simward meadow lantern seven',
    'x7 Qz fjord umbrella',
  ])
    assert.equal(await because(good), null, good)
  assert.equal(await because('short but 1!A'), 'short')
  assert.equal(await because('x'.repeat(257)), 'long')
})

test('what attackers try first is refused, however it is written', async () => {
  for (const text of ['aaaaaaaaaaaaaaaaaaaa', 'abcdefghijklmnopqrst', 'lantern7lantern7lantern7', '12345678901234567890'])
    assert.equal(await because(text), 'monotonous', text)
  const known = [
    'Correct-Horse-Battery-Staple',
    'password123456789',
    'P@ssw0rd!P@ssw0rd1',
    'Dragon.Monkey.2026',
    'iloveyou12345678',
    'qwertyuiop1234567',
    'SUNSHINE_PRINCESS_99',
    'm0nk3y-footb4ll-2025',
  ]
  for (const text of known) assert.equal(await because(text), 'known', text)
})

test('names of the place and the person do not count as length', async () => {
  for (const text of ['SimwardHalden2026!', 'ada.okafor.99 x!', '4d4-0k4for-h4lden', 'haldeniothalden1x'])
    assert.equal(await because(text), 'context', text)
})

test('a large list of breached passwords is searched, at its ends and in the middle', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'simward-breached-'))
  const path = join(directory, 'list.txt')
  const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()
  const listed = Array.from({ length: 2_000 }, (_, index) => `copper kettle on hill ${index}`)
  try {
    const lines = listed.map((text, index) => `${sha1(text)}:${index}`).toSorted()
    writeFileSync(path, `${lines.join('\r\n')}\r\n`)
    for (const text of [listed[0], listed[999], listed[1_999]]) assert.equal(await because(text ?? '', [], path), 'known', text)
    const digests = listed.map(sha1).toSorted()
    for (const digest of [digests[0], digests.at(-1)]) {
      const text = listed.find((one) => sha1(one) === digest) ?? ''
      assert.equal(await because(text, [], path), 'known', text)
    }
    for (let index = 2_000; index < 2_200; index++) assert.equal(await because(`copper kettle on hill ${index}`, [], path), null)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a hash is salted, and only its password opens it', async () => {
  const first = await hashPassword('meadow lantern seven otters')
  const second = await hashPassword('meadow lantern seven otters')
  assert.notDeepEqual(first.secret, second.secret)
  assert.ok(await isPassword('meadow lantern seven otters', first.secret, first.body))
  assert.equal(await isPassword('meadow lantern seven otterz', first.secret, first.body), false)
})
