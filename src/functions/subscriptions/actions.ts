import type { Logger } from 'pino'
import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Approval, ApprovalPort } from '#platform/approval.ts'
import type { ChangeBy, SubscriptionChange, SubscriptionChanges } from '#platform/change.ts'
import type { ChangeAnswer, ChangePreview } from '#platform/http/schemas/sim-actions.ts'
import type { Ports } from '#platform/ports.ts'
import { say } from '#platform/text.ts'
import type { Db, Scope, TenantDb, Tx } from '#store/db.ts'
import type { Ledger, LedgerDraft } from '#store/ledger.ts'
import type { SubjectKeys } from '#store/subject-keys.ts'
import { type ActionRow, actionNames, actionView, insertAction, moveAction, readAction } from './action-store.ts'
import type { Announcer } from './announcer.ts'
import { type ChangeRow, personsAmong, readChangeRows } from './change-rows.ts'
import { isQuiet } from './changes.ts'
import { previewOf } from './situation.ts'

export interface ActionsParts {
  store: Db
  ledger: Ledger
  subjects: SubjectKeys
  clock: Clock
  log: Logger
  newId(): string
  changes: SubscriptionChanges
  announcer: Announcer
  optional: Readonly<Partial<Ports>>
}

/** What a person or a client wants of one SIM. */
export interface ActionAsked {
  id: string
  changes: readonly SubscriptionChange[]
  reason: string
  dryRun: boolean
  actor: string
  address: string
  db: TenantDb
  /** Throws where the asker saw an older version. */
  checkVersion?(version: number): void
}

/** What an approval carries, to be done as it stands. */
interface Command {
  action: string
  subscription: string
  imsi: string
  changes: readonly SubscriptionChange[]
}

/** A person who is asked has so long; after that whoever still wants it asks again. */
const approvalMs = 3 * 86_400_000
/** An action whose network half was cut short by the end of a process is taken up again by the next. */
const interruptedAfterMs = 60_000

/** Changes of single SIMs: previewed, done or put before persons, told to the network, and kept to be looked up. */
export class Actions {
  readonly #parts: ActionsParts
  readonly #telling = new Set<Promise<void>>()

  constructor(parts: ActionsParts) {
    this.#parts = parts
  }

