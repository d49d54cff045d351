import { Kysely, PGliteDialect } from 'kysely'
import type { QueryOptions, Scope, TenantDb, TransactionOptions, Tx } from './db.ts'
import type { Tables } from './tables.ts'

type RunTransaction = <T>(begin: string, run: (tx: Tx) => Promise<T>, options?: TransactionOptions) => Promise<T>

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A handle whose every statement runs as a role without bypass, with the tenant set for that transaction only. */
export function createTenantDb(scope: Scope, runTransaction: RunTransaction): TenantDb {
  const begin = beginFor(scope)
  const transaction = <T>(run: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T> =>
    runTransaction(begin, run, { priority: options?.priority ?? 'portal' })
  let kysely: Kysely<Tables> | undefined
  return {
    scope,
    query: <R>(sql: string, params?: readonly unknown[], options?: QueryOptions) =>
      transaction((tx) => tx.query<R>(sql, params, options?.prepare === undefined ? {} : { prepare: options.prepare }), options),
    transaction,
    get kysely() {
      kysely ??= createKysely(transaction)
      return kysely
    },
  }
}

/** Opens the transaction and takes role and tenant in the same message; the id is checked, so it may stand in the text. */
function beginFor(scope: Scope): string {
  if ('operator' in scope) return "BEGIN; SELECT set_config('role', 'simward_operator', true), set_config('app.provider', '', true)"
  if (!uuid.test(scope.providerId)) throw new Error(`not a provider id: ${scope.providerId}`)
  return `BEGIN; SELECT set_config('role', 'simward_tenant', true), set_config('app.provider', '${scope.providerId}', true)`
}

/** The five members by which kysely's dialect for the embedded store drives a connection; they serve both engines. */
function createKysely(transaction: <T>(run: (tx: Tx) => Promise<T>) => Promise<T>): Kysely<Tables> {
  const run = async (tx: Tx, sql: string, params: readonly unknown[] = []) => {
    const { rows, affected } = await tx.query(sql, params)
    return { rows: rows as never[], affectedRows: affected, fields: [] }
  }
  return new Kysely<Tables>({
    dialect: new PGliteDialect({
      pglite: {
        ready: true,
        closed: false,
        waitReady: Promise.resolve(),
        close: async () => {},
        query: (sql, params) => transaction((tx) => run(tx, sql, params)),
        transaction: (body) =>
          transaction((tx) =>
            body({
              query: (sql, params) => run(tx, sql, params),
              rollback: () => tx.exec('ROLLBACK'),
            }),
          ),
      },
    }),
  })
}
