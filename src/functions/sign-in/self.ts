import { randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Vault } from '#crypto/vault.ts'
import type { Ports } from '#platform/ports.ts'
import type { Factor, Identity } from '#platform/session.ts'
import type { Tx } from '#store/db.ts'
import type { Credentials, FactorRow, NewCredential, PasskeyBody } from './credentials.ts'
import { codeWrong } from './enrolling.ts'
import { challengeOf, registrationOptions, type Site, verifyRegistration } from './passkeys.ts'
import { hashPassword, isPassword, type PasswordHash, type PasswordRules } from './passwords.ts'
import type { People, Person } from './people.ts'
import { newRecoveryCodes } from './recovery-codes.ts'
import type { NewToken, Proof, Sessions } from './sessions.ts'
import type { Tokens } from './tokens.ts'
import { acceptedStep, otpauthUrl } from './totp.ts'

const passkeyPurpose = 'own-passkey'
const secretPurpose = 'own-secret'
const draftMs = 600_000

interface SelfParts {
  people: People
  credentials: Credentials
  sessions: Sessions
  tokens: Tokens
  vault: Vault
  rules: PasswordRules
  site: Site
  clock: Clock
  newId(): string
  ledger: Ports['ledger']
}

/** The asker as a person with a session; a client or the demo's visitor has no security of their own here. */
export interface Asker {
  personId: string
  sessionId: string
  factors: readonly Factor[]
  mustEnrol: Identity['mustEnrol']
  /** Where the request came from. */
  address: string
}

export interface OwnFactors {
  passkeys: { id: string; name: string | null; createdAt: number; usedAt: number | null; synced: boolean; transports: string[] }[]
  passwordSince: number | null
  authenticatorSince: number | null
  recoveryCodes: { left: number; madeAt: number } | null
  /** Names of the organisations' own sign-on, by id. */
  signOns: number
}

interface SecretDraft {
  password?: { secret: string; body: PasswordHash }
  totp?: { id: string; sealed: string }
}

/** One's own ways in. Whatever changes them ends the person's other sessions and gives this one another token. */
export class OwnSecurity {
  readonly #parts: SelfParts

  constructor(parts: SelfParts) {
    this.#parts = parts
  }

  async factors(personId: string): Promise<OwnFactors> {
    const rows = await this.#parts.credentials.list(personId)
    const codes = rows.filter(({ kind }) => kind === 'recovery')
    return {
      passkeys: rows.filter(({ kind }) => kind === 'passkey').map(passkeyView),
      passwordSince: rows.find(({ kind }) => kind === 'password')?.createdAt ?? null,
      authenticatorSince: rows.find(({ kind }) => kind === 'totp')?.createdAt ?? null,
      recoveryCodes: codes[0] === undefined ? null : { left: codes.length, madeAt: codes[0].createdAt },
      signOns: rows.filter(({ kind }) => kind === 'oidc').length,
    }
  }

