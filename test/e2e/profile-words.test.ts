import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { projectRoot } from '#cli/root.ts'
import { acknowledgementTexts } from '#domain/acknowledgement.ts'
import { permissionIds } from '#domain/needs/permissions.ts'
import { questions } from '#domain/needs/questions.ts'
import { profileFaultCodes } from '#domain/profile-faults.ts'
import { portalKeys } from './portal-keys.ts'

const known = portalKeys()
const missing = (keys: readonly string[]): string[] => keys.filter((key) => !known.has(key))

test('every permission, fault and question of a profile has words, and every answer', () => {
  assert.deepEqual(missing(permissionIds.flatMap((id) => [id, `cost.${id}`])), [])
  assert.deepEqual(missing(profileFaultCodes), [])
  assert.deepEqual(missing(questions.flatMap(({ id, options }) => [`question.${id}`, ...options.map((option) => `${id}.${option}`)])), [])
})

test('what is signed is what the page says in English', () => {
  const words = readFileSync(`${projectRoot}portal/src/words/profiles.ts`, 'utf8')
  for (const { sentences } of acknowledgementTexts)
    for (const { key, text } of sentences) assert.ok(words.includes(`'${key}': msg\`${text}\``), key)
})
