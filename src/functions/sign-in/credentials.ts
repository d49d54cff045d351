import type { Clock } from '#core/clock.ts'
import type { Factor } from '#platform/session.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'
import type { PasswordHash } from './passwords.ts'
import { isLetIn } from './sessions.ts'

/** A public key that a browser or security key holds the other half of (WebAuthn). */
export interface PasskeyRow {
  id: string
  personId: string
  externalId: string
  publicKey: Buffer
  counter: number
  transports: string[]
}

export interface SecretRow<B> {
  id: string
  personId: string
  secret: Buffer
  body: B
  counter: number
}

export interface PasskeyBody {
  transports: string[]
  /** Kept by the maker of the device on other devices too. */
  synced?: boolean
}

export type NewCredential =
  | { kind: 'passkey'; externalId: string; secret: Buffer; body: PasskeyBody; counter: number; name?: string }
  | { kind: 'password'; secret: Buffer; body: PasswordHash }
  | { kind: 'totp'; secret: Buffer; body: { id: string }; counter: number }
  | { kind: 'recovery'; secret: Buffer; body: object }
  | { kind: 'oidc'; externalId: string; body: { ssoId: string } }

/** What a person may see of their own factors. */
export interface FactorRow {
  id: string
  kind: Factor
  name: string | null
  createdAt: number
  usedAt: number | null
  body: Record<string, unknown>
}

const portal = { priority: 'portal' } as const
type Querying = Pick<Tx, 'query'>

/** What people sign in with. Secrets leave only to be compared. */
export class Credentials {
  readonly #db: Db
  readonly #clock: Clock
  readonly #newId: () => string

  constructor(parts: { db: Db; clock: Clock; newId(): string }) {
    this.#db = parts.db
    this.#clock = parts.clock
    this.#newId = parts.newId
  }

  /** The passkey of that id, of a person who may come in. */
  async passkey(externalId: string): Promise<PasskeyRow | null> {
    const { rows } = await this.#db.query<{
      id: string
      person_id: string
      external_id: string
      secret: Buffer
      counter: bigint
      body: Partial<PasskeyBody>
    }>(
      `SELECT c.id, c.person_id, c.external_id, c.secret, c.counter, c.body FROM credential c JOIN person p ON p.id = c.person_id
        WHERE c.external_id = $1 AND c.kind = 'passkey' AND ${isLetIn}`,
      [externalId],
      portal,
    )
    const [row] = rows
    if (row === undefined) return null
    return {
      id: row.id,
      personId: row.person_id,
      externalId: row.external_id,
      publicKey: row.secret,
      counter: Number(row.counter),
      transports: row.body.transports ?? [],
    }
  }

  /** null: the person has no such secret. */
  async secretOf<B>(personId: string, kind: 'password' | 'totp'): Promise<SecretRow<B> | null> {
    const { rows } = await this.#db.query<{ id: string; secret: Buffer; body: B; counter: bigint }>(
      'SELECT id, secret, body, counter FROM credential WHERE person_id = $1 AND kind = $2 ORDER BY created_at DESC LIMIT 1',
      [personId, kind],
      portal,
    )
    const [row] = rows
    return row === undefined ? null : { id: row.id, personId, secret: row.secret, body: row.body, counter: Number(row.counter) }
  }

  /** Uses a recovery code up, found by its digest; false where it is none of this person's. */
  async spendRecovery(personId: string, secret: Buffer): Promise<boolean> {
    const { affected } = await this.#db.query(
      `DELETE FROM credential WHERE person_id = $1 AND kind = 'recovery' AND secret = $2`,
      [personId, secret],
      portal,
    )
    return affected > 0
  }

  /** Raises the counter; false where another sign-in has used this value already. */
  async raise(credentialId: string, counter: number): Promise<boolean> {
    const { affected } = await this.#db.query(
      'UPDATE credential SET counter = $2, used_at = $3 WHERE id = $1 AND counter < $2',
      [credentialId, counter, new Date(this.#clock.now())],
      portal,
    )
    return affected > 0
  }

  async used(credentialId: string): Promise<void> {
    await this.#db.query('UPDATE credential SET used_at = $2 WHERE id = $1', [credentialId, new Date(this.#clock.now())], portal)
  }

  async list(personId: string, from: Querying = this.#db): Promise<FactorRow[]> {
    const { rows } = await from.query<{
      id: string
      kind: Factor
      name: string | null
      created_at: Date
      used_at: Date | null
      body: Record<string, unknown>
    }>('SELECT id, kind, name, created_at, used_at, body FROM credential WHERE person_id = $1 ORDER BY created_at, id', [personId])
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      name: row.name,
      createdAt: row.created_at.getTime(),
      usedAt: row.used_at?.getTime() ?? null,
      body: row.body,
    }))
  }

  async passkeyIds(personId: string): Promise<string[]> {
    const { rows } = await this.#db.query<{ external_id: string }>(
      `SELECT external_id FROM credential WHERE person_id = $1 AND kind = 'passkey' ORDER BY created_at LIMIT 64`,
      [personId],
      portal,
    )
    return rows.map((row) => row.external_id)
  }

  async kindsOf(personIds: readonly string[]): Promise<Map<string, Factor[]>> {
    const { rows } = await this.#db.query<{ person_id: string; kinds: Factor[] }>(
      'SELECT person_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds FROM credential WHERE person_id = ANY($1::uuid[]) GROUP BY person_id',
      [[...personIds]],
      portal,
    )
    return new Map(rows.map((row) => [row.person_id, row.kinds]))
  }

  async personOfOidc(externalId: string): Promise<{ id: string; personId: string } | null> {
    const { rows } = await this.#db.query<{ id: string; person_id: string }>(
      `SELECT c.id, c.person_id FROM credential c JOIN person p ON p.id = c.person_id
        WHERE c.external_id = $1 AND c.kind = 'oidc' AND ${isLetIn}`,
      [externalId],
      portal,
    )
    const [row] = rows
    return row === undefined ? null : { id: row.id, personId: row.person_id }
  }

  async insert(tx: Querying, personId: string, credential: NewCredential): Promise<string> {
    const id = this.#newId()
    await tx.query(
      `INSERT INTO credential (id, person_id, kind, external_id, secret, body, counter, name, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        personId,
        credential.kind,
        'externalId' in credential ? credential.externalId : null,
        'secret' in credential ? credential.secret : null,
        toJson(credential.body),
        'counter' in credential ? credential.counter : 0,
        'name' in credential ? (credential.name ?? null) : null,
        new Date(this.#clock.now()),
      ],
    )
    return id
  }

  /** Removes the person's credentials of these kinds. */
  async remove(tx: Querying, personId: string, kinds: readonly Factor[]): Promise<number> {
    const { affected } = await tx.query('DELETE FROM credential WHERE person_id = $1 AND kind = ANY($2::text[])', [personId, [...kinds]])
    return affected
  }

  async removeOne(tx: Querying, personId: string, id: string): Promise<boolean> {
    const { affected } = await tx.query('DELETE FROM credential WHERE person_id = $1 AND id = $2', [personId, id])
    return affected > 0
  }

  async rename(tx: Querying, personId: string, id: string, name: string): Promise<boolean> {
    const { affected } = await tx.query(`UPDATE credential SET name = $3 WHERE person_id = $1 AND id = $2 AND kind = 'passkey'`, [
      personId,
      id,
      name,
    ])
    return affected > 0
  }
}