  async passkeyOptions(asker: Asker): Promise<Record<string, unknown>> {
    const { credentials, tokens, site } = this.#parts
    await this.#refuseTakeover(asker)
    const known = await credentials.passkeyIds(asker.personId)
    if (known.length >= limits.signIn.passkeysPerPerson) throw new OperationError('too-many-passkeys', 409, 'remove a passkey first')
    const options = await registrationOptions(site, await this.#person(asker), known)
    await tokens.make(passkeyPurpose, draftMs, { token: options.challenge, personId: asker.personId })
    return options
  }

  async addPasskey(asker: Asker, name: string, response: Record<string, unknown>): Promise<NewToken> {
    const { tokens, site } = this.#parts
    await this.#refuseTakeover(asker)
    const challenge = challengeOf(response)
    const kept = await tokens.read([passkeyPurpose], challenge)
    if (kept?.personId !== asker.personId) throw new OperationError('passkey-refused', 400, 'ask for the options first')
    const credential = await verifyRegistration(site, response, challenge, name)
    return this.#change(asker, 'factor-added', { factor: 'passkey' }, { factors: ['passkey'], phishingResistant: true }, async (tx) => {
      await tokens.use(tx, passkeyPurpose, challenge)
      await this.#insert(tx, asker, credential)
    })
  }

  async renamePasskey(asker: Asker, id: string, name: string): Promise<void> {
    const { credentials, ledger } = this.#parts
    const person = await this.#person(asker)
    await ledger.record(async (tx, note) => {
      if (!(await credentials.rename(tx, asker.personId, id, name))) throw factorUnknown()
      note({
        kind: 'factor-renamed',
        actor: asker.personId,
        providerId: person.providerId,
        body: { factor: 'passkey', id, address: asker.address },
      })
    })
  }

  async removePasskey(asker: Asker, id: string): Promise<NewToken> {
    const { credentials } = this.#parts
    return this.#change(asker, 'factor-removed', { factor: 'passkey', id }, null, async (tx, person) => {
      const rows = await this.#locked(tx, asker)
      if (!rows.some((row) => row.id === id && row.kind === 'passkey')) throw factorUnknown()
      refuseLast(
        rows.filter((row) => row.id !== id),
        person,
      )
      await credentials.removeOne(tx, asker.personId, id)
    })
  }

  /** Keeps the new password; where there is no authenticator app yet, a draft that its first code completes. */
  async setPassword(
    asker: Asker,
    password: string,
    current: string | null,
  ): Promise<{ token: NewToken } | { draft: { secret: string; otpauth: string } }> {
    const { credentials, rules } = this.#parts
    await this.#refuseTakeover(asker)
    const person = await this.#person(asker)
    const stored = await credentials.secretOf<PasswordHash>(asker.personId, 'password')
    if (stored !== null && !(await isPassword(current ?? '', stored.secret, stored.body)))
      throw new OperationError('password-wrong', 403, 'the present password is not right')
    await rules.check(password, [person.name, person.email ?? '', person.organisation ?? ''])
    const { secret, body } = await hashPassword(password)
    const hasApp = (await credentials.secretOf(asker.personId, 'totp')) !== null
    if (!hasApp) return { draft: await this.#draftApp(asker, person, { password: { secret: secret.toString('base64'), body } }) }
    const token = await this.#change(asker, 'factor-changed', { factor: 'password' }, null, async (tx) => {
      await credentials.remove(tx, asker.personId, ['password'])
      await this.#insert(tx, asker, { kind: 'password', secret, body })
    })
    return { token }
  }

  /** What an authenticator app needs, to take the place of the present one. */
  async startAuthenticator(asker: Asker): Promise<{ secret: string; otpauth: string }> {
    await this.#refuseTakeover(asker)
    const { credentials } = this.#parts
    if ((await credentials.secretOf(asker.personId, 'password')) === null)
      throw new OperationError('password-needed', 409, 'choose a password first: the app stands beside it')
    return this.#draftApp(asker, await this.#person(asker), {})
  }

  /** The first code of the app: only now is what was chosen kept. */
  async finishAuthenticator(asker: Asker, code: string): Promise<NewToken> {
    const { tokens, vault, clock, credentials } = this.#parts
    const key = draftKey(asker)
    const kept = await tokens.read<SecretDraft>([secretPurpose], key)
    const totp = kept?.body.totp
    if (kept === null || totp === undefined) throw new OperationError('claim-order', 409, 'begin again with the password or the app')
    const sealed = Buffer.from(totp.sealed, 'base64')
    const secret = vault.open('totp-secret', totp.id, sealed)
    const step = secret === null ? null : acceptedStep(secret, code, clock.now(), 0)
    if (step === null) throw codeWrong()
    const { password } = kept.body
    const factor = password === undefined ? 'totp' : 'password+totp'
    return this.#change(asker, 'factor-changed', { factor }, null, async (tx) => {
      await tokens.use(tx, secretPurpose, key)
      await credentials.remove(tx, asker.personId, password === undefined ? ['totp'] : ['password', 'totp'])
      if (password !== undefined)
        await this.#insert(tx, asker, { kind: 'password', secret: Buffer.from(password.secret, 'base64'), body: password.body })
      await this.#insert(tx, asker, { kind: 'totp', secret: sealed, body: { id: totp.id }, counter: step })
    })
  }

  /** Password and app go together: one without the other lets nobody in. */
  async removePassword(asker: Asker): Promise<NewToken> {
    const { credentials } = this.#parts
    return this.#change(asker, 'factor-removed', { factor: 'password+totp' }, null, async (tx, person) => {
      const rows = await this.#locked(tx, asker)
      refuseLast(
        rows.filter(({ kind }) => kind !== 'password' && kind !== 'totp'),
        person,
      )
      if ((await credentials.remove(tx, asker.personId, ['password', 'totp'])) === 0) throw factorUnknown()
    })
  }

  /** New codes; the former ones are worth nothing. This is the only time that they are shown. */
  async makeRecoveryCodes(asker: Asker): Promise<{ codes: string[]; token: NewToken }> {
    const { credentials } = this.#parts
    await this.#refuseTakeover(asker)
    const { shown, secrets } = newRecoveryCodes()
    const token = await this.#change(asker, 'factor-changed', { factor: 'recovery' }, null, async (tx) => {
      await credentials.remove(tx, asker.personId, ['recovery'])
      for (const secret of secrets) await this.#insert(tx, asker, { kind: 'recovery', secret, body: {} })
    })
    return { codes: shown, token }
  }

  async endSession(asker: Asker, id: string): Promise<void> {
    const { sessions, ledger } = this.#parts
    const person = await this.#person(asker)
    await ledger.record(async (tx, note) => {
      if (!(await sessions.endOne(tx, asker.personId, id)))
        throw new OperationError('session-unknown', 404, 'there is no such session of yours')
      note(ended(person, 1, asker.address))
    })
  }

  async endOthers(asker: Asker): Promise<number> {
    const { sessions, ledger } = this.#parts
    const person = await this.#person(asker)
    return ledger.record(async (tx, note) => {
      const count = await sessions.endAll(tx, asker.personId, asker.sessionId)
      if (count > 0) note(ended(person, count, asker.address))
      return count
    })
  }

  /** A proof in a session that goes on: another token. */
  async stepUp(asker: Asker, proof: Proof, address: string): Promise<NewToken> {
    const { sessions, ledger } = this.#parts
    const person = await this.#person(asker)
    return ledger.record(async (tx, note) => {
      const token = await sessions.renew(tx, asker.sessionId, proof)
      if (token === null) throw sessionEnded()
      const body = { factors: [...proof.factors], address }
      note({ kind: 'proved-again', actor: asker.personId, providerId: person.providerId, body })
      return token
    })
  }

  async #change(
    asker: Asker,
    kind: string,
    body: Readonly<Record<string, unknown>>,
    proof: Proof | null,
    run: (tx: Tx, person: Person) => Promise<void>,
  ): Promise<NewToken> {
    const { sessions, ledger } = this.#parts
    const person = await this.#person(asker)
    return ledger.record(async (tx, note) => {
      await run(tx, person)
      const others = await sessions.endAll(tx, asker.personId, asker.sessionId)
      const token = await sessions.renew(tx, asker.sessionId, proof)
      if (token === null) throw sessionEnded()
      note({ kind, actor: asker.personId, providerId: person.providerId, body: { ...body, sessionsEnded: others, address: asker.address } })
      return token
    })
  }

  async #draftApp(asker: Asker, person: Person, draft: SecretDraft): Promise<{ secret: string; otpauth: string }> {
    const { tokens, vault, site, newId } = this.#parts
    const totp = randomBytes(20)
    const id = newId()
    const body: SecretDraft = { ...draft, totp: { id, sealed: vault.seal('totp-secret', id, totp).toString('base64') } }
    await tokens.make(secretPurpose, draftMs, { token: draftKey(asker), body, personId: asker.personId })
    const otpauth = otpauthUrl(totp, site.name, person.name)
    return { secret: new URL(otpauth).searchParams.get('secret') ?? '', otpauth }
  }

  /**
   * Whoever must have a passkey and has one uses it: a stolen password and code must not add another beside it. Somebody
   * who came in by a recovery code has lost theirs.
   */
  async #refuseTakeover(asker: Asker): Promise<void> {
    if (asker.mustEnrol === null || asker.factors.includes('recovery')) return
    const known = await this.#parts.credentials.passkeyIds(asker.personId)
    if (known.length > 0)
      throw new OperationError('use-passkey', 403, 'you have a passkey: prove yourself with it, or with a recovery code')
  }

  /** The person's factors while nobody else changes them: two removals at once must not both find the other one still there. */
  async #locked(tx: Tx, asker: Asker): Promise<FactorRow[]> {
    await tx.query('SELECT 1 FROM person WHERE id = $1 FOR UPDATE', [asker.personId])
    return this.#parts.credentials.list(asker.personId, tx)
  }

  #insert(tx: Tx, asker: Asker, credential: NewCredential): Promise<string> {
    return this.#parts.credentials.insert(tx, asker.personId, credential)
  }

  async #person(asker: Asker): Promise<Person> {
    const person = await this.#parts.people.byId(asker.personId)
    if (person === null) throw sessionEnded()
    return person
  }
}

