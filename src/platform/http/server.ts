import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { TenantDb } from '#store/db.ts'
import type { Ports } from '../ports.ts'
import type { Identity } from '../session.ts'
import { watchBody } from './body-pace.ts'
import { addVersion, checkVersion, versionRefusal } from './conditional.ts'
import { Cursors } from './cursors.ts'
import { createDenials, type Denials } from './denials.ts'
import { apiPrefix, registerDocument, routeOptionsOf } from './document.ts'
import type { EventHub } from './event-hub.ts'
import { streamEvents } from './event-route.ts'
import { healthOf } from './health.ts'
import { Idempotency, takesKey } from './idempotency.ts'
import { registerOAuth } from './oauth.ts'
import type { Operation } from './operation.ts'
import { isOurHost, originFault } from './origin.ts'
import { registerPortal } from './portal-files.ts'
import { type ProblemBody, problem, problemOf, sendProblem } from './problem.ts'
import { createRates, type RateOptions, type Rates } from './rates.ts'
import type { Call, RouteRegistry } from './route.ts'
import { operationList } from './schemas/operations.ts'
import { type TlsFiles, tlsOptions } from './tls-profile.ts'

export interface HttpOptions extends RateOptions {
  clock: Clock
  log: Logger
  version: string
  mode: 'demo' | 'open'
  routes: RouteRegistry
  ports: Readonly<Partial<Ports>>
  events: EventHub
  registry: Registry
  /** Where Vite puts the built portal. */
  portalDirectory: string
  publicOrigin: string | null
  behindProxy: boolean
  metricsToken: string | null
  tls: TlsFiles | null
  /** What signs cursors and seals stored answers; left out, one that lives as long as this process. */
  secret?: Uint8Array
}

export interface HttpServer extends AsyncDisposable {
  /** For tests: requests without a socket. */
  readonly app: FastifyInstance
  listen(at: { host: string; port: number }): Promise<{ host: string; port: number; url: string }>
}

/** Not an operation of the API: left out of its document. */
const hidden = { schema: { hide: true } as object }

/** `__Host-` needs Secure, which a browser takes over plain HTTP on loopback only in part: two names. */
export const cookieNames = { secure: '__Host-simward', plain: 'simward' } as const

/** Of what a browser could lend to a page, the portal takes passkeys and the clipboard; everything else is off, for frames too. */
const permissionsPolicy = [
  'publickey-credentials-get=(self)',
  'publickey-credentials-create=(self)',
  'clipboard-write=(self)',
  ...[
    'accelerometer',
    'camera',
    'display-capture',
    'geolocation',
    'gyroscope',
    'hid',
    'microphone',
    'midi',
    'payment',
    'serial',
    'usb',
  ].map((feature) => `${feature}=()`),
].join(', ')

/** What one server remembers of its requests while they last. */
interface Serving extends HttpOptions {
  nonces: WeakMap<object, string>
  identities: WeakMap<FastifyRequest, Identity>
  cursors: Cursors
  idempotency: Idempotency
  denials: Denials
}

/** Builds portal and API; nothing listens yet. */
export async function createHttpServer(options: HttpOptions): Promise<HttpServer> {
  const serving = servingOf(options)
  const app = createApp(serving)
  const rates = await registerGuards(app, serving)
  await registerDocument(app, options.version)
  registerOperations(app, serving, rates)
  await registerOAuth(app, {
    clients: () => options.ports.clients,
    publicOrigin: options.publicOrigin,
    isSecure: options.tls !== null,
  })
  registerProbes(app, serving)
  await registerPortal(app, options.portalDirectory, (request) => serving.nonces.get(request.raw) ?? '')
  await app.ready()
  return {
    app,
    async listen({ host, port }) {
      checkAddress(host, options)
      await app.listen({ host, port }).catch((error: unknown) => {
        throw isTaken(error)
          ? new OperationError('port-taken', 500, `another program listens on ${host}:${port}: choose another port`)
          : error
      })
      const address = app.server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      return { host: address.address, port: address.port, url: `${options.tls === null ? 'http' : 'https'}://${name}:${address.port}` }
    },
    async [Symbol.asyncDispose]() {
      options.events.close()
      await app.close()
    },
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

function servingOf(options: HttpOptions): Serving {
  const { clock, log, ports } = options
  const secret = options.secret ?? randomBytes(32)
  const keyFor = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `simward ${use}`, 32))
  return {
    ...options,
    nonces: new WeakMap(),
    identities: new WeakMap(),
    denials: createDenials(options),
    cursors: new Cursors(keyFor('cursors')),
    idempotency: new Idempotency({
      db: () => ports.store,
      clock,
      log,
      key: keyFor('idempotent answers'),
      owner: randomBytes(8).toString('hex'),
    }),
  }
}

