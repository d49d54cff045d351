import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { storeUnavailable } from './db.ts'

export interface BatchOptions<Row> {
  clock: Clock
  /** How long the first row that finds a commit running waits for company; 2 to 5. */
  windowMs: number
  /** Rows of one commit at most. */
  maxBatch: number
  /** All rows or none, in the order they were added. Called again for a part of them when the database refuses a row. */
  commit(rows: readonly Row[]): Promise<void>
  /** True where waiting for a commit would wait for the caller itself. */
  insideTransaction(): boolean
}

export interface Batches<Row> {
  /** `done` is called once: with null when the row is committed, else with why it is not. Throws inside an open transaction. */
  add(row: Row, done: (error: Error | null) => void): void
  /** Resolves when everything added so far is decided. */
  flush(): Promise<void>
  /** As `flush`; refuses rows from now on. */
  close(): Promise<void>
}

interface Pending<Row> {
  row: Row
  done: (error: Error | null) => void
}

/**
 * Rows that many answers wait for, in few commits: at once when nothing is being committed, else what arrived within
 * the window goes together. One commit runs at a time, so rows reach the database in the order they were added.
 */
export function createBatches<Row>(options: BatchOptions<Row>): Batches<Row> {
  const { clock, windowMs, maxBatch } = options
  let queue: Pending<Row>[] = []
  let oldestAt = 0
  let running = false
  let timer: Timer | undefined
  let closed = false
  const idle: (() => void)[] = []
  // The caller's own context must not follow the rows of others into the transaction.
  const outside = AsyncLocalStorage.snapshot()

  function add(row: Row, done: (error: Error | null) => void): void {
    if (options.insideTransaction()) throw new Error('a group commit was used inside an open transaction, which it would wait for')
    const refusal = closed
      ? storeUnavailable('it is closing')
      : isFull()
        ? storeUnavailable('too many rows wait for it', { busy: true })
        : null
    if (refusal !== null) {
      done(refusal)
      return
    }
    if (queue.push({ row, done }) === 1) oldestAt = clock.monotonicMs()
    if (!running) {
      running = true
      // After the present microtasks: what one read event brought goes together.
      queueMicrotask(startNow)
    } else if (timer !== undefined && queue.length >= maxBatch) {
      startNow()
    }
  }

  function isFull(): boolean {
    return queue.length >= limits.store.groupCommitQueue
  }

  function startNow(): void {
    timer?.cancel()
    timer = undefined
    outside(() => void commitNext())
  }

  async function commitNext(): Promise<void> {
    const batch = queue.slice(0, maxBatch)
    queue = queue.slice(maxBatch)
    oldestAt = clock.monotonicMs()
    await commit(batch, options.commit)
    if (queue.length === 0) {
      running = false
      for (const resolve of idle.splice(0)) resolve()
      return
    }
    const waitMs = queue.length >= maxBatch || idle.length > 0 ? 0 : windowMs - (clock.monotonicMs() - oldestAt)
    if (waitMs > 0) timer = clock.after(waitMs, startNow)
    else startNow()
  }

  async function flush(): Promise<void> {
    if (!running) return
    const decided = new Promise<void>((resolve) => {
      idle.push(resolve)
    })
    if (timer !== undefined) startNow()
    await decided
  }

  return {
    add,
    flush,
    async close() {
      closed = true
      await flush()
    },
  }
}

/** A row that the database refuses costs only itself: the batch is halved until it stands alone. */
async function commit<Row>(batch: readonly Pending<Row>[], run: BatchOptions<Row>['commit'], again = true): Promise<void> {
  try {
    await run(batch.map(({ row }) => row))
  } catch (error) {
    const state = sqlState(error)
    // A serialization failure or deadlock says that the same transaction may well succeed now (SQLSTATE class 40).
    if (again && state.startsWith('40')) return await commit(batch, run, false)
    if (batch.length > 1 && /^2[23]/.test(state)) {
      const half = batch.length >> 1
      await commit(batch.slice(0, half), run)
      return await commit(batch.slice(half), run)
    }
    const reason = error instanceof Error ? error : new Error(String(error))
    for (const { done } of batch) done(reason)
    return
  }
  for (const { done } of batch) done(null)
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
