import { randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'
import { digest } from './sessions.ts'

/** One-time tokens in the store: the claim link, and challenges that a browser must answer. Kept as digests. */
export class Tokens {
  readonly #db: Db
  readonly #clock: Clock

  constructor(db: Db, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  async make(purpose: string, lifeMs: number, body: object = {}, token = randomBytes(32).toString('base64url')): Promise<string> {
    const now = this.#clock.now()
    await this.#db.query('DELETE FROM claim_token WHERE expires_at < $1', [new Date(now)], { priority: 'portal' })
    await this.#db.query(
      'INSERT INTO claim_token (token_hash, purpose, body, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
      [digest(token), purpose, toJson(body), new Date(now), new Date(now + lifeMs)],
      { priority: 'portal' },
    )
    return token
  }

  /** What the token was made with, or null where it is unknown, used or too old. */
  async read<B>(purpose: string, token: string): Promise<B | null> {
    const { rows } = await this.#db.query<{ body: B }>(
      'SELECT body FROM claim_token WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3',
      [digest(token), purpose, new Date(this.#clock.now())],
      { priority: 'portal' },
    )
    return rows[0]?.body ?? null
  }

  async amend(token: string, body: object): Promise<void> {
    await this.#db.query('UPDATE claim_token SET body = $2 WHERE token_hash = $1', [digest(token), toJson(body)], { priority: 'portal' })
  }

  /** Uses the token up; of two that try, one succeeds. Throws `token-invalid`. */
  async use<B>(tx: Tx, purpose: string, token: string): Promise<B> {
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
  async consume(purpose: string, token: string): Promise<void> {
    await this.#db.transaction((tx) => this.use(tx, purpose, token), { priority: 'portal' })
  }

  async revoke(purpose: string): Promise<void> {
    await this.#db.query('DELETE FROM claim_token WHERE purpose = $1 AND used_at IS NULL', [purpose], { priority: 'portal' })
  }
}

export function tokenInvalid(): OperationError {
  return new OperationError('token-invalid', 410, 'this link was used, has expired or never was one; start Simward again for a new one')
}
