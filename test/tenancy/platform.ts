import { pino } from 'pino'
import { VirtualClock } from '#core/clock.ts'
import { createIdMaker } from '#core/ids.ts'
import { createVault } from '#crypto/vault.ts'
import { standardFunctions } from '#main'
import { compose } from '#platform/compose.ts'
import { readConfig } from '#platform/config.ts'
import { createEventHub } from '#platform/http/event-hub.ts'
import { createHttpServer, type HttpServer } from '#platform/http/server.ts'
import type { Installation, Ports } from '#platform/ports.ts'
import type { Db } from '#store/db.ts'
import { testSessions } from '#test/platform.ts'
import { openTestStore } from '#test/stores.ts'

export interface WholePlatform extends AsyncDisposable {
  store: Db
  http: HttpServer
  /** What no test can write into tables by hand: entries of the ledger. */
  ports: Readonly<Partial<Ports>>
}

/** All functions of the product behind the real HTTP server. Only who asks is said by the test, in headers. */
export async function startWholePlatform(): Promise<WholePlatform> {
  await using stack = new AsyncDisposableStack()
  const clock = new VirtualClock()
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
  const store = await openTestStore('pglite', clock)
  stack.defer(() => store.close())
  const config = readConfig({}, { diameterPort: 0, diameterTlsPort: 0 })
  const events = createEventHub({ clock, epoch: 'test' })
  const makeId = createIdMaker()
  const installation: Installation = {
    mode: 'open',
    name: 'Tenancy',
    plmn: '001-01',
    node: 'test',
    version: '0.0.0',
    startedAt: clock.now(),
    language: null,
  }
  const composition = stack.use(
    await compose({
      functions: standardFunctions(createVault(Buffer.alloc(32, 7))),
      base: { store, installation },
      config,
      clock,
      log,
      newId: () => makeId(clock.now()),
      events,
    }),
  )
  const { clients: _clients, ...ports } = composition.ports
  const http = stack.use(
    await createHttpServer({
      clock,
      log,
      version: '0.0.0',
      mode: 'open',
      routes: composition.routes,
      ports: { ...ports, sessions: testSessions },
      events,
      registry: composition.registry,
      portalDirectory: '/nonexistent',
      publicOrigin: null,
      behindProxy: false,
      metricsToken: null,
      tls: null,
      requestsPerMinute: 1_000_000,
      signInPerMinute: 1_000_000,
    }),
  )
  const owned = stack.move()
  return { store, http, ports, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
