import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadMasterKey } from './master-key.ts'

test('a key is made once, for its owner only, and one that others can read is refused', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'simward-key-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const first = loadMasterKey(null, directory)
  assert.equal(first.length, 32)
  assert.deepEqual(loadMasterKey(null, directory), first)
  const path = join(directory, 'master.key')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  chmodSync(path, 0o644)
  assert.throws(() => loadMasterKey(null, directory), /chmod 600/)
})

test('a configured key has 64 hexadecimal digits', () => {
  assert.equal(loadMasterKey('0f'.repeat(32), '/nowhere')[0], 15)
  assert.throws(() => loadMasterKey('secret', '/nowhere'), /64 hexadecimal digits/)
})
