import type { Logger } from 'pino'
import type { Clock } from '#core/clock.ts'
import { heldChannel } from '#platform/announcement.ts'
import type { ApprovalPort } from '#platform/approval.ts'
import { say } from '#platform/text.ts'
import type { Db, Tx } from '#store/db.ts'
import { insertAction, moveAction } from './action-store.ts'

export interface HeldParts {
  store: Db
  clock: Clock
  log: Logger
  newId(): string
  /** Read when used. */
  approvals(): ApprovalPort | undefined
}

/** A person has a day; a device that is still there then tries again, and asks anew. */
const askedForMs = 86_400_000
const control = 'hold-next-attach'

interface HeldRow {
  id: string
  provider_id: string
  imsi: string
  class: string
}

/**
 * When somebody tries whose next attach waits for a person, a person is asked: once for each SIM, whatever the number of
 * attempts and of processes that hear of them.
 */
export async function watchHeld(parts: HeldParts): Promise<AsyncDisposable> {
  const { store, log } = parts
  const asking = new Map<string, Promise<void>>()
  const stop = await store.listen(heldChannel, (imsi) => {
    if (asking.has(imsi)) return
    const done = askFor(parts, imsi)
      .catch((error: unknown) => log.warn({ err: error }, 'nobody could be asked to release a held SIM; its next attempt asks again'))
      .finally(() => asking.delete(imsi))
    asking.set(imsi, done)
  })
  return {
    async [Symbol.asyncDispose]() {
      await stop()
      await Promise.all(asking.values())
    },
  }
}

async function askFor(parts: HeldParts, imsi: string): Promise<void> {
  const { store, clock } = parts
  const approvals = parts.approvals()
  if (approvals === undefined || (await approvals.waitingFor('release-hold', imsi)) !== null) return
  // Nobody is being asked: what is still open came to nothing, unless another process asks at this moment.
  const former = await openActionOf(store, imsi)
  await store.transaction(
    async (tx) => {
      const { rows } = await tx.query<HeldRow>(
        'SELECT id, provider_id, imsi, class FROM subscription WHERE imsi = $1 AND hold_next_attach FOR UPDATE',
        [imsi],
      )
      const [row] = rows
      const open = await openActionOf(tx, imsi)
      if (row === undefined || open !== former) return
      if (open !== null) await moveAction(tx, open, ['waiting'], { state: 'dropped', at: clock.now() })
      await request(tx, row, approvals, parts)
    },
    { priority: 'job' },
  )
}

async function openActionOf(db: Pick<Db, 'query'> | Tx, imsi: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM sim_action WHERE imsi = $1 AND kind = 'release-hold' AND state = 'waiting' ORDER BY id DESC LIMIT 1`,
    [imsi],
  )
  return rows[0]?.id ?? null
}

async function request(tx: Tx, row: HeldRow, approvals: ApprovalPort, { clock, newId }: HeldParts): Promise<void> {
  const id = newId()
  const { imsi } = row
  const approval = await approvals.request(
    {
      kind: 'release-hold',
      providerId: row.provider_id,
      command: { action: id, subscription: row.id, imsi, changes: [{ kind: 'lift', reason: 'held' }] },
      summary: say('approval.release-hold', { imsi, class: row.class }),
      reason: 'it tried to attach and waits for a person',
      requestedBy: null,
      needed: 1,
      deciders: 'provider',
      expiresAt: clock.now() + askedForMs,
      imsi,
    },
    tx,
  )
  await insertAction(tx, {
    id,
    kind: 'release-hold',
    provider_id: row.provider_id,
    subscription_id: row.id,
    imsi,
    actor: control,
    address: null,
    reason: 'it tried to attach and waits for a person',
    changes: [{ kind: 'lift', from: 'held', to: null }],
    state: 'waiting',
    approval_id: approval.id,
    at: clock.now(),
  })
}
