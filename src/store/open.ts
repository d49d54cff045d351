import type { Clock } from '#core/clock.ts'
import type { Db, StoreLog } from './db.ts'
import { createDb } from './engine.ts'
import { migrate, readMigrations } from './migrate.ts'
import { openPglite } from './pglite.ts'
import { openPostgresql } from './postgresql.ts'
import { ensureSignalPartitions } from './signal-partitions.ts'

export interface StoreOptions {
  /** postgres:// URL of a PostgreSQL 15 or later. */
  url?: string
  /** Directory of the embedded store. */
  dataDir?: string
  /** The embedded store in memory, gone at close: tests, demonstrations. */
  ephemeral?: true
  log: StoreLog
  clock: Clock
}

/**
 * Opens the store that the options name and brings its schema up to date. Throws OperationError: `store-locked`,
 * `store-schema`, `store-unavailable`.
 */
export async function openStore(options: StoreOptions): Promise<Db> {
  const { url, dataDir, ephemeral, log, clock } = options
  if ([url, dataDir, ephemeral].filter((given) => given !== undefined).length !== 1) {
    throw new Error('openStore takes exactly one of url, dataDir and ephemeral')
  }
  const engine =
    url === undefined ? await openPglite({ ...(dataDir === undefined ? {} : { dataDir }), clock }) : openPostgresql({ url, log, clock })
  const db = createDb(engine)
  try {
    const applied = await migrate(db, await readMigrations())
    await ensureSignalPartitions(db, clock.now(), 3, log)
    if (applied > 0) log.info({ applied }, 'store migrated')
    if (dataDir !== undefined) {
      log.warn({ dataDir }, 'the embedded store survives the end of the process, not a power failure: use PostgreSQL in production')
    }
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}
