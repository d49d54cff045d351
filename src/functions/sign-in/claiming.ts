import { randomBytes } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import { registrationOptions, type Site, verifyRegistration } from './passkeys.ts'
import { checkPassword, hashPassword, type PasswordHash } from './passwords.ts'
import type { People } from './people.ts'
import { type Tokens, tokenInvalid } from './tokens.ts'
import { acceptedStep, otpauthUrl } from './totp.ts'

const purpose = 'claim'

/** What a claim under way remembers, in the row of its token: never a password in the clear, never a secret unsealed. */
interface Draft {
  name?: string
  challenge?: string
  password?: { secret: string; body: PasswordHash }
  totp?: { id: string; sealed: string }
}

interface ClaimingParts {
  people: People
  tokens: Tokens
  vault: Vault
  site: Site
  clock: Clock
  newId(): string
  lifeMs: number
}

/** The claim of a new installation, by the one-time link that its own output shows. */
export class Claiming {
  readonly #parts: ClaimingParts

  constructor(parts: ClaimingParts) {
    this.#parts = parts
  }

  /** A new link's token; former ones stop working. */
  async invite(): Promise<string> {
    const { tokens, lifeMs } = this.#parts
    await tokens.revoke(purpose)
    return tokens.make(purpose, lifeMs)
  }

  async isValid(token: string): Promise<boolean> {
    return (await this.#parts.tokens.read(purpose, token)) !== null
  }

  async passkeyOptions(token: string, name: string): Promise<Record<string, unknown>> {
    await this.#draft(token)
    const options = await registrationOptions(this.#parts.site, name)
    await this.#parts.tokens.amend(token, { name, challenge: options.challenge })
    return options
  }

  /** The id of the first person. */
  async passkey(token: string, response: Record<string, unknown>): Promise<string> {
    const { people, tokens, site } = this.#parts
    const { name, challenge } = await this.#draft(token)
    if (name === undefined || challenge === undefined) throw new OperationError('claim-order', 409, 'ask for the options first')
    const credential = await verifyRegistration(site, response, challenge)
    return people.claim(name, [credential], async (tx) => void (await tokens.use(tx, purpose, token)))
  }

  async password(token: string, name: string, password: string): Promise<{ secret: string; otpauth: string }> {
    const { tokens, vault, site, newId } = this.#parts
    await this.#draft(token)
    checkPassword(password, [site.name, 'simward', name])
    const { secret, body } = await hashPassword(password)
    const totp = randomBytes(20)
    const id = newId()
    const draft: Draft = {
      name,
      password: { secret: secret.toString('base64'), body },
      totp: { id, sealed: vault.seal('totp-secret', id, totp).toString('base64') },
    }
    await tokens.amend(token, draft)
    const otpauth = otpauthUrl(totp, site.name, name)
    return { secret: new URL(otpauth).searchParams.get('secret') ?? '', otpauth }
  }

  async totp(token: string, code: string): Promise<string> {
    const { people, tokens, vault, clock } = this.#parts
    const { name, password, totp } = await this.#draft(token)
    if (name === undefined || password === undefined || totp === undefined)
      throw new OperationError('claim-order', 409, 'choose a password first')
    const sealed = Buffer.from(totp.sealed, 'base64')
    const secret = vault.open('totp-secret', totp.id, sealed)
    const step = secret === null ? null : acceptedStep(secret, code, clock.now(), 0)
    if (step === null) throw new OperationError('code-wrong', 401, 'this code is not right; is the clock of your device?')
    return people.claim(
      name,
      [
        { kind: 'password', secret: Buffer.from(password.secret, 'base64'), body: password.body },
        { kind: 'totp', secret: sealed, body: { id: totp.id }, counter: step },
      ],
      async (tx) => void (await tokens.use(tx, purpose, token)),
    )
  }

  async #draft(token: string): Promise<Draft> {
    const draft = await this.#parts.tokens.read<Draft>(purpose, token)
    if (draft === null) throw tokenInvalid()
    return draft
  }
}
