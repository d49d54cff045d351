import { limits } from '#core/limits.ts'
import type { Health } from '#platform/http/schemas/health.ts'
import type { TenantDb } from '#store/db.ts'

const cap = limits.http.cappedCount

/** What waits for a person of the provider. */
export async function readWaiting(db: TenantDb, providerId: string): Promise<Health['waiting']> {
  const { rows } = await db.query<{ count: bigint }>(
    // An index holds the held ones alone.
    `SELECT count(*) AS count FROM (
       SELECT FROM subscription WHERE imposed @> '[{"reason": "held"}]' AND provider_id = $1 LIMIT ${cap + 1}) AS part`,
    [providerId],
  )
  const held = Number(rows[0]?.count ?? 0n)
  return [{ kind: 'held', count: { value: Math.min(held, cap), capped: held > cap } }]
}
