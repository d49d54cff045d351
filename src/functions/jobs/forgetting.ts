import { limits } from '#core/limits.ts'
import type { Db, TenantDb } from '#store/db.ts'
import { deleteProblems, deleteSomeChunks } from './store.ts'

/**
 * Drafts that nobody started for a week, with the sealed keys that an import may hold, and what was finished a year ago are
 * forgotten, one job at a time and in small steps. The ledger keeps what was done.
 */
export async function forgetOld(db: Db, now: number): Promise<void> {
  const query: TenantDb['query'] = (sql, params) => db.query(sql, params, { priority: 'job' })
  const { rows } = await query<{ id: string }>(
    `SELECT id FROM job WHERE (state IN ('draft', 'ready') AND changed_at < $1)
        OR (state IN ('done', 'cancelled', 'failed') AND finished_at < $2 AND told >= to_tell) ORDER BY id LIMIT 20`,
    [new Date(now - limits.jobs.draftMs), new Date(now - limits.jobs.finishedMs)],
  )
  for (const { id } of rows) {
    while (await deleteSomeChunks({ query }, id));
    await deleteProblems({ query }, id, 'file')
    await deleteProblems({ query }, id, 'run')
    await query('DELETE FROM job WHERE id = $1', [id])
  }
}
