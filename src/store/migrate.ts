import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { OperationError } from '#core/errors.ts'
import type { Db, Tx } from './db.ts'

export interface Migration {
  number: number
  name: string
  sql: string
  /** SHA-256 of the file, hex. */
  checksum: string
}

const directory = new URL('./migrations/', import.meta.url)

/** The numbered files, ascending; a repeated number or a stray file is a programmer's fault. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const files = (await readdir(directory)).toSorted()
  let last = 0
  const named = files.map((file) => {
    const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file)
    const number = Number(match?.[1])
    if (match === null || number <= last) throw new Error(`migration ${file} is out of order`)
    last = number
    return { file, number, name: match[2] ?? '' }
  })
  return await Promise.all(
    named.map(async ({ file, number, name }) => {
      const sql = await readFile(new URL(file, directory), 'utf8')
      return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** 64-bit key of the advisory lock that lets one process migrate while others wait. */
const migrationLock = 7_368_697_761_900_432n

/**
 * Brings the schema to this build's state, each file in one transaction. Throws OperationError `store-schema` when a
 * file that was applied has changed since, or when the database is ahead of this build.
 */
export async function migrate(db: Db, migrations: readonly Migration[]): Promise<number> {
  await db.transaction(
    async (tx) => {
      // IF NOT EXISTS alone lets two nodes that start at once collide.
      await tx.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
      await tx.exec(`CREATE TABLE IF NOT EXISTS schema_migration (
        number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
    },
    { priority: 'job' },
  )
  let applied = 0
  for (const migration of migrations) applied += await db.transaction((tx) => applyOne(tx, migration), { priority: 'job' })
  const { rows } = await db.query<{ ahead: number | null }>('SELECT max(number) AS ahead FROM schema_migration')
  const ahead = rows[0]?.ahead ?? 0
  const known = migrations.at(-1)?.number ?? 0
  if (ahead > known) {
    throw new OperationError('store-schema', 500, `the database has migration ${ahead}; this build knows ${known}: use the newer build`)
  }
  return applied
}

async function applyOne(tx: Tx, { number, name, sql, checksum }: Migration): Promise<0 | 1> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
  const { rows } = await tx.query<{ checksum: string }>('SELECT checksum FROM schema_migration WHERE number = $1', [number])
  const [done] = rows
  if (done === undefined) {
    await tx.exec(sql)
    await tx.query('INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)', [number, name, checksum])
    return 1
  }
  if (done.checksum === checksum) return 0
  throw new OperationError('store-schema', 500, `migration ${number} (${name}) is not the one that this database has`)
}
