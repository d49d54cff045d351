import type { SeenDevice } from '#platform/http/schemas/health.ts'
import { decodeCursor, encodeCursor, type Page, pageLimit } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'
import { weakRatTypes } from './radio.ts'

export interface DevicesAsked {
  db: TenantDb
  providerId: string
  weak: boolean
  names: ReadonlyMap<string, string>
  cursor?: string
  limit?: number
}

/** A page of each weak type along its index; together they hold the page. */
const weakDevices = `(
  SELECT part.* FROM unnest($4::int[]) AS weak(rat_type), LATERAL (
    SELECT d.* FROM equipment_seen d WHERE d.provider_id = $1 AND d.rat_type = weak.rat_type AND d.imsi > $2 ORDER BY d.imsi LIMIT $3
  ) part) e`

interface Row {
  imsi: string
  imei: string | null
  software_version: string | null
  eid: string | null
  visited_plmn: string
  network_proven: boolean
  rat_type: number | null
  locked_imei: string | null
  first_at: Date
  seen_at: Date
}

/**
 * IMSI, device, card and network as they were last observed together (CLP.14 §3.1), each with how sure it is: an IMEI is only
 * ever what the device says, unless it is the one that the SIM is bound to.
 */
export async function listSeenDevices(asked: DevicesAsked): Promise<Page<SeenDevice>> {
  const { db, providerId, weak, names } = asked
  const limit = pageLimit(asked.limit)
  const [after = ''] = decodeCursor(asked.cursor, 1) ?? []
  const { rows } = await db.query<Row>(
    `SELECT e.imsi, e.imei, e.software_version, c.eid, e.visited_plmn, e.network_proven, e.rat_type, s.locked_imei, e.first_at, e.seen_at
       FROM ${weak ? weakDevices : 'equipment_seen e'} JOIN subscription s ON s.imsi = e.imsi JOIN card c ON c.id = s.card_id
      WHERE e.provider_id = $1 AND e.imsi > $2 ORDER BY e.imsi LIMIT $3`,
    [providerId, String(after), limit + 1, ...(weak ? [weakRatTypes] : [])],
  )
  const items = rows.slice(0, limit).map((row) => view(row, names))
  return {
    items,
    next: rows.length > limit ? encodeCursor([items.at(-1)?.imsi ?? '']) : null,
    count: { value: items.length, capped: rows.length > limit },
  }
}

function view(row: Row, names: ReadonlyMap<string, string>): SeenDevice {
  return {
    imsi: row.imsi,
    imei: row.imei,
    softwareVersion: row.software_version,
    eid: row.eid,
    visitedPlmn: row.visited_plmn,
    networkName: names.get(row.visited_plmn) ?? null,
    ratType: row.rat_type,
    assurance: {
      imsi: 'proven',
      network: row.network_proven ? 'proven' : 'claimed',
      imei: row.imei === null ? 'absent' : row.imei === row.locked_imei ? 'on-record' : 'claimed',
      eid: row.eid === null ? 'absent' : 'on-record',
    },
    firstAt: row.first_at.getTime(),
    seenAt: row.seen_at.getTime(),
  }
}
