import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { makeDirectory } from './directory.ts'

test('what a killed demo left is removed; what runs, and what is not a demo’s, stays', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'simward-directory-'))
  t.after(() => rmSync(parent, { recursive: true, force: true }))
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  for (const name of [`simward-demo-${gone}-a1b2c3`, `simward-demo-${process.pid}-d4e5f6`, 'simward-demo-notes', 'other']) {
    mkdirSync(join(parent, name))
    writeFileSync(join(parent, name, 'file'), '')
  }
  const made = makeDirectory(parent, process.pid)
  const names = readdirSync(parent)
  assert.deepEqual(names.toSorted(), ['other', basename(made), `simward-demo-${process.pid}-d4e5f6`, 'simward-demo-notes'].toSorted())
})