/** Of what would be left, something must still let the person in; and an administrator needs what cannot be passed on. */
function refuseLast(left: readonly FactorRow[], person: Person): void {
  const has = (kind: Factor): boolean => left.some((row) => row.kind === kind)
  if (person.roles.includes('operator-admin') && !has('passkey') && !has('oidc'))
    throw new OperationError('last-factor', 409, 'your role needs a passkey: add another one first')
  if (!has('passkey') && !has('oidc') && !(has('password') && has('totp')))
    throw new OperationError('last-factor', 409, 'this is your last way in: add another one first')
}

function passkeyView({ id, name, createdAt, usedAt, body }: FactorRow): OwnFactors['passkeys'][number] {
  const { transports = [], synced = false } = body as Partial<PasskeyBody>
  return { id, name, createdAt, usedAt, synced, transports }
}

function draftKey({ sessionId }: Asker): string {
  return `draft of ${sessionId}`
}

function ended(person: Person, count: number, address: string): Parameters<Parameters<Parameters<Ports['ledger']['record']>[0]>[1]>[0] {
  return { kind: 'sessions-ended', actor: person.id, providerId: person.providerId, body: { person: person.id, ended: count, address } }
}

function sessionEnded(): OperationError {
  return new OperationError('session-ended', 401, 'your session is over: sign in again')
}

function factorUnknown(): OperationError {
  return new OperationError('factor-unknown', 404, 'you have no such factor')
}
