import { canonicalJson } from '#core/canonical-json.ts'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Approval, ApprovalDraft, ApprovalState } from '#platform/approval.ts'
import type { NoticePort } from '#platform/notice.ts'
import { isUuid } from '#platform/page.ts'
import type { PasskeyPort, SignedAssertion } from '#platform/passkey.ts'
import type { Identity } from '#platform/session.ts'
import type { Db, Scope, TenantDb, Tx } from '#store/db.ts'
import type { Ledger, LedgerDraft } from '#store/ledger.ts'
import { sha256 } from '#store/ledger-digest.ts'
import { commandHash, type Decision, decisionChallenge } from './command-hash.ts'
import {
  type ApprovalRow,
  approvalOf,
  countWaiting,
  type DecisionRow,
  insertApproval,
  insertDecision,
  moveApproval,
  selectApproval,
  selectDecisions,
} from './store.ts'

/** Notified with an approval's id, at the commit of whatever changed it. */
export const approvalChannel = 'approval'

export interface DeskParts {
  store: Db
  ledger: Ledger
  clock: Clock
  newId(): string
  /** In the demo nobody has a passkey: decisions are kept unsigned, and say so. */
  isDemo: boolean
  /** Read when used: both may be absent. */
  passkeys(): PasskeyPort | undefined
  notices(): NoticePort | undefined
}

/** Why somebody cannot decide an approval; the portal has words for each. */
export type Obstacle = 'closed' | 'own' | 'decided' | 'operator-only' | 'people-only'

export interface DecisionWanted {
  id: string
  by: Pick<Identity, 'personId' | 'providerId' | 'kind'>
  decision: Decision
  reason: string
  address: string
  /** The browser's answer to the challenge; null where none was asked for. */
  response: Readonly<Record<string, unknown>> | null
}