/** Outside loopback nothing is spoken in the clear, and the demo, which asks nobody to sign in, not at all. */
function checkAddress(host: string, { mode, tls, behindProxy, publicOrigin }: HttpOptions): void {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return
  const refuse = (what: string): OperationError =>
    new OperationError('http-address', 500, `portal and API cannot listen on ${host}: ${what}`)
  if (mode === 'demo') throw refuse('the demo answers to this machine only; reach it by ssh -L')
  if (tls === null && !behindProxy) throw refuse('set SIMWARD_HTTP_TLS_CERT and SIMWARD_HTTP_TLS_KEY, or SIMWARD_HTTP_BEHIND_PROXY=true')
  if (publicOrigin === null) throw refuse('set SIMWARD_HTTP_ORIGIN to the address that browsers use')
}

function createApp({ tls, log, behindProxy, publicOrigin, nonces, clock, denials }: Serving): FastifyInstance {
  const common = {
    loggerInstance: log as never,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.http.bodyBytes,
    // One hop and no more: of X-Forwarded-For only what our own proxy added is believed. What stands before it, anybody can send.
    trustProxy: behindProxy ? (_address: string, hop: number) => hop === 0 : false,
    forceCloseConnections: true,
    // Bodies have a clock of their own: an upload may take long, if it keeps coming (`body-pace.ts`).
    requestTimeout: 0,
  } as const
  const app = (tls === null
    ? fastify({ ...common, routerOptions: { maxParamLength: 200 } })
    : fastify({
        ...common,
        routerOptions: { maxParamLength: 200 },
        https: tlsOptions(tls),
      })) as unknown as FastifyInstance
  app.server.headersTimeout = limits.http.requestMs
  app.removeContentTypeParser('text/plain')
  // Not read here: the handler of an operation with `upload` reads it, at its own pace and within its own limits.
  app.addContentTypeParser('text/csv', (_request, _payload, done) => done(null))
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setErrorHandler((error, request, reply) => {
    const body = problemOf(error)
    if (body.status >= 500) log.error({ err: error, route: request.routeOptions.url }, 'a request failed')
    return sendProblem(reply, body)
  })
  app.addHook('onRequest', async (request, reply) => {
    watchBody(request.raw, { clock, isUpload: isUpload(request) })
    nonces.set(request.raw, randomBytes(16).toString('base64'))
    reply.header('permissions-policy', permissionsPolicy)
    const fault = originFault(request.method, request.url, request.headers, { publicOrigin })
    if (fault !== null) return sendProblem(reply, fault)
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
  })
  app.addHook('onSend', async (request, reply) => {
    // Refused before the whole of it came: nobody here reads the rest.
    if (isUpload(request) && !request.raw.complete) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    denials.noteRefused(reply.statusCode, { method: request.method, route: request.routeOptions.url ?? '', address: request.ip })
  })
  return app
}

function isUpload(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { isUpload?: boolean }).isUpload === true
}

/** Headers, cookies and rates. No inline script and no inline style without the answer's own nonce. */
async function registerGuards(app: FastifyInstance, options: Serving): Promise<Rates> {
  const nonce = (request: object): string => `'nonce-${options.nonces.get(request) ?? ''}'`
  const isHttps = options.tls !== null || options.publicOrigin?.startsWith('https:') === true
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", nonce],
        styleSrc: ["'self'", nonce],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isHttps,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: true,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  })
  await app.register(cookie)
  const rates = await createRates(app, options)
  app.addHook('onRequest', async (request, reply) => {
    // Sign-in has a limit of its own; what a page is made of is not counted.
    if (request.url.startsWith('/assets/') || isSignIn(request)) return
    const refusal = await rates.address(request, reply)
    if (refusal !== null) return sendProblem(reply, refusal)
  })
  return rates
}

function isSignIn({ routeOptions }: FastifyRequest): boolean {
  return 'signIn' in routeOptions.config
}

