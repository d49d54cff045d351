import { randomBytes } from 'node:crypto'
import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import { type Db, toJson } from '#store/db.ts'

const settingKey = 'http-secret'

/**
 * What signs cursors and seals stored answers: made once, kept sealed in the store, so that every process of the
 * installation, and the next start, know what this one gave out.
 */
export async function openHttpSecret(db: Db, vault: Vault): Promise<Buffer> {
  const read = async (): Promise<string | undefined> =>
    (await db.query<{ value: { sealed: string } }>('SELECT value FROM setting WHERE key = $1', [settingKey])).rows[0]?.value.sealed
  if ((await read()) === undefined) {
    const sealed = vault.seal('signing-key', settingKey, randomBytes(32)).toString('base64')
    // Two processes may start at once on an empty store: the first row stays, and both use it.
    await db.query('INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [settingKey, toJson({ sealed })])
  }
  const secret = vault.open('signing-key', settingKey, Buffer.from((await read()) ?? '', 'base64'))
  if (secret === null) {
    throw new OperationError(
      'signing-key-unreadable',
      500,
      'the secret of the HTTP server does not open: this is not the master key that sealed it',
    )
  }
  return secret
}
