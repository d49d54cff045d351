import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { createMasterKeyFile, openMasterKey } from './master-key.ts'

const digits = '4d'.repeat(32)

function inFolder(run: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simward-master-key-'))
    try {
      await run(folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

function withCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof OperationError && error.code === code && !error.message.includes(digits)
}

test(
  'a file that only its owner may read',
  inFolder(async (folder) => {
    const path = join(folder, 'master.key')
    const made = createMasterKeyFile(path)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(readFileSync(path, 'utf8'), `${made.toString('hex')}\n`)
    assert.deepEqual(await openMasterKey({ from: 'file', path }), made)
    assert.throws(() => createMasterKeyFile(path), withCode('master-key-missing'))
    assert.deepEqual(await openMasterKey({ from: 'file', path }), made)
    for (const mode of [0o640, 0o604, 0o620, 0o666]) {
      chmodSync(path, mode)
      await assert.rejects(openMasterKey({ from: 'file', path }), withCode('master-key-readable'), mode.toString(8))
    }
  }),
)

test(
  'a link, a folder, nothing, or a file with something else',
  inFolder(async (folder) => {
    const real = join(folder, 'real')
    writeFileSync(real, digits, { mode: 0o600 })
    const link = join(folder, 'link')
    symlinkSync(real, link)
    await assert.rejects(openMasterKey({ from: 'file', path: link }), withCode('master-key-missing'))
    mkdirSync(join(folder, 'directory'), { mode: 0o700 })
    await assert.rejects(openMasterKey({ from: 'file', path: join(folder, 'directory') }), withCode('master-key-invalid'))
    await assert.rejects(openMasterKey({ from: 'file', path: join(folder, 'absent') }), withCode('master-key-missing'))
    writeFileSync(real, `${digits}00`, { mode: 0o600 })
    await assert.rejects(openMasterKey({ from: 'file', path: real }), withCode('master-key-invalid'))
  }),
)

test('the environment', async () => {
  const variable = 'SIMWARD_MASTER_KEY'
  assert.deepEqual(await openMasterKey({ from: 'environment', variable, value: `${digits}\n` }), Buffer.from(digits, 'hex'))
  await assert.rejects(openMasterKey({ from: 'environment', variable, value: undefined }), withCode('master-key-missing'))
  await assert.rejects(openMasterKey({ from: 'environment', variable, value: 'password' }), withCode('master-key-invalid'))
})

test(
  'a token unwraps what the file holds',
  inFolder(async (folder) => {
    const wrappedPath = join(folder, 'wrapped')
    writeFileSync(wrappedPath, 'a1b2c3\n', { mode: 0o600 })
    const given: string[] = []
    const token = {
      unwrap: async (wrapped: Uint8Array) => {
        given.push(Buffer.from(wrapped).toString('hex'))
        return Buffer.from(digits, 'hex')
      },
    }
    assert.deepEqual(await openMasterKey({ from: 'token', token, wrappedPath }), Buffer.from(digits, 'hex'))
    assert.deepEqual(given, ['a1b2c3'])
    const refusing = { unwrap: () => Promise.reject(new Error('CKR_PIN_LOCKED')) }
    await assert.rejects(openMasterKey({ from: 'token', token: refusing, wrappedPath }), withCode('master-key-token'))
    const short = { unwrap: async () => Buffer.alloc(16) }
    await assert.rejects(openMasterKey({ from: 'token', token: short, wrappedPath }), withCode('master-key-invalid'))
  }),
)
