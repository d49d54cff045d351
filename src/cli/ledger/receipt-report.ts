import { createHash, createPublicKey } from 'node:crypto'
import { type ApprovalProof, verifyApprovalReceipt } from '#functions/approvals/verify-receipt.ts'
import { verifierOf } from '#functions/ledger/signing-key.ts'
import type { ApprovalReceiptFile, KeyFile, LedgerReceiptFile } from '#platform/receipt.ts'
import { verifyProvenEntry } from '#store/ledger-receipt.ts'

export interface ReceiptReport {
  ok: boolean
  lines: string[]
  faults: string[]
}

/** Checks a receipt with nothing but public keys, and says in words what each side signed. */
export async function reportReceipt(file: LedgerReceiptFile | ApprovalReceiptFile, trusted: KeyFile | null): Promise<ReceiptReport> {
  const keys = trusted?.keys ?? file.keys
  const verify = verifierOf(keys)
  if (file.type === 'simward-ledger-receipt') {
    const { entry, checkpoint } = file.entry.receipt
    const ok = await verifyProvenEntry(file.entry, verify)
    return {
      ok,
      faults: ok ? [] : ['the entry is not what the signed ledger holds'],
      lines: [
        `entry      ${entry.id}: ${entry.kind} by ${entry.actor}, ${time(entry.at)}`,
        `says       ${JSON.stringify(file.entry.body)}`,
        `signed     checkpoint ${checkpoint.number} of ${time(checkpoint.at)}`,
        ...keyLines([checkpoint.keyId], keys, trusted !== null),
      ],
    }
  }
  const proof = await verifyApprovalReceipt(file, verify, trusted?.passkeys ?? null)
  return { ok: proof.faults.length === 0, faults: proof.faults, lines: approvalLines(file, proof, keys, trusted) }
}

function approvalLines(file: ApprovalReceiptFile, proof: ApprovalProof, keys: KeyFile['keys'], trusted: KeyFile | null): string[] {
  const { approval } = file
  const whose = approval.providerId === null ? 'of the operator' : `of provider ${approval.providerId}`
  const signers = [...new Set(file.entries.map(({ receipt }) => receipt.checkpoint.keyId))]
  return [
    `approval   ${approval.id}: ${approval.kind} ${whose}`,
    `command    ${JSON.stringify(approval.command)}`,
    `hash       ${proof.commandHash}`,
    ...(proof.requested === null
      ? []
      : [`asked      ${time(proof.requested.at)} by ${proof.requested.by}: ${proof.requested.reason} (needs ${proof.requested.needed})`]),
    ...proof.decisions.map(({ personId, decision, at, reason, signature }) => {
      const word = decision === 'approve' ? 'approved  ' : 'refused   '
      const how =
        signature === null
          ? 'unsigned (demo)'
          : `signed with passkey ${signature.credentialId} (${signature.algorithm}) on ${signature.origin}, person verified`
      return `${word} ${time(at)} by ${personId}: ${reason}; ${how}`
    }),
    proof.end === null ? 'end        none yet' : `end        ${time(proof.end.at)}: ${proof.end.kind.replace('approval-', '')}`,
    `signed     ${file.entries.length} ledger entries under checkpoint ${proof.checkpoints.join(', ')}`,
    ...keyLines(signers, keys, trusted !== null),
    ...(trusted?.passkeys === undefined && proof.decisions.some(({ signature }) => signature !== null)
      ? ['           whose passkeys these are is the operator’s word: give your own list with --keys to check it']
      : []),
    ...(proof.decisions.some(({ signature }) => signature === null)
      ? ['           decisions of the demo carry no signature: they prove nothing about who decided']
      : []),
  ]
}

/** Whoever has no keys of their own compares the fingerprint with the one that the operator published. */
function keyLines(ids: readonly string[], keys: KeyFile['keys'], areTrusted: boolean): string[] {
  return ids.map((id) => {
    const key = keys.find(({ keyId }) => keyId === id)
    const from = areTrusted ? 'from your file' : 'came with the receipt: compare it with the one that the operator published'
    return `key        ${id} SHA256:${key === undefined ? 'unknown' : fingerprint(key.publicKey)} (${from})`
  })
}

function fingerprint(pem: string): string {
  try {
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' })
    return createHash('sha256').update(der).digest('base64url')
  } catch {
    return 'none, for it is no key'
  }
}

const time = (ms: number): string => new Date(ms).toISOString()
