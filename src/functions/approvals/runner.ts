import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Approval } from '#platform/approval.ts'
import type { NoticePort } from '#platform/notice.ts'
import { type Db, isStoreUnavailable } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { commandHash } from './command-hash.ts'
import { closingEntry, noticeOf, requestEntry } from './desk.ts'
import { type ApprovalRow, approvalOf, moveApproval, selectApproval, selectDecisions } from './store.ts'

const { leaseMs, sweep: chunk, executing } = limits.approvals
const sweepEveryMs = 5_000
/** Functions that execute start after this one. */
const firstSweepMs = 500

type Execute = (approval: Approval) => Promise<void>

export interface RunnerParts {
  store: Db
  ledger: Ledger
  clock: Clock
  log: Logger
  /** This process, and no other and no former one. */
  owner: string
  notices(): NoticePort | undefined
}

/**
 * Executes what was approved, at least once and by one process at a time: a lease in the row says who, and whoever dies
 * loses it. Sweeps what expired and brings into the ledger what was asked for within another change's transaction.
 */
export class Runner {
  readonly #parts: RunnerParts
  readonly #executors = new Map<string, Execute>()
  readonly #running = new Map<string, Promise<void>>()
  #sweeping: Promise<void> = Promise.resolve()
  #timer: Timer | undefined
  #isQueued = false
  #isClosed = false

  constructor(parts: RunnerParts) {
    this.#parts = parts
  }

