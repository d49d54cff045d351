import type { Clock, Timer } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { createBatches } from './batches.ts'
import { type Db, type Priority, type Scope, type StoreLog, type Tx, toJson } from './db.ts'
import { createLedgerChain, type LedgerPlace, type UnplacedEntry } from './ledger-chain.ts'
import { type CheckpointSigner, writeCheckpoint } from './ledger-checkpoint.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** One thing worth remembering for ever. */
export interface LedgerDraft {
  /** For example `subscription-changed`, `verdict`, `approval`, `bulk-chunk`. */
  kind: string
  /** A person's id, a control or a function; never a name that erasure would have to reach. */
  actor: string
  providerId?: string | null
  /** Whom it is about, where nothing about them needs sealing. */
  subjectId?: string
  /** JSON without personal data: it stays readable after every erasure. */
  body: Readonly<Record<string, unknown>>
  /** Goes into the sealed payload, under the key of its subject. */
  personal?: { subjectId: string; data: unknown }
}

export interface Ledger {
  /** Resolves when the entry is committed; entries that arrive together share a transaction. */
  append(draft: LedgerDraft): Promise<LedgerPlace>
  /**
   * A change and its entries in one transaction: both are there or neither. `note` adds an entry. With a scope, `run`
   * has that scope's rights and row-level security; the ledger itself is written with the store's own. `priority`: default
   * that of the handle; `job` for chunks of bulk work, behind which nothing else may wait.
   */
  record<T>(run: (tx: Tx, note: (draft: LedgerDraft) => void) => Promise<T>, options?: RecordOptions): Promise<T>
  /** Destroys the subject's key and says so in a row. False when it was erased before. */
  eraseSubject(subjectId: string, by: { actor: string; reason: string }): Promise<boolean>
  /** What an entry keeps sealed; null when its subject is erased or nothing was sealed. */
  openPersonal(entry: { id: string; subjectId: string | null; sealed: Buffer | null }): Promise<unknown>
  /** Signs how far every chain has come; true when there was something new. */
  checkpoint(): Promise<boolean>
  /** Waits for what was appended and signs a last checkpoint. */
  close(): Promise<void>
}

interface RecordOptions {
  scope?: Scope
  /** Everything is done and then taken back, entries too: resolves to what `run` gave, throws what it threw. */
  rehearsal?: boolean
  priority?: Priority
}

export interface LedgerOptions {
  db: Db
  clock: Clock
  log: StoreLog
  newId: (nowMs: number) => string
  /** Name of this process, in the chain's row and in checkpoints. */
  node: string
  subjects: SubjectKeys
  signer: CheckpointSigner
  /** Time from the first new entry to the checkpoint that covers it; 0: only when asked. */
  checkpointAfterMs: number
}

/** Leaves a transaction with what it would have come to. */
class Rehearsed extends Error {
  readonly outcome: unknown

  constructor(outcome: unknown) {
    super('a rehearsal ends here')
    this.outcome = outcome
  }
}

interface Appending {
  entry: UnplacedEntry
  place?: LedgerPlace
}

