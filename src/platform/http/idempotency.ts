import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Db } from '#store/db.ts'
import type { Identity } from '../session.ts'
import type { Operation } from './operation.ts'

/** One request that is carried out under a key. */
interface Ticket {
  digest: Buffer
}

interface Stored {
  request_digest: Buffer
  owner: string
  created_at: Date
  done_at: Date | null
  status: number | null
  answer: Buffer | null
}

/** What of an answer is repeated beside status and body. */
const keptHeaders = ['content-type', 'etag', 'location', 'link'] as const

export interface IdempotencyOptions {
  db(): Db | undefined
  clock: Clock
  log: Logger
  /** Seals stored answers: they may hold what is shown once. */
  key: Buffer
  /** This process. */
  owner: string
}

/** Whether requests of that operation may carry an Idempotency-Key. */
export function takesKey({ method, permission, upload, stream }: Operation): boolean {
  return method !== 'GET' && permission !== 'public' && upload === undefined && stream !== true
}

/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the first request under a key is carried out and its
 * answer kept before it leaves; the same again gets that answer. What holds after a crash: a request that was cut off
 * between its effect and its answer is never carried out a second time; whoever repeats it is told so (409
 * `idempotency-unfinished`) and has to look. Keys belong to one tenant and one actor.
 */
export class Idempotency {
  readonly #options: IdempotencyOptions
  readonly #tickets = new WeakMap<FastifyRequest, Ticket>()
  readonly #running = new Set<string>()

  constructor(options: IdempotencyOptions) {
    this.#options = options
  }

  /** Before the handler: true where the stored answer was sent. Throws where the key cannot be used. */
  async begin(request: FastifyRequest, reply: FastifyReply, identity: Identity): Promise<boolean> {
    const key = keyOf(request)
    const db = this.#options.db()
    if (key === null || db === undefined) return false
    const { clock, owner } = this.#options
    const actor = `${identity.providerId ?? 'operator'} ${identity.kind} ${identity.personId}`
    const digest = sha256(actor, key)
    const requestDigest = sha256(
      request.method,
      request.url,
      String(request.headers['if-match'] ?? ''),
      JSON.stringify(request.body ?? null),
    )
    await this.#checkRoom(db, actor)
    const now = clock.now()
    // One statement decides between two that come at once, and takes over what has expired.
    const { affected } = await db.query(
      `INSERT INTO idempotent_request AS r (key_digest, provider_id, actor, request_digest, owner, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (key_digest) DO UPDATE SET request_digest = EXCLUDED.request_digest, owner = EXCLUDED.owner,
         created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at, done_at = NULL, status = NULL, answer = NULL
       WHERE r.expires_at <= $6`,
      [digest, identity.providerId, actor, requestDigest, owner, new Date(now), new Date(now + limits.http.idempotencyMs)],
      { priority: 'portal' },
    )
    if (affected === 1) {
      this.#tickets.set(request, { digest })
      this.#running.add(digest.toString('hex'))
      return false
    }
    await this.#repeat(db, reply, digest, requestDigest)
    return true
  }

