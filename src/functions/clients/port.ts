import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Clock } from '#core/clock.ts'
import { isUuid } from '#platform/page.ts'
import { type Permission, roles } from '#platform/permission.ts'
import { assertionAlgorithms, type ClientPort, type Identity, type TokenAnswer, type TokenRequest } from '#platform/session.ts'
import type { Db } from '#store/db.ts'
import { bearerKind, digestOf, isClientSecret, makeToken } from './secrets.ts'
import { mayComeFrom } from './sources.ts'

/** A client's last use is written at most this often. */
const touchEveryMs = 60_000
const tokenLifeMs = 600_000
/** An assertion is made for one request: it may not live longer. */
const assertionLifeS = 600
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Found {
  id: string
  provider_id: string | null
  name: string
  scopes: Permission[]
  sources: string[]
  keys: JSONWebKeySet | null
  expires_at: Date
  used_at: Date | null
}

const columns = 'c.id, c.provider_id, c.name, c.sources, c.keys, c.expires_at, c.used_at'
const stands = 'c.revoked_at IS NULL AND c.expires_at > $2'
const bySecretOf = `SELECT ${columns}, c.scopes FROM api_client_secret s JOIN api_client c ON c.id = s.client_id
  WHERE s.digest = $1 AND ${stands} AND (s.expires_at IS NULL OR s.expires_at > $2)`
const byKey = `${bySecretOf} AND c.kind = 'key'`
const bySecret = `${bySecretOf} AND c.kind = 'oauth' AND c.keys IS NULL AND c.id = $3`
const byToken = `SELECT ${columns}, t.scopes FROM api_token t JOIN api_client c ON c.id = t.client_id
  WHERE t.digest = $1 AND t.expires_at > $2 AND ${stands}`
const withKeys = `SELECT ${columns}, c.scopes FROM api_client c WHERE c.id = $1 AND c.kind = 'oauth' AND c.keys IS NOT NULL AND ${stands}`

/** Recognises clients by key or access token, and gives access tokens for client credentials. */
export class ClientsAtTheDoor implements ClientPort {
  readonly #db: Db
  readonly #clock: Clock

  constructor({ db, clock }: { db: Db; clock: Clock }) {
    this.#db = db
    this.#clock = clock
  }

  async identify(bearer: string, address: string): Promise<Identity | null> {
    const kind = bearerKind(bearer)
    if (kind === null) return null
    const client = await this.#find(kind === 'key' ? byKey : byToken, digestOf(bearer))
    if (client === null || !mayComeFrom(client.sources, address)) return null
    await this.#touch(client, address)
    return identityOf(client)
  }

  async grant(request: TokenRequest): Promise<TokenAnswer> {
    if (request.grantType === null) return { error: 'invalid_request', description: 'grant_type is missing' }
    if (request.grantType !== 'client_credentials') {
      return { error: 'unsupported_grant_type', description: 'only client_credentials is given' }
    }
    const client = await this.#authenticate(request)
    if (typeof client === 'string') return { error: 'invalid_client', description: client }
    if (!mayComeFrom(client.sources, request.address)) {
      return { error: 'invalid_client', description: 'this client may not come from this address' }
    }
    const has = allowedScopes(client)
    const asked = request.scope === null ? has : request.scope.split(' ').filter((word) => word !== '')
    const scopes = has.filter((scope) => asked.includes(scope))
    const refused = asked.filter((scope) => !scopes.some((granted) => granted === scope))
    if (refused.length > 0 || scopes.length === 0) {
      return { error: 'invalid_scope', description: `this client does not have ${refused.join(' ').slice(0, 200)}` }
    }
    return await this.#issue(client, scopes, request.address)
  }

