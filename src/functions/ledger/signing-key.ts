import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import type { LedgerKey } from '#platform/ports.ts'
import { type Db, toJson } from '#store/db.ts'
import type { CheckpointSigner } from '#store/ledger-checkpoint.ts'
import type { VerifySignature } from '#store/ledger-verify.ts'

/** Checkpoints are signed with Ed25519 (RFC 8032). The private key is sealed; public ones stay for ever, by key id. */
interface StoredKey extends LedgerKey {
  /** PKCS#8, sealed under the master key, base64. */
  sealedPrivateKey: string
}

const settingKey = 'ledger-signing-keys'

/** The signer of the newest key; one is made at first start. Throws `signing-key-unreadable` under another master key. */
export async function openSigner(db: Db, vault: Vault): Promise<CheckpointSigner> {
  const keys = await storedKeys(db)
  const key = keys.at(-1) ?? (await makeKey(db, vault))
  const pkcs8 = vault.open('signing-key', key.keyId, Buffer.from(key.sealedPrivateKey, 'base64'))
  if (pkcs8 === null) {
    throw new OperationError(
      'signing-key-unreadable',
      500,
      'the ledger’s signing key does not open: this is not the master key that sealed it',
    )
  }
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return { keyId: key.keyId, sign: (octets) => sign(null, octets, privateKey) }
}

/** What may be handed to anybody. */
export async function publicKeys(db: Db): Promise<LedgerKey[]> {
  return (await storedKeys(db)).map(({ keyId, publicKey }) => ({ keyId, publicKey }))
}

/** As `openVerifier`, with keys from a file. A key counts only under the name that is made from it. */
export function verifierOf(keys: readonly LedgerKey[]): VerifySignature {
  const known = new Map<string, KeyObject>()
  for (const { keyId, publicKey } of keys) {
    try {
      const key = createPublicKey(publicKey)
      if (keyIdOf(key.export({ type: 'spki', format: 'der' })) === keyId) known.set(keyId, key)
    } catch {
      // What is no key verifies nothing.
    }
  }
  return (keyId, octets, signature) => {
    const key = known.get(keyId)
    return key !== undefined && verify(null, octets, key, signature)
  }
}

function keyIdOf(publicDer: Buffer): string {
  return createHash('sha256').update(publicDer).digest('hex').slice(0, 16)
}

/** Checks a checkpoint's signature with the public keys on record. An unknown key id does not verify. */
export async function openVerifier(db: Db): Promise<VerifySignature> {
  return verifierOf(await storedKeys(db))
}

async function storedKeys(db: Db): Promise<readonly StoredKey[]> {
  const { rows } = await db.query<{ value: readonly StoredKey[] }>('SELECT value FROM setting WHERE key = $1', [settingKey])
  return rows[0]?.value ?? []
}

async function makeKey(db: Db, vault: Vault): Promise<StoredKey> {
  const pair = generateKeyPairSync('ed25519')
  const publicDer = pair.publicKey.export({ type: 'spki', format: 'der' })
  const keyId = keyIdOf(publicDer)
  const key: StoredKey = {
    keyId,
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sealedPrivateKey: vault.seal('signing-key', keyId, pair.privateKey.export({ type: 'pkcs8', format: 'der' })).toString('base64'),
  }
  // Two processes may start at once on an empty store: the first row stays, and both use it.
  await db.query('INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [settingKey, toJson([key])])
  return (await storedKeys(db)).at(-1) ?? key
}
