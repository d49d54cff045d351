import { canonicalJson } from '#core/canonical-json.ts'
import { verifyAssertion } from '#crypto/webauthn.ts'
import type { ApprovalReceiptFile, KeyFile } from '#platform/receipt.ts'
import { sha256 } from '#store/ledger-digest.ts'
import { verifyProvenEntry } from '#store/ledger-receipt.ts'
import type { VerifySignature } from '#store/ledger-verify.ts'
import { commandHash, type Decision, decisionChallenge } from './command-hash.ts'

export interface ProvenDecision {
  personId: string
  decision: Decision
  at: number
  reason: string
  /** null: unsigned, in the demo. */
  signature: { algorithm: string; credentialId: string; origin: string } | null
}

/** What a receipt proves; it proves nothing where `faults` holds anything. */
export interface ApprovalProof {
  faults: string[]
  commandHash: string
  requested: { by: string; at: number; reason: string; needed: number } | null
  decisions: ProvenDecision[]
  /** How it ended, by the ledger's entry; null: it waits, or waits to be executed. */
  end: { kind: string; at: number } | null
  /** Signed checkpoints that cover its entries. */
  checkpoints: string[]
}

type Entry = ApprovalReceiptFile['entries'][number]
type Passkeys = NonNullable<KeyFile['passkeys']>

/**
 * Needs no database and no network: public keys alone say whether the ledger holds what the receipt says, and whether each
 * person signed exactly this command. `passkeys`: if given, only these count as a person's own.
 */
export async function verifyApprovalReceipt(
  file: ApprovalReceiptFile,
  verify: VerifySignature,
  passkeys: Passkeys | null = null,
): Promise<ApprovalProof> {
  const hash = commandHash(file.approval)
  const faults: string[] = []
  for (const entry of file.entries) faults.push(...(await entryFaults(entry, file, hash, verify)))
  const requested = only(file.entries, 'approval-requested', faults)
  const decisions = file.entries
    .filter(({ receipt }) => receipt.entry.kind === 'approval-decided')
    .map((entry) => proveDecision(entry, { file, hash, passkeys, faults }))
    .filter((decision) => decision !== null)
  for (const { personId } of file.decisions) {
    if (!decisions.some((one) => one.personId === personId)) faults.push(`the decision of ${personId} stands in no ledger entry`)
  }
  const end = file.entries.find(({ receipt }) => endings.has(receipt.entry.kind))
  faults.push(...countFaults(requested, decisions, end))
  return {
    faults,
    commandHash: hash.toString('hex'),
    requested:
      requested === null
        ? null
        : {
            by: requested.receipt.entry.actor,
            at: requested.receipt.entry.at,
            reason: String(requested.body.reason),
            needed: Number(requested.body.needed),
          },
    decisions,
    end: end === undefined ? null : { kind: end.receipt.entry.kind, at: end.receipt.entry.at },
    checkpoints: [...new Set(file.entries.map(({ receipt }) => receipt.checkpoint.number))],
  }
}

const endings: ReadonlySet<string> = new Set(['approval-executed', 'approval-failed', 'approval-withdrawn', 'approval-expired'])

async function entryFaults(entry: Entry, file: ApprovalReceiptFile, hash: Buffer, verify: VerifySignature): Promise<string[]> {
  const { body, receipt } = entry
  const where = `entry ${receipt.entry.id} (${receipt.entry.kind})`
  if (!(await verifyProvenEntry(entry, verify))) return [`${where} is not what the signed ledger holds`]
  if (body.approvalId !== file.approval.id) return [`${where} is about another approval`]
  if (receipt.entry.providerId !== file.approval.providerId) return [`${where} is about another provider`]
  // What a function writes about its own part of the execution names the approval, not the command.
  const namesCommand = receipt.entry.kind.startsWith('approval-')
  return namesCommand && body.commandHash !== hash.toString('hex') ? [`${where} is about another command`] : []
}

function only(entries: readonly Entry[], kind: string, faults: string[]): Entry | null {
  const found = entries.filter(({ receipt }) => receipt.entry.kind === kind)
  if (found.length !== 1) faults.push(`${found.length} entries say that it was asked for`)
  return found[0] ?? null
}

interface Checking {
  file: ApprovalReceiptFile
  hash: Buffer
  passkeys: Passkeys | null
  faults: string[]
}

/** The entry says who decided what; the assertion beside it is the person's own word for it. */
function proveDecision({ body, receipt }: Entry, { file, hash, passkeys, faults }: Checking): ProvenDecision | null {
  const { actor: personId, at } = receipt.entry
  const { decision, assertionDigest } = body
  const beside = file.decisions.filter((one) => one.personId === personId)
  const [own] = beside
  if (own === undefined || beside.length > 1 || own.decision !== decision) {
    faults.push(`the decision of ${personId} is not the one in the ledger`)
    return null
  }
  const base = { personId, decision: own.decision, at, reason: String(body.reason) }
  const digest = own.assertion === null ? null : sha256(canonicalJson(own.assertion)).toString('hex')
  if (digest !== assertionDigest) {
    faults.push(`the signature of ${personId} is not the one in the ledger`)
    return null
  }
  if (own.assertion === null) return { ...base, signature: null }
  const verdict = verifyAssertion(own.assertion, { challenge: decisionChallenge(hash, own.decision, personId), rpId: file.rpId })
  if (!verdict.ok) {
    faults.push(`the signature of ${personId} does not hold: ${verdict.because}`)
    return null
  }
  const { credentialId, publicKey } = own.assertion
  const isKnown = passkeys?.some((key) => key.personId === personId && key.credentialId === credentialId && key.publicKey === publicKey)
  if (isKnown === false) faults.push(`the passkey of ${personId} is none of those that you know as theirs`)
  return { ...base, signature: { algorithm: verdict.algorithm, credentialId, origin: verdict.origin } }
}

/** Approved means: enough persons, each once, none of them who asked. */
function countFaults(requested: Entry | null, decisions: readonly ProvenDecision[], end: Entry | undefined): string[] {
  const faults: string[] = []
  if (new Set(decisions.map(({ personId }) => personId)).size !== decisions.length) faults.push('a person is counted twice')
  if (decisions.some(({ personId }) => personId === requested?.receipt.entry.actor)) faults.push('who asked is counted')
  const approvals = decisions.filter(({ decision }) => decision === 'approve').length
  const wasExecuted = end?.receipt.entry.kind === 'approval-executed' || end?.receipt.entry.kind === 'approval-failed'
  if (wasExecuted && requested !== null && approvals < Number(requested.body.needed)) faults.push('fewer persons agreed than it needs')
  return faults
}
