import type { ImposedState, IntendedState, SubscriptionClass } from '#domain/subscription.ts'
import type { SubscriptionChange } from '#platform/change.ts'
import { isUuid } from '#platform/page.ts'
import type { Tx } from '#store/db.ts'

/** What of a subscription decides whether it may be changed. */
export interface ChangeRow {
  id: string
  imsi: string
  provider_id: string
  class: SubscriptionClass
  intended: IntendedState
  imposed: ImposedState[]
  profile_id: string
  group_id: string | null
  plan_id: string | null
  label: string | null
  hss_partition: string
  locked_imei: string | null
  hold_next_attach: boolean
  version: number
  use: 'iot' | 'handset'
  has_agreement: boolean
  visited_plmn: string | null
  registered_imei: string | null
}

/** Rows of these ids that the transaction's role may see, in the order of IMSIs, locked against other changes where asked. */
export async function readChangeRows(tx: Tx, ids: readonly string[], lock: boolean): Promise<ChangeRow[]> {
  const { rows } = await tx.query<ChangeRow>(
    `SELECT s.id, s.imsi, s.provider_id, s.class, s.intended, s.imposed, s.profile_id, s.group_id, s.plan_id, s.label, s.hss_partition,
            s.locked_imei, s.hold_next_attach, s.version, c.use, p.data_processing_agreement IS NOT NULL AS has_agreement,
            CASE WHEN r.purged THEN NULL ELSE r.visited_plmn END AS visited_plmn, r.imei AS registered_imei
       FROM subscription s
       JOIN card c ON c.id = s.card_id
       JOIN provider p ON p.id = s.provider_id
       LEFT JOIN registration r ON r.imsi = s.imsi
      WHERE s.id = ANY($1::uuid[]) ORDER BY s.imsi${lock ? ' FOR UPDATE OF s' : ''}`,
    [ids.filter(isUuid)],
  )
  return rows
}

/** What a change points at: a profile, a group or a rate plan. */
export interface Target {
  providerId: string
  /** Which UICCs it is for; null: any. */
  use: 'iot' | 'handset' | null
}

/** undefined: the change points at nothing; null: what it points at does not exist for this role. */
export async function readTarget(tx: Tx, change: SubscriptionChange): Promise<Target | null | undefined> {
  const { table, id, use = 'card_use' } = placeOf(change)
  if (table === undefined || id === null || id === undefined) return undefined
  if (!isUuid(id)) return null
  const { rows } = await tx.query<{ provider_id: string; use: Target['use'] }>(
    `SELECT provider_id, ${use} AS use FROM ${table} WHERE id = $1`,
    [id],
  )
  const [row] = rows
  return row === undefined ? null : { providerId: row.provider_id, use: row.use }
}

function placeOf(change: SubscriptionChange): { table?: string; id?: string | null; use?: string } {
  switch (change.kind) {
    case 'profile':
      return { table: 'service_profile', id: change.profileId }
    case 'group':
      return { table: 'sim_group', id: change.groupId }
    case 'plan':
      return { table: 'rate_plan', id: change.planId, use: 'NULL' }
    default:
      return {}
  }
}

/** Of these ids those that are persons' who may act; a client, a job or a control is none. */
export async function personsAmong(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const asked = ids.filter(isUuid)
  if (asked.length === 0) return new Set()
  const { rows } = await tx.query<{ id: string }>('SELECT id FROM person WHERE id = ANY($1::uuid[]) AND disabled_at IS NULL', [asked])
  return new Set(rows.map(({ id }) => id))
}
