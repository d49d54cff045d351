import { createHash } from 'node:crypto'
import { canonicalJson } from '#core/canonical-json.ts'
import type { ApprovalDraft } from '#platform/approval.ts'

export type Decision = 'approve' | 'refuse'

/** Names the command beyond doubt: its approval's id is in it, so that no signature fits a second, equal command. */
export function commandHash({
  id,
  kind,
  providerId,
  command,
}: Pick<ApprovalDraft, 'kind' | 'providerId' | 'command'> & { id: string }): Buffer {
  return createHash('sha256').update(canonicalJson({ command, id, kind, providerId })).digest()
}

/**
 * What an authenticator signs: SHA-256 over `simward approval 1`, a line feed, and the canonical JSON of
 * `[commandHash in hex, decision, person's id]`. A yes cannot be shown as a no, nor as another person's.
 */
export function decisionChallenge(hash: Uint8Array, decision: Decision, personId: string): Buffer {
  const what = [Buffer.from(hash).toString('hex'), decision, personId]
  return createHash('sha256')
    .update(`simward approval 1\n${canonicalJson(what)}`)
    .digest()
}
