import type { Db, StoreLog } from './db.ts'

const dayMs = 86_400_000

/** The least UUID version 7 of a millisecond: rows made from then on are at or above it. */
export function lowestIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

/**
 * Makes the daily partitions of signal_event for today and the `ahead` days after it; returns how many were missing.
 * A day whose rows already went to the default partition keeps them there.
 */
export async function ensureSignalPartitions(db: Db, now: number, ahead: number, log: StoreLog): Promise<number> {
  const existing = new Set((await readPartitions(db)).map(({ day }) => day))
  const today = Math.floor(now / dayMs)
  const missing = Array.from({ length: ahead + 1 }, (_, index) => today + index).filter((day) => !existing.has(day))
  for (const day of missing) {
    const bounds = `FROM ('${lowestIdAt(day * dayMs)}') TO ('${lowestIdAt((day + 1) * dayMs)}')`
    try {
      await execBriefly(db, `CREATE TABLE ${nameOf(day)} PARTITION OF signal_event FOR VALUES ${bounds}`)
    } catch (error) {
      // 23514: the default partition holds rows of that day. 42P07, 42P17: another node made it at this moment.
      if (!hasCode(error, ['23514', '42P07', '42P17', lockNotHad])) throw error
      log.info({ partition: nameOf(day) }, 'signal partition not made')
    }
  }
  return missing.length
}

/** Drops the partitions whose every row is older than `before` (ms); returns their names. One that is being read is left for next time. */
export async function dropSignalPartitions(db: Db, before: number, log: StoreLog): Promise<string[]> {
  const dropped: string[] = []
  for (const { name, day } of await readPartitions(db)) {
    if ((day + 1) * dayMs > before) continue
    try {
      await execBriefly(db, `DROP TABLE ${name}`)
      dropped.push(name)
    } catch (error) {
      if (!hasCode(error, ['42P01', lockNotHad])) throw error
      log.info({ partition: name }, 'signal partition is in use; left for later')
    }
  }
  return dropped
}

/** SQLSTATE lock_not_available. */
const lockNotHad = '55P03'

/** Changing partitions needs the whole table to itself. While this waits for a reader, every recorder waits behind it: not for long. */
async function execBriefly(db: Db, sql: string): Promise<void> {
  await db.transaction(
    async (tx) => {
      await tx.exec("SET LOCAL lock_timeout = '200ms'")
      await tx.exec(sql)
    },
    { priority: 'job' },
  )
}

async function readPartitions(db: Db): Promise<{ name: string; day: number }[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'signal_event'::regclass ORDER BY c.relname`,
    [],
    { priority: 'job' },
  )
  return rows.flatMap(({ name }) => {
    const match = /^signal_event_(\d{4})(\d\d)(\d\d)$/.exec(name)
    return match === null ? [] : [{ name, day: Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / dayMs }]
  })
}

function nameOf(day: number): string {
  return `signal_event_${new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
