import { limits } from '#core/limits.ts'
import type { Health } from '#platform/http/schemas/health.ts'
import type { TenantDb } from '#store/db.ts'

const cap = limits.http.cappedCount

type Kind = Health['waiting'][number]['kind']

/** What waits for a person of the provider; each is counted along a partial index. */
const sources: readonly { kind: Kind; from: string; inTime: boolean }[] = [
  { kind: 'held', from: 'subscription WHERE provider_id = $1 AND hold_next_attach', inTime: false },
  { kind: 'approvals', from: "approval WHERE provider_id = $1 AND state = 'waiting' AND expires_at > $2", inTime: true },
  { kind: 'quotas', from: 'usage_counter WHERE provider_id = $1 AND alerted > 0 AND period_end > $2', inTime: true },
]

export async function readWaiting(db: TenantDb, providerId: string, now: number): Promise<Health['waiting']> {
  const waiting: Health['waiting'] = []
  for (const { kind, from, inTime } of sources) {
    const { rows } = await db.query<{ count: bigint }>(
      `SELECT count(*) AS count FROM (SELECT FROM ${from} LIMIT ${cap + 1}) AS part`,
      inTime ? [providerId, new Date(now)] : [providerId],
    )
    const count = Number(rows[0]?.count ?? 0n)
    waiting.push({ kind, count: { value: Math.min(count, cap), capped: count > cap } })
  }
  return waiting
}
