import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Ports } from '#platform/ports.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'
import type { PasswordHash } from './passwords.ts'

/** A public key that a browser or security key holds the other half of (WebAuthn). */
export interface PasskeyRow {
  id: string
  personId: string
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

export type NewCredential =
  | { kind: 'passkey'; externalId: string; secret: Buffer; body: { transports: string[] }; counter: number }
  | { kind: 'password'; secret: Buffer; body: PasswordHash }
  | { kind: 'totp'; secret: Buffer; body: object; counter: number }

/** Persons and what they sign in with. */
export class People {
  readonly #db: Db
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #ledger: Ports['ledger']

  constructor(parts: { db: Db; clock: Clock; newId(): string; ledger: Ports['ledger'] }) {
    this.#db = parts.db
    this.#clock = parts.clock
    this.#newId = parts.newId
    this.#ledger = parts.ledger
  }

  /** The first person of the installation. `within` runs in the same transaction and may refuse by throwing. */
  async claim(name: string, credentials: readonly NewCredential[], within: (tx: Tx) => Promise<void>): Promise<string> {
    const id = this.#newId()
    await this.#ledger.record(async (tx, note) => {
      await within(tx)
      const { rows } = await tx.query('SELECT 1 FROM person LIMIT 1')
      if (rows.length > 0) throw new OperationError('already-claimed', 409, 'this installation has been claimed')
      await tx.query('INSERT INTO person (id, name, roles) VALUES ($1, $2, $3)', [id, name, ['operator-admin']])
      for (const credential of credentials) await this.#insert(tx, id, credential)
      note({ kind: 'installation-claimed', actor: id, body: { factors: credentials.map((one) => one.kind) } })
    })
    return id
  }

  async passkey(externalId: string): Promise<PasskeyRow | null> {
    const { rows } = await this.#db.query<{
      id: string
      person_id: string
      secret: Buffer
      counter: bigint
      body: { transports?: string[] }
    }>(`SELECT id, person_id, secret, counter, body FROM credential WHERE external_id = $1 AND kind = 'passkey'`, [externalId], {
      priority: 'portal',
    })
    const [row] = rows
    if (row === undefined) return null
    return {
      id: row.id,
      personId: row.person_id,
      publicKey: row.secret,
      counter: Number(row.counter),
      transports: row.body.transports ?? [],
    }
  }

  /** null: nobody of that name has such a secret. */
  async secretOf<B>(name: string, kind: 'password' | 'totp'): Promise<SecretRow<B> | null> {
    const { rows } = await this.#db.query<{ id: string; person_id: string; secret: Buffer; body: B; counter: bigint }>(
      `SELECT c.id, c.person_id, c.secret, c.body, c.counter FROM credential c JOIN person p ON p.id = c.person_id
        WHERE lower(p.name) = lower($1) AND c.kind = $2 AND p.disabled_at IS NULL`,
      [name, kind],
      { priority: 'portal' },
    )
    const [row] = rows
    return row === undefined
      ? null
      : { id: row.id, personId: row.person_id, secret: row.secret, body: row.body, counter: Number(row.counter) }
  }

  /** Raises the counter; false where another sign-in has used this value already. */
  async raise(credentialId: string, counter: number): Promise<boolean> {
    const { affected } = await this.#db.query(
      'UPDATE credential SET counter = $2, used_at = $3 WHERE id = $1 AND counter < $2',
      [credentialId, counter, new Date(this.#clock.now())],
      { priority: 'portal' },
    )
    return affected > 0
  }

  async noteSignIn(personId: string, how: string, address: string): Promise<void> {
    await this.#ledger.append({ kind: 'signed-in', actor: personId, body: { how, address } })
  }

  #insert(tx: Tx, personId: string, credential: NewCredential): Promise<unknown> {
    return tx.query(
      'INSERT INTO credential (id, person_id, kind, external_id, secret, body, counter) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [
        this.#newId(),
        personId,
        credential.kind,
        credential.kind === 'passkey' ? credential.externalId : null,
        credential.secret,
        toJson(credential.body),
        'counter' in credential ? credential.counter : 0,
      ],
    )
  }
}
