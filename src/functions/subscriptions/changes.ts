import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { createGate, defaultGatePolicy, type GatePolicy } from '#guard/gate.ts'
import { announcementsOf, subscriberChannel, writeAnnouncement } from '#platform/announcement.ts'
import type { ChangeBy, ChangeOutcome, SubscriptionChange, SubscriptionChanges } from '#platform/change.ts'
import type { Notice, NoticePort } from '#platform/notice.ts'
import { isUuid } from '#platform/page.ts'
import type { Tx } from '#store/db.ts'
import type { Announcer } from './announcer.ts'
import { judgeChange } from './change-judge.ts'
import { type ChangeRow, personsAmong, readChangeRows, readTarget } from './change-rows.ts'
import { writeChange } from './change-sql.ts'

export interface ChangesOptions {
  clock: Clock
  announcer: Announcer
  /** Read when used: the function may start later, or run elsewhere. */
  notices(): NoticePort | undefined
  policy?: GatePolicy
}

/** Changes that alter nothing of what serving nodes hold (TS 29.272 §7.3.2): nobody there is told. */
const quiet: ReadonlySet<SubscriptionChange['kind']> = new Set(['group', 'plan', 'label', 'imei-lock', 'hold', 'partition'])

export function isQuiet({ kind }: SubscriptionChange): boolean {
  return quiet.has(kind)
}

/** The one way by which subscriptions change; the exemption gate is asked for every row that could be cut off. */
export function createChanges({ clock, announcer, notices, policy = defaultGatePolicy }: ChangesOptions): SubscriptionChanges {
  async function judge(tx: Tx, change: SubscriptionChange, ids: readonly string[], by: ChangeBy, lock: boolean): Promise<Judged> {
    if (ids.length > limits.subscriptions.changeChunk)
      throw new Error(`more than ${limits.subscriptions.changeChunk} subscriptions at once`)
    const rows = await readChangeRows(tx, ids, lock)
    const target = await readTarget(tx, change)
    const persons = await personsAmong(tx, [by.actor])
    const agreements = rows.flatMap((row) => (row.has_agreement ? [row.provider_id] : []))
    const agreed = [...new Set([...by.approvals, ...persons])]
    const judging = {
      gate: createGate({ ...policy, agreements: [...policy.agreements, ...agreements] }),
      by: by.actor,
      persons: agreed,
      actorIsPerson: persons.size > 0,
      isProgramAlone: agreed.length === 0 && isUuid(by.actor),
      isOperator: 'operator' in by.scope,
      target,
    }
    const byId = new Map(rows.map((row) => [row.id, row]))
    const outcomes = [...new Set(ids)].map((id): ChangeOutcome => {
      const row = byId.get(id)
      return row === undefined ? unknown(id) : judgeChange(change, row, judging)
    })
    return { outcomes, byId }
  }

  return {
    check: async (tx, change, ids, by) => (await judge(tx, change, ids, by, false)).outcomes,
    async apply(tx, change, ids, by) {
      const { outcomes, byId } = await judge(tx, change, ids, by, true)
      const changed = outcomes.flatMap(({ id, outcome }) => (outcome === 'changed' ? [id] : []))
      await writeChange(tx, change, changed, { now: clock.now(), by: by.actor })
      await forgetAtCommit(
        tx,
        changed.flatMap((id) => byId.get(id)?.imsi ?? []),
      )
      if (by.job === undefined) await notices()?.note(tx, ...changed.flatMap((id) => noticeOf(change, byId.get(id), by)))
      return outcomes
    },
    announce: async (imsis, change) =>
      change !== undefined && isQuiet(change) ? { confirmed: 0, failed: 0, notRegistered: imsis.length } : await announcer.announce(imsis),
  }
}

interface Judged {
  outcomes: ChangeOutcome[]
  byId: ReadonlyMap<string, ChangeRow>
}

/** Delivered when, and only if, the transaction commits: whoever asks from then on meets the new state. */
async function forgetAtCommit(tx: Tx, imsis: readonly string[]): Promise<void> {
  for (const part of announcementsOf(imsis)) await tx.notify(subscriberChannel, writeAnnouncement({ id: null, tell: false, imsis: part }))
}

function unknown(id: string): ChangeOutcome {
  return { id, imsi: '', outcome: 'refused', code: 'sim-unknown', detail: `there is no SIM ${id.slice(0, 64)}` }
}

function noticeOf(change: SubscriptionChange, row: ChangeRow | undefined, { actor, reason }: ChangeBy): Notice[] {
  if (row === undefined) return []
  const { kind, ...details } = change
  const type = kind === 'state' ? 'sim.state-changed' : kind === 'impose' ? 'sim.imposed' : kind === 'lift' ? 'sim.released' : 'sim.changed'
  const from = kind === 'state' ? { from: row.intended } : {}
  return [
    {
      type,
      providerId: row.provider_id,
      subject: { kind: 'sim', id: row.id },
      data: { imsi: row.imsi, change: kind, ...from, ...details, by: actor, why: reason },
    },
  ]
}