/** Where commands wait for persons: what may be asked, decided and taken back. Execution is the runner's. */
export class Desk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  async request(draft: ApprovalDraft, tx?: Tx): Promise<Approval> {
    const { clock, ledger, newId } = this.#parts
    const id = newId()
    const command = canonicalJson(draft.command)
    if (Buffer.byteLength(command) > limits.approvals.commandBytes)
      throw new OperationError('approval-too-large', 413, `a command has at most ${limits.approvals.commandBytes} octets`)
    const made = { id, draft, command, hash: commandHash({ ...draft, id }), requestedAt: new Date(clock.now()) }
    const insert = async (within: Tx): Promise<Approval> => {
      if ((await countWaiting(within, draft.providerId, limits.approvals.waiting)) >= limits.approvals.waiting)
        throw new OperationError('approvals-full', 409, `${limits.approvals.waiting} approvals wait already: decide some first`)
      await insertApproval(within, made)
      const row = await selectApproval(within, id)
      if (row === null) throw new Error('an approval is not there after it was written')
      await this.#parts.notices()?.note(within, noticeOf(row, 'approval.requested'))
      await within.notify(approvalChannel, id)
      return approvalOf(row, [])
    }
    if (tx !== undefined) return await insert(tx)
    return await ledger.record(async (own, note) => {
      const approval = await insert(own)
      await own.query('UPDATE approval SET in_ledger = true WHERE id = $1', [id])
      note(requestEntry(approval))
      return approval
    })
  }

  async read(id: string): Promise<Approval | null> {
    const row = isUuid(id) ? await selectApproval(this.#parts.store, id) : null
    return row === null ? null : approvalOf(row, await selectDecisions(this.#parts.store, [id]))
  }

  /** What stands in the way of this person; null where nothing does. A passkey is asked for later. */
  obstacle(row: ApprovalRow, decisions: readonly DecisionRow[], by: DecisionWanted['by']): Obstacle | null {
    if (row.state !== 'waiting' || row.expires_at.getTime() <= this.#parts.clock.now()) return 'closed'
    if (by.kind !== 'person') return 'people-only'
    if (row.requested_by === by.personId) return 'own'
    if (by.providerId !== null && (row.deciders === 'operator' || row.provider_id !== by.providerId)) return 'operator-only'
    return decisions.some((one) => one.approval_id === row.id && one.person_id === by.personId) ? 'decided' : null
  }

  /** What the person's passkey has to sign. */
  async challenge(db: TenantDb, wanted: Pick<DecisionWanted, 'id' | 'by' | 'decision'>): Promise<{ row: ApprovalRow; challenge: Buffer }> {
    const row = await found(db, wanted.id)
    refuseFor(this.obstacle(row, await selectDecisions(db, [row.id]), wanted.by), row)
    return { row, challenge: decisionChallenge(row.command_hash, wanted.decision, wanted.by.personId) }
  }

  /** Counts one person's word. Everything is looked at again under the row's lock: who comes second sees what the first did. */
  async decide(db: TenantDb, wanted: DecisionWanted): Promise<Approval> {
    const { row, challenge } = await this.challenge(db, wanted)
    const assertion = await this.#sign(challenge, wanted)
    return await this.#parts.ledger.record((tx, note) => this.#count(tx, note, wanted, { id: row.id, assertion }), { scope: db.scope })
  }

  async #sign(challenge: Buffer, { by, response }: DecisionWanted): Promise<SignedAssertion | null> {
    const passkeys = this.#parts.passkeys()
    if (this.#parts.isDemo) return null
    if (passkeys === undefined)
      throw new OperationError('not-running', 503, 'the function that knows passkeys does not run in this process')
    if (response !== null) return await passkeys.verify(by.personId, challenge, response)
    if ((await passkeys.list(by.personId)).length === 0) throw noPasskey()
    throw new OperationError('signature-needed', 400, 'an approval is signed with a passkey: send the browser’s answer to its challenge')
  }

  async #count(
    tx: Tx,
    note: (draft: LedgerDraft) => void,
    wanted: DecisionWanted,
    { id, assertion }: { id: string; assertion: SignedAssertion | null },
  ): Promise<Approval> {
    const now = new Date(this.#parts.clock.now())
    const { by, decision, reason, address } = wanted
    const row = await selectApproval(tx, id, true)
    if (row === null) throw unknown(id)
    const before = await selectDecisions(tx, [id])
    refuseFor(this.obstacle(row, before, by), row)
    const own = { approval_id: id, person_id: by.personId, provider_id: row.provider_id, decision, reason, address, at: now, assertion }
    await insertDecision(tx, own)
    const decisions = [...before, own]
    const approvedBy = decisions.filter((one) => one.decision === 'approve')
    const to: ApprovalState = decision === 'refuse' ? 'refused' : approvedBy.length >= row.needed ? 'approved' : 'waiting'
    if (to !== 'waiting') await moveApproval(tx, id, { from: 'waiting', to, closedAt: to === 'refused' ? now : null })
    await this.#parts.notices()?.note(tx, noticeOf({ ...row, state: to }, 'approval.decided'))
    await tx.notify(approvalChannel, id)
    note({
      kind: 'approval-decided',
      actor: by.personId,
      providerId: row.provider_id,
      body: {
        approvalId: id,
        commandHash: row.command_hash.toString('hex'),
        decision,
        reason,
        address,
        state: to,
        signed: assertion !== null,
        // The assertion itself stands beside the decision; its digest here makes it part of the chain.
        assertionDigest: assertion === null ? null : sha256(canonicalJson(assertion)).toString('hex'),
      },
    })
    return approvalOf({ ...row, state: to }, decisions)
  }

  /** By the person or client who asked, through the API. */
  async withdrawOwn(db: TenantDb, id: string, by: { personId: string; reason: string; address: string }): Promise<void> {
    const row = await found(db, id)
    if (row.requested_by !== by.personId) throw new OperationError('approval-not-yours', 403, 'only who asked can take it back')
    const isDone = await this.#withdraw(id, { actor: by.personId, reason: by.reason, address: by.address }, db.scope)
    if (!isDone) throw closed(row)
  }

  withdraw(id: string, by: { actor: string; reason: string; address: string | null }): Promise<boolean> {
    return this.#withdraw(id, by)
  }

  async #withdraw(id: string, by: { actor: string; reason: string; address: string | null }, scope?: Scope): Promise<boolean> {
    const now = new Date(this.#parts.clock.now())
    return await this.#parts.ledger.record(
      async (tx, note) => {
        const row = await selectApproval(tx, id, true)
        if (row === null || !(await moveApproval(tx, id, { from: 'waiting', to: 'withdrawn', closedAt: now }))) return false
        await this.#parts.notices()?.note(tx, noticeOf({ ...row, state: 'withdrawn' }, 'approval.decided'))
        await tx.notify(approvalChannel, id)
        const { actor, reason, address } = by
        note(closingEntry(row, 'approval-withdrawn', actor, { reason, address }))
        return true
      },
      scope === undefined ? {} : { scope },
    )
  }
}

export function requestEntry(approval: Approval): LedgerDraft {
  const { id, kind, requestedBy, providerId, commandHash: hash, reason, needed, deciders, expiresAt, imsi } = approval
  return {
    kind: 'approval-requested',
    actor: requestedBy ?? 'control',
    providerId,
    body: { approvalId: id, command: kind, commandHash: hash, reason, needed, deciders, expiresAt, imsi: imsi ?? null },
  }
}

export function closingEntry(row: ApprovalRow, kind: string, actor: string, body: Record<string, unknown> = {}): LedgerDraft {
  return { kind, actor, providerId: row.provider_id, body: { approvalId: row.id, commandHash: row.command_hash.toString('hex'), ...body } }
}

export function noticeOf(row: ApprovalRow, type: 'approval.requested' | 'approval.decided'): Parameters<NoticePort['note']>[1] {
  return {
    type,
    providerId: row.provider_id,
    subject: { kind: 'approval', id: row.id },
    data: { kind: row.kind, state: row.state, imsi: row.imsi, expiresAt: row.expires_at.getTime() },
  }
}

export async function found(db: TenantDb, id: string): Promise<ApprovalRow> {
  const row = isUuid(id) ? await selectApproval(db, id) : null
  if (row === null) throw unknown(id)
  return row
}

function unknown(id: string): OperationError {
  return new OperationError('approval-unknown', 404, `there is no approval ${id}`)
}

export function noPasskey(): OperationError {
  return new OperationError('passkey-needed', 403, 'an approval is signed with a passkey, and you have none: add one to your sign-in first')
}

function closed(row: ApprovalRow): OperationError {
  const state = row.state === 'waiting' ? 'expired' : row.state
  return new OperationError('approval-closed', 409, `this approval is ${state}: nobody can change it any more`, { state })
}

function refuseFor(obstacle: Obstacle | null, row: ApprovalRow): void {
  switch (obstacle) {
    case null:
      return
    case 'closed':
      throw closed(row)
    case 'own':
      throw new OperationError('approval-own', 403, 'who asks cannot decide: it takes another person')
    case 'decided':
      throw new OperationError('approval-decided', 409, 'you decided this already: a person counts once')
    case 'operator-only':
      throw new OperationError('approval-operator-only', 403, 'only persons of the operator may decide this')
    case 'people-only':
      throw new OperationError('people-only', 403, 'an approval takes a person: an API client may not decide it')
  }
}
