import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** Somebody whom the identity provider knows, and how it says that it knew them. */
export interface Account {
  sub: string
  email?: string
  emailVerified?: boolean
  name?: string
  groups?: readonly string[]
  acr?: string
  amr?: readonly string[]
}

export interface IdentityProvider extends AsyncDisposable {
  issuer: string
  clientId: string
  clientSecret: string
  /** The client that proves itself by a key; its public half is put here once it is known. */
  keyClientId: string
  setClientKey(jwk: Record<string, unknown>): void
  accounts: Map<string, Account>
}

const clientSecret = 'a secret of the test, long enough to be one'

/**
 * A real OpenID provider (the package oidc-provider) on loopback. Its page asks only who one is: "sign in as" a known
 * account. Nothing of it is Simward's.
 */
export async function startIdentityProvider(
  redirectUris: readonly string[],
  { pushed = false }: { pushed?: boolean } = {},
): Promise<IdentityProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {}
  const server = createServer((request, response) => handle(request, response))
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const accounts = new Map<string, Account>()
  const keys: Record<string, unknown>[] = []
  const common = { redirect_uris: [...redirectUris], grant_types: ['authorization_code'], response_types: ['code' as const] }
  const provider = new Provider(issuer, {
    clients: [
      { ...common, client_id: 'simward', client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_basic' },
      {
        ...common,
        client_id: 'simward-key',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks_uri: `${issuer}/client-keys`,
      },
    ],
    acrValues: ['2', '3', 'phr'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    scopes: ['openid', 'email', 'profile', 'groups', 'mc_authn'],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      email: ['email', 'email_verified'],
      profile: ['name'],
      groups: ['groups'],
    },
    extraParams: ['client_name'],
    cookies: { keys: ['a key of the test'] },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: pushed, requirePushedAuthorizationRequests: pushed },
    },
    // The provider would not fetch a client's keys from loopback by itself.
    fetch: (url, options) => fetch(url, { ...(options?.signal ? { signal: options.signal } : {}) }),
    pkce: { required: () => true },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: { AuthorizationCode: 60, AccessToken: 60, IdToken: 60, Interaction: 600, Session: 600, Grant: 600 },
    findAccount: (_ctx, sub) => {
      const account = accounts.get(sub)
      if (account === undefined) return undefined
      const { email, emailVerified = true, name, groups } = account
      return {
        accountId: sub,
        claims: () => ({
          sub,
          ...(email === undefined ? {} : { email, email_verified: emailVerified }),
          ...(name === undefined ? {} : { name }),
          ...(groups === undefined ? {} : { groups }),
        }),
      }
    },
    // Whoever is known has agreed already: the organisation's own portal asks nobody.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid email profile groups mc_authn')
      await grant.save()
      return grant
    },
  })
  const serve = provider.callback()
  handle = (request, response) => {
    if (request.url === '/client-keys') return void response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
    if (request.url?.startsWith('/interaction/') === true) return void interact(provider, accounts, request, response)
    void serve(request, response)
  }
  return {
    issuer,
    clientId: 'simward',
    clientSecret,
    keyClientId: 'simward-key',
    setClientKey: (jwk) => void keys.splice(0, keys.length, jwk),
    accounts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function interact(
  provider: Provider,
  accounts: ReadonlyMap<string, Account>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html').end(
      `<!doctype html><html lang="en"><title>Organisation</title><h1>Your organisation</h1>
       <form method="post"><label>Sign in as <input name="sub"></label><button>Continue</button></form>`,
    )
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const sub = new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('sub') ?? ''
  const { acr, amr } = accounts.get(sub) ?? {}
  const login = { accountId: sub, ...(acr === undefined ? {} : { acr }), ...(amr === undefined ? {} : { amr: [...amr] }) }
  await provider.interactionFinished(request, response, { login })
}

/** Walks through the provider's pages as a browser would; what the browser is sent back with. */
export async function visitProvider(url: string, sub: string, back: string): Promise<Record<string, string>> {
  const cookies = new Map<string, string>()
  let next = url
  let body: string | null = null
  for (let steps = 0; steps < 10; steps++) {
    const headers: Record<string, string> = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    if (body !== null) headers['content-type'] = 'application/x-www-form-urlencoded'
    const answer: Response = await fetch(next, { redirect: 'manual', headers, ...(body === null ? {} : { method: 'POST', body }) })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    body = null
    if (location === null) {
      if (answer.status !== 200 || !next.includes('/interaction/'))
        throw new Error(`the provider answers ${answer.status} to ${next}: ${await answer.text()}`)
      body = new URLSearchParams({ sub }).toString()
      continue
    }
    next = new URL(location, next).href
    if (next.startsWith(back)) return Object.fromEntries(new URL(next).searchParams)
  }
  throw new Error('the provider never sent the browser back')
}
