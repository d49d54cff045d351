import { randomFillSync } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { OperationError } from '#core/errors.ts'

/** Where the key comes from under which all others are sealed. */

/** A PKCS#11 token behind whatever library an installation has; the composition root fills this in. */
export interface KeyToken {
  /** Unwraps, inside the token, the octets that `wrapped` holds; rejects where the token refuses. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
}

/**
 * `file`: 64 hexadecimal digits in a file of mode 0600. `environment`: the same digits as the variable's value.
 * `token`: a file with the key wrapped by a PKCS#11 token. The unwrapped key then lives in this process: the token
 * protects the key at rest and its use elsewhere, not against one who reads this process's memory.
 */
export type MasterKeySource =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'environment'; readonly variable: string; readonly value: string | undefined }
  | { readonly from: 'token'; readonly token: KeyToken; readonly wrappedPath: string }

/** 32 octets. Rejects with an OperationError that names the source and never shows what it read. */
export async function openMasterKey(source: MasterKeySource): Promise<Buffer> {
  switch (source.from) {
    case 'file':
      return parse(readPrivateFile(source.path), source.path)
    case 'environment':
      if (source.value === undefined) throw new OperationError('master-key-missing', 500, `${source.variable} is not set`)
      return parse(source.value, source.variable)
    case 'token':
      return unwrap(source.token, source.wrappedPath)
  }
}

/** Makes a key and writes it to a file of mode 0600, which must not exist yet. */
export function createMasterKeyFile(path: string, fill: (octets: Uint8Array) => void = randomFillSync): Buffer {
  const key = Buffer.alloc(32)
  fill(key)
  const file = openFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL)
  try {
    writeSync(file, `${key.toString('hex')}\n`)
  } finally {
    closeSync(file)
  }
  return key
}

async function unwrap(token: KeyToken, path: string): Promise<Buffer> {
  const wrapped = Buffer.from(readPrivateFile(path).trim(), 'hex')
  let key: Uint8Array
  try {
    key = await token.unwrap(wrapped)
  } catch (cause) {
    throw new OperationError(
      'master-key-token',
      500,
      `the token did not unwrap ${path}: ${cause instanceof Error ? cause.message : 'refused'}`,
    )
  }
  if (key.length !== 32) throw new OperationError('master-key-invalid', 500, `${path} does not unwrap to 32 octets`)
  return Buffer.from(key)
}

/** The text of a file that only its owner may read. Checked on the open file, so that no other one can take its place. */
function readPrivateFile(path: string): string {
  const file = openFile(path, constants.O_RDONLY)
  try {
    const { mode } = fstatSync(file)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new OperationError('master-key-invalid', 500, `${path} is not a file`)
    if ((mode & 0o077) !== 0) {
      throw new OperationError('master-key-readable', 500, `${path} is open to other users of this machine; run: chmod 600 ${path}`)
    }
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function openFile(path: string, flags: number): number {
  try {
    return openSync(path, flags | constants.O_NOFOLLOW, 0o600)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new OperationError('master-key-missing', 500, `${path} cannot be opened as the master key's file (${code ?? 'unknown error'})`)
  }
}

function parse(text: string, where: string): Buffer {
  const digits = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(digits)) throw new OperationError('master-key-invalid', 500, `${where} is not 64 hexadecimal digits`)
  return Buffer.from(digits, 'hex')
}