function registerOperations(app: FastifyInstance, options: Serving, rates: Rates): void {
  for (const operation of operationList) {
    const { idempotency, identities } = options
    const isGuessable = operation.tag === 'sign-in' || operation.guessable === true
    const signIn = isGuessable ? rates.signIn(operation.id) : null
    app.route({
      ...routeOptionsOf(operation),
      config: { isUpload: operation.upload !== undefined, ...(signIn === null ? {} : { signIn: true }) } as object,
      ...(signIn === null
        ? {}
        : {
            onRequest: async (request, reply) => {
              const refusal = await signIn(request, reply)
              if (refusal !== null) return sendProblem(reply, refusal)
            },
          }),
      // Identity before the body is even read or checked: a stranger learns nothing of what a body should look like.
      preValidation: async (request, reply) => {
        const refusal = await refusalOf(operation, request, reply, options, rates)
        if (refusal === null) return
        noteDenial(operation, request, refusal, options)
        return sendProblem(reply, refusal)
      },
      ...(takesKey(operation)
        ? {
            preHandler: async (request, reply) => {
              const identity = identities.get(request)
              if (identity !== undefined && (await idempotency.begin(request, reply, identity))) return reply
            },
            onSend: async (request, reply, payload) => {
              await idempotency.finish(request, reply, payload)
              return payload
            },
          }
        : {}),
      handler: async (request, reply) => {
        try {
          return await handle(operation, request, reply, options)
        } catch (error) {
          if (error instanceof OperationError) noteDenial(operation, request, error, options)
          throw error
        }
      },
    })
  }
  app.get(`${apiPrefix}/openapi.json`, hidden, (_request, reply) => reply.send(app.swagger()))
}

function noteDenial(
  operation: Operation,
  request: FastifyRequest,
  { status, code }: { status: number; code: string },
  options: Serving,
): void {
  if (status !== 403) return
  options.denials.note(operation, options.identities.get(request) ?? null, { code, address: request.ip })
}

async function refusalOf(
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  options: Serving,
  rates: Rates,
): Promise<ProblemBody | null> {
  if (operation.demoOnly === true && options.mode !== 'demo') return problem(404, 'demo-only', 'this is a part of the demo only')
  const identity = await identify(request, options)
  if (identity !== null) options.identities.set(request, identity)
  if (identity?.kind === 'client') {
    const refusal = await rates.client(request, reply, identity)
    if (refusal !== null) return refusal
  }
  if (operation.permission === 'public') return null
  if (identity === null) return nobody(request, reply)
  const isAllowed = operation.permission === 'any' ? identity.mustEnrol === null : identity.permissions.includes(operation.permission)
  if (isAllowed) return refusalOfKind(operation, identity, request, options)
  if (identity.mustEnrol === 'passkey') return problem(403, 'enrol-passkey', 'your role needs a passkey: add one first')
  return problem(403, 'not-allowed', `this needs the permission ${operation.permission}, which ${identity.name} does not have`)
}

/**
 * A session that is over says so, whatever ended it: whoever holds its cookie learns no more than that. A program is told
 * the scheme (RFC 6750 §3); a browser is not, which would ask for something that helps nobody.
 */
function nobody({ cookies, headers }: FastifyRequest, reply: FastifyReply): ProblemBody {
  if (headers.authorization !== undefined) {
    reply.header('www-authenticate', 'Bearer realm="simward", error="invalid_token"')
    return problem(401, 'key-refused', 'this API key or access token is unknown, expired, revoked, or may not come from your address')
  }
  const hadSession = cookies[cookieNames.secure] !== undefined || cookies[cookieNames.plain] !== undefined
  if (!hadSession) return problem(401, 'sign-in-needed', 'sign in first')
  return problem(401, 'session-ended', 'your session is over: it was idle or too old, or was ended; sign in again')
}

/** A bearer token speaks for a client; only without one does the cookie speak for a person. */
async function identify(request: FastifyRequest, { ports }: Serving): Promise<Identity | null> {
  const bearer = bearerOf(request)
  if (bearer !== undefined) return (await ports.clients?.identify(bearer, request.ip)) ?? null
  // Another scheme is not one of ours; the cookie beside it is not looked at either.
  if (request.headers.authorization !== undefined) return null
  return (await ports.sessions?.identify(request.headers, request.cookies)) ?? null
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(headers.authorization ?? '')?.[1]
}

function refusalOfKind(operation: Operation, identity: Identity, request: FastifyRequest, { clock }: Serving): ProblemBody | null {
  if (operation.peopleOnly === true && identity.kind === 'client')
    return problem(403, 'people-only', 'this is for a person at a browser: an API client may not do it')
  const { authenticatedAt } = identity
  if (operation.stepUp === true && authenticatedAt !== null && clock.now() - authenticatedAt > limits.http.stepUpMs)
    return problem(403, 'step-up-needed', 'prove again that it is you, then repeat this', { maxAgeS: limits.http.stepUpMs / 1000 })
  return operation.versioned === true ? versionRefusal(request) : null
}

