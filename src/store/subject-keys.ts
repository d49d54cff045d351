import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import type { Db, Tx } from './db.ts'

/** Seals a subject's key under a key that the store never sees. */
export interface KeyWrapper {
  wrap(subjectId: string, key: Buffer): Buffer
  /** null where the record does not open: damaged, or another master key. */
  unwrap(subjectId: string, wrapped: Buffer): Buffer | null
}

/** A person or a SIM whose data can be made unreadable by destroying one key. */
export interface SubjectRef {
  kind: 'sim' | 'person'
  /** The IMSI, or the person's id. */
  identifier: string
  providerId: string | null
}

export interface SubjectKeys {
  /** The subject's id, made with its key at first use. After an erasure the same identifier gets a new subject. */
  subjectFor(ref: SubjectRef): Promise<string>
  /** The id if the subject is known, else null. */
  find(kind: SubjectRef['kind'], identifier: string): Promise<string | null>
  /**
   * Sealed octets, readable only for the same `context` (what they are, and where they stand). null when the subject
   * is erased. `tx` where a transaction is open.
   */
  seal(subjectId: string, context: string, octets: Uint8Array, tx?: Tx): Promise<Buffer | null>
  /** null when the subject is erased. Throws OperationError `sealed-unreadable` when the octets do not open. */
  open(subjectId: string, context: string, sealed: Uint8Array): Promise<Buffer | null>
  /** Destroys the key; false when it was destroyed already. Use the ledger's `eraseSubject`, which leaves a row. */
  destroy(tx: Tx, subjectId: string): Promise<boolean>
  close(): Promise<void>
}

export interface SubjectKeysOptions {
  db: Db
  clock: Clock
  newId: (nowMs: number) => string
  wrapper: KeyWrapper
}

/** Tells every process to forget a key that was destroyed. */
const channel = 'subject_erased'

/** The keys of subjects, with a bounded cache of opened ones. */
export async function createSubjectKeys(options: SubjectKeysOptions): Promise<SubjectKeys> {
  const { db, clock, newId, wrapper } = options
  const keys = new LruMap<string, Buffer>(limits.store.subjectKeysCached)
  const ids = new LruMap<string, string>(limits.store.subjectKeysCached)
  const forget = (subjectId: string): void => {
    keys.delete(subjectId)
    // Which identifier led to it is not kept with the key: identifiers are looked up again.
    ids.clear()
  }
  const stop = await db.listen(channel, forget, () => {
    keys.clear()
    ids.clear()
  })

  async function keyOf(subjectId: string, reader: Pick<Db, 'query'> | Tx): Promise<Buffer | null> {
    const cached = keys.get(subjectId)
    if (cached !== undefined) return cached
    const { rows } = await reader.query<{ wrapped_key: Buffer | null }>('SELECT wrapped_key FROM subject_key WHERE id = $1', [subjectId])
    const [row] = rows
    if (row === undefined) throw new OperationError('subject-unknown', 404, `no subject ${subjectId}`)
    if (row.wrapped_key === null) return null
    const key = wrapper.unwrap(subjectId, row.wrapped_key)
    if (key === null) throw unreadable(`the key of subject ${subjectId} does not open under this master key`)
    keys.set(subjectId, key)
    return key
  }

  async function find(kind: string, identifier: string): Promise<string | null> {
    const { rows } = await db.query<{ id: string }>('SELECT id FROM subject_key WHERE kind = $1 AND identifier = $2', [kind, identifier])
    return rows[0]?.id ?? null
  }

  return {
    find,
    async subjectFor(ref) {
      const name = `${ref.kind}:${ref.identifier}`
      const cached = ids.get(name)
      if (cached !== undefined) return cached
      const id = (await find(ref.kind, ref.identifier)) ?? (await create(ref))
      ids.set(name, id)
      return id
    },
    async seal(subjectId, context, octets, tx) {
      const key = await keyOf(subjectId, tx ?? db)
      return key === null ? null : sealWith(key, subjectId, context, octets)
    },
    async open(subjectId, context, sealed) {
      const key = await keyOf(subjectId, db)
      return key === null ? null : openWith(key, subjectId, context, sealed)
    },
    async destroy(tx, subjectId) {
      const { affected } = await tx.query(
        'UPDATE subject_key SET wrapped_key = NULL, identifier = NULL, erased_at = $2 WHERE id = $1 AND erased_at IS NULL',
        [subjectId, new Date(clock.now())],
      )
      forget(subjectId)
      await tx.notify(channel, subjectId)
      return affected > 0
    },
    close: stop,
  }

  /** Two processes may meet a new subject at once: one row stays, both learn its id. */
  async function create(ref: SubjectRef): Promise<string> {
    const now = clock.now()
    const id = newId(now)
    const wrapped = wrapper.wrap(id, randomBytes(32))
    await db.query(
      `INSERT INTO subject_key (id, kind, identifier, provider_id, wrapped_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (kind, identifier) WHERE identifier IS NOT NULL DO NOTHING`,
      [id, ref.kind, ref.identifier, ref.providerId, wrapped, new Date(now)],
    )
    return (await find(ref.kind, ref.identifier)) ?? id
  }
}

/** Sealed form: version (1 octet), nonce (12), tag (16), ciphertext (AES-256-GCM, SP 800-38D). */
const version = 1
const nonceBytes = 12
const tagBytes = 16
const headerBytes = 1 + nonceBytes + tagBytes

function sealWith(key: Buffer, subjectId: string, context: string, octets: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(`${subjectId}\n${context}`))
  const text = Buffer.concat([cipher.update(octets), cipher.final()])
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), text])
}

function openWith(key: Buffer, subjectId: string, context: string, sealed: Uint8Array): Buffer {
  if (sealed.length < headerBytes || sealed[0] !== version) throw unreadable('not a sealed record')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(`${subjectId}\n${context}`))
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headerBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headerBytes)), decipher.final()])
  } catch {
    throw unreadable('a sealed record was altered, or belongs elsewhere')
  }
}

function unreadable(message: string): OperationError {
  return new OperationError('sealed-unreadable', 500, message)
}
