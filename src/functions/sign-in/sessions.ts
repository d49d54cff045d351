import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { cookieNames } from '#platform/http/server.ts'
import { permissionsOf, type Role, roles } from '#platform/permission.ts'
import type { Factor, Identity, SessionPort } from '#platform/session.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'

/** A session's last use is written at most this often. */
const touchEveryMs = 60_000

export interface SessionLimits {
  /** Ends after this long without a request: people of the operator, and of its customers. */
  idleMs: number
  providerIdleMs: number
  /** Ends after this long whatever happens. */
  absoluteMs: number
}

/** How somebody has just shown who they are. */
export interface Proof {
  factors: readonly Factor[]
  /** No false site can have passed it on: a passkey, or what an identity provider says is as good. */
  phishingResistant: boolean
  /** Wall time of the proof, where it was made elsewhere and earlier. */
  at?: number
  /** 1: one factor, 2: two, 3: one that cannot be phished; given where another party says it, else it follows from the factors. */
  assurance?: 1 | 2 | 3
  /** By the one-time link of the installation: whoever reads this process's output may finish setting it up. */
  claim?: true
}

/** Where a request comes from, as the list of sessions shows it. */
export interface Origin {
  address: string
  userAgent: string
}

export interface OwnSession {
  id: string
  createdAt: number
  seenAt: number
  expiresAt: number
  authenticatedAt: number
  factors: Factor[]
  assurance: number
  address: string | null
  userAgent: string | null
}

export interface NewToken {
  token: string
  maxAgeS: number
}

const portal = { priority: 'portal' } as const

/** Neither shut out themselves nor of an organisation that is; `p` is the person. */
export const isLetIn = `p.disabled_at IS NULL AND NOT EXISTS (SELECT FROM provider o WHERE o.id = p.provider_id AND o.suspended IS NOT NULL)`

/** A session that stands: neither too old nor idle too long, and its person not shut out. $1 now, $2 and $3 the idle limits. */
const stands = `s.expires_at > $1 AND s.seen_at > CASE WHEN p.provider_id IS NULL THEN $2::timestamptz ELSE $3::timestamptz END
  AND ${isLetIn}`

interface IdentityRow {
  id: string
  person_id: string
  name: string
  roles: string[]
  provider_id: string | null
  seen_at: Date
  authenticated_at: Date
  factors: string[]
  phishing_resistant: boolean
  body: { claim?: true }
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