  async #issue(client: Found, scopes: Permission[], address: string): Promise<TokenAnswer> {
    const now = this.#clock.now()
    const token = makeToken()
    const expiresAt = Math.min(now + tokenLifeMs, client.expires_at.getTime())
    await this.#db.query(
      'INSERT INTO api_token (digest, client_id, scopes, expires_at) VALUES ($1, $2, $3, $4)',
      [digestOf(token), client.id, scopes, new Date(expiresAt)],
      { priority: 'portal' },
    )
    await this.#touch(client, address)
    return { accessToken: token, expiresInS: Math.floor((expiresAt - now) / 1_000), scopes }
  }

  /** The client that proves itself in a token request, or why it is none. */
  async #authenticate(request: TokenRequest): Promise<Found | string> {
    const { clientId, clientSecret, assertionType, assertion } = request
    if (assertion !== null || assertionType !== null) {
      if (clientSecret !== null) return 'use one way to prove the client, not two'
      if (assertionType !== jwtBearer || assertion === null) return `client_assertion_type is ${jwtBearer}`
      return await this.#byAssertion(assertion, request.audience)
    }
    if (clientId === null || clientSecret === null) return 'send client id and secret by HTTP Basic, or a client_assertion'
    const isWellFormed = isUuid(clientId) && isClientSecret(clientSecret)
    const client = isWellFormed ? await this.#find(bySecret, digestOf(clientSecret), clientId) : null
    return client ?? 'client id or secret is not right, or the client has expired'
  }

  /** RFC 7523 §3: signed by a key of the client, meant for us, short-lived, and used once. */
  async #byAssertion(assertion: string, audience: readonly string[]): Promise<Found | string> {
    const now = this.#clock.now()
    try {
      const { sub } = decodeJwt(assertion)
      const client = typeof sub === 'string' && isUuid(sub) ? await this.#find(withKeys, sub) : null
      if (client === null || client.keys === null) return 'the assertion names no client with keys of its own'
      const { payload } = await jwtVerify(assertion, createLocalJWKSet(client.keys), {
        issuer: client.id,
        subject: client.id,
        audience: [...audience],
        algorithms: [...assertionAlgorithms],
        requiredClaims: ['exp', 'jti'],
        currentDate: new Date(now),
        clockTolerance: 30,
      })
      const expiresAt = (payload.exp ?? 0) * 1_000
      if (expiresAt > now + assertionLifeS * 1_000) return `an assertion lives at most ${assertionLifeS} seconds`
      const { affected } = await this.#db.query(
        'INSERT INTO api_assertion (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [digestOf(`${client.id} ${payload.jti}`), new Date(expiresAt + 60_000)],
        { priority: 'portal' },
      )
      return affected === 1 ? client : 'this assertion was used before'
    } catch (error) {
      if (error instanceof errors.JOSEError) return `the assertion is refused: ${error.message}`
      throw error
    }
  }

  /** $1: what proves the client; $2: now. */
  async #find(sql: string, ...[proof, ...more]: readonly [proof: unknown, ...unknown[]]): Promise<Found | null> {
    const { rows } = await this.#db.query<Found>(sql, [proof, new Date(this.#clock.now()), ...more], { priority: 'portal' })
    return rows[0] ?? null
  }

  async #touch(client: Found, address: string): Promise<void> {
    const now = this.#clock.now()
    if (client.used_at !== null && now - client.used_at.getTime() < touchEveryMs) return
    await this.#db.query('UPDATE api_client SET used_at = $2, used_from = $3 WHERE id = $1', [client.id, new Date(now), address], {
      priority: 'portal',
    })
  }
}

/** What clients of such an organisation may have changes with the product: the role narrows what was once given. */
function allowedScopes({ provider_id, scopes }: Found): Permission[] {
  const most: readonly Permission[] = roles[provider_id === null ? 'operator-client' : 'provider-client']
  return scopes.filter((scope) => most.includes(scope))
}

function identityOf(client: Found): Identity {
  return {
    kind: 'client',
    personId: client.id,
    name: client.name,
    roles: [client.provider_id === null ? 'operator-client' : 'provider-client'],
    permissions: allowedScopes(client),
    providerId: client.provider_id,
    sessionKey: null,
    authenticatedAt: null,
    factors: [],
    mustEnrol: null,
  }
}
