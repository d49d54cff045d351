import pg from 'pg'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { type Priority, type StoreLog, storeUnavailable } from './db.ts'
import type { Engine } from './engine.ts'
import { createNotifications, type Notifications } from './notifications.ts'
import type { Session } from './session.ts'
import { valueTypes } from './values.ts'

interface PoolShape {
  max: number
  /** Client side: a connection that is silent this long is given up. */
  queryTimeoutMs: number
  /** Server side, where it may be bounded; 0: not. */
  statementTimeoutMs: number
}

/** A pool each, so that however many portal queries run, signalling finds a connection. */
const shapes: Readonly<Record<Priority, PoolShape>> = {
  signalling: { max: 8, queryTimeoutMs: 3_000, statementTimeoutMs: 0 },
  portal: { max: 8, queryTimeoutMs: 15_000, statementTimeoutMs: 10_000 },
  job: { max: 2, queryTimeoutMs: 120_000, statementTimeoutMs: 0 },
}

export interface PostgresqlOptions {
  url: string
  log: StoreLog
  clock: Clock
  /** How long a new connection, or a free one, is waited for; `limits.store.connectTimeoutMs` unless told. */
  connectTimeoutMs?: number
}

/** PostgreSQL over pools of connections. Never throws: a server that is away shows at the first use, and each later one. */
export function openPostgresql(options: PostgresqlOptions): Engine {
  const pools = { signalling: createPool('signalling', options), portal: createPool('portal', options), job: createPool('job', options) }
  // One each: what befalls a job's or a page's connection must not refuse signalling.
  const breakers = {
    signalling: createBreaker('signalling', options),
    portal: createBreaker('portal', options),
    job: createBreaker('job', options),
  }
  const owners = new WeakMap<Session, pg.PoolClient>()
  const listener = createListener(options)
  return {
    name: 'postgresql',
    async acquire(priority) {
      const pool = pools[priority]
      if (pool.waitingCount >= limits.store.waitingStatements) throw storeUnavailable('too many statements wait for it', { busy: true })
      const client = await breakers[priority].attempt(() => pool.connect())
      const session: Session = { client, broken: false }
      owners.set(session, client)
      return session
    },
    release(session) {
      owners.get(session)?.release(session.broken)
    },
    listen: listener.listen,
    async close() {
      await Promise.all([listener.close(), pools.signalling.end(), pools.portal.end(), pools.job.end()])
    },
  }
}

function createPool(priority: Priority, { url, log, connectTimeoutMs }: PostgresqlOptions): pg.Pool {
  const shape = shapes[priority]
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `simward ${priority}`,
    max: shape.max,
    connectionTimeoutMillis: connectTimeoutMs ?? limits.store.connectTimeoutMs,
    query_timeout: shape.queryTimeoutMs,
    statement_timeout: shape.statementTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types: valueTypes,
  })
  pool.on('error', (error) => log.warn({ priority, because: error.message }, 'an idle connection to the store was lost'))
  // Between two owners, and while one waits for its answer, a lost connection must not end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

interface Breaker {
  attempt<T>(connect: () => Promise<T>): Promise<T>
}

/**
 * While the server is away, one caller at a time finds out whether it is back; everyone else is refused at once, so
 * that an answer which depends on the store fails in milliseconds and not after a connect timeout.
 */
function createBreaker(priority: Priority, { clock, log }: PostgresqlOptions): Breaker {
  let down = false
  let probing = false
  let nextProbeAt = 0
  const trip = (): void => {
    if (!down) log.error({ priority }, 'the store is unavailable')
    down = true
    nextProbeAt = clock.monotonicMs() + limits.store.probeEveryMs
  }
  return {
    async attempt(connect) {
      if (!down) return await connect().catch((error: unknown) => fail(error))
      if (probing || clock.monotonicMs() < nextProbeAt) throw storeUnavailable('it does not answer')
      probing = true
      try {
        const client = await connect()
        down = false
        log.info({ priority }, 'the store is back')
        return client
      } catch (error) {
        return fail(error)
      } finally {
        probing = false
      }
    },
  }

  function fail(error: unknown): never {
    trip()
    throw storeUnavailable(error instanceof Error ? error.message : String(error))
  }
}

/** One connection that only listens; it is made at the first listener and made again when lost. */
function createListener({ url, log, clock }: PostgresqlOptions): Pick<Engine, 'listen'> & { close(): Promise<void> } {
  const notifications: Notifications = createNotifications()
  let client: pg.Client | undefined
  let opening: Promise<pg.Client> | undefined
  let retry: Timer | undefined
  let closed = false

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ connectionString: url, application_name: 'simward listener', keepAlive: true, types: valueTypes })
    fresh.on('error', () => {})
    fresh.on('notification', ({ channel, payload }) => notifications.deliver(channel, payload ?? ''))
    await fresh.connect()
    fresh.on('end', () => lost(fresh))
    for (const channel of notifications.channels()) await fresh.query(`LISTEN ${channel}`)
    client = fresh
    return fresh
  }

  function lost(former: pg.Client): void {
    if (client === former) client = undefined
    if (closed || retry !== undefined) return
    log.warn({}, 'notifications from the store are interrupted')
    scheduleRetry()
  }

  function scheduleRetry(): void {
    retry = clock.after(limits.store.probeEveryMs, () => {
      retry = undefined
      open().then(
        () => notifications.gap(),
        () => {
          if (!closed) scheduleRetry()
        },
      )
    })
  }

  async function open(): Promise<pg.Client> {
    if (client !== undefined) return client
    opening ??= connect().finally(() => {
      opening = undefined
    })
    return await opening
  }

  return {
    async listen(channel, handler, onGap) {
      const run = async (sql: string): Promise<void> => {
        try {
          await (await open()).query(sql)
        } catch (error) {
          throw storeUnavailable(error instanceof Error ? error.message : String(error))
        }
      }
      return await notifications.add(
        channel,
        { handler, onGap },
        { first: () => run(`LISTEN ${channel}`), last: () => (client === undefined ? Promise.resolve() : run(`UNLISTEN ${channel}`)) },
      )
    },
    async close() {
      closed = true
      retry?.cancel()
      await opening?.catch(() => {})
      await client?.end()
    },
  }
}