/** The ledger of this process, which begins a chain of its own at its first entry. */
export function createLedger(options: LedgerOptions): Ledger {
  const { db, clock, newId, node, subjects } = options
  const chain = createLedgerChain({ db, chain: newId(clock.now()), node, startedAt: new Date(clock.now()) })
  const batches = createBatches<Appending>({
    clock,
    windowMs: 2,
    maxBatch: limits.store.groupCommitBatch,
    insideTransaction: () => db.insideTransaction(),
    commit: async (rows) => {
      const places = await chain.transaction((_tx, write) => write(rows.map(({ entry }) => entry)))
      for (const [index, row] of rows.entries()) {
        const place = places[index]
        if (place !== undefined) row.place = place
      }
    },
  })
  const checkpoints = createCheckpointing(options)

  async function record<T>(
    run: (tx: Tx, note: (draft: LedgerDraft) => void) => Promise<T>,
    { scope, priority, rehearsal = false }: RecordOptions = {},
  ): Promise<T> {
    const recorded = chain.transaction(
      async (tx, write) => {
        const drafts: LedgerDraft[] = []
        const outcome = await run(tx, (draft) => drafts.push(draft))
        if (rehearsal) throw new Rehearsed(outcome)
        if (drafts.length === 0) return outcome
        // Sealing reads keys, which no scope may.
        if (scope !== undefined) await tx.query("SELECT set_config('role', 'none', true)")
        const entries: UnplacedEntry[] = []
        for (const draft of drafts) entries.push(await complete(options, draft, tx))
        await write(entries)
        return outcome
      },
      { ...(scope && { scope }), ...(priority && { priority }) },
    )
    try {
      const result = await recorded
      checkpoints.soon()
      return result
    } catch (error) {
      if (error instanceof Rehearsed) return error.outcome as T
      throw error
    }
  }

  return {
    record,
    checkpoint: checkpoints.now,
    async append(draft) {
      const row: Appending = { entry: await complete(options, draft) }
      await new Promise<void>((resolve, reject) => {
        batches.add(row, (error) => (error === null ? resolve() : reject(error)))
      })
      checkpoints.soon()
      if (row.place === undefined) throw new Error('an entry was committed without a place')
      return row.place
    },
    eraseSubject: (subjectId, { actor, reason }) =>
      record(async (tx, note) => {
        const erased = await subjects.destroy(tx, subjectId)
        if (erased) note({ kind: 'subject-erased', actor, subjectId, body: { reason } })
        return erased
      }),
    async openPersonal({ id, subjectId, sealed }) {
      if (subjectId === null || sealed === null) return null
      const octets = await subjects.open(subjectId, contextOf(id), sealed)
      return octets === null ? null : JSON.parse(octets.toString('utf8'))
    },
    async close() {
      await batches.close()
      await checkpoints.close()
    },
  }
}

/** Checkpoints on demand, and some time after each new entry. */
function createCheckpointing(options: LedgerOptions): { now(): Promise<boolean>; soon(): void; close(): Promise<void> } {
  const { clock, log, checkpointAfterMs } = options
  let timer: Timer | undefined
  let writing: Promise<unknown> = Promise.resolve()
  let closed = false

  function now(): Promise<boolean> {
    const written = writeCheckpoint(options)
    writing = written.catch(() => {})
    return written
  }

  function soon(): void {
    if (checkpointAfterMs === 0 || timer !== undefined || closed) return
    timer = clock.after(checkpointAfterMs, () => {
      timer = undefined
      now().catch((error: unknown) => {
        log.warn({ because: String(error) }, 'no ledger checkpoint could be signed; trying again')
        soon()
      })
    })
  }

  return {
    now,
    soon,
    async close() {
      closed = true
      timer?.cancel()
      await writing
      await now()
    },
  }
}

/** Names, times and seals a draft. */
async function complete({ clock, newId, subjects }: LedgerOptions, draft: LedgerDraft, tx?: Tx): Promise<UnplacedEntry> {
  const { kind, actor, body, personal } = draft
  if (Buffer.byteLength(toJson(body)) > limits.store.ledgerBodyBytes) {
    throw new OperationError('ledger-entry-too-large', 413, `a ledger entry of kind ${kind} exceeds ${limits.store.ledgerBodyBytes} octets`)
  }
  const now = clock.now()
  const id = newId(now)
  const sealed =
    personal === undefined ? null : await subjects.seal(personal.subjectId, contextOf(id), Buffer.from(toJson(personal.data)), tx)
  const subjectId = personal?.subjectId ?? draft.subjectId ?? null
  return { id, at: new Date(now), kind, actor, providerId: draft.providerId ?? null, subjectId, body, sealed }
}

/** Binds a sealed payload to its entry: moved to another one, it does not open. */
function contextOf(entryId: string): string {
  return `ledger entry ${entryId}`
}
