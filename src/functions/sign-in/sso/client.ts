import { createPrivateKey, type webcrypto } from 'node:crypto'
import * as oidc from 'openid-client'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { LruMap } from '#core/lru.ts'
import type { SignOnRow } from './store.ts'

const forgetAfterMs = 3_600_000
const remembered = 256

type Outbound = (url: string, sending: { method?: string; headers?: Record<string, string>; body?: unknown }) => Promise<Response>

/** Metadata and keys of identity providers, kept for a while. */
export class Discovery {
  readonly #outbound: Outbound
  readonly #clock: Clock
  readonly #known = new LruMap<string, { config: oidc.Configuration; at: number; version: number }>(remembered)

  constructor(outbound: Outbound, clock: Clock) {
    this.#outbound = outbound
    this.#clock = clock
  }

  /** Throws `sso-unavailable` or `sso-address`. */
  async of(row: SignOnRow, secret: Buffer): Promise<oidc.Configuration> {
    const known = this.#known.get(row.id)
    if (known !== undefined && known.version === row.version && this.#clock.monotonicMs() - known.at < forgetAfterMs) return known.config
    const config = await this.fresh(row, secret)
    this.#known.set(row.id, { config, at: this.#clock.monotonicMs(), version: row.version })
    return config
  }

  async fresh(row: SignOnRow, secret: Buffer): Promise<oidc.Configuration> {
    const issuer = new URL(row.issuer)
    const isPlain = issuer.protocol === 'http:'
    try {
      return await oidc.discovery(issuer, row.clientId, {}, await authenticationOf(row, secret), {
        [oidc.customFetch]: (url, options) => this.#outbound(url, options as Parameters<Outbound>[1]),
        execute: [
          // TLS alone would do (OpenID Connect Core §3.1.3.7); the provider's signature also holds where that ends before the provider.
          oidc.enableNonRepudiationChecks,
          // Only hosts that the operator named, on loopback: the outbound door says so itself.
          ...(isPlain ? [oidc.allowInsecureRequests] : []),
        ],
      })
    } catch (error) {
      throw causeOf(error)
    }
  }
}

async function authenticationOf({ clientAuth }: SignOnRow, secret: Buffer): Promise<oidc.ClientAuth> {
  const text = secret.toString('utf8')
  switch (clientAuth) {
    case 'client_secret_basic':
      return oidc.ClientSecretBasic(text)
    case 'client_secret_post':
      return oidc.ClientSecretPost(text)
    case 'private_key_jwt':
      return oidc.PrivateKeyJwt({ key: await importKey(text), kid: 'simward' })
  }
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' })
  return crypto.subtle.importKey('pkcs8', Uint8Array.from(pkcs8), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
}

/** What of a failure may be told to an administrator who set the provider up; whoever signs in is told less. */
export function causeOf(error: unknown): OperationError {
  if (error instanceof OperationError) return error
  const { cause, error: code, error_description: description } = error as { cause?: unknown; error?: unknown; error_description?: unknown }
  if (cause instanceof OperationError) return cause
  const said = [code, description].filter((one) => typeof one === 'string').join(', ')
  const text = said === '' ? (error instanceof Error ? error.message : String(error)) : said
  const inner = cause instanceof Error ? `: ${cause.message}` : ''
  return new OperationError('sso-unavailable', 422, `the identity provider does not answer as it should (${text}${inner})`)
}
