import { OperationError } from '#core/errors.ts'
import type { Serve } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { isUuid } from '#platform/page.ts'
import type { LedgerKey } from '#platform/ports.ts'
import type { LedgerReceiptFile } from '#platform/receipt.ts'
import type { Db } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { proveEntry } from '#store/ledger-receipt.ts'
import type { SubjectKeys } from '#store/subject-keys.ts'
import { listEntries, viewEntries } from './entries.ts'

const { listLedgerEntries, openLedgerPersonal, getLedgerReceipt, getLedger, getLedgerKeys } = operations

export const auditRoutes = [listLedgerEntries, openLedgerPersonal, getLedgerReceipt, getLedger, getLedgerKeys]

export interface AuditParts {
  store: Db
  ledger: Ledger
  subjects: SubjectKeys
  verification(): { at: number; ok: boolean } | null
  publicKeys(): Promise<readonly LedgerKey[]>
  now(): number
}

/** The ledger as people read it. */
export function serveAudit(serve: Serve, parts: AuditParts): void {
  const { store, ledger, subjects, verification, publicKeys, now } = parts
  serve(listLedgerEntries, async ({ db, query }) => {
    const page = await listEntries(db, subjects, query, now())
    return { ...page, items: await viewEntries(db, page.items) }
  })
  serve(openLedgerPersonal, (call) => openPersonal(parts, call))
  serve(getLedgerReceipt, async ({ db, params }) => {
    if (!isUuid(params.id)) throw unknown(params.id)
    // An entry of a moment ago has no signature over it yet.
    const proven = (await proveEntry(store, db, params.id)) ?? ((await ledger.checkpoint()) ? await proveEntry(store, db, params.id) : null)
    if (proven === null) throw unknown(params.id)
    const file: LedgerReceiptFile = {
      type: 'simward-ledger-receipt',
      version: 1,
      entry: { body: { ...proven.body }, receipt: proven.receipt },
      keys: (await publicKeys()).map(({ keyId, publicKey }) => ({ keyId, publicKey })),
    }
    return `${JSON.stringify(file, null, 2)}\n`
  })
  serve(getLedger, async () => {
    const { rows } = await store.query<{ number: bigint; at: Date; key_id: string }>(
      'SELECT number, at, key_id FROM ledger_checkpoint ORDER BY number DESC LIMIT 1',
      [],
      { priority: 'portal' },
    )
    const [last] = rows
    return {
      verification: verification(),
      checkpoint: last === undefined ? null : { number: `${last.number}`, at: last.at.getTime(), keyId: last.key_id },
    }
  })
  serve(getLedgerKeys, async () => ({ keys: [...(await publicKeys())] }))
}

/** Whoever reads what was sealed leaves an entry of their own before they see it. */
async function openPersonal({ ledger }: AuditParts, call: Call<typeof openLedgerPersonal>): Promise<{ personal: unknown }> {
  const { identity, db, params, body, address } = call
  if (identity === null || !identity.permissions.includes('audit:read'))
    throw new OperationError('not-allowed', 403, 'this needs the permission audit:read as well')
  const { rows } = isUuid(params.id)
    ? await db.query<{ id: string; kind: string; provider_id: string | null; subject_id: string | null; sealed: Buffer | null }>(
        'SELECT id, kind, provider_id, subject_id, sealed FROM ledger_entry WHERE id = $1',
        [params.id],
      )
    : { rows: [] }
  const [row] = rows
  if (row === undefined) throw unknown(params.id)
  const { id, kind, provider_id: providerId, subject_id: subjectId, sealed } = row
  if (sealed === null) throw new OperationError('nothing-sealed', 404, 'this entry has no personal part')
  await ledger.append({
    kind: 'personal-opened',
    actor: identity.personId,
    providerId,
    body: { entryId: id, entryKind: kind, reason: body.reason, address },
  })
  return { personal: await ledger.openPersonal({ id, subjectId, sealed }) }
}

function unknown(id: string): OperationError {
  return new OperationError('entry-unknown', 404, `there is no ledger entry ${id}`)
}
