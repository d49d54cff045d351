import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import type { Factor } from '#platform/session.ts'
import type { Credentials } from './credentials.ts'
import { authenticationOptions, challengeOf, type Site, verifyAuthentication } from './passkeys.ts'
import { hashPassword, isPassword, type PasswordHash } from './passwords.ts'
import type { People, Person } from './people.ts'
import { recoverySecret } from './recovery-codes.ts'
import type { Proof } from './sessions.ts'
import type { Throttle } from './throttle.ts'
import type { Tokens } from './tokens.ts'
import { acceptedStep } from './totp.ts'

const signInPurpose = 'sign-in-challenge'
const stepUpPurpose = 'step-up-challenge'
const challengeMs = 300_000
/** Stands in for whoever does not exist: the same queries run, and take as long. */
const nobody = '00000000-0000-0000-0000-000000000000'

interface ProvingParts {
  people: People
  credentials: Credentials
  tokens: Tokens
  vault: Vault
  site: Site
  clock: Clock
  throttle: Throttle
  /** Somebody has a person's password and tries codes. */
  onCodesClosed(personId: string): void
  /** Whoever it was is not let in. Never what was typed: a name field holds a password now and then. */
  onRefused(refusal: Refusal): void
}

export interface Refusal {
  way: 'password' | 'passkey'
  /** Whose name or passkey it was, where there is such a person. */
  person: string | null
  address: string
}

export interface Typed {
  password: string
  /** Six digits of the authenticator app, or a recovery code. */
  code: string
}

/** Proves who is there. Every refusal reads the same and takes as long, whether or not the name exists. */
export class Proving {
  readonly #parts: ProvingParts
  readonly #decoy = hashPassword('nobody has this password, it is only there to be compared')

  constructor(parts: ProvingParts) {
    this.#parts = parts
  }

  /** With a person: a step-up of theirs, which only their own passkeys answer. */
  async passkeyOptions(personId: string | null = null): Promise<Record<string, unknown>> {
    const { site, tokens, credentials } = this.#parts
    const options = await authenticationOptions(site, personId === null ? [] : await credentials.passkeyIds(personId))
    await tokens.make(personId === null ? signInPurpose : stepUpPurpose, challengeMs, { token: options.challenge, personId })
    return options
  }

  /** Whose passkey answered. With a person, it must be theirs. */
  async passkey(
    response: Record<string, unknown>,
    address: string,
    personId: string | null = null,
  ): Promise<{ personId: string; proof: Proof }> {
    const passkey = await this.#parts.credentials.passkey(String(response.id ?? ''))
    try {
      return await this.#passkey(passkey, response, personId)
    } catch (error) {
      if (error instanceof OperationError) this.#parts.onRefused({ way: 'passkey', person: passkey?.personId ?? null, address })
      throw error
    }
  }

  async #passkey(
    passkey: Awaited<ReturnType<Credentials['passkey']>>,
    response: Record<string, unknown>,
    personId: string | null,
  ): Promise<{ personId: string; proof: Proof }> {
    const { credentials, tokens, site } = this.#parts
    const challenge = challengeOf(response)
    const purpose = personId === null ? signInPurpose : stepUpPurpose
    const kept = await tokens.read([purpose], challenge)
    if (passkey === null || kept === null || kept.personId !== personId) throw refused()
    if (personId !== null && passkey.personId !== personId) throw refused()
    const counter = await verifyAuthentication(site, response, challenge, passkey)
    await tokens.consume(purpose, challenge)
    // Authenticators that sync keep no counter and always say 0 (WebAuthn Level 3 §6.1.1).
    if (counter > 0 && !(await credentials.raise(passkey.id, counter))) throw refused()
    if (counter === 0) await credentials.used(passkey.id)
    return { personId: passkey.personId, proof: { factors: ['passkey'], phishingResistant: true } }
  }

  async byName(name: string, typed: Typed, address: string): Promise<{ person: Person; proof: Proof }> {
    const { people, throttle, onRefused } = this.#parts
    const result = await throttle.attempt(name, address, async () => {
      const person = await people.byName(name)
      const factors = await this.#check(person?.id ?? null, typed)
      if (person !== null && factors !== null) return { person, proof: { factors, phishingResistant: false } }
      onRefused({ way: 'password', person: person?.id ?? null, address })
      return null
    })
    if (result === null) throw refused()
    return result
  }

  /** A step-up by whoever is signed in already; a recovery code is for getting in, not for this. */
  async again(person: { id: string; name: string }, typed: Typed, address: string): Promise<Proof> {
    const { throttle, onRefused } = this.#parts
    const factors = await throttle.attempt(person.name, address, async () =>
      recoverySecret(typed.code) === null ? this.#check(person.id, typed) : null,
    )
    if (factors === null) {
      onRefused({ way: 'password', person: person.id, address })
      throw refused()
    }
    return { factors, phishingResistant: false }
  }

  async #check(personId: string | null, { password, code }: Typed): Promise<Factor[] | null> {
    const { credentials } = this.#parts
    const id = personId ?? nobody
    const stored = await credentials.secretOf<PasswordHash>(id, 'password')
    const decoy = await this.#decoy
    const isRight = await isPassword(password, stored?.secret ?? decoy.secret, stored?.body ?? decoy.body)
    const recovery = recoverySecret(code)
    if (recovery === null) return this.#checkCode(id, code, stored !== null && isRight)
    // Whoever has no password gets in by the code alone, and then to nothing but a new passkey.
    const mayCome = stored === null ? personId !== null && password === '' : isRight
    const isSpent = await credentials.spendRecovery(mayCome ? id : nobody, recovery)
    if (!isSpent) return null
    return stored === null ? ['recovery'] : ['password', 'recovery']
  }

  /** Looks the code up in any case, so that the time does not tell a wrong password from a wrong code; spends it only after a right one. */
  async #checkCode(id: string, code: string, isRight: boolean): Promise<Factor[] | null> {
    const { credentials, vault, clock, throttle, onCodesClosed } = this.#parts
    const totp = await credentials.secretOf<{ id: string }>(id, 'totp')
    const secret = totp === null ? null : vault.open('totp-secret', totp.body.id, totp.secret)
    const step = totp === null || secret === null ? null : acceptedStep(secret, code, clock.now(), totp.counter)
    if (!isRight || totp === null) return null
    if (throttle.takesCodes(id) && step !== null && (await credentials.raise(totp.id, step))) {
      throttle.codeSucceeded(id)
      return ['password', 'totp']
    }
    if (throttle.codeFailed(id)) onCodesClosed(id)
    return null
  }
}

function refused(): OperationError {
  return new OperationError('sign-in-refused', 401, 'name, password, code or passkey is not right')
}
