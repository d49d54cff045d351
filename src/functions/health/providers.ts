import { limits } from '#core/limits.ts'
import type { ProviderHealth } from '#platform/http/schemas/health.ts'
import type { TenantDb } from '#store/db.ts'

const most = limits.http.pageRows

interface Row {
  id: string
  name: string
  agreed: boolean
  attacks: bigint | null
  passed: bigint | null
  refused: bigint | null
  last_at: Date | null
  changes: bigint | null
  got_in: bigint | null
  kept_out: bigint | null
}

/** Providers that the asker sees, worst first: an attack that passed, a device that changed, then how much was refused. */
export async function readProviders(
  db: TenantDb,
  now: number,
  windowS: number,
  below: (providerId: string) => number,
): Promise<ProviderHealth[]> {
  const since = new Date(now - windowS * 1_000)
  const { rows } = await db.query<Row>(
    `SELECT p.id, p.name, p.data_processing_agreement IS NOT NULL AS agreed, h.attacks, h.passed, h.refused, h.last_at, c.changes, a.got_in, a.kept_out
       FROM provider p
       LEFT JOIN (
         SELECT provider_id, sum(count) FILTER (WHERE kind = 'attack') AS attacks, sum(count) FILTER (WHERE kind = 'attack-passed') AS passed,
                sum(count) FILTER (WHERE kind = 'refused') AS refused, max(last_at) AS last_at
           FROM health_hour WHERE hour >= date_trunc('hour', $1::timestamptz) GROUP BY provider_id) h ON h.provider_id = p.id
       LEFT JOIN (
         SELECT provider_id, count(*) AS changes FROM equipment_change
          WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND last_at >= $1 GROUP BY provider_id) c ON c.provider_id = p.id
       LEFT JOIN (
         SELECT provider_id, sum(got_in) AS got_in, sum(kept_out) AS kept_out FROM service_availability
          WHERE step_s = 3600 AND at >= date_trunc('hour', $1::timestamptz) GROUP BY provider_id) a ON a.provider_id = p.id
      ORDER BY coalesce(h.passed, 0) DESC, coalesce(c.changes, 0) DESC, coalesce(h.attacks, 0) DESC, coalesce(h.refused, 0) DESC, p.name
      LIMIT ${most + 1}`,
    [since],
  )
  return rows.map((row) => providerHealth(row, below(row.id))).toSorted((a, b) => rank(a) - rank(b))
}

const order = ['refused', 'attention', 'ok', 'unknown'] as const

function rank({ state }: ProviderHealth): number {
  return order.indexOf(state)
}

/** Nothing seen is unknown, never well. */
function providerHealth(row: Row, servicesBelow: number): ProviderHealth {
  const passed = Number(row.passed ?? 0n)
  const changes = Number(row.changes ?? 0n)
  const isSeen = row.last_at !== null || row.got_in !== null
  const isWorst = passed > 0 || servicesBelow > 0
  return {
    provider: { id: row.id, name: row.name },
    state: isWorst ? 'refused' : changes > 0 || Number(row.refused ?? 0n) > 0 ? 'attention' : isSeen ? 'ok' : 'unknown',
    attacks: Number(row.attacks ?? 0n),
    passed,
    refusedMessages: Number(row.refused ?? 0n),
    equipmentChanges: changes,
    agreement: row.agreed,
    servicesBelow,
    evidenceAt: row.last_at?.getTime() ?? null,
  }
}
