import type { Tx } from '#store/db.ts'

/** What a customer's systems may want to hear of. Webhooks, the event stream and the portal read the same rows. */
export const noticeTypes = [
  'sim.state-changed',
  'sim.changed',
  'sim.imposed',
  'sim.released',
  'sim.confirmed',
  'sim.imei-changed',
  'sim.refused',
  'profile.changed',
  'job.started',
  'job.finished',
  'approval.requested',
  'approval.decided',
  'usage.alert',
  'usage.cut-off',
  'alarm.raised',
  'alarm.cleared',
  'person.invited',
  'client.changed',
  'webhook.test',
] as const
export type NoticeType = (typeof noticeTypes)[number]

/** One thing that happened. No personal data beyond identifiers of the tenant's own SIMs, and never a secret. */
export interface Notice {
  type: NoticeType
  /** Whose it is; null: the operator's alone. The operator sees every one. */
  providerId: string | null
  /** What it is about: `sim 5f0c...`, `job ...`. */
  subject: { kind: 'sim' | 'profile' | 'job' | 'approval' | 'plan' | 'alarm' | 'person' | 'client' | 'webhook'; id: string }
  data: Readonly<Record<string, unknown>>
}

export interface NoticePort {
  /** In the transaction of the change itself: both are there or neither. Works under a tenant's role too. */
  note(tx: Tx, notice: Notice): Promise<void>
  /** By itself, written in the background. Never blocks, never throws. */
  publish(notice: Notice): void
}
