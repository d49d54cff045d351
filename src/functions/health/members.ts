import type { Db } from '#store/db.ts'

/** A SIM as the counting needs it: where it counts, and the device that registered with it. */
export interface Member {
  imsi: string
  subscriptionId: string
  providerId: string
  /** Groups that are services, from its own upwards; the profile where none is. */
  serviceIds: readonly string[]
  /** Without it nothing is kept of the device. */
  hasAgreement: boolean
  /** As the registration on record says; null where there is none, or it names no device. */
  imei: string | null
  softwareVersion: string | null
  ratType: number | null
  plmn: string
  partnerId: string | null
  registeredAt: number | null
  /** As last seen, before this registration. */
  formerImei: string | null
  seenAt: number | null
}

interface Row {
  imsi: string
  id: string
  provider_id: string
  group_id: string | null
  profile_id: string
  agreed: boolean
  imei: string | null
  imeisv: string | null
  rat_type: number | null
  visited_plmn: string | null
  partner_id: string | null
  registered_at: Date | null
  former_imei: string | null
  seen_at: Date | null
}

/** Every row along an index; IMSIs that are not on record are left out. */
export async function readMembers(store: Db, imsis: readonly string[]): Promise<Map<string, Member>> {
  const { rows } = await store.query<Row>(
    `SELECT s.imsi, s.id, s.provider_id, s.group_id, s.profile_id, p.data_processing_agreement IS NOT NULL AS agreed,
            r.imei, r.imeisv, r.rat_type, r.visited_plmn, r.partner_id, r.registered_at, e.imei AS former_imei, e.seen_at
       FROM subscription s
       JOIN provider p ON p.id = s.provider_id
       LEFT JOIN registration r ON r.imsi = s.imsi
       LEFT JOIN equipment_seen e ON e.imsi = s.imsi
      WHERE s.imsi = ANY($1)`,
    [imsis],
    { priority: 'job' },
  )
  const servicesOf = await readServices(
    store,
    rows.flatMap((row) => row.group_id ?? []),
  )
  return new Map(rows.map((row) => [row.imsi, memberOf(row, servicesOf)]))
}

function memberOf(row: Row, servicesOf: ReadonlyMap<string, readonly string[]>): Member {
  const services = row.group_id === null ? [] : (servicesOf.get(row.group_id) ?? [])
  return {
    imsi: row.imsi,
    subscriptionId: row.id,
    providerId: row.provider_id,
    serviceIds: services.length === 0 ? [row.profile_id] : services,
    hasAgreement: row.agreed,
    imei: row.imei,
    softwareVersion: row.imeisv,
    ratType: row.rat_type,
    plmn: row.visited_plmn ?? '',
    partnerId: row.partner_id,
    registeredAt: row.registered_at?.getTime() ?? null,
    formerImei: row.former_imei,
    seenAt: row.seen_at?.getTime() ?? null,
  }
}

/** Services over each of these groups. Asked for every time, so that a SIM that moves counts where it is. */
async function readServices(store: Db, groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  if (groupIds.length === 0) return found
  const { rows } = await store.query<{ leaf: string; id: string }>(
    `WITH RECURSIVE above AS (
       SELECT g.id AS leaf, g.id, g.parent_id, g.service, 1 AS depth FROM sim_group g WHERE g.id = ANY($1::uuid[])
       UNION ALL
       SELECT a.leaf, g.id, g.parent_id, g.service, a.depth + 1 FROM above a JOIN sim_group g ON g.id = a.parent_id WHERE a.depth < 32
     ) SELECT leaf, id FROM above WHERE service IS NOT NULL ORDER BY leaf, depth`,
    [[...new Set(groupIds)]],
    { priority: 'job' },
  )
  for (const { leaf, id } of rows) {
    const services = found.get(leaf) ?? []
    services.push(id)
    found.set(leaf, services)
  }
  return found
}