  /** A new session for a person who has just proven who they are; always a new token. Expired ones are swept on the way, and of too many the oldest. */
  async open(personId: string, proof: Proof, from: Origin): Promise<NewToken> {
    const token = newToken()
    const now = this.#clock.now()
    await this.#db.query('DELETE FROM session WHERE expires_at < $1', [new Date(now)], portal)
    await this.#db.query(
      `INSERT INTO session (token_hash, person_id, body, created_at, seen_at, expires_at, factors, authenticated_at, phishing_resistant,
         address, user_agent) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10)`,
      [
        digest(token),
        personId,
        toJson({ ...(proof.claim === true ? { claim: true } : {}), assurance: assuranceOf(proof) }),
        new Date(now),
        new Date(now + this.#limits.absoluteMs),
        [...proof.factors],
        new Date(Math.min(now, proof.at ?? now)),
        proof.phishingResistant,
        from.address,
        from.userAgent,
      ],
      portal,
    )
    await this.#db.query(
      `DELETE FROM session WHERE person_id = $1
         AND id IN (SELECT id FROM session WHERE person_id = $1 ORDER BY (token_hash = $3) DESC, seen_at DESC OFFSET $2)`,
      [personId, limits.signIn.sessionsPerPerson, digest(token)],
      portal,
    )
    await this.#db.query('UPDATE person SET signed_in_at = $2 WHERE id = $1', [personId, new Date(now)], portal)
    return { token, maxAgeS: Math.floor(this.#limits.absoluteMs / 1000) }
  }

  /**
   * After a new proof in a session that goes on: another token, the old one is worth nothing from now on; the absolute end
   * stays. null where the session ended meanwhile.
   */
  async renew(tx: Pick<Tx, 'query'>, sessionId: string, proof: Proof | null): Promise<NewToken | null> {
    const token = newToken()
    const now = this.#clock.now()
    const { rows } = await tx.query<{ expires_at: Date }>(
      `UPDATE session SET token_hash = $2, seen_at = $3,
         factors = (SELECT array_agg(DISTINCT f) FROM unnest(factors || $4::text[]) AS f),
         body = body || jsonb_build_object('assurance', greatest((body->>'assurance')::int, $7::int)),
         authenticated_at = CASE WHEN $5 THEN $3 ELSE authenticated_at END,
         phishing_resistant = phishing_resistant OR $6
       WHERE id = $1 AND expires_at > $3 RETURNING expires_at`,
      [
        sessionId,
        digest(token),
        new Date(now),
        [...(proof?.factors ?? [])],
        proof !== null,
        proof?.phishingResistant ?? false,
        proof === null ? 1 : assuranceOf(proof),
      ],
    )
    const [row] = rows
    return row === undefined ? null : { token, maxAgeS: Math.max(1, Math.floor((row.expires_at.getTime() - now) / 1000)) }
  }

  async close(sessionId: string): Promise<void> {
    await this.#db.query('DELETE FROM session WHERE id = $1', [sessionId], portal)
  }

  /** Ends all of a person's sessions, or all but one. How many there were. */
  async endAll(tx: Pick<Tx, 'query'>, personId: string, but: string | null = null): Promise<number> {
    const { affected } = await tx.query('DELETE FROM session WHERE person_id = $1 AND ($2::uuid IS NULL OR id <> $2)', [personId, but])
    return affected
  }

  /** Ends one of the person's own; false where it is none of theirs. */
  async endOne(tx: Pick<Tx, 'query'>, personId: string, sessionId: string): Promise<boolean> {
    const { affected } = await tx.query('DELETE FROM session WHERE person_id = $1 AND id = $2', [personId, sessionId])
    return affected > 0
  }

  /** The person's sessions that stand, newest use first. */
  async list(personId: string): Promise<OwnSession[]> {
    const { rows } = await this.#db.query<{
      id: string
      created_at: Date
      seen_at: Date
      expires_at: Date
      authenticated_at: Date
      factors: Factor[]
      body: { assurance?: number }
      address: string | null
      user_agent: string | null
    }>(
      `SELECT s.id, s.created_at, s.seen_at, s.expires_at, s.authenticated_at, s.factors, s.body, s.address, s.user_agent
         FROM session s JOIN person p ON p.id = s.person_id WHERE ${stands} AND s.person_id = $4 ORDER BY s.seen_at DESC LIMIT 100`,
      [...this.#bounds(), personId],
      portal,
    )
    return rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at.getTime(),
      seenAt: row.seen_at.getTime(),
      expiresAt: row.expires_at.getTime(),
      authenticatedAt: row.authenticated_at.getTime(),
      factors: row.factors,
      assurance: row.body.assurance ?? 1,
      address: row.address,
      userAgent: row.user_agent,
    }))
  }

  async identify(_headers: unknown, cookies: Readonly<Record<string, string | undefined>>): Promise<Identity | null> {
    const token = cookies[this.cookie]
    if (token === undefined || !/^[\w-]{43}$/.test(token)) return null
    const { rows } = await this.#db.query<IdentityRow>(
      `SELECT s.id, s.person_id, p.name, p.roles, p.provider_id, s.seen_at, s.authenticated_at, s.factors, s.phishing_resistant, s.body
         FROM session s JOIN person p ON p.id = s.person_id WHERE ${stands} AND s.token_hash = $4`,
      [...this.#bounds(), digest(token)],
      { ...portal, prepare: 'session-identify' },
    )
    const [row] = rows
    if (row === undefined) return null
    const now = this.#clock.now()
    if (now - row.seen_at.getTime() > touchEveryMs) {
      await this.#db.query('UPDATE session SET seen_at = $2 WHERE id = $1', [row.id, new Date(now)], portal)
    }
    return identityOf(row)
  }

  /** As `identify` decides, but an open stream that asks is not a person at work: the idle time goes on. */
  async isAlive(sessionKey: string): Promise<boolean> {
    const { rows } = await this.#db.query(
      `SELECT 1 FROM session s JOIN person p ON p.id = s.person_id WHERE ${stands} AND s.id = $4`,
      [...this.#bounds(), sessionKey],
      portal,
    )
    return rows.length > 0
  }

  async claimed(): Promise<boolean> {
    const { rows } = await this.#db.query<{ one: number }>('SELECT 1 AS one FROM person LIMIT 1', [], portal)
    return rows.length > 0
  }

  #bounds(): [Date, Date, Date] {
    const now = this.#clock.now()
    return [new Date(now), new Date(now - this.#limits.idleMs), new Date(now - this.#limits.providerIdleMs)]
  }
}

function identityOf(row: IdentityRow): Identity {
  const known = row.roles.filter((name): name is Role => Object.hasOwn(roles, name))
  // Whoever may do everything is the one worth deceiving: no factor that can be typed into a false page is enough.
  const isWeak = known.includes('operator-admin') && !row.phishing_resistant && !row.factors.includes('passkey')
  const isRecovery = row.factors.length > 0 && row.factors.every((factor) => factor === 'recovery')
  const mustEnrol = (isWeak && row.body.claim !== true) || isRecovery ? 'passkey' : null
  return {
    kind: 'person',
    personId: row.person_id,
    name: row.name,
    roles: known,
    permissions: mustEnrol === null ? permissionsOf(known) : ['self'],
    providerId: row.provider_id,
    sessionKey: row.id,
    authenticatedAt: row.authenticated_at.getTime(),
    factors: row.factors as Factor[],
    mustEnrol,
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

/** Password and code are two; a recovery code stands for one of them. */
function assuranceOf({ assurance, factors, phishingResistant }: Proof): 1 | 2 | 3 {
  if (assurance !== undefined) return assurance
  return phishingResistant ? 3 : factors.length > 1 ? 2 : 1
}

function newToken(): string {
  return randomBytes(32).toString('base64url')
}

export function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
