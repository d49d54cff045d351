import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto'
import { inspect } from 'node:util'
import { checkLength } from './authentication.ts'
import { HmacSha256 } from './sha256.ts'

/**
 * Seals keys at rest: AES-256-GCM (SP 800-38D), each record under a key of its own that is derived from the master key
 * and the record's salt, bound by the associated data to what it is for and whose it is.
 *
 * Record: version (1 octet) | salt (16) | nonce (12) | ciphertext | tag (16).
 * Record key: HMAC-SHA-256(master key, "simward record key v1" | salt).
 * Associated data: "simward" NUL purpose NUL identity.
 */

const version = 1
const saltAt = 1
const nonceAt = 17
const headerBytes = 29
const tagBytes = 16
const label = Buffer.from('simward record key v1', 'ascii')

/** What a sealed record is for; part of the associated data, so that one kind never opens as another. */
export type SealPurpose =
  | 'subscriber-k'
  | 'subscriber-opc'
  | 'subscriber-keys'
  | 'operator-op'
  | 'ota-key'
  | 'transport-key'
  | 'subject-key'
  | 'signing-key'
  | 'totp-secret'
  | 'sso-secret'
  | 'webhook-secret'

/** How many octets sealing adds. */
export const sealOverheadBytes = headerBytes + tagBytes

export interface Vault {
  /** Seals `octets` for `identity` (an IMSI, an id). Every call gives other octets. */
  seal(purpose: SealPurpose, identity: string, octets: Uint8Array): Buffer
  /** null where the record is not of this purpose and identity, is damaged, or was sealed under another master key. */
  open(purpose: SealPurpose, identity: string, record: Uint8Array): Buffer | null
}

/** `masterKey`: 32 octets; the caller may wipe them afterwards. `fill` is the source of salts and nonces. */
export function createVault(masterKey: Uint8Array, fill: (octets: Uint8Array) => void = randomFillSync): Vault {
  checkLength('the master key', masterKey, 32)
  return new MasterKeyVault(masterKey, fill)
}

class MasterKeyVault implements Vault {
  readonly #derive: HmacSha256
  readonly #fill: (octets: Uint8Array) => void
  /** Label and salt of the record at hand. */
  readonly #derivation = Buffer.concat([label, Buffer.alloc(nonceAt - saltAt)])

  constructor(masterKey: Uint8Array, fill: (octets: Uint8Array) => void) {
    this.#derive = new HmacSha256(masterKey)
    this.#fill = fill
  }

  seal(purpose: SealPurpose, identity: string, octets: Uint8Array): Buffer {
    const record = Buffer.alloc(headerBytes + octets.length + tagBytes)
    record[0] = version
    this.#fill(record.subarray(saltAt, headerBytes))
    const cipher = createCipheriv('aes-256-gcm', this.#recordKey(record), record.subarray(nonceAt, headerBytes))
    cipher.setAAD(associatedData(purpose, identity))
    cipher.update(octets).copy(record, headerBytes)
    cipher.final()
    cipher.getAuthTag().copy(record, record.length - tagBytes)
    return record
  }

  open(purpose: SealPurpose, identity: string, record: Uint8Array): Buffer | null {
    if (record.length < sealOverheadBytes || record[0] !== version) return null
    const tagAt = record.length - tagBytes
    const decipher = createDecipheriv('aes-256-gcm', this.#recordKey(record), record.subarray(nonceAt, headerBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(associatedData(purpose, identity))
    decipher.setAuthTag(record.subarray(tagAt))
    const octets = decipher.update(record.subarray(headerBytes, tagAt))
    try {
      decipher.final()
    } catch {
      octets.fill(0)
      return null
    }
    return octets
  }

  toString(): string {
    return 'Vault'
  }

  toJSON(): string {
    return 'Vault'
  }

  [inspect.custom](): string {
    return 'Vault'
  }

  /** As a key object: with octets as the key, createCipheriv of Node 24 takes four times as long. */
  #recordKey(record: Uint8Array): KeyObject {
    for (let i = saltAt; i < nonceAt; i++) this.#derivation[label.length + i - saltAt] = record[i] ?? 0
    const octets = this.#derive.digest(this.#derivation)
    const key = createSecretKey(octets)
    octets.fill(0)
    return key
  }
}

/** The purpose has no NUL, so that no two pairs give the same octets. */
function associatedData(purpose: SealPurpose, identity: string): Buffer {
  return Buffer.from(`simward\0${purpose}\0${identity}`, 'utf8')
}

/**
 * Three octets, as hexadecimal, by which people compare a key without seeing it: AES over 16 octets of 01
 * (the check value of GlobalPlatform Card Specification, Amendment D). `key`: 16, 24 or 32 octets.
 */
export function keyCheckValue(key: Uint8Array): string {
  if (key.length !== 16 && key.length !== 24 && key.length !== 32) throw new RangeError(`a key has 16, 24 or 32 octets, not ${key.length}`)
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, createSecretKey(key), null)
  cipher.setAutoPadding(false)
  return cipher.update(Buffer.alloc(16, 1)).toString('hex', 0, 3)
}
