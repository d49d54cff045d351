import type { LedgerKey } from '#platform/ports.ts'
import type { ApprovalReceiptFile } from '#platform/receipt.ts'
import type { Db } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { type ProvenEntry, proveEntry } from '#store/ledger-receipt.ts'
import { type ApprovalRow, approvalOf, selectDecisions } from './store.ts'

export interface ReceiptParts {
  store: Db
  ledger: Ledger
  rpId: string
  keys: readonly LedgerKey[]
}

/**
 * Everything that proves what was asked, who agreed and what was done: the command, each person's assertion over its hash,
 * and every ledger entry about it with the path to a signed checkpoint. null while an entry has no checkpoint yet.
 */
export async function makeReceipt({ store, ledger, rpId, keys }: ReceiptParts, row: ApprovalRow): Promise<ApprovalReceiptFile | null> {
  await ledger.checkpoint()
  // Whoever may read the approval may read what the ledger says of it, and nothing else: its provider's entries. By the owner's
  // connection, because row-level security would keep the index from being used.
  const { rows } = await store.query<{ id: string }>(
    `SELECT id FROM ledger_entry WHERE body ->> 'approvalId' IS NOT NULL AND body ->> 'approvalId' = $1
       AND provider_id IS NOT DISTINCT FROM $2 ORDER BY id LIMIT 4096`,
    [row.id, row.provider_id],
    { priority: 'portal' },
  )
  const entries: ProvenEntry[] = []
  for (const { id } of rows) {
    const proven = await proveEntry(store, store, id)
    if (proven === null) return null
    entries.push(proven)
  }
  const decisions = await selectDecisions(store, [row.id])
  const { id, kind, providerId, command } = approvalOf(row, decisions)
  return {
    type: 'simward-approval-receipt',
    version: 1,
    approval: { id, kind, providerId, command },
    rpId,
    decisions: decisions.map(({ person_id: personId, decision, assertion }) => ({ personId, decision, assertion })),
    // Typed as what a reader of the file sees.
    entries: entries.map(({ body, receipt }) => ({ body: { ...body }, receipt })),
    keys: keys.map(({ keyId, publicKey }) => ({ keyId, publicKey })),
  }
}
