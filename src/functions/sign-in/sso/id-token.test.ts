import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { insertPerson, linkFor, startSignIn, Visitor } from '#test/visitor.ts'

const origin = 'http://localhost:8480'
const clientId = 'simward'
type Claims = Record<string, unknown>

/** A provider that gives whatever token the test makes: a real one would not. */
interface FalseProvider extends AsyncDisposable {
  issuer: string
  /** What its metadata says that its name is. */
  saysToBe: string
  key: CryptoKey
  /** Makes the ID token of the next exchange. */
  token: (nonce: string) => Promise<string> | string
  nonce: string
}

async function startFalseProvider(): Promise<FalseProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] }
  const server = createServer((request, response) => {
    void answer(request.url ?? '').then((body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)))
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const provider: FalseProvider = {
    issuer,
    saysToBe: issuer,
    key: privateKey,
    token: () => '',
    nonce: '',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const answer = async (path: string): Promise<object> => {
    if (path === '/keys') return jwks
    if (path === '/token')
      return { access_token: 'x', token_type: 'bearer', expires_in: 60, id_token: await provider.token(provider.nonce) }
    return {
      issuer: provider.saysToBe,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
    }
  }
  return provider
}

describe('the ID token of a provider', () => {
  let provider: FalseProvider
  let platform: TestPlatform

  before(async () => {
    provider = await startFalseProvider()
    platform = await startSignIn({ config: { ssoInsideHosts: ['localhost'] } })
    const { providerId } = await insertProvider(platform.store, 'Meadow Metering', '999702', 1)
    const admin = new Visitor(platform)
    const id = await insertPerson(platform, { name: 'Ada', role: 'provider-admin', providerId, email: 'ada@meadow.example' })
    assert.equal((await admin.joinByPasskey(await linkFor(platform, id))).status, 200)
    const made = await admin.call('POST', 'sign-ons', {
      name: 'Meadow Metering',
      profile: 'openid-connect',
      issuer: provider.issuer,
      clientId,
      clientAuth: 'client_secret_basic',
      secret: 'a secret of the test, long enough to be one',
      scopes: ['openid', 'email'],
      acrValues: [],
      domains: ['meadow.example'],
      autoCreate: true,
      defaultRole: 'provider-viewer',
      roleMap: null,
      enabled: true,
      reason: 'the test sets it up',
    })
    assert.equal(made.status, 201, made.text)
  })
  after(async () => {
    await platform[Symbol.asyncDispose]()
    await provider[Symbol.asyncDispose]()
  })

  const claimsOf = (nonce: string, over: Claims = {}): Claims => {
    const now = Math.floor(Date.now() / 1_000)
    const person = { sub: 'u-1', email: 'lea@meadow.example', email_verified: true }
    return { iss: provider.issuer, aud: clientId, iat: now, exp: now + 60, nonce, ...person, ...over }
  }
  const signed = (claims: Claims, { alg = 'RS256', key = provider.key }: { alg?: string; key?: CryptoKey | Uint8Array } = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: 'one' }).sign(key)

  async function signIn(token: FalseProvider['token']): Promise<number> {
    const visitor = new Visitor(platform)
    const begun = await visitor.call('POST', 'sign-in/sso', { organisation: 'someone@meadow.example', origin })
    assert.equal(begun.status, 200, begun.text)
    const { searchParams } = new URL(begun.body.url)
    Object.assign(provider, { token, nonce: searchParams.get('nonce') ?? '' })
    const answer = { code: 'any', state: searchParams.get('state') ?? '', iss: provider.issuer }
    return (await visitor.call('POST', 'sign-in/sso/finish', { answer, binding: begun.body.binding })).status
  }

  test('metadata in the name of another issuer is refused', async () => {
    provider.saysToBe = 'https://login.elsewhere.example'
    const begun = await new Visitor(platform).call('POST', 'sign-in/sso', { organisation: 'someone@meadow.example', origin })
    assert.deepEqual([begun.status, begun.body.code], [422, 'sso-unavailable'])
    provider.saysToBe = provider.issuer
  })

  test('as it should be it lets in: what is refused below is so for one thing each', async () => {
    assert.equal(await signIn((nonce) => signed(claimsOf(nonce))), 200)
  })

  test('meant for another client, of another issuer, run out or not yet good: refused', async () => {
    const now = Math.floor(Date.now() / 1_000)
    for (const over of [
      { aud: 'another-client' },
      { aud: [clientId, 'another-client'], azp: 'another-client' },
      { iss: 'http://localhost:1' },
      { exp: now - 3_600, iat: now - 7_200 },
      { nbf: now + 3_600 },
      { nonce: undefined },
      { sub: undefined },
    ])
      assert.equal(await signIn((nonce) => signed(claimsOf(nonce, over))), 401, JSON.stringify(over))
  })

  test('signed by another key, by the client’s secret, by nobody, or altered: refused', async () => {
    const stranger = await generateKeyPair('RS256')
    assert.equal(await signIn((nonce) => signed(claimsOf(nonce), { key: stranger.privateKey })), 401)
    const secret = Buffer.from('a secret of the test, long enough to be one')
    assert.equal(await signIn((nonce) => signed(claimsOf(nonce), { alg: 'HS256', key: secret })), 401)
    assert.equal(await signIn((nonce) => new UnsecuredJWT(claimsOf(nonce)).encode()), 401)
    const altered = async (nonce: string): Promise<string> => {
      const [header, , signature] = (await signed(claimsOf(nonce))).split('.')
      const body = Buffer.from(JSON.stringify(claimsOf(nonce, { email: 'ada@meadow.example' }))).toString('base64url')
      return `${header}.${body}.${signature}`
    }
    assert.equal(await signIn(altered), 401)
  })
})
