import { createHash } from 'node:crypto'
import { OperationError } from '#core/errors.ts'
import type { Role } from '#platform/permission.ts'
import type { Ports } from '#platform/ports.ts'
import type { Tx } from '#store/db.ts'
import type { Credentials } from '../credentials.ts'
import type { People, Person } from '../people.ts'
import { emailOf, rolesOf } from './claims.ts'
import type { SignOnRow } from './store.ts'

/** What a sign-on of the operator, or of a customer, may make of somebody. */
export function rolesFor(providerId: string | null): readonly Role[] {
  return providerId === null
    ? ['operator-admin', 'operator-engineer', 'operator-security', 'auditor']
    : ['provider-admin', 'provider-manager', 'provider-viewer']
}

interface MembersParts {
  people: People
  credentials: Credentials
  ledger: Ports['ledger']
  newId(): string
}

type Claims = Readonly<Record<string, unknown>>

/** Who of the organisation somebody is whom its identity provider vouches for. A provider never speaks for another organisation's people. */
export class Members {
  readonly #parts: MembersParts

  constructor(parts: MembersParts) {
    this.#parts = parts
  }

  /** The person's id. Throws `sso-unknown`. */
  async find(row: SignOnRow, claims: Claims): Promise<string> {
    const { credentials, people } = this.#parts
    const externalId = externalIdOf(row, claims)
    const known = await credentials.personOfOidc(externalId)
    if (known !== null) {
      const person = await people.byId(known.personId)
      if (person === null || person.providerId !== row.providerId) throw unknown()
      await credentials.used(known.id)
      await this.#follow(row, claims, person)
      return person.id
    }
    const email = emailOf(claims, row.domains)
    const invited = email === null ? null : await people.byEmail(email, row.providerId)
    if (invited !== null) {
      await this.#link(row, externalId, invited)
      await this.#follow(row, claims, invited)
      return invited.id
    }
    if (!row.autoCreate || email === null) throw unknown()
    return this.#create(row, claims, externalId, email)
  }

  /** The person's roles are those that the provider's groups stand for, where the organisation wants it so. */
  async #follow(row: SignOnRow, claims: Claims, person: Person): Promise<void> {
    const roles = rolesOf(claims, row.roleMap, rolesFor(row.providerId))
    if (roles === null || roles.toSorted().join() === person.roles.toSorted().join()) return
    await this.#parts.ledger.record(async (tx, note) => {
      await tx.query('UPDATE person SET roles = $2 WHERE id = $1', [person.id, roles])
      note({ kind: 'roles-followed', actor: 'sign-in', providerId: row.providerId, body: { person: person.id, roles, sso: row.id } })
    })
  }

  async #link(row: SignOnRow, externalId: string, person: Person): Promise<void> {
    await this.#parts.ledger.record(async (tx, note) => {
      await this.#insert(tx, row, externalId, person.id)
      note({ kind: 'factor-added', actor: person.id, providerId: row.providerId, body: { factor: 'oidc', sso: row.id } })
    })
  }

  async #create(row: SignOnRow, claims: Claims, externalId: string, email: string): Promise<string> {
    const { ledger, newId, people } = this.#parts
    const id = newId()
    const roles = rolesOf(claims, row.roleMap, rolesFor(row.providerId)) ?? [row.defaultRole]
    const wanted = typeof claims.name === 'string' && claims.name.trim() !== '' ? claims.name.trim().slice(0, 100) : email
    const name = (await people.byName(wanted)) === null ? wanted : `${wanted.slice(0, 80)} (${email.slice(0, 40)})`
    await ledger.record(async (tx, note) => {
      await tx.query('INSERT INTO person (id, provider_id, name, email, roles) VALUES ($1, $2, $3, $4, $5)', [
        id,
        row.providerId,
        name,
        email,
        roles,
      ])
      await this.#insert(tx, row, externalId, id)
      note({ kind: 'person-joined', actor: id, providerId: row.providerId, body: { roles, sso: row.id } })
    })
    return id
  }

  #insert(tx: Tx, row: SignOnRow, externalId: string, personId: string): Promise<string> {
    return this.#parts.credentials.insert(tx, personId, { kind: 'oidc', externalId, body: { ssoId: row.id } })
  }
}

/** Subjects are unique at their issuer only, so the sign-on is part of the name (OpenID Connect Core §5.7). */
function externalIdOf({ id }: SignOnRow, { sub }: Claims): string {
  if (typeof sub !== 'string' || sub === '') throw unknown()
  return `oidc ${id} ${createHash('sha256').update(sub).digest('base64url')}`
}

function unknown(): OperationError {
  return new OperationError('sso-unknown', 401, 'the organisation knows this person, but nobody invited them here')
}
