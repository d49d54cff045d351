import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperationError } from '#core/errors.ts'

/**
 * The key under which all others are sealed: from the configuration, or a file in the data directory that is made at first
 * start with mode 0600. Throws `master-key-invalid` for a wrong form, `master-key-readable` where others can read the file.
 */
export function loadMasterKey(configured: string | null, dataDir: string): Buffer {
  if (configured !== null) return parse(configured, 'SIMWARD_MASTER_KEY')
  const path = join(dataDir, 'master.key')
  if (!existsSync(path)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    chmodSync(path, 0o600)
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new OperationError('master-key-readable', 500, `${path} can be read by other users of this machine; run: chmod 600 ${path}`)
  }
  return parse(readFileSync(path, 'utf8').trim(), path)
}

function parse(text: string, where: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new OperationError('master-key-invalid', 500, `${where} is not 64 hexadecimal digits`)
  return Buffer.from(text, 'hex')
}
