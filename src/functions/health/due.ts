import { limits } from '#core/limits.ts'
import type { Health } from '#platform/http/schemas/health.ts'
import type { Db, TenantDb } from '#store/db.ts'

const dayMs = 86_400_000
/** A certificate is renewed in good time, not in its last week. */
const warnDays = 60

/**
 * Writes anew what runs out at whom: accreditations of the card batches in use. The operator's own batches are no rows of a
 * tenant's, but what they are worth concerns whoever's cards they are.
 */
export async function renewDue(store: Db, now: number): Promise<void> {
  await store.query(
    // One step along the index per batch and provider, however many SIMs there are.
    `WITH RECURSIVE used AS (
       (SELECT batch_id, provider_id FROM subscription ORDER BY batch_id, provider_id LIMIT 1)
       UNION ALL
       SELECT next.batch_id, next.provider_id FROM used,
         LATERAL (SELECT s.batch_id, s.provider_id FROM subscription s
                   WHERE (s.batch_id, s.provider_id) > (used.batch_id, used.provider_id) ORDER BY s.batch_id, s.provider_id LIMIT 1) next
     ), written AS (
       INSERT INTO health_due (provider_id, kind, subject, name, due_at, checked_at)
       SELECT used.provider_id, 'card-batch', b.id::text, b.supplier, to_timestamp((b.accreditation->>'validUntil')::float8 / 1000), $1
         FROM used JOIN card_batch b ON b.id = used.batch_id
       ON CONFLICT (provider_id, kind, subject) DO UPDATE SET name = excluded.name, due_at = excluded.due_at, checked_at = excluded.checked_at
     ) SELECT 1`,
    [new Date(now)],
    { priority: 'job' },
  )
  await store.query(`DELETE FROM health_due WHERE checked_at < $1`, [new Date(now)], { priority: 'job' })
}

/** Where the agreement is gone, what was kept of devices goes. */
export async function forgetDevices(store: Db): Promise<number> {
  const { affected } = await store.query(
    `UPDATE equipment_seen SET imei = NULL, software_version = NULL WHERE imsi = ANY(ARRAY(
       SELECT e.imsi FROM equipment_seen e JOIN provider p ON p.id = e.provider_id
        WHERE p.data_processing_agreement IS NULL AND e.imei IS NOT NULL LIMIT ${limits.store.chunkRows}))`,
    [],
    { priority: 'job' },
  )
  const { affected: changes } = await store.query(
    `DELETE FROM equipment_change WHERE ctid = ANY(ARRAY(
       SELECT c.ctid FROM equipment_change c JOIN provider p ON p.id = c.provider_id
        WHERE p.data_processing_agreement IS NULL LIMIT ${limits.store.chunkRows}))`,
    [],
    { priority: 'job' },
  )
  return affected + changes
}

interface DueRow {
  kind: Health['due'][number]['kind']
  subject: string
  name: string
  due_at: Date | null
  checked_at: Date
}

/**
 * What runs out, soonest first; what has no date on record stands before all of it. API clients only for who may see them,
 * and only those that end soon.
 */
export async function readDue(db: TenantDb, providerId: string, now: number, seesClients: boolean): Promise<Health['due']> {
  const { rows } = await db.query<DueRow>(
    `SELECT kind, subject, name, due_at, checked_at FROM health_due WHERE provider_id = $1 ORDER BY due_at NULLS FIRST LIMIT ${limits.health.listed}`,
    [providerId],
  )
  const { rows: clients } = seesClients
    ? await db.query<DueRow>(
        `SELECT 'client' AS kind, id::text AS subject, name, expires_at AS due_at, $2::timestamptz AS checked_at FROM api_client
          WHERE provider_id = $1 AND revoked_at IS NULL AND expires_at < $3 ORDER BY expires_at LIMIT ${limits.health.listed}`,
        [providerId, new Date(now), new Date(now + warnDays * dayMs)],
      )
    : { rows: [] }
  return [...rows, ...clients]
    .toSorted((a, b) => (a.due_at?.getTime() ?? 0) - (b.due_at?.getTime() ?? 0))
    .map((row) => ({
      kind: row.kind,
      subject: row.subject,
      name: row.name,
      dueAt: row.due_at?.getTime() ?? null,
      state: stateOf(row.due_at?.getTime() ?? null, now),
      checkedAt: row.checked_at.getTime(),
    }))
}

function stateOf(dueAt: number | null, now: number): Health['due'][number]['state'] {
  if (dueAt === null) return 'unknown'
  return dueAt <= now ? 'refused' : dueAt - now < warnDays * dayMs ? 'attention' : 'ok'
}
