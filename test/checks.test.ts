import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, test } from 'node:test'
import { projectRoot } from '#cli/root.ts'
import { generateApiTypes } from '../portal/build.ts'

/** The checks of the whole tree, as tests: a red one stands in the same summary as everything else. */
function check(argv: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...argv], { cwd: projectRoot, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve(error === null ? '' : `${stdout}${stderr}`.trim() || String(error))
    })
  })
}

describe('checks', () => {
  test('types hold (tsc)', async () => {
    assert.equal(await check(['node_modules/typescript-7/bin/tsc', '-p', '.']), '')
  })
  test('portal types hold (tsc)', { skip: !existsSync(`${projectRoot}portal/tsconfig.json`) }, async () => {
    await generateApiTypes()
    assert.equal(await check(['node_modules/typescript-7/bin/tsc', '-p', 'portal']), '')
  })
  test('Biome finds nothing', async () => {
    assert.equal(await check(['node_modules/@biomejs/biome/bin/biome', 'check', '--max-diagnostics=50']), '')
  })
  test('knip finds no unused file, export or dependency', async () => {
    assert.equal(await check(['node_modules/knip/bin/knip.js', '--no-progress']), '')
  })
})
