import { randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import { type EnrolmentPort, linkHash } from '#platform/enrolment.ts'
import type { Ports } from '#platform/ports.ts'
import type { Tx } from '#store/db.ts'
import type { Credentials, NewCredential } from './credentials.ts'
import { deviceOf } from './device.ts'
import { registrationOptions, type Site, verifyRegistration } from './passkeys.ts'
import { hashPassword, type PasswordHash, type PasswordRules } from './passwords.ts'
import type { People, Person } from './people.ts'
import type { Proof, Sessions } from './sessions.ts'
import { type Kept, type Tokens, tokenInvalid } from './tokens.ts'
import { acceptedStep, otpauthUrl } from './totp.ts'

const purposes = ['claim', 'invite', 'recover'] as const
export type Purpose = (typeof purposes)[number]

/** What an enrolment under way remembers, in the row of its token: never a password in the clear, never a secret unsealed. */
interface Draft {
  personId?: string
  name?: string
  challenge?: string
  password?: { secret: string; body: PasswordHash }
  totp?: { id: string; sealed: string }
}

interface EnrollingParts {
  people: People
  credentials: Credentials
  sessions: Sessions
  tokens: Tokens
  vault: Vault
  rules: PasswordRules
  site: Site
  /** The address that links begin with. */
  origin(): string
  clock: Clock
  newId(): string
  ledger: Ports['ledger']
  lifeMs: Readonly<Record<Purpose, number>>
}

interface Enrolled {
  personId: string
  proof: Proof
}

/** Setting up one's sign-in by a one-time link: the installation's first owner, whoever is invited, whoever lost everything. */
export class Enrolling {
  readonly #parts: EnrollingParts

  constructor(parts: EnrollingParts) {
    this.#parts = parts
  }

  /** A new link for whoever claims the installation; former ones stop working. */
  async claimLink(): Promise<string> {
    const { tokens, lifeMs } = this.#parts
    await tokens.revoke(['claim'])
    return tokens.make('claim', lifeMs.claim)
  }

  /** What others may ask of enrolment; who may ask is theirs to decide. */
  port(): EnrolmentPort {
    const { sessions, credentials, ledger, people } = this.#parts
    return {
      claimToken: async () => ((await sessions.claimed()) ? null : this.claimLink()),
      link: (personId, purpose, by) => this.#link(personId, purpose, by),
      endSessions: async (personId, by) => {
        const providerId = await people.organisationOf(personId)
        return ledger.record(async (tx, note) => {
          const ended = await sessions.endAll(tx, personId)
          if (ended > 0) note({ kind: 'sessions-ended', actor: by, providerId, body: { person: personId, ended } })
          return ended
        })
      },
      endSession: async (personId, sessionId, by) => {
        const providerId = await people.organisationOf(personId)
        return ledger.record(async (tx, note) => {
          const ended = await sessions.endOne(tx, personId, sessionId)
          if (ended) note({ kind: 'sessions-ended', actor: by, providerId, body: { person: personId, ended: 1 } })
          return ended
        })
      },
      sessionsOf: async (personId) =>
        (await sessions.list(personId)).map(({ authenticatedAt: _proven, userAgent, ...session }) => ({
          ...session,
          device: deviceOf(userAgent),
        })),
      factorsOf: (personIds) => credentials.kindsOf(personIds),
    }
  }

  /** What the link is for and whom it greets; null where it is no longer good. */
  async look(token: string): Promise<{ purpose: Purpose; person: Person | null } | null> {
    const { tokens, people } = this.#parts
    const kept = await tokens.read(purposes, token)
    if (kept === null) return null
    const person = kept.personId === null ? null : await people.byId(kept.personId)
    if (kept.personId !== null && person === null) return null
    return { purpose: kept.purpose as Purpose, person }
  }

  async passkeyOptions(token: string, name?: string): Promise<Record<string, unknown>> {
    const { tokens, site, newId, people } = this.#parts
    const kept = await this.#kept(token)
    const person = kept.personId === null ? { id: newId(), name: named(name) } : await people.byId(kept.personId)
    if (person === null) throw tokenInvalid()
    const options = await registrationOptions(site, person)
    await tokens.amend(token, { personId: person.id, name: person.name, challenge: options.challenge } satisfies Draft)
    return options
  }

  async passkey(token: string, response: Record<string, unknown>): Promise<Enrolled> {
    const kept = await this.#kept(token)
    const { challenge } = kept.body
    if (challenge === undefined) throw outOfOrder('ask for the options first')
    const credential = await verifyRegistration(this.#parts.site, response, challenge)
    return this.#finish(token, kept, [credential], { factors: ['passkey'], phishingResistant: true })
  }

  async password(token: string, password: string, name?: string): Promise<{ secret: string; otpauth: string }> {
    const { tokens, vault, site, newId, people, rules } = this.#parts
    const kept = await this.#kept(token)
    const person = kept.personId === null ? null : await people.byId(kept.personId)
    if (kept.personId !== null && person === null) throw tokenInvalid()
    const called = person?.name ?? named(name)
    await rules.check(password, [called, person?.email ?? '', person?.organisation ?? ''])
    const { secret, body } = await hashPassword(password)
    const totp = randomBytes(20)
    const id = newId()
    await tokens.amend(token, {
      name: called,
      password: { secret: secret.toString('base64'), body },
      totp: { id, sealed: vault.seal('totp-secret', id, totp).toString('base64') },
    } satisfies Draft)
    const otpauth = otpauthUrl(totp, site.name, called)
    return { secret: new URL(otpauth).searchParams.get('secret') ?? '', otpauth }
  }

  async totp(token: string, code: string): Promise<Enrolled> {
    const { vault, clock } = this.#parts
    const kept = await this.#kept(token)
    const { password, totp } = kept.body
    if (password === undefined || totp === undefined) throw outOfOrder('choose a password first')
    const sealed = Buffer.from(totp.sealed, 'base64')
    const secret = vault.open('totp-secret', totp.id, sealed)
    const step = secret === null ? null : acceptedStep(secret, code, clock.now(), 0)
    if (step === null) throw codeWrong()
    return this.#finish(
      token,
      kept,
      [
        { kind: 'password', secret: Buffer.from(password.secret, 'base64'), body: password.body },
        { kind: 'totp', secret: sealed, body: { id: totp.id }, counter: step },
      ],
      { factors: ['password', 'totp'], phishingResistant: false },
    )
  }

  async #finish(token: string, kept: Kept<Draft>, factors: readonly NewCredential[], proof: Proof): Promise<Enrolled> {
    const { people, tokens } = this.#parts
    const spend = async (tx: Tx): Promise<void> => void (await tokens.use(tx, kept.purpose, token))
    if (kept.personId === null) {
      const id = await people.claim(kept.body.name ?? '', factors, spend, kept.body.personId)
      return { personId: id, proof: { ...proof, claim: true } }
    }
    await this.#replace(kept.personId, kept.purpose as Purpose, factors, spend)
    return { personId: kept.personId, proof }
  }

  /** The new factors take the place of all that were there before, and whoever was signed in with those is so no longer. */
  async #replace(personId: string, purpose: Purpose, factors: readonly NewCredential[], within: (tx: Tx) => Promise<void>): Promise<void> {
    const { credentials, sessions, ledger } = this.#parts
    const person = await this.#person(personId)
    await ledger.record(async (tx, note) => {
      await within(tx)
      const removed = await credentials.remove(tx, personId, ['passkey', 'password', 'totp', 'recovery'])
      const ended = await sessions.endAll(tx, personId)
      for (const factor of factors) await credentials.insert(tx, personId, factor)
      const body = { purpose, factors: factors.map(({ kind }) => kind), removed, sessionsEnded: ended }
      note({ kind: 'sign-in-enrolled', actor: personId, providerId: person.providerId, body })
    })
  }

  async #link(personId: string, purpose: 'invite' | 'recover', by: string): Promise<{ url: string; expiresAt: number }> {
    const { tokens, sessions, credentials, ledger, lifeMs, clock, origin } = this.#parts
    const person = await this.#person(personId)
    const kinds = (await credentials.kindsOf([personId])).get(personId) ?? []
    if (purpose === 'invite' && kinds.length > 0)
      throw new OperationError('already-enrolled', 409, 'this person signs in already: start a recovery if they lost their factors')
    const expiresAt = clock.now() + lifeMs[purpose]
    const token = await ledger.record(async (tx, note) => {
      await tokens.revoke(['invite', 'recover'], personId, tx)
      const made = await tokens.make(purpose, lifeMs[purpose], { personId }, tx)
      // Whoever took the lost factor may be signed in with it right now.
      const ended = purpose === 'recover' ? await sessions.endAll(tx, personId) : 0
      const body = { person: personId, purpose, expiresAt, sessionsEnded: ended }
      note({ kind: 'enrolment-link-made', actor: by, providerId: person.providerId, body })
      return made
    })
    const url = new URL('/join', origin())
    url.hash = linkHash(token)
    return { url: url.href, expiresAt }
  }

  async #person(id: string): Promise<Person> {
    const person = await this.#parts.people.byId(id)
    if (person === null) throw new OperationError('person-unknown', 404, 'there is no such person, or they are shut out')
    return person
  }

  async #kept(token: string): Promise<Kept<Draft>> {
    const kept = await this.#parts.tokens.read<Draft>(purposes, token)
    if (kept === null) throw tokenInvalid()
    return kept
  }
}

export function codeWrong(): OperationError {
  return new OperationError('code-wrong', 401, 'this code is not right; is the clock of your device?')
}

function outOfOrder(what: string): OperationError {
  return new OperationError('claim-order', 409, what)
}

function named(name: string | undefined): string {
  if (name === undefined || name.trim() === '') throw new OperationError('claim-order', 409, 'say your name first')
  return name
}