  async ask(asked: ActionAsked): Promise<ChangeAnswer> {
    const by = this.#by(asked.actor, asked.db.scope, asked)
    if (asked.dryRun) {
      const preview = await asked.db.transaction(async (tx) => this.#preview(tx, await rowOf(tx, asked.id, false), asked.changes, by))
      return { outcome: 'previewed', preview, action: null, approvalId: null }
    }
    const imsi = await asked.db.transaction(async (tx) => (await rowOf(tx, asked.id, false)).imsi)
    const subjectId = await this.#subjectOf(asked.db, imsi)
    const done = await this.#parts.ledger.record(
      async (tx, note) => {
        const row = await rowOf(tx, asked.id, true)
        asked.checkVersion?.(row.version)
        const preview = await this.#preview(tx, row, asked.changes, by)
        if (preview.outcome === 'refused') throw refusal(preview)
        if (preview.outcome === 'unchanged') return { preview, action: null }
        if (preview.outcome === 'needs-approval') return { preview, action: await this.#request(tx, row, preview, asked, by) }
        const id = this.#parts.newId()
        await this.#applyAll(tx, asked.changes, row, by)
        await insertAction(tx, {
          id,
          kind: 'sim-change',
          ...identityOf(row),
          actor: by.actor,
          address: by.address,
          reason: by.reason,
          changes: preview.changes,
          state: 'committed',
          approval_id: null,
          at: this.#parts.clock.now(),
        })
        for (const draft of entriesOf(preview, { row, by, subjectId, action: id })) note(draft)
        return { preview, action: id }
      },
      { scope: asked.db.scope },
    )
    if (done.action === null) return { outcome: 'unchanged', preview: done.preview, action: null, approvalId: null }
    const row = await readAction(asked.db, done.action)
    if (row.state === 'committed') this.#tellSoon(row, asked.changes)
    return {
      outcome: row.state === 'waiting' ? 'waiting' : 'accepted',
      preview: done.preview,
      action: actionView(row, await actionNames(asked.db, [row.actor])),
      approvalId: row.approval_id,
    }
  }

  /** Does what enough persons agreed to. Twice is once: the action says how far it came. */
  async execute(approval: Approval): Promise<void> {
    const command = approval.command as unknown as Command
    const { store, clock } = this.#parts
    const { rows } = await store.query<ActionRow>('SELECT * FROM sim_action WHERE id = $1', [command.action])
    const [action] = rows
    if (action?.approval_id !== approval.id || action.state !== 'waiting') return
    const scope = { providerId: action.provider_id }
    // Where a control asked, whoever agreed is the one who did it.
    const actor = approval.requestedBy ?? approval.approvedBy[0] ?? action.actor
    const by = { ...this.#by(actor, scope, action), approvals: approval.approvedBy }
    const subjectId = await this.#subjectOf(store, action.imsi)
    try {
      await this.#parts.ledger.record(
        async (tx, note) => {
          const row = await rowOf(tx, command.subscription, true)
          const preview = await this.#preview(tx, row, command.changes, by)
          if (preview.outcome === 'refused' || preview.outcome === 'needs-approval') throw refusal(preview)
          await this.#applyAll(tx, command.changes, row, by)
          if (!(await moveAction(tx, action.id, ['waiting'], { state: 'committed', at: clock.now() })))
            throw new Error('the action moved on')
          for (const draft of entriesOf(preview, { row, by, subjectId, action: action.id, approval: approval.id })) note(draft)
        },
        { scope },
      )
    } catch (error) {
      if (error instanceof OperationError)
        await moveAction(store, action.id, ['waiting'], { state: 'failed', at: clock.now(), problem: error.message })
      throw error
    }
    this.#tellSoon(action, command.changes)
  }

  /** Somebody let it in by hand: what asked for that waits no longer. */
  async released(imsi: string, by: { actor: string; reason: string; address: string }): Promise<void> {
    const { store, clock, optional } = this.#parts
    const { rows } = await store.query<ActionRow>(
      `SELECT * FROM sim_action WHERE imsi = $1 AND kind = 'release-hold' AND state = 'waiting'`,
      [imsi],
      { priority: 'portal' },
    )
    for (const { id, approval_id: approvalId } of rows) {
      await moveAction(store, id, ['waiting'], { state: 'dropped', at: clock.now() })
      if (approvalId !== null) await optional.approvals?.withdraw(approvalId, by)
    }
  }

  /** What was committed and not told when a process ended is told now: twice does no harm. */
  async recover(): Promise<void> {
    const { store, clock } = this.#parts
    const { rows } = await store.query<ActionRow>(
      `SELECT * FROM sim_action WHERE state IN ('committed', 'telling') AND committed_at < $1 ORDER BY id LIMIT 1000`,
      [new Date(clock.now() - interruptedAfterMs)],
      { priority: 'job' },
    )
    for (const row of rows) this.#tellSoon(row)
  }

  /** A waiting action whose approval came to nothing is at an end. */
  async settled(row: ActionRow): Promise<ActionRow> {
    const { optional, store, clock } = this.#parts
    if (row.state !== 'waiting' || row.approval_id === null || optional.approvals === undefined) return row
    const approval = await optional.approvals.read(row.approval_id)
    if (approval === null || !['refused', 'withdrawn', 'expired'].includes(approval.state)) return row
    await moveAction(store, row.id, ['waiting'], { state: 'dropped', at: clock.now() })
    return { ...row, state: 'dropped', done_at: new Date(clock.now()) }
  }

  /** Resolves when nothing is being told any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#telling)
  }

  #by(actor: string, scope: Scope, { reason, address }: { reason: string; address: string | null }): ChangeBy {
    return { actor, scope, reason, address, approvals: [] }
  }

  #preview(tx: Tx, row: ChangeRow, changes: readonly SubscriptionChange[], by: ChangeBy): Promise<ChangePreview> {
    const expectedNext = this.#parts.optional.hss?.expectedNext(row.imsi) ?? null
    return previewOf(tx, changes, { port: this.#parts.changes, row, by, expectedNext })
  }

  async #applyAll(tx: Tx, changes: readonly SubscriptionChange[], row: ChangeRow, by: ChangeBy): Promise<void> {
    for (const change of changes) {
      const [outcome] = await this.#parts.changes.apply(tx, change, [row.id], by)
      // All were judged against the row as it was; that one of them forbids the next is a combination nobody should ask for.
      if (outcome?.outcome === 'refused') throw new OperationError(outcome.code, 409, outcome.detail)
      if (outcome?.outcome === 'needs-approval') throw new OperationError('approval-needed', 409, outcome.detail)
    }
  }

  async #request(tx: Tx, row: ChangeRow, preview: ChangePreview, asked: ActionAsked, by: ChangeBy): Promise<string> {
    const { clock, newId, optional } = this.#parts
    const approvals = approvalsOr(optional.approvals, preview)
    const id = newId()
    const counted = (await personsAmong(tx, [by.actor])).size
    const command: Command = { action: id, subscription: row.id, imsi: row.imsi, changes: asked.changes }
    const [first] = preview.changes
    const approval = await approvals.request(
      {
        kind: 'sim-change',
        providerId: row.provider_id,
        command: { ...command },
        summary: say(`approval.sim-${first?.kind ?? 'state'}`, {
          imsi: row.imsi,
          class: row.class,
          from: first?.from ?? null,
          to: first?.to ?? null,
        }),
        reason: by.reason,
        requestedBy: by.actor,
        needed: Math.max(1, (preview.needed ?? 1) - counted),
        deciders: 'provider',
        expiresAt: clock.now() + approvalMs,
        imsi: row.imsi,
      },
      tx,
    )
    await insertAction(tx, {
      id,
      kind: 'sim-change',
      ...identityOf(row),
      actor: by.actor,
      address: by.address,
      reason: by.reason,
      changes: preview.changes,
      state: 'waiting',
      approval_id: approval.id,
      at: clock.now(),
    })
    return id
  }

  async #subjectOf(db: Pick<Db, 'query'>, imsi: string): Promise<string> {
    const { rows } = await db.query<{ provider_id: string }>('SELECT provider_id FROM subscription WHERE imsi = $1', [imsi])
    return await this.#parts.subjects.subjectFor({ kind: 'sim', identifier: imsi, providerId: rows[0]?.provider_id ?? null })
  }

  #tellSoon(action: ActionRow, changes?: readonly SubscriptionChange[]): void {
    const telling = this.#tell(action, changes).catch((error: unknown) => {
      this.#parts.log.warn({ err: error, action: action.id }, 'what the network made of a change could not be kept')
    })
    this.#telling.add(telling)
    void telling.finally(() => this.#telling.delete(telling))
  }

  async #tell(action: ActionRow, changes: readonly SubscriptionChange[] | undefined): Promise<void> {
    const { store, clock, announcer, optional } = this.#parts
    const { id, imsi } = action
    if (changes?.every(isQuiet) === true) {
      await moveAction(store, id, ['committed'], { state: 'done', at: clock.now() })
      return
    }
    await moveAction(store, id, ['committed'], { state: 'telling', at: clock.now() })
    await announcer.announce([imsi], (told) => {
      const [one] = told
      if (one === undefined) return
      const moved = moveAction(store, id, ['committed', 'telling'], { state: 'done', at: clock.now(), told: one })
      this.#telling.add(moved.then(() => {}))
      const { outcome, operation, resultCode, at } = one
      optional.notices?.publish({
        type: 'sim.confirmed',
        providerId: action.provider_id,
        subject: { kind: 'sim', id: action.subscription_id },
        data: { imsi, action: id, outcome, operation, resultCode, at },
      })
    })
  }
}

/** By id or by IMSI. */
async function rowOf(tx: Tx, idOrImsi: string, lock: boolean): Promise<ChangeRow> {
  const isImsi = /^\d{6,15}$/.test(idOrImsi)
  const id = isImsi
    ? ((await tx.query<{ id: string }>('SELECT id FROM subscription WHERE imsi = $1', [idOrImsi])).rows[0]?.id ?? '')
    : idOrImsi
  const [row] = await readChangeRows(tx, [id], lock)
  if (row === undefined) throw new OperationError('sim-unknown', 404, `there is no SIM ${idOrImsi.slice(0, 64)}`)
  return row
}

function identityOf(row: ChangeRow): { provider_id: string; subscription_id: string; imsi: string } {
  return { provider_id: row.provider_id, subscription_id: row.id, imsi: row.imsi }
}

function refusal({ code, detail, needed }: ChangePreview): OperationError {
  return new OperationError(code ?? 'approval-needed', 409, detail ?? '', needed === null ? {} : { needed })
}

function approvalsOr(port: ApprovalPort | undefined, preview: ChangePreview): ApprovalPort {
  if (port === undefined) throw refusal({ ...preview, code: 'approval-needed' })
  return port
}

/** One entry for each thing that changed: the timeline of the SIM shows them with their actor and reason. */
function entriesOf(
  { changes }: ChangePreview,
  at: { row: ChangeRow; by: ChangeBy; subjectId: string; action: string; approval?: string },
): LedgerDraft[] {
  const { row, by, subjectId, action, approval } = at
  return changes.map(({ kind, from, to }) => ({
    kind: `sim-${kind}`,
    actor: by.actor,
    providerId: row.provider_id,
    subjectId,
    body: {
      from,
      to,
      reason: by.reason,
      address: by.address,
      action,
      ...(approval === undefined ? {} : { approvalId: approval, approvals: by.approvals }),
    },
  }))
}
