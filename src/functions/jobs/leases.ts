import { limits } from '#core/limits.ts'
import type { Db } from '#store/db.ts'
import type { Queries } from './store.ts'

/** Who works on a job: one process at a time, for as long as it renews. The store's own clock decides. */

const { leaseMs, atWorkPerTenant } = limits.jobs

/** Changing SIMs, or telling serving nodes of what is changed: the second may take hours and must not hold up the first. */
export type Task = 'work' | 'tell'

const waitingFor = {
  work: "j.state IN ('previewing', 'checking', 'running')",
  tell: "(j.state = 'telling' OR (j.state IN ('paused', 'cancelled') AND j.told < j.to_tell))",
} as const satisfies Record<Task, string>

/** Takes the oldest job that waits for a process and whose tenant has not its share at work; its id, or null. */
export async function claimJob(db: Db, owner: string, task: Task): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `UPDATE job SET lease_owner = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond'
      WHERE id = (SELECT j.id FROM job j
                   WHERE ${waitingFor[task]} AND (j.lease_until IS NULL OR j.lease_until < clock_timestamp())
                     AND ($3 = 'tell'
                          OR (SELECT count(*) FROM job o
                               WHERE o.provider_id IS NOT DISTINCT FROM j.provider_id AND o.lease_until > clock_timestamp()
                                 AND o.state IN ('previewing', 'checking', 'running')) < $4)
                   ORDER BY j.id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id`,
    [owner, leaseMs, task, atWorkPerTenant],
    { priority: 'job' },
  )
  return rows[0]?.id ?? null
}

/** In the transaction of each step: false where another process has taken the job over. */
export async function renewLease(tx: Queries, jobId: string, owner: string): Promise<boolean> {
  const { affected } = await tx.query(
    `UPDATE job SET lease_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE id = $1 AND lease_owner = $2`,
    [jobId, owner, leaseMs],
  )
  return affected === 1
}

export async function releaseLease(db: Db, jobId: string, owner: string): Promise<void> {
  await db.query('UPDATE job SET lease_owner = NULL, lease_until = NULL WHERE id = $1 AND lease_owner = $2', [jobId, owner], {
    priority: 'job',
  })
}

/** The embedded store has one process by its lock file: whoever held a lease is dead. */
export async function dropDeadLeases(db: Db): Promise<void> {
  if (db.engine === 'pglite') await db.query('UPDATE job SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL')
}

/** Files whose reader died: the draft is there, its rows have to be sent again. */
export async function dropBrokenUploads(db: Db): Promise<void> {
  await db.query(
    `UPDATE job SET state = 'draft', fault = 'upload-failed', total = 0, chunks = 0, lease_owner = NULL
      WHERE state = 'receiving' AND (lease_until IS NULL OR lease_until < clock_timestamp())`,
    [],
    { priority: 'job' },
  )
}
