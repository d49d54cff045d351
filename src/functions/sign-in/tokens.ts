import { randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'
import { digest } from './sessions.ts'

const portal = { priority: 'portal' } as const

export interface Kept<B> {
  purpose: string
  body: B
  personId: string | null
  expiresAt: number
}

/** One-time tokens in the store: links, challenges that a browser must answer, sign-ons under way. Kept as digests. */
export class Tokens {
  readonly #db: Db
  readonly #clock: Clock

  constructor(db: Db, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  async make(
    purpose: string,
    lifeMs: number,
    {
      body = {},
      personId = null,
      token = randomBytes(32).toString('base64url'),
    }: { body?: object; personId?: string | null; token?: string } = {},
    to: Pick<Tx, 'query'> = this.#db,
  ): Promise<string> {
    const now = this.#clock.now()
    await to.query('DELETE FROM claim_token WHERE expires_at < $1', [new Date(now)])
    await to.query(
      `INSERT INTO claim_token (token_hash, purpose, body, created_at, expires_at, person_id) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (token_hash) DO UPDATE SET purpose = $2, body = $3, created_at = $4, expires_at = $5, person_id = $6, used_at = NULL`,
      [digest(token), purpose, toJson(body), new Date(now), new Date(now + lifeMs), personId],
    )
    return token
  }

  /** What the token was made with, or null where it is unknown, used or too old. */
  async read<B>(purposes: readonly string[], token: string): Promise<Kept<B> | null> {
    const { rows } = await this.#db.query<{ purpose: string; body: B; person_id: string | null; expires_at: Date }>(
      `SELECT purpose, body, person_id, expires_at FROM claim_token
        WHERE token_hash = $1 AND purpose = ANY($2::text[]) AND used_at IS NULL AND expires_at > $3`,
      [digest(token), [...purposes], new Date(this.#clock.now())],
      portal,
    )
    const [row] = rows
    return row === undefined ? null : { purpose: row.purpose, body: row.body, personId: row.person_id, expiresAt: row.expires_at.getTime() }
  }

  async amend(token: string, body: object): Promise<void> {
    await this.#db.query('UPDATE claim_token SET body = $2 WHERE token_hash = $1', [digest(token), toJson(body)], portal)
  }

  /** Uses the token up; of two that try, one succeeds. Throws `token-invalid`. */
  async use<B>(tx: Pick<Tx, 'query'>, purpose: string, token: string): Promise<B> {
    const now = new Date(this.#clock.now())
    const { rows } = await tx.query<{ body: B }>(
      'UPDATE claim_token SET used_at = $3 WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 RETURNING body',
      [digest(token), purpose, now],
    )
    const [row] = rows
    if (row === undefined) throw tokenInvalid()
    return row.body
  }

  /** As `use`, by itself. */
  async consume<B>(purpose: string, token: string): Promise<B> {
    return this.use<B>(this.#db, purpose, token)
  }

  /** Ends the links of that purpose that nobody has used: a person's, or those that are for nobody yet. */
  async revoke(purposes: readonly string[], personId: string | null = null, from: Pick<Tx, 'query'> = this.#db): Promise<void> {
    await from.query(
      'DELETE FROM claim_token WHERE purpose = ANY($1::text[]) AND used_at IS NULL AND person_id IS NOT DISTINCT FROM $2::uuid',
      [[...purposes], personId],
    )
  }
}

export function tokenInvalid(): OperationError {
  return new OperationError('token-invalid', 410, 'this link was used, has expired or never was one; ask for a new one')
}