async function handle(operation: Operation, request: FastifyRequest, reply: FastifyReply, options: Serving): Promise<unknown> {
  const identity = options.identities.get(request) ?? null
  if (operation.stream === true && identity !== null) {
    const { events, clock, ports } = options
    const isAlive = (): Promise<boolean> => stillStands(identity, request, options)
    return streamEvents({ events, clock, notices: ports.noticeFeed, isAlive }, identity, request, reply)
  }
  const handler = options.routes.get(operation.id)
  if (handler === undefined) {
    throw new OperationError('not-running', 503, `the function that serves ${operation.id} does not run in this process`)
  }
  const isRehearsal = operation.rehearsable === true && (request.query as { dryRun?: unknown }).dryRun === true
  if (isRehearsal) reply.header('simward-dry-run', 'true')
  const call: Call = {
    params: request.params as never,
    query: options.cursors.open(operation, request, identity) as never,
    body: request.body as never,
    identity,
    get db() {
      return tenantHandle(identity, options)
    },
    address: request.ip,
    isRehearsal,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 256),
    setVersion: (version) => addVersion(reply, version),
    checkVersion: (current) => checkVersion(request, current),
    upload: () => request.raw,
    setSession: (token, maxAgeS) => setSession(reply, token, maxAgeS, options),
  }
  const result = await handler(call)
  if (operation.download !== undefined) {
    const name = fileNameOf(operation, request.params as Readonly<Record<string, string>>)
    return reply.type(`${operation.download}; charset=utf-8`).header('content-disposition', `attachment; filename="${name}"`).send(result)
  }
  if (operation.response === undefined) return reply.code(204).send()
  if (operation.status !== undefined) reply.code(operation.status)
  return options.cursors.seal(operation, request, reply, identity, result)
}

const extensions = { 'text/csv': 'csv', 'application/json': 'json', 'application/x-ndjson': 'ndjson' } as const

/**
 * Saved, never shown as a page: the last word of the path and the id of what it is of, with nothing in the name that a header
 * or a disk could read otherwise.
 */
function fileNameOf({ path, download }: Operation, params: Readonly<Record<string, string>>): string {
  const last = path.slice(path.lastIndexOf('/') + 1).replace(/^\{(\w+)\}$/, (_, name: string) => params[name] ?? 'file')
  const words = [last.replace(/\.\w+$/, ''), ...(params.id === undefined ? [] : [params.id])]
  return `${words
    .join('-')
    .replaceAll(/[^\w-]/g, '_')
    .slice(0, 100)}.${extensions[download ?? 'application/json']}`
}

/** A client's key or token is looked at as at the beginning; a session is only asked for. */
async function stillStands({ kind, sessionKey }: Identity, request: FastifyRequest, { ports }: HttpOptions): Promise<boolean> {
  if (kind === 'client') return (await ports.clients?.identify(bearerOf(request) ?? '', request.ip)) !== null
  return sessionKey === null || (await ports.sessions?.isAlive?.(sessionKey)) !== false
}

function tenantHandle(identity: Identity | null, { ports }: HttpOptions): TenantDb {
  if (identity === null || ports.store === undefined) throw new OperationError('sign-in-needed', 401, 'sign in first')
  return ports.store.asTenant(identity.providerId === null ? { operator: true } : { providerId: identity.providerId })
}

function setSession(reply: FastifyReply, token: string | null, maxAgeS: number | undefined, options: HttpOptions): void {
  const isSecure = options.tls !== null || options.publicOrigin?.startsWith('https:') === true
  const name = isSecure ? cookieNames.secure : cookieNames.plain
  const attributes = { path: '/', httpOnly: true, secure: isSecure, sameSite: 'strict' } as const
  if (token === null) reply.clearCookie(name, attributes)
  else reply.setCookie(name, token, maxAgeS === undefined ? attributes : { ...attributes, maxAge: maxAgeS })
}

function registerProbes(app: FastifyInstance, options: HttpOptions): void {
  app.get('/healthz', hidden, async (_request, reply) => {
    const health = await healthOf(options.ports, () => options.clock.monotonicMs())
    return reply.code(health.status === 'down' ? 503 : 200).send(health)
  })
  app.get('/metrics', hidden, async (request, reply) => {
    if (!mayReadMetrics(request, options)) {
      return sendProblem(reply, problem(401, 'token-needed', 'send the bearer token of SIMWARD_METRICS_TOKEN'))
    }
    return reply.type(options.registry.contentType).send(await options.registry.metrics())
  })
}

function mayReadMetrics(request: FastifyRequest, { metricsToken, behindProxy }: HttpOptions): boolean {
  if (metricsToken !== null) return isSameSecret(request.headers.authorization ?? '', `Bearer ${metricsToken}`)
  return !behindProxy && isOurHost(request.headers.host, { publicOrigin: null }) && /^(127\.|::1$|::ffff:127\.)/.test(request.ip)
}

/** Compares digests, so that neither content nor length shows in the time. */
function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
