import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Db,
  isStoreUnavailable,
  type Priority,
  type QueryOptions,
  type QueryResult,
  storeUnavailable,
  type TransactionOptions,
  type Tx,
} from './db.ts'
import { runQuery, runScript, type Session } from './session.ts'
import { createTenantDb } from './tenant.ts'

/** What differs between the embedded store and PostgreSQL: how connections are had, and how notifications arrive. */
export interface Engine {
  readonly name: Db['engine']
  /** Resolves when it is this caller's turn; rejects with `store-unavailable`. */
  acquire(priority: Priority): Promise<Session>
  release(session: Session): void
  listen(channel: string, handler: (payload: string) => void, onGap: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

interface OpenTransaction {
  open: boolean
}

/** The Db over either engine: transactions, scopes and the guard against using the Db inside its own transaction. */
export function createDb(engine: Engine): Db {
  const inside = new AsyncLocalStorage<OpenTransaction>()
  let closing: Promise<void> | undefined

  const checkOutside = (): void => {
    if (inside.getStore()?.open === true) {
      throw new Error('the db was used inside its own open transaction: the embedded store would wait for ever; use the transaction')
    }
  }

  async function query<R>(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<QueryResult<R>> {
    checkOutside()
    const session = await engine.acquire(options?.priority ?? 'signalling')
    try {
      return await runQuery<R>(session, sql, params, options?.prepare)
    } finally {
      engine.release(session)
    }
  }

  /** `begin` is the script that opens the transaction; tenant handles add their role to it. */
  async function runTransaction<T>(begin: string, run: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T> {
    checkOutside()
    const session = await engine.acquire(options?.priority ?? 'signalling')
    const state: OpenTransaction = { open: true }
    try {
      await runScript(session, begin)
      const result = await inside.run(state, () => run(createTx(session, state)))
      state.open = false
      await commit(session)
      return result
    } catch (error) {
      state.open = false
      // What the failed statement left open must not reach the next owner of the connection.
      if (!session.broken) await runScript(session, 'ROLLBACK').catch(() => {})
      throw error
    } finally {
      engine.release(session)
    }
  }

  const db: Db = {
    engine: engine.name,
    query,
    transaction: (run, options) => runTransaction('BEGIN', run, options),
    async exec(sql, options) {
      checkOutside()
      const session = await engine.acquire(options?.priority ?? 'signalling')
      try {
        await runScript(session, sql)
      } finally {
        engine.release(session)
      }
    },
    asTenant: (scope) => createTenantDb(scope, runTransaction),
    async listen(channel, handler, onGap) {
      checkOutside()
      return await engine.listen(checkChannel(channel), handler, onGap ?? (() => {}))
    },
    async notify(channel, payload) {
      await query('SELECT pg_notify($1, $2)', [checkChannel(channel), payload])
    },
    insideTransaction: () => inside.getStore()?.open === true,
    close() {
      closing ??= engine.close()
      return closing
    },
  }
  return db
}

async function commit(session: Session): Promise<void> {
  try {
    const result = await session.client.query('COMMIT')
    // A transaction in which a statement failed, and whose caller swallowed that, ends as a rollback.
    if (result.command === 'ROLLBACK') throw new Error('the transaction was rolled back: a statement in it had failed')
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(23|40)/.test(error.code)) throw error
    if (error instanceof Error && error.message.startsWith('the transaction was rolled back')) throw error
    session.broken = true
    throw isStoreUnavailable(error) ? error : storeUnavailable(String(error), { outcome: 'unknown' })
  }
}

function createTx(session: Session, state: OpenTransaction): Tx {
  const check = (): void => {
    if (!state.open) throw new Error('a transaction was used after its end')
  }
  return {
    async query<R>(sql: string, params?: readonly unknown[], options?: { prepare?: string }) {
      check()
      return await runQuery<R>(session, sql, params, options?.prepare)
    },
    async exec(sql) {
      check()
      await runScript(session, sql)
    },
    async notify(channel, payload) {
      check()
      await runQuery(session, 'SELECT pg_notify($1, $2)', [checkChannel(channel), payload])
    },
  }
}

/** Channel names are our own words; they stand unquoted in LISTEN. */
function checkChannel(channel: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(channel)) throw new Error(`not a channel name: ${channel}`)
  return channel
}
