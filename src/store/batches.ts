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
  // `due`: starts after the present microtasks; `window`: waits for company until the timer.
  let state: 'idle' | 'due' | 'committing' | 'window' = 'idle'
  let timer: Timer | undefined
  let closed = false
  const flushing: (() => void)[] = []
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
    // After the present microtasks, so that what one read event brought goes together.
    if (state === 'idle') startSoon()
    else if (state === 'window' && queue.length >= maxBatch) startNow()
  }

  function isFull(): boolean {
    return queue.length >= limits.store.groupCommitQueue
  }

  function startSoon(): void {
    state = 'due'
    queueMicrotask(startNow)
  }

  function startNow(): void {
    timer?.cancel()
    timer = undefined
    outside(() => void commitNext())
  }

  async function commitNext(): Promise<void> {
    state = 'committing'
    const batch = queue.slice(0, maxBatch)
    queue = queue.slice(maxBatch)
    oldestAt = clock.monotonicMs()
    const decided = await commit(batch, options.commit)
    // Idle first, answers second: what an answer brings in its turn need not wait for a window.
    state = 'idle'
    if (queue.length > 0) goOn()
    for (const { done, error } of decided) done(error)
    if (queue.length === 0) for (const resolve of flushing.splice(0)) resolve()
  }

  function goOn(): void {
    const waitMs = windowMs - (clock.monotonicMs() - oldestAt)
    if (waitMs <= 0 || queue.length >= maxBatch || flushing.length > 0) {
      startSoon()
    } else {
      state = 'window'
      timer = clock.after(waitMs, startNow)
    }
  }

  async function flush(): Promise<void> {
    if (state === 'idle') return
    const decided = new Promise<void>((resolve) => {
      flushing.push(resolve)
    })
    if (state === 'window') startNow()
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

interface Decided {
  done: (error: Error | null) => void
  error: Error | null
}

/** A row that the database refuses costs only itself: the batch is halved until it stands alone. */
async function commit<Row>(batch: readonly Pending<Row>[], run: BatchOptions<Row>['commit'], again = true): Promise<Decided[]> {
  try {
    await run(batch.map(({ row }) => row))
    return batch.map(({ done }) => ({ done, error: null }))
  } catch (error) {
    const state = sqlState(error)
    // A serialization failure or deadlock says that the same transaction may well succeed now (SQLSTATE class 40).
    if (again && state.startsWith('40')) return await commit(batch, run, false)
    if (batch.length > 1 && /^2[23]/.test(state)) {
      const half = batch.length >> 1
      const first = await commit(batch.slice(0, half), run)
      return [...first, ...(await commit(batch.slice(half), run))]
    }
    const reason = error instanceof Error ? error : new Error(String(error))
    return batch.map(({ done }) => ({ done, error: reason }))
  }
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