  on(kind: string, execute: Execute): void {
    if (this.#executors.has(kind)) throw new Error(`approvals of kind ${kind} have two executors`)
    this.#executors.set(kind, execute)
  }

  start(): void {
    const again = (): void => {
      if (this.#isClosed) return
      void this.sweep()
      this.#timer = this.#parts.clock.after(sweepEveryMs, again)
    }
    this.#timer = this.#parts.clock.after(firstSweepMs, again)
  }

  /** Looks for work now; sweeps follow each other, and of those that wait one is enough. */
  sweep(): Promise<void> {
    if (this.#isQueued) return this.#sweeping
    this.#isQueued = true
    this.#sweeping = this.#sweeping.then(async () => {
      this.#isQueued = false
      if (this.#isClosed) return
      try {
        await this.#bringIntoLedger()
        await this.#expire()
        await this.#executeApproved()
      } catch (error) {
        this.#parts.log.warn({ err: error }, 'approvals could not be swept; trying again')
      }
    })
    return this.#sweeping
  }

  /** Resolves when what runs here has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#sweeping
    await Promise.all(this.#running.values())
  }

  async #bringIntoLedger(): Promise<void> {
    const { store, ledger } = this.#parts
    const { rows } = await store.query<{ id: string }>('SELECT id FROM approval WHERE NOT in_ledger ORDER BY id LIMIT $1', [chunk], {
      priority: 'job',
    })
    for (const { id } of rows) {
      await ledger.record(async (tx, note) => {
        // Another process may be about to do the same.
        const { affected } = await tx.query('UPDATE approval SET in_ledger = true WHERE id = $1 AND NOT in_ledger', [id])
        const row = affected === 0 ? null : await selectApproval(tx, id)
        if (row !== null) note(requestEntry(approvalOf(row, [])))
      })
    }
  }

  async #expire(): Promise<void> {
    const { store, ledger, clock } = this.#parts
    const now = new Date(clock.now())
    const { rows } = await store.query<{ id: string }>(
      `SELECT id FROM approval WHERE state = 'waiting' AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
      [now, chunk],
      { priority: 'job' },
    )
    for (const { id } of rows) {
      await ledger.record(async (tx, note) => {
        const row = await selectApproval(tx, id, true)
        if (row === null || !(await moveApproval(tx, id, { from: 'waiting', to: 'expired', closedAt: now }))) return
        await this.#tell(tx, { ...row, state: 'expired' })
        note(closingEntry(row, 'approval-expired', 'approvals'))
      })
    }
  }

  async #executeApproved(): Promise<void> {
    const { store, clock, owner } = this.#parts
    const kinds = [...this.#executors.keys()]
    const room = executing - this.#running.size
    if (kinds.length === 0 || room <= 0) return
    const now = clock.now()
    // The embedded store has one process: a lease of another name is one of a process that is gone.
    const isStale =
      store.engine === 'pglite' ? '(lease_owner IS DISTINCT FROM $3 OR lease_until < $4)' : '(lease_until IS NULL OR lease_until < $4)'
    const { rows } = await store.query<{ id: string }>(
      `UPDATE approval SET lease_owner = $3, lease_until = $5 WHERE state = 'approved' AND id IN (
         SELECT id FROM approval WHERE state = 'approved' AND kind = ANY($1::text[]) AND ${isStale}
         ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id`,
      [kinds, room, owner, new Date(now), new Date(now + leaseMs)],
      { priority: 'job' },
    )
    for (const { id } of rows) {
      if (this.#running.has(id)) continue
      const run = this.#execute(id).finally(() => {
        this.#running.delete(id)
        // More may have been approved than there was room for.
        void this.sweep()
      })
      this.#running.set(id, run)
    }
  }

  async #execute(id: string): Promise<void> {
    const { log } = this.#parts
    const lease = this.#keepLease(id)
    try {
      const failure = await this.#outcome(id)
      await this.#finish(id, failure)
    } catch (error) {
      // The lease runs out, and the next sweep tries again.
      log.warn({ err: error, approval: id }, 'an approved command could not be executed now; trying again')
    } finally {
      lease.cancel()
    }
  }

  /** null: done. Throws where the store was away: then it is not known, and tried again. */
  async #outcome(id: string): Promise<string | null> {
    const { store, log } = this.#parts
    const row = await selectApproval(store, id)
    if (row === null) return 'the approval is gone'
    const approval = approvalOf(row, await selectDecisions(store, [id]))
    // Executed is what was signed: a row that somebody changed since has another hash.
    if (!commandHash(approval).equals(row.command_hash)) return 'the command is not the one that was approved'
    if (approval.approvedBy.length < approval.needed) return 'fewer persons agreed than it needs'
    try {
      await this.#executors.get(row.kind)?.(approval)
      return null
    } catch (error) {
      if (isStoreUnavailable(error)) throw error
      log.error({ err: error, approval: id }, 'an approved command failed')
      return error instanceof OperationError ? `${error.code}: ${error.message}` : 'an error of the program: see the log of this node'
    }
  }

  async #finish(id: string, failure: string | null): Promise<void> {
    const { ledger, clock, owner } = this.#parts
    const to = failure === null ? 'executed' : 'failed'
    await ledger.record(async (tx, note) => {
      const row = await selectApproval(tx, id, true)
      if (row === null || row.lease_owner !== owner) return
      if (!(await moveApproval(tx, id, { from: 'approved', to, closedAt: new Date(clock.now()), failure }))) return
      await this.#tell(tx, { ...row, state: to })
      note(closingEntry(row, `approval-${to}`, 'approvals', failure === null ? {} : { failure }))
    })
  }

  async #tell(tx: Parameters<NoticePort['note']>[0], row: ApprovalRow): Promise<void> {
    await this.#parts.notices()?.note(tx, noticeOf(row, 'approval.decided'))
    await tx.notify('approval', row.id)
  }

  #keepLease(id: string): Timer {
    const { store, clock, owner, log } = this.#parts
    let timer: Timer
    const renew = (): void => {
      store
        .query('UPDATE approval SET lease_until = $3 WHERE id = $1 AND lease_owner = $2', [id, owner, new Date(clock.now() + leaseMs)], {
          priority: 'job',
        })
        .catch((error: unknown) => log.warn({ err: error, approval: id }, 'the lease of an approval could not be renewed'))
      timer = clock.after(leaseMs / 3, renew)
    }
    timer = clock.after(leaseMs / 3, renew)
    return { cancel: () => timer.cancel() }
  }
}
