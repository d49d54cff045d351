import { after } from 'node:test'
import { type PostgresqlServer, startPostgresql } from './postgresql-server.ts'

export { type PostgresqlServer, postgresqlMissing } from './postgresql-server.ts'

// One server for all tests of the process, made when the first one asks, removed after the last test.
let shared: Promise<PostgresqlServer> | undefined

after(async () => {
  await (await shared)?.remove()
})

/** The server that the tests of this process share. Whoever stops a server starts one of its own. */
export function sharedPostgresql(): Promise<PostgresqlServer> {
  shared ??= startPostgresql()
  return shared
}
