import { pino } from 'pino'
import { VirtualClock } from '#core/clock.ts'
import { createIdMaker } from '#core/ids.ts'
import { createVault } from '#crypto/vault.ts'
import { ledgerFunction } from '#functions/ledger/index.ts'
import { type Composition, compose } from '#platform/compose.ts'
import { type ConfigValues, readConfig } from '#platform/config.ts'
import type { AnyFunction } from '#platform/function.ts'
import { createEventHub, type EventHub } from '#platform/http/event-hub.ts'
import { createHttpServer, type HttpOptions, type HttpServer } from '#platform/http/server.ts'
import { permissionsOf, type Role } from '#platform/permission.ts'
import type { Ports } from '#platform/ports.ts'
import type { SessionPort } from '#platform/session.ts'
import type { Db } from '#store/db.ts'
import { openTestStore } from './stores.ts'

export interface TestPlatform extends AsyncDisposable {
  clock: VirtualClock
  store: Db
  events: EventHub
  composition: Composition
  http: HttpServer
  /** A request without a socket, from this machine, with JSON. `as` names the tester: `operator`, or a provider's id. */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options?: CallOptions): Promise<Answer>
}

interface CallOptions {
  as?: string
  roles?: readonly Role[]
  body?: unknown
  headers?: Record<string, string>
}

interface Answer {
  status: number
  headers: Record<string, string | number | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into many shapes of answer
  body: any
  text: string
}

/** Who asks is what the test says in two headers: what sign-in does is tested on its own. */
export const testSessions: SessionPort = {
  async identify(headers) {
    const who = headers['x-test-as']
    if (typeof who !== 'string') return null
    const roles = String(headers['x-test-roles'] ?? 'operator-admin').split(',') as Role[]
    const providerId = who === 'operator' ? null : who
    const age = headers['x-test-proof-age-ms']
    return {
      kind: headers['x-test-kind'] === 'client' ? 'client' : 'person',
      personId: String(headers['x-test-person'] ?? 'tester'),
      name: 'Tester',
      roles,
      permissions: permissionsOf(roles),
      providerId,
      sessionKey: String(headers['x-test-session'] ?? 'alive'),
      // As if proven just now, unless the test says how long ago; the platform's clock stands still.
      authenticatedAt: typeof age === 'string' ? Date.UTC(2026, 0, 1, 12) - Number(age) : null,
      factors: ['passkey'],
      mustEnrol: null,
    }
  },
  claimed: async () => true,
  isAlive: async (sessionKey) => sessionKey !== 'ended',
}

/** Functions over an embedded store in memory, on a clock that stands still, behind the real HTTP server. */
export async function startTestPlatform(options: {
  functions: readonly AnyFunction[]
  base?: Partial<Ports>
  config?: Partial<ConfigValues>
  http?: Partial<HttpOptions>
  /** Left out where the functions bring their own sessions. */
  sessions?: SessionPort | null
  /** That of another platform, which closes it; default a new one. */
  store?: Db
  /** Of a new store; default the embedded one. */
  engine?: Db['engine']
}): Promise<TestPlatform> {
  const clock = new VirtualClock()
  const store = options.store ?? (await openTestStore(options.engine ?? 'pglite', clock))
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
  const makeId = createIdMaker()
  const config = readConfig({}, options.config ?? {})
  const events = createEventHub({ clock, epoch: 'test' })
  const sessions = options.sessions === undefined ? testSessions : options.sessions
  const composition = await compose({
    functions: [ledgerFunction({ vault: createVault(Buffer.alloc(32, 5)) }), ...options.functions],
    base: { store, ...(sessions === null ? {} : { sessions }), ...options.base },
    config,
    clock,
    log,
    newId: () => makeId(clock.now()),
    events,
  })
  const http = await createHttpServer({
    clock,
    log,
    version: '0.0.0',
    mode: 'open',
    routes: composition.routes,
    ports: composition.ports,
    events,
    registry: composition.registry,
    portalDirectory: '/nonexistent',
    publicOrigin: null,
    behindProxy: false,
    metricsToken: null,
    tls: null,
    ...options.http,
  })
  return {
    clock,
    store,
    events,
    composition,
    http,
    call: (method, path, options) => callServer(http, method, path, options),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await composition[Symbol.asyncDispose]()
      if (options.store === undefined) await store.close()
    },
  }
}

async function callServer(
  http: HttpServer,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { as = 'operator', roles, body, headers } = options
  const answer = await http.app.inject({
    method,
    url: path.startsWith('/') ? path : `/api/v1/${path}`,
    headers: {
      host: 'localhost:8480',
      ...(as === '' ? {} : { 'x-test-as': as }),
      ...(roles === undefined ? {} : { 'x-test-roles': roles.join(',') }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  const isJson = String(answer.headers['content-type'] ?? '').includes('json')
  return { status: answer.statusCode, headers: answer.headers, body: isJson ? answer.json() : undefined, text: answer.body }
}
