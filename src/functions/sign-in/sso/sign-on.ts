import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import * as oidc from 'openid-client'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Vault } from '#crypto/vault.ts'
import type { Ports } from '#platform/ports.ts'
import type { Db } from '#store/db.ts'
import type { Site } from '../passkeys.ts'
import type { Proof } from '../sessions.ts'
import type { Tokens } from '../tokens.ts'
import { domainOf, hasLevel, proofOf } from './claims.ts'
import { causeOf, Discovery } from './client.ts'
import type { Members } from './members.ts'
import { createOutbound } from './outbound.ts'
import { type SignOnRow, secretOf, signOnById, signOnOfDomain } from './store.ts'

const purpose = 'sso'
const lifeMs = 600_000
export const callbackPath = '/sign-in/sso'

interface SignOnParts {
  db: Db
  tokens: Tokens
  vault: Vault
  site: Site
  clock: Clock
  log: { warn(fields: object, text: string): void }
  ledger: Ports['ledger']
  members: Members
  insideHosts: readonly string[]
}

/** A sign-on under way, by its state. */
interface Flow {
  ssoId: string
  nonce: string
  verifier: string
  /** Digest of what the browser that began it holds: another browser cannot end it (login CSRF). */
  binding: string
  redirectUri: string
  fresh: boolean
}

export interface Begin {
  /** An e-mail address or a domain. */
  organisation: string
  /** Where this portal was opened, for installations that only loopback reaches. */
  origin: string
  msisdn?: string
  /** Ask again even where the provider knows the person already. */
  fresh?: boolean
}

/** OpenID Connect, authorization code with PKCE, state, nonce and issuer checked; tokens never reach the browser. */
export class SignOn {
  readonly #parts: SignOnParts
  readonly discovery: Discovery

  constructor(parts: SignOnParts) {
    this.#parts = parts
    this.discovery = new Discovery(createOutbound(parts.insideHosts), parts.clock)
  }

  /** Where the browser goes. An organisation that is not here and one whose provider is away read the same. */
  async begin({ organisation, origin, msisdn, fresh = false }: Begin): Promise<{ url: string; binding: string } | { needs: 'msisdn' }> {
    const { db, tokens, site } = this.#parts
    const domain = domainOf(organisation)
    const row = domain === null ? null : await signOnOfDomain(db, domain)
    if (row === null) throw unavailable()
    if (row.profile === 'mobile-connect' && msisdn === undefined) return { needs: 'msisdn' }
    const config = await this.configurationOf(row).catch((error: unknown) => {
      this.#parts.log.warn({ err: error, sso: row.id }, 'an identity provider does not answer')
      throw unavailable()
    })
    const state = oidc.randomState()
    const verifier = oidc.randomPKCECodeVerifier()
    const binding = randomBytes(32).toString('base64url')
    const redirectUri = redirectOf(site, origin)
    const flow: Flow = { ssoId: row.id, nonce: oidc.randomNonce(), verifier, binding: digestOf(binding), redirectUri, fresh }
    await tokens.make(purpose, lifeMs, { token: state, body: flow })
    const url = await authorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: row.scopes.join(' '),
      state,
      nonce: flow.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(row.acrValues.length === 0 ? {} : { acr_values: row.acrValues.join(' ') }),
      ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
      ...hintOf(row, organisation, msisdn, site),
    })
    return { url: url.href, binding }
  }

  /** Whom the provider vouches for. Every refusal reads the same; the log says more. */
  async finish(answer: Readonly<Record<string, string>>, binding: string): Promise<{ personId: string; proof: Proof }> {
    const { db, tokens, log, members } = this.#parts
    const { state = '' } = answer
    // Used up before anything else: neither the answer nor its code is looked at twice.
    const flow = await tokens.consume<Flow>(purpose, state).catch(() => {
      throw refused()
    })
    if (!isSame(digestOf(binding), flow.binding)) throw refused()
    const row = await signOnById(db, flow.ssoId)
    if (row === null || !row.enabled) throw refused()
    try {
      const claims = await this.#exchange(row, flow, answer)
      if (!hasLevel(claims, row.acrValues)) throw new OperationError('sso-too-weak', 403, 'the provider proved less than it was asked for')
      return { personId: await members.find(row, claims), proof: proofOf(claims, row.profile) }
    } catch (error) {
      log.warn({ sso: row.id, code: (error as { code?: unknown }).code, because: causeOf(error).message }, 'a sign-on was refused')
      if (error instanceof OperationError && error.code === 'sso-too-weak') throw error
      throw refused()
    }
  }

  async configurationOf(row: SignOnRow): Promise<oidc.Configuration> {
    return this.discovery.of(row, await this.secret(row))
  }

  async secret(row: SignOnRow): Promise<Buffer> {
    const { db, vault } = this.#parts
    const sealed = await secretOf(db, row.id)
    const secret = sealed === null ? null : vault.open('sso-secret', row.id, sealed)
    if (secret === null) throw new OperationError('sso-unavailable', 422, 'the secret of this sign-on does not open: enter it again')
    return secret
  }

  async #exchange(row: SignOnRow, flow: Flow, answer: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const config = await this.configurationOf(row)
    const url = new URL(flow.redirectUri)
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: flow.verifier,
      expectedState: answer.state ?? '',
      expectedNonce: flow.nonce,
      idTokenExpected: true,
      ...(flow.fresh ? { maxAge: limits.http.stepUpMs / 1000 } : {}),
    })
    const claims = { ...tokens.claims() } as Record<string, unknown>
    const { userinfo_endpoint: more } = config.serverMetadata()
    if (more === undefined || typeof claims.sub !== 'string') return claims
    // Many providers keep e-mail and groups out of the token (OpenID Connect Core §5.4); how the person was known only it says.
    const { acr: _acr, amr: _amr, auth_time: _at, ...info } = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
    return { ...info, ...claims }
  }
}

/** Where the provider takes it, the request goes to it directly and the browser carries only its name (RFC 9126). */
function authorizationUrl(config: oidc.Configuration, parameters: Record<string, string>): Promise<URL> | URL {
  const takesPushed = config.serverMetadata().pushed_authorization_request_endpoint !== undefined
  return takesPushed ? oidc.buildAuthorizationUrlWithPAR(config, parameters) : oidc.buildAuthorizationUrl(config, parameters)
}

function hintOf({ profile }: SignOnRow, organisation: string, msisdn: string | undefined, site: Site): Record<string, string> {
  if (profile === 'mobile-connect')
    return {
      client_name: site.name,
      display: 'page',
      ...(msisdn === undefined ? {} : { login_hint: `MSISDN:${msisdn.replace(/\D/g, '')}` }),
    }
  return organisation.includes('@') ? { login_hint: organisation.trim() } : {}
}

/** The one address that the provider may send the browser back to. */
function redirectOf(site: Site, origin: string): string {
  if (site.origin !== null) return site.origin + callbackPath
  const url = URL.canParse(origin) ? new URL(origin) : null
  if (url === null || url.protocol !== 'http:' || url.hostname !== 'localhost') throw unavailable()
  return url.origin + callbackPath
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function unavailable(): OperationError {
  return new OperationError(
    'sso-unavailable',
    422,
    'no sign-on of an organisation is reached by that: ask your administrator, or use a passkey',
  )
}

function refused(): OperationError {
  return new OperationError('sso-refused', 401, 'this sign-on did not let you in: begin again, or ask your administrator')
}
