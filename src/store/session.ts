import pg from 'pg'
import { type QueryResult, storeUnavailable } from './db.ts'

/** One connection of either engine, used by one owner at a time. */
export interface Session {
  /** The connection's own client; gone bad once `broken` is true. */
  readonly client: pg.ClientBase
  broken: boolean
}

/**
 * SQLSTATE classes and codes that speak of the server's state, not of the statement: connection exception, resources,
 * a server that is starting, stopping or read-only after a switch-over, its disk.
 */
const serverFault = /^(08...|53...|57P0[1-5]|58...|25006|XX00[12])$/

/** Runs one statement; a fault of the connection or server becomes `store-unavailable` and marks the session broken. */
export async function runQuery<R>(
  session: Session,
  text: string,
  params: readonly unknown[] = [],
  prepare?: string,
): Promise<QueryResult<R>> {
  try {
    const result = await session.client.query({
      text,
      values: params as unknown[],
      ...(prepare === undefined ? {} : { name: prepare }),
    })
    return { rows: result.rows as R[], affected: result.rowCount ?? 0 }
  } catch (error) {
    throw explain(session, error)
  }
}

/** Several statements in one message, without parameters. */
export async function runScript(session: Session, sql: string): Promise<void> {
  try {
    await session.client.query(sql)
  } catch (error) {
    throw explain(session, error)
  }
}

/** What the caller is told: the statement's own error, or that the store is away. */
function explain(session: Session, error: unknown): unknown {
  if (error instanceof pg.DatabaseError && !serverFault.test(error.code ?? '')) return error
  if (!(error instanceof Error)) return error
  session.broken = true
  return storeUnavailable(error.message)
}
