import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import { authenticationOptions, challengeOf, type Site, verifyAuthentication } from './passkeys.ts'
import { hashPassword, isPassword, type PasswordHash } from './passwords.ts'
import type { People } from './people.ts'
import type { Throttle } from './throttle.ts'
import type { Tokens } from './tokens.ts'
import { acceptedStep } from './totp.ts'

const purpose = 'sign-in-challenge'
const challengeMs = 300_000

interface SigningInParts {
  people: People
  tokens: Tokens
  vault: Vault
  site: Site
  clock: Clock
  throttle: Throttle
}

/** Proves who is there. Every refusal reads the same and takes as long, whether or not the name exists. */
export class SigningIn {
  readonly #parts: SigningInParts
  readonly #decoy = hashPassword('nobody has this password, it is only there to be compared')

  constructor(parts: SigningInParts) {
    this.#parts = parts
  }

  async passkeyOptions(): Promise<Record<string, unknown>> {
    const options = await authenticationOptions(this.#parts.site)
    await this.#parts.tokens.make(purpose, challengeMs, {}, options.challenge)
    return options
  }

  /** The person's id. */
  async passkey(response: Record<string, unknown>): Promise<string> {
    const { people, tokens, site } = this.#parts
    const challenge = challengeOf(response)
    const passkey = await people.passkey(String(response.id ?? ''))
    if (passkey === null || (await tokens.read(purpose, challenge)) === null) throw refused()
    const counter = await verifyAuthentication(site, response, challenge, passkey)
    await tokens.consume(purpose, challenge)
    // Authenticators that sync keep no counter and always say 0 (WebAuthn Level 3 §6.1.1).
    if (counter > 0 && !(await people.raise(passkey.id, counter))) throw refused()
    return passkey.personId
  }

  /** The person's id. */
  async password({ name, password, code }: { name: string; password: string; code: string }): Promise<string> {
    const { people, throttle } = this.#parts
    const key = name.toLowerCase()
    await throttle.wait(key)
    const stored = await people.secretOf<PasswordHash>(name, 'password')
    const decoy = await this.#decoy
    const isRight = await isPassword(password, stored?.secret ?? decoy.secret, stored?.body ?? decoy.body)
    // A wrong password must not use up the code of whoever knows the right one.
    if (stored === null || !isRight || !(await this.#spendCode(name, code))) {
      throttle.failed(key)
      throw refused()
    }
    throttle.succeeded(key)
    return stored.personId
  }

  async #spendCode(name: string, code: string): Promise<boolean> {
    const { people, vault, clock } = this.#parts
    const totp = await people.secretOf<{ id: string }>(name, 'totp')
    const secret = totp === null ? null : vault.open('totp-secret', totp.body.id, totp.secret)
    if (totp === null || secret === null) return false
    const step = acceptedStep(secret, code, clock.now(), totp.counter)
    return step !== null && (await people.raise(totp.id, step))
  }
}

function refused(): OperationError {
  return new OperationError('sign-in-refused', 401, 'name, password, code or passkey is not right')
}
