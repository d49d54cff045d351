import { limits } from '#core/limits.ts'
import type { Cursor, Job } from '../job.ts'
import { addRow } from '../set-hash.ts'
import { type JobPatch, patchJob } from '../store.ts'
import type { TargetWalk } from '../targets.ts'
import { startCursor } from './preview.ts'
import { inStep, lockFor, type StageContext, type StepLost, stepLost } from './stage.ts'

/**
 * Before anything is done: is the set still the one that was previewed and approved? A filter is walked once more; a set that
 * came as rows cannot change.
 */
export async function checkStep(ctx: StageContext, job: Job, walk: () => TargetWalk): Promise<Job | StepLost> {
  if (job.target.from !== 'filter') return await write(ctx, job, { state: 'running', cursor: null, startedAt: ctx.clock.now() })
  const cursor = job.cursor ?? startCursor(job)
  const { sims, end } = await walk().next(cursor.after === null ? null : String(cursor.after), limits.subscriptions.scannedRows)
  let hash: Buffer = Buffer.from(cursor.hash, 'hex')
  for (const { id } of sims) hash = addRow(hash, id)
  const next: Cursor = { after: end, hash: hash.toString('hex'), rows: cursor.rows + sims.length, chunks: 0 }
  if (end !== null && next.rows <= job.total) return await write(ctx, job, { cursor: next })
  const isSame = end === null && next.hash === job.setHash
  return await write(
    ctx,
    job,
    isSame
      ? { state: 'running', cursor: null, startedAt: ctx.clock.now() }
      : { state: 'draft', cursor: null, fault: 'set-changed', setHash: null, approvedBy: [], approvalId: null },
  )
}

async function write(ctx: StageContext, job: Job, patch: JobPatch): Promise<Job | StepLost> {
  return await inStep(ctx, job, async (tx) => {
    if ((await lockFor(tx, job, 'checking', ctx.owner)) === stepLost) return stepLost
    await patchJob(tx, job.id, ctx.clock.now(), patch)
    return { ...job, ...patch }
  })
}
