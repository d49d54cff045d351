import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto'
import { inspect } from 'node:util'
import { checkLength } from './authentication.ts'

/**
 * Seals keys at rest: AES-256-GCM (SP 800-38D), each record under a key of its own that is derived from the master key
 * and the record's salt, bound by the associated data to what it is for and whose it is.
 *
 * Record: version (1 octet) | salt (16) | nonce (12) | ciphertext | tag (16).
 */

const version = 1
const saltBytes = 16
const nonceBytes = 12
const tagBytes = 16
const headerBytes = 1 + saltBytes + nonceBytes

/** What a sealed record is for; part of the associated data, so that one kind never opens as another. */
export type SealPurpose = 'subscriber-k' | 'subscriber-opc' | 'operator-op' | 'ota-key' | 'transport-key' | 'subject-key' | 'signing-key'

/** How many octets sealing adds. */
export const sealOverheadBytes = headerBytes + tagBytes

export interface Vault {
  /** Seals `octets` for `identity` (an IMSI, an id). Every call gives other octets. */
  seal(purpose: SealPurpose, identity: string, octets: Uint8Array): Buffer
  /** null where the record is not of this purpose and identity, is damaged, or was sealed under another master key. */
  open(purpose: SealPurpose, identity: string, record: Uint8Array): Buffer | null
}

/** `masterKey`: 32 octets, copied; the caller may wipe its own. `fill` is the source of salts and nonces. */
export function createVault(masterKey: Uint8Array, fill: (octets: Uint8Array) => void = randomFillSync): Vault {
  checkLength('the master key', masterKey, 32)
  return new MasterKeyVault(masterKey, fill)
}

class MasterKeyVault implements Vault {
  readonly #masterKey: Buffer
  readonly #fill: (octets: Uint8Array) => void

  constructor(masterKey: Uint8Array, fill: (octets: Uint8Array) => void) {
    this.#masterKey = Buffer.from(masterKey)
    this.#fill = fill
  }

  seal(purpose: SealPurpose, identity: string, octets: Uint8Array): Buffer {
    const record = Buffer.alloc(headerBytes + octets.length + tagBytes)
    record[0] = version
    this.#fill(record.subarray(1, headerBytes))
    const cipher = createCipheriv('aes-256-gcm', this.#recordKey(record), record.subarray(1 + saltBytes, headerBytes))
    cipher.setAAD(associatedData(purpose, identity))
    cipher.update(octets).copy(record, headerBytes)
    cipher.final()
    cipher.getAuthTag().copy(record, record.length - tagBytes)
    return record
  }

  open(purpose: SealPurpose, identity: string, record: Uint8Array): Buffer | null {
    if (record.length < headerBytes + tagBytes || record[0] !== version) return null
    const nonce = record.subarray(1 + saltBytes, headerBytes)
    const decipher = createDecipheriv('aes-256-gcm', this.#recordKey(record), nonce, { authTagLength: tagBytes })
    decipher.setAAD(associatedData(purpose, identity))
    decipher.setAuthTag(record.subarray(record.length - tagBytes))
    const octets = decipher.update(record.subarray(headerBytes, record.length - tagBytes))
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

  #recordKey(record: Uint8Array): Buffer {
    return createHmac('sha256', this.#masterKey)
      .update('simward record key v1')
      .update(record.subarray(1, 1 + saltBytes))
      .digest()
  }
}

/** The purpose has no NUL, so that no two pairs give the same octets. */
function associatedData(purpose: SealPurpose, identity: string): Buffer {
  return Buffer.from(`simward\0${purpose}\0${identity}`, 'utf8')
}

/**
 * Three octets, as hexadecimal, by which people compare a key without seeing it: AES over 16 octets of 01
 * (the check value of GlobalPlatform Card Specification 2.3 Amendment D §4.3.2). `key`: 16, 24 or 32 octets.
 */
export function keyCheckValue(key: Uint8Array): string {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null)
  cipher.setAutoPadding(false)
  return cipher.update(Buffer.alloc(16, 1)).toString('hex', 0, 3)
}