  /** Before the answer leaves: keeps it. An answer that says that nothing was done now frees the key instead. */
  async finish(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const ticket = this.#tickets.get(request)
    const db = this.#options.db()
    if (ticket === undefined || db === undefined) return
    this.#tickets.delete(request)
    const { digest } = ticket
    try {
      const body = typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString('utf8') : null
      const status = reply.statusCode
      if (status === 429 || status === 503) {
        // Unless the connection broke while it was committing: then nobody knows.
        if (body?.includes('"outcome":"unknown"') !== true)
          await db.query('DELETE FROM idempotent_request WHERE key_digest = $1', [digest], { priority: 'portal' })
        return
      }
      const headers = Object.fromEntries(
        keptHeaders.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
      )
      const isStream = body === null && payload !== null && payload !== undefined
      const isKept = !isStream && (body?.length ?? 0) <= limits.http.idempotentAnswerChars
      const answer = isKept ? this.#seal(digest, JSON.stringify({ headers, body })) : null
      await db.query(
        'UPDATE idempotent_request SET done_at = $2, status = $3, answer = $4 WHERE key_digest = $1',
        [digest, new Date(this.#options.clock.now()), status, answer],
        { priority: 'portal' },
      )
    } catch (error) {
      // The answer is right all the same; a repetition will be told that it is not known.
      this.#options.log.warn({ err: error }, 'the answer to a request with an Idempotency-Key could not be kept')
    } finally {
      this.#running.delete(digest.toString('hex'))
    }
  }

  async #repeat(db: Db, reply: FastifyReply, digest: Buffer, requestDigest: Buffer): Promise<void> {
    const { rows } = await db.query<Stored>(
      'SELECT request_digest, owner, created_at, done_at, status, answer FROM idempotent_request WHERE key_digest = $1',
      [digest],
      { priority: 'portal' },
    )
    const [stored] = rows
    if (stored !== undefined && !stored.request_digest.equals(requestDigest)) {
      throw new OperationError(
        'idempotency-mismatch',
        422,
        'this Idempotency-Key was used for another request: a new request needs a new key',
      )
    }
    if (stored === undefined || (stored.done_at === null && this.#mayRun(stored, digest))) {
      reply.header('retry-after', '1')
      throw new OperationError('idempotency-running', 409, 'the first request with this Idempotency-Key is still being carried out')
    }
    const answer = stored.answer === null ? null : this.#open(digest, stored.answer)
    if (answer === null) {
      throw new OperationError(
        'idempotency-unfinished',
        409,
        'a request with this Idempotency-Key was begun, and its answer is not known: look whether it was done before you repeat it with a new key',
      )
    }
    const { headers, body } = JSON.parse(answer) as { headers: Record<string, string>; body: string | null }
    reply
      .code(stored.status ?? 200)
      .headers(headers)
      .header('idempotency-replayed', 'true')
    await (body === null ? reply.send() : reply.serializer((text: unknown) => String(text)).send(body))
  }

  /** Another process's request may still be under way; its time is bounded. */
  #mayRun({ owner, created_at }: Stored, digest: Buffer): boolean {
    if (owner === this.#options.owner) return this.#running.has(digest.toString('hex'))
    return this.#options.clock.now() - created_at.getTime() < limits.http.idempotencyRunMs
  }

  async #checkRoom(db: Db, actor: string): Promise<void> {
    const { affected } = await db.query(
      `SELECT FROM idempotent_request WHERE actor = $1 OFFSET ${limits.http.idempotencyKeysPerActor} LIMIT 1`,
      [actor],
      { priority: 'portal' },
    )
    if (affected > 0) throw new OperationError('idempotency-full', 429, 'too many Idempotency-Keys of the last 24 hours are kept for you')
  }

  #seal(digest: Buffer, text: string): Buffer {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#options.key, nonce)
    cipher.setAAD(digest)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** null where it was sealed under another key: by a process whose key was not kept. */
  #open(digest: Buffer, sealed: Buffer): string | null {
    if (sealed.length < 28) return null
    const decipher = createDecipheriv('aes-256-gcm', this.#options.key, sealed.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(digest)
    decipher.setAuthTag(sealed.subarray(-16))
    const octets = decipher.update(sealed.subarray(12, -16))
    try {
      return Buffer.concat([octets, decipher.final()]).toString('utf8')
    } catch {
      return null
    }
  }
}

/** As a structured string ("...") or bare. Throws `idempotency-key-invalid`. */
function keyOf({ headers }: FastifyRequest): string | null {
  const given = headers['idempotency-key']
  if (given === undefined) return null
  const key = /^"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?$/.exec(String(given))?.[1]
  if (key === undefined) {
    throw new OperationError('idempotency-key-invalid', 400, 'an Idempotency-Key is 1 to 255 printable characters: a UUID, for one')
  }
  return key
}

function sha256(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}
