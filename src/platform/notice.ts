import type { Scope, Tx } from '#store/db.ts'
import type { Permission } from './permission.ts'

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
  'webhook.disabled',
] as const
export type NoticeType = (typeof noticeTypes)[number]

type Area = NoticeType extends infer T ? (T extends `${infer A}.${string}` ? A : never) : never

const permissionByArea = {
  sim: 'sims:read',
  profile: 'profiles:read',
  job: 'jobs:read',
  approval: 'approvals:read',
  usage: 'plans:read',
  alarm: 'alarms:read',
  person: 'people:read',
  client: 'clients:read',
  webhook: 'clients:read',
} as const satisfies Record<Area, Permission>

/** The types that somebody with these permissions may hear of. */
export function noticeTypesFor(permissions: readonly Permission[]): NoticeType[] {
  return noticeTypes.filter((type) => permissions.includes(permissionByArea[type.slice(0, type.indexOf('.')) as Area]))
}

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
  note(tx: Tx, ...notices: readonly Notice[]): Promise<void>
  /** By itself, written in the background. Never blocks, never throws. */
  publish(notice: Notice): void
}

/** A notice in its place: what readers see. */
export interface PlacedNotice extends Notice {
  id: string
  /** Its place in the one order of all notices. Rises with every notice, and never again below what somebody has read. */
  seq: number
  at: number
}

/** How those who pass notices on read them: by place, from the table, so that a restart or a long absence loses nothing. */
export interface NoticeFeed {
  /** The newest place given. */
  newest(): Promise<number>
  /**
   * Notices after a place, oldest first, as that scope may see them. `position` is the place up to which it looked: the
   * next call begins there, also where nothing fitted.
   */
  after(
    scope: Scope,
    position: number,
    wanted: { types: readonly string[]; limit: number },
  ): Promise<{ notices: PlacedNotice[]; position: number }>
  /** Called when there is more to read. Returns a function that stops it. */
  onPlaced(listener: () => void): () => void
}
