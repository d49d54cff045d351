import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { cookieNames } from '#platform/http/server.ts'
import { permissionsOf, type Role, roles } from '#platform/permission.ts'
import type { Identity, SessionPort } from '#platform/session.ts'
import { type Db, toJson } from '#store/db.ts'

/** A session's last use is written at most this often. */
const touchEveryMs = 60_000

export interface SessionLimits {
  /** Ends after this long without a request. */
  idleMs: number
  /** Ends after this long whatever happens. */
  absoluteMs: number
}

/** Sessions live in the store; the browser holds a random token, the store its digest. */
export class Sessions implements SessionPort {
  readonly #db: Db
  readonly #clock: Clock
  readonly #limits: SessionLimits

  /** The name by which browsers bring the token: one site has one, so that a plain cookie cannot stand in for a secure one. */
  readonly cookie: string

  constructor(db: Db, clock: Clock, limits: SessionLimits, isSecure = false) {
    this.cookie = isSecure ? cookieNames.secure : cookieNames.plain
    this.#db = db
    this.#clock = clock
    this.#limits = limits
  }

  /** A new session for a person who has just proven who they are; always a new token. Expired ones are swept on the way. */
  async open(personId: string, how: string): Promise<{ token: string; maxAgeS: number }> {
    const token = randomBytes(32).toString('base64url')
    const now = this.#clock.now()
    await this.#db.query('DELETE FROM session WHERE expires_at < $1', [new Date(now)], { priority: 'portal' })
    await this.#db.query(
      'INSERT INTO session (token_hash, person_id, body, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)',
      [digest(token), personId, toJson({ how }), new Date(now), new Date(now + this.#limits.absoluteMs)],
      { priority: 'portal' },
    )
    return { token, maxAgeS: Math.floor(this.#limits.absoluteMs / 1000) }
  }

  async close(sessionKey: string): Promise<void> {
    await this.#db.query('DELETE FROM session WHERE token_hash = $1', [Buffer.from(sessionKey, 'hex')], { priority: 'portal' })
  }

  async identify(_headers: unknown, cookies: Readonly<Record<string, string | undefined>>): Promise<Identity | null> {
    const token = cookies[this.cookie]
    if (token === undefined || !/^[\w-]{43}$/.test(token)) return null
    const hash = digest(token)
    const now = this.#clock.now()
    const { rows } = await this.#db.query<{
      person_id: string
      name: string
      roles: string[]
      provider_id: string | null
      seen_at: Date
      created_at: Date
    }>(
      `SELECT s.person_id, p.name, p.roles, p.provider_id, s.seen_at, s.created_at FROM session s JOIN person p ON p.id = s.person_id
        WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND p.disabled_at IS NULL`,
      [hash, new Date(now), new Date(now - this.#limits.idleMs)],
      { priority: 'portal' },
    )
    const [row] = rows
    if (row === undefined) return null
    if (now - row.seen_at.getTime() > touchEveryMs) {
      await this.#db.query('UPDATE session SET seen_at = $2 WHERE token_hash = $1', [hash, new Date(now)], { priority: 'portal' })
    }
    const known = row.roles.filter((name): name is Role => Object.hasOwn(roles, name))
    return {
      kind: 'person',
      personId: row.person_id,
      name: row.name,
      roles: known,
      permissions: permissionsOf(known),
      providerId: row.provider_id,
      sessionKey: hash.toString('hex'),
      authenticatedAt: row.created_at.getTime(),
      factors: [],
      mustEnrol: null,
    }
  }

  /** As `identify` decides, but an open stream that asks is not a person at work: the idle time goes on. */
  async isAlive(sessionKey: string): Promise<boolean> {
    const now = this.#clock.now()
    const { rows } = await this.#db.query(
      `SELECT 1 FROM session s JOIN person p ON p.id = s.person_id
        WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND p.disabled_at IS NULL`,
      [Buffer.from(sessionKey, 'hex'), new Date(now), new Date(now - this.#limits.idleMs)],
      { priority: 'portal' },
    )
    return rows.length > 0
  }

  async claimed(): Promise<boolean> {
    const { rows } = await this.#db.query<{ one: number }>('SELECT 1 AS one FROM person LIMIT 1', [], { priority: 'portal' })
    return rows.length > 0
  }
}

/** The demo has no sign-in: it listens on loopback only, and its visitor may read and press the demo's own buttons. */
export const demoSessions: SessionPort = {
  identify: async () => ({
    kind: 'person',
    personId: 'demo',
    name: 'demo',
    roles: ['demo'],
    permissions: permissionsOf(['demo']),
    providerId: null,
    sessionKey: null,
    authenticatedAt: null,
    factors: [],
    mustEnrol: null,
  }),
  claimed: async () => false,
}

export function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
