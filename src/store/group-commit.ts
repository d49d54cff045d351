import type { Clock } from '#core/clock.ts'
import { type Batches, createBatches } from './batches.ts'
import type { Db, Priority, Tx } from './db.ts'

export interface GroupCommitOptions<Row> {
  db: Db
  clock: Clock
  /** How long the first row that finds a commit running waits for company; 2 to 5. */
  windowMs: number
  /** Rows of one transaction at most. */
  maxBatch: number
  /** Writes all rows in one transaction, in the order they were added. May run again for a part of them. */
  write(tx: Tx, rows: readonly Row[]): Promise<void>
  priority?: Priority
}

export type GroupCommit<Row> = Batches<Row>

/** Writes that answers wait for: what arrives together shares one transaction. */
export function createGroupCommit<Row>(options: GroupCommitOptions<Row>): GroupCommit<Row> {
  const { db, clock, windowMs, maxBatch, write } = options
  const priority = options.priority ?? 'signalling'
  return createBatches<Row>({
    clock,
    windowMs,
    maxBatch,
    commit: (rows) => db.transaction((tx) => write(tx, rows), { priority }),
    insideTransaction: () => db.insideTransaction(),
  })
}
