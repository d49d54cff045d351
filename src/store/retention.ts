import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { type Db, isStoreUnavailable, type StoreLog } from './db.ts'
import { dropSignalPartitions, ensureSignalPartitions, lowestIdAt } from './signal-partitions.ts'

/** How long each kind of row is kept, in days. The ledger is kept for ever. */
export interface RetentionDays {
  signals: number
  evidence: number
  clearedAlarms: number
  /** Notices, and the log of their deliveries. */
  notices: number
}

export const defaultRetention: RetentionDays = { signals: 30, evidence: 400, clearedAlarms: 400, notices: 30 }

const dayMs = 86_400_000

/**
 * What is removed by deleting rows, oldest first. `key` finds them (an index begins with `order`); `condition` has one
 * parameter, the time limit.
 */
interface Pruned {
  table: string
  condition: string
  keepDays(days: RetentionDays): number
}

/** Hourly and daily counts of attacks and refusals. */
const countersDays = 90

const pruned: readonly Pruned[] = [
  { table: 'control_evidence', condition: 'at < $1', keepDays: ({ evidence }) => evidence },
  { table: 'alarm', condition: "state = 'cleared' AND cleared_at < $1", keepDays: ({ clearedAlarms }) => clearedAlarms },
  // Longer than a record may be old: none counts twice.
  { table: 'usage_record', condition: 'at < $1', keepDays: () => 500 },
  { table: 'health_hour', condition: 'hour < $1', keepDays: () => countersDays },
  { table: 'health_sim', condition: 'day < $1', keepDays: () => countersDays },
  { table: 'equipment_change', condition: 'day < $1', keepDays: ({ evidence }) => evidence },
  { table: 'equipment_seen', condition: 'seen_at < $1', keepDays: ({ evidence }) => evidence },
  { table: 'service_availability', condition: 'step_s = 300 AND at < $1', keepDays: () => 2 },
  { table: 'service_availability', condition: 'step_s = 3600 AND at < $1', keepDays: () => 31 },
  { table: 'service_availability', condition: 'step_s = 86400 AND at < $1', keepDays: ({ evidence }) => evidence },
  { table: 'session', condition: 'expires_at < $1', keepDays: () => 0 },
  { table: 'claim_token', condition: 'expires_at < $1', keepDays: () => 1 },
  { table: 'notice', condition: 'at < $1', keepDays: ({ notices }) => notices },
  { table: 'webhook_delivery', condition: "state <> 'waiting' AND created_at < $1", keepDays: ({ notices }) => notices },
  { table: 'idempotent_request', condition: 'expires_at < $1', keepDays: () => 0 },
  { table: 'api_token', condition: 'expires_at < $1', keepDays: () => 0 },
  { table: 'api_assertion', condition: 'expires_at < $1', keepDays: () => 0 },
]

/**
 * Deletes in steps that take about 50 ms each on the embedded store, and lets everyone else in between; returns how
 * many rows went.
 */
export async function prune(db: Db, table: string, condition: string, limit: Date | string): Promise<number> {
  const statement = `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${limits.store.chunkRows}))`
  let deleted = 0
  for (;;) {
    const { affected } = await db.query(statement, [limit], { priority: 'job' })
    deleted += affected
    if (affected < limits.store.chunkRows) return deleted
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** One round: partitions for the coming days, old ones dropped, old rows deleted. Returns rows and partitions removed. */
export async function runRetention(db: Db, now: number, days: RetentionDays, log: StoreLog): Promise<Record<string, number>> {
  await ensureSignalPartitions(db, now, 3, log)
  const signalLimit = now - days.signals * dayMs
  const removed: Record<string, number> = {
    signal_event_partitions: (await dropSignalPartitions(db, signalLimit, log)).length,
    signal_event_other: await prune(db, 'signal_event_other', 'id < $1', lowestIdAt(signalLimit)),
  }
  for (const { table, condition, keepDays } of pruned) {
    const rows = await prune(db, table, condition, new Date(now - keepDays(days) * dayMs))
    removed[table] = (removed[table] ?? 0) + rows
    // The embedded store has no process of its own that reclaims what was deleted.
    if (db.engine === 'pglite' && rows > 0) await db.query(`VACUUM ${table}`, [], { priority: 'job' })
  }
  if (db.engine === 'pglite') await refreshStatistics(db)
  return removed
}

export interface Retention {
  /** Runs a round now. */
  run(): Promise<Record<string, number>>
  close(): Promise<void>
}

/** A round every hour. A store that is away is not a fault: the next round catches up. */
export function startRetention(options: { db: Db; clock: Clock; log: StoreLog; days?: RetentionDays }): Retention {
  const { db, clock, log } = options
  const days = options.days ?? defaultRetention
  let running: Promise<unknown> = Promise.resolve()
  let timer: Timer | undefined
  let closed = false

  const run = (): Promise<Record<string, number>> => {
    const round = runRetention(db, clock.now(), days, log)
    running = round.catch(() => {})
    return round
  }
  const arm = (): void => {
    timer = clock.after(3_600_000, () => {
      run()
        .catch((error: unknown) => {
          if (!isStoreUnavailable(error)) log.error({ because: String(error) }, 'retention failed')
        })
        .finally(() => {
          if (!closed) arm()
        })
    })
  }
  arm()
  return {
    run,
    async close() {
      closed = true
      timer?.cancel()
      await running
    },
  }
}

/**
 * Fresh planner statistics from a small sample. Call it after a bulk load: a statement that was prepared while a table
 * was small may keep a plan that reads all of it, and the embedded store never measures by itself.
 */
export async function refreshStatistics(
  db: Db,
  tables: readonly string[] = ['subscription', 'card', 'auc', 'registration'],
): Promise<void> {
  for (const table of tables) {
    await db.exec(`BEGIN; SET LOCAL default_statistics_target = 10; ANALYZE ${table}; COMMIT`, { priority: 'job' })
  }
}
