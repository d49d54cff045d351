import type { FastifyInstance, FastifyRequest } from 'fastify'
import { permissions } from '../permission.ts'
import { assertionAlgorithms, type ClientPort, type TokenAnswer } from '../session.ts'
import { problem, sendProblem } from './problem.ts'

export const tokenPath = '/oauth/token'
const metadataPath = '/.well-known/oauth-authorization-server'

/** Octets of a token request: an assertion with a certificate-sized key fits many times. */
const formBytes = 32_768

const hidden = { schema: { hide: true } as object }

interface Options {
  clients(): ClientPort | undefined
  publicOrigin: string | null
  isSecure: boolean
}

/** Access tokens by client credentials (RFC 6749 §4.4), and what a client needs to know to ask for one (RFC 8414). */
export async function registerOAuth(app: FastifyInstance, options: Options): Promise<void> {
  await app.register(async (scope) => {
    // A form, and here only: nothing else of ours can be reached by one.
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: formBytes }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    )
    scope.post(tokenPath, hidden, async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const clients = options.clients()
      if (clients === undefined) return await sendProblem(reply, problem(503, 'not-running', 'API clients are not served in this process'))
      const answer = await grant(request, clients, issuerOf(request, options))
      if ('accessToken' in answer) {
        const { accessToken, expiresInS, scopes } = answer
        return { access_token: accessToken, token_type: 'Bearer', expires_in: expiresInS, scope: scopes.join(' ') }
      }
      reply.code(answer.error === 'invalid_client' ? 401 : 400)
      // RFC 6749 §5.2: who tried by the Authorization header is told the scheme.
      if (answer.error === 'invalid_client') reply.header('www-authenticate', 'Basic realm="simward", charset="UTF-8"')
      return { error: answer.error, error_description: answer.description }
    })
  })
  app.get(metadataPath, hidden, (request) => {
    const issuer = issuerOf(request, options)
    return {
      issuer,
      token_endpoint: issuer + tokenPath,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
      scopes_supported: permissions.filter((permission) => permission !== 'self' && permission !== 'demo:run'),
      service_documentation: `${issuer}/api/v1/openapi.json`,
    }
  })
}

/** The Host was checked before anything else: it is our public name, or loopback. */
function issuerOf({ headers }: FastifyRequest, { publicOrigin, isSecure }: Options): string {
  return publicOrigin === null ? `${isSecure ? 'https' : 'http'}://${headers.host}` : new URL(publicOrigin).origin
}

async function grant(request: FastifyRequest, clients: ClientPort, issuer: string): Promise<TokenAnswer> {
  const { body } = request
  if (!(body instanceof URLSearchParams))
    return { error: 'invalid_request', description: 'send a form (application/x-www-form-urlencoded)' }
  for (const name of new Set(body.keys())) {
    if (body.getAll(name).length > 1) return { error: 'invalid_request', description: 'a parameter stands here twice' }
  }
  const basic = basicOf(request.headers.authorization)
  if (basic === null && request.headers.authorization !== undefined) {
    return { error: 'invalid_client', description: 'the Authorization header is no HTTP Basic of client id and secret' }
  }
  return await clients.grant({
    grantType: body.get('grant_type'),
    scope: body.get('scope'),
    clientId: basic?.id ?? body.get('client_id'),
    clientSecret: basic?.secret ?? null,
    assertionType: body.get('client_assertion_type'),
    assertion: body.get('client_assertion'),
    address: request.ip,
    audience: [issuer, issuer + tokenPath],
  })
}

/** Id and secret are form-encoded before they are put together (RFC 6749 §2.3.1). */
function basicOf(authorization: string | undefined): { id: string; secret: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/]{1,1024}=*)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const [id, secret, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  if (id === undefined || secret === undefined || rest.length > 0) return null
  try {
    return { id: decodeURIComponent(id.replaceAll('+', ' ')), secret: decodeURIComponent(secret.replaceAll('+', ' ')) }
  } catch {
    return null
  }
}
