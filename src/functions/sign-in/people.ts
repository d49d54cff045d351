import { OperationError } from '#core/errors.ts'
import type { Ports } from '#platform/ports.ts'
import type { Db, Tx } from '#store/db.ts'
import type { Credentials, NewCredential } from './credentials.ts'

export interface Person {
  id: string
  name: string
  email: string | null
  language: string | null
  roles: string[]
  providerId: string | null
  /** Name of the customer; null for people of the operator. */
  organisation: string | null
}

const columns = 'p.id, p.name, p.email, p.language, p.roles, p.provider_id, o.name AS organisation'

interface PersonRow {
  id: string
  name: string
  email: string | null
  language: string | null
  roles: string[]
  provider_id: string | null
  organisation: string | null
}

/** The people who may sign in, as sign-in needs to know them. */
export class People {
  readonly #db: Db
  readonly #newId: () => string
  readonly #ledger: Ports['ledger']
  readonly #credentials: Credentials

  constructor(parts: { db: Db; newId(): string; ledger: Ports['ledger']; credentials: Credentials }) {
    this.#db = parts.db
    this.#newId = parts.newId
    this.#ledger = parts.ledger
    this.#credentials = parts.credentials
  }

  /** The first person of the installation. `within` runs in the same transaction and may refuse by throwing. */
  async claim(
    name: string,
    credentials: readonly NewCredential[],
    within: (tx: Tx) => Promise<void>,
    id: string = this.#newId(),
  ): Promise<string> {
    await this.#ledger.record(async (tx, note) => {
      await within(tx)
      const { rows } = await tx.query('SELECT 1 FROM person LIMIT 1')
      if (rows.length > 0) throw new OperationError('already-claimed', 409, 'this installation has been claimed')
      await tx.query('INSERT INTO person (id, name, roles) VALUES ($1, $2, $3)', [id, name, ['operator-admin']])
      for (const credential of credentials) await this.#credentials.insert(tx, id, credential)
      note({ kind: 'installation-claimed', actor: id, body: { factors: credentials.map((one) => one.kind) } })
    })
    return id
  }

  /** Somebody who may come in. */
  async byId(id: string): Promise<Person | null> {
    return this.#one('p.id = $1', id)
  }

  async byName(name: string): Promise<Person | null> {
    return this.#one('lower(p.name) = lower($1)', name)
  }

  async byEmail(email: string, providerId: string | null): Promise<Person | null> {
    return this.#one('lower(p.email) = lower($1) AND p.provider_id IS NOT DISTINCT FROM $2::uuid', email, providerId)
  }

  /** Whose person it is, shut out or not; null: the operator's, or nobody. */
  async organisationOf(id: string): Promise<string | null> {
    const { rows } = await this.#db.query<{ provider_id: string | null }>('SELECT provider_id FROM person WHERE id = $1', [id], {
      priority: 'portal',
    })
    return rows[0]?.provider_id ?? null
  }

  async noteSignIn(person: Pick<Person, 'id' | 'providerId'>, factors: readonly string[], address: string): Promise<void> {
    await this.#ledger.append({
      kind: 'signed-in',
      actor: person.id,
      providerId: person.providerId,
      body: { factors: [...factors], address },
    })
  }

  async #one(where: string, ...params: unknown[]): Promise<Person | null> {
    const { rows } = await this.#db.query<PersonRow>(
      `SELECT ${columns} FROM person p LEFT JOIN provider o ON o.id = p.provider_id WHERE ${where} AND p.disabled_at IS NULL AND o.suspended IS NULL LIMIT 2`,
      params,
      { priority: 'portal' },
    )
    const [row, other] = rows
    if (row === undefined || other !== undefined) return null
    const { provider_id: providerId, ...rest } = row
    return { ...rest, providerId }
  }
}
