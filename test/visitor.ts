import { randomBytes, randomUUID } from 'node:crypto'
import { createVault } from '#crypto/vault.ts'
import { signInFunction } from '#functions/sign-in/index.ts'
import { totp } from '#functions/sign-in/totp.ts'
import type { ConfigValues } from '#platform/config.ts'
import { tokenOfLink } from '#platform/enrolment.ts'
import type { AnyFunction } from '#platform/function.ts'
import type { HttpOptions } from '#platform/http/server.ts'
import type { Role } from '#platform/permission.ts'
import type { Installation } from '#platform/ports.ts'
import { SoftAuthenticator } from './authenticator.ts'
import { startTestPlatform, type TestPlatform } from './platform.ts'

export const goodPassword = 'meadow lantern seven otters'

const testInstallation: Installation = {
  mode: 'open',
  name: 'Halden IoT',
  plmn: '999-70',
  node: 'test-1',
  version: '0.0.0',
  startedAt: 0,
  language: null,
}

/** Sign-in as it runs, over an embedded store. */
export function startSignIn(
  options: { functions?: readonly AnyFunction[]; config?: Partial<ConfigValues>; http?: Partial<HttpOptions> } = {},
): Promise<TestPlatform> {
  return startTestPlatform({
    functions: [signInFunction({ vault: createVault(randomBytes(32)) }) as AnyFunction, ...(options.functions ?? [])],
    base: { installation: testInstallation },
    sessions: null,
    ...(options.config === undefined ? {} : { config: options.config }),
    http: { signInPerMinute: 1_000, ...options.http },
  })
}

type Answer = Awaited<ReturnType<TestPlatform['call']>>

/** A browser that keeps its cookie, with an authenticator and, where one was set up, an app that makes codes. */
export class Visitor {
  readonly #platform: TestPlatform
  readonly authenticator = new SoftAuthenticator()
  cookie: string | null = null
  secret: Buffer | null = null

  constructor(platform: TestPlatform) {
    this.#platform = platform
  }

  async call(
    method: Parameters<TestPlatform['call']>[0],
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const headers = {
      ...more,
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
      ...(this.cookie === null ? {} : { cookie: this.cookie }),
    }
    const answer = await this.#platform.call(method, path, { as: '', headers, ...(body === undefined ? {} : { body }) })
    const set = [answer.headers['set-cookie']].flat().find((one) => typeof one === 'string' && one.startsWith('simward='))
    if (typeof set === 'string') this.cookie = /^simward=[\w-]+/.exec(set)?.[0] ?? null
    return answer
  }

  /** The app's code of now; `steps` later ones are good too, within a step. */
  code(steps = 0): string {
    if (this.secret === null) throw new Error('no authenticator app was set up')
    return totp(this.secret, this.#platform.clock.now() + steps * 30_000)
  }

  readSecret({ otpauth }: { otpauth: string }): void {
    this.secret = fromBase32(new URL(otpauth).searchParams.get('secret') ?? '')
  }

  /** Sets up password and app by a one-time link. */
  async joinByPassword(token: string, name?: string): Promise<Answer> {
    const started = await this.call('POST', 'claim/password', { token, password: goodPassword, ...(name === undefined ? {} : { name }) })
    if (started.status !== 200) return started
    this.readSecret(started.body)
    return this.call('POST', 'claim/totp', { token, code: this.code() })
  }

  async joinByPasskey(token: string, name?: string): Promise<Answer> {
    const options = await this.call('POST', 'claim/passkey/options', { token, ...(name === undefined ? {} : { name }) })
    if (options.status !== 200) return options
    return this.call('POST', 'claim/passkey/verify', { token, response: this.authenticator.create(options.body) })
  }

  async signInByPasskey(): Promise<Answer> {
    const options = await this.call('POST', 'sign-in/passkey/options')
    return this.call('POST', 'sign-in/passkey/verify', { response: this.authenticator.get(options.body) })
  }

  /** Lets the clock run meanwhile, as far as the throttle may ask for. */
  async signInByPassword(name: string, code: string, password = goodPassword): Promise<Answer> {
    return this.patiently(this.call('POST', 'sign-in/password', { name, password, code }))
  }

  async patiently<T>(pending: Promise<T>): Promise<T> {
    let isDone = false
    const end = pending.finally(() => {
      isDone = true
    })
    end.catch(() => {})
    while (!isDone) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      await this.#platform.clock.advanceAsync(20)
    }
    return end
  }

  async addPasskey(name: string): Promise<Answer> {
    const options = await this.call('POST', 'self/passkeys/options')
    if (options.status !== 200) return options
    return this.call('POST', 'self/passkeys', { name, response: this.authenticator.create(options.body) })
  }

  async stepUpByPasskey(): Promise<Answer> {
    const options = await this.call('POST', 'self/step-up/options')
    return this.call('POST', 'self/step-up', { response: this.authenticator.get(options.body.passkey) })
  }
}

/** A person on record who has set up nothing yet. */
export async function insertPerson(
  { store }: TestPlatform,
  { name, role, providerId = null, email = null }: { name: string; role: Role; providerId?: string | null; email?: string | null },
): Promise<string> {
  const id = randomUUID()
  await store.query('INSERT INTO person (id, provider_id, name, roles, email) VALUES ($1, $2, $3, $4, $5)', [
    id,
    providerId,
    name,
    [role],
    email,
  ])
  return id
}

/** A link's token, as the person's administrator would hand it over. */
export async function linkFor(platform: TestPlatform, personId: string, purpose: 'invite' | 'recover' = 'invite'): Promise<string> {
  const link = await platform.composition.ports.enrolment?.link(personId, purpose, 'an-administrator')
  return tokenOfLink(link?.url ?? '') ?? ''
}

function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))
}
