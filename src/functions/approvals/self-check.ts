import type { Logger } from 'pino'
import type { Clock } from '#core/clock.ts'
import type { LedgerKey } from '#platform/ports.ts'
import { readReceipt } from '#platform/receipt.ts'
import type { Db } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import type { VerifySignature } from '#store/ledger-verify.ts'
import { makeReceipt } from './receipt.ts'
import type { ApprovalRow } from './store.ts'
import { verifyApprovalReceipt } from './verify-receipt.ts'

export interface SelfCheckParts {
  store: Db
  ledger: Ledger
  clock: Clock
  log: Logger
  rpId(): string
  keys(): Promise<readonly LedgerKey[]>
  /** Made from those keys. */
  verifier(keys: readonly LedgerKey[]): VerifySignature
}

const checkEveryMs = 60_000

/** Does to the newest receipt what an auditor would do: makes it, reads it as a stranger, and verifies it. */
export class SelfCheck {
  readonly #parts: SelfCheckParts
  #last: { at: number; ok: boolean; signed: boolean } | null = null
  #isClosed = false
  #running: Promise<void> = Promise.resolve()

  constructor(parts: SelfCheckParts) {
    this.#parts = parts
  }

  last(): { at: number; ok: boolean; signed: boolean } | null {
    return this.#last
  }

  start(): void {
    if (this.#isClosed) return
    this.#running = this.check().finally(() => this.#parts.clock.after(checkEveryMs, () => this.start()))
  }

  async check(): Promise<void> {
    const { store, ledger, clock, log, rpId, keys, verifier } = this.#parts
    try {
      // Decided by persons, and at its end: what is still under way has no whole receipt.
      const { rows } = await store.query<ApprovalRow>(
        `SELECT * FROM approval WHERE state IN ('executed', 'failed', 'refused') AND in_ledger ORDER BY id DESC LIMIT 1`,
        [],
        { priority: 'job' },
      )
      const [row] = rows
      if (row === undefined || this.#isClosed) return
      const known = await keys()
      const made = await makeReceipt({ store, ledger, rpId: rpId(), keys: known }, row)
      if (made === null) return
      const file = readReceipt(JSON.parse(JSON.stringify(made)))
      if (file.type !== 'simward-approval-receipt') return
      const proof = await verifyApprovalReceipt(file, verifier(known))
      const ok = proof.faults.length === 0
      if (!ok) log.error({ approval: row.id, faults: proof.faults }, 'the receipt of an approval does not verify')
      this.#last = { at: clock.now(), ok, signed: proof.decisions.every(({ signature }) => signature !== null) }
    } catch (error) {
      log.warn({ err: error }, 'the newest receipt could not be checked')
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }
}
