import { OperationError } from '#core/errors.ts'
import type { CardBatch } from '#domain/card.ts'
import { readProfileBody, type ServiceProfile, type StoredProfileBody } from '#domain/profile.ts'
import type { ImposedState, IntendedState, SubscriptionClass } from '#domain/subscription.ts'
import { isUuid } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'

/** Everything on record of one subscription. */
export interface DetailRow {
  id: string
  imsi: string
  msisdn: string | null
  home_plmn: string
  intended: IntendedState
  imposed: ImposedState[]
  class: SubscriptionClass
  hss_partition: string
  locked_imei: string | null
  changed_at: Date
  hold_next_attach: boolean
  version: number
  label: string | null
  group_id: string | null
  group_name: string | null
  plan_id: string | null
  provider_id: string
  provider_name: string
  card_id: string
  iccid: string
  eid: string | null
  form_factor: string
  use: 'iot' | 'handset'
  batch_id: string
  /** null with what follows: the batch is the operator's own, which is not the asker's to read. */
  supplier: string | null
  accreditation: CardBatch['accreditation']
  parameters: CardBatch['parameters'] | null
  profile_id: string
  profile_name: string
  profile_version: number
  profile_body: StoredProfileBody
  kcv: string | null
  mme_host: string | null
  mme_realm: string
  visited_plmn: string
  partner_id: string | null
  peer_id: string | null
  registered_at: Date
  purged: boolean
  imei: string | null
  imeisv: string | null
  rat_type: number | null
}

/** By id or by IMSI, within the asker's tenant. Throws `sim-unknown` (404). */
export async function readSim(db: TenantDb, idOrImsi: string): Promise<DetailRow> {
  const isImsi = /^\d{6,15}$/.test(idOrImsi)
  if (!isImsi && !isUuid(idOrImsi)) throw simUnknown(idOrImsi)
  const { rows } = await db.query<DetailRow>(
    `SELECT s.id, s.imsi, s.msisdn, s.home_plmn, s.intended, s.imposed, s.class, s.hss_partition, s.locked_imei, s.changed_at,
            s.hold_next_attach, s.version, s.label, s.group_id, g.name AS group_name, s.plan_id,
            s.provider_id, p.name AS provider_name, c.id AS card_id, c.iccid, c.eid, c.form_factor, c.use, s.batch_id, b.supplier,
            b.accreditation, b.parameters, f.id AS profile_id, f.name AS profile_name, f.version AS profile_version,
            f.body AS profile_body, a.kcv, r.mme_host, r.mme_realm, r.visited_plmn, r.partner_id, r.peer_id, r.registered_at,
            r.purged, r.imei, r.imeisv, r.rat_type
       FROM subscription s
       JOIN provider p ON p.id = s.provider_id
       JOIN card c ON c.id = s.card_id
       JOIN service_profile f ON f.id = s.profile_id
       LEFT JOIN sim_group g ON g.id = s.group_id
       LEFT JOIN card_batch b ON b.id = s.batch_id
       LEFT JOIN auc a ON a.imsi = s.imsi
       LEFT JOIN registration r ON r.imsi = s.imsi
      WHERE ${isImsi ? 's.imsi = $1' : 's.id = $1'}`,
    [idOrImsi],
  )
  const [row] = rows
  if (row === undefined) throw simUnknown(idOrImsi)
  return row
}

function simUnknown(id: string): OperationError {
  return new OperationError('sim-unknown', 404, `there is no SIM ${id.slice(0, 64)}`)
}

/** The other subscriptions of the same card. */
export async function otherImsis(db: TenantDb, { card_id: cardId, imsi }: DetailRow): Promise<string[]> {
  const { rows } = await db.query<{ imsi: string }>(
    'SELECT imsi FROM subscription WHERE card_id = $1 AND imsi <> $2 ORDER BY imsi LIMIT 32',
    [cardId, imsi],
  )
  return rows.map((row) => row.imsi)
}

export function profileOf(row: DetailRow): ServiceProfile {
  return {
    ...readProfileBody(row.profile_body),
    id: row.profile_id,
    providerId: row.provider_id,
    name: row.profile_name,
    version: row.profile_version,
  }
}
