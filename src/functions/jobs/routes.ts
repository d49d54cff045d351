import { OperationError } from '#core/errors.ts'
import type { Serve } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import type { Job as JobView } from '#platform/http/schemas/jobs.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { decodeCursor, encodeCursor, isUuid, pageLimit } from '#platform/page.ts'
import { errorFile, resultFile, templateFile } from './files.ts'
import type { Job } from './job.ts'
import { finished, jobStates } from './job.ts'
import type { Asker, JobDraft, JobService } from './service.ts'
import { listJobs, readJob, readProblems } from './store.ts'

export const jobRoutes = [
  operations.listJobs,
  operations.createJob,
  operations.getJob,
  operations.uploadJobRows,
  operations.previewJob,
  operations.startJob,
  operations.pauseJob,
  operations.resumeJob,
  operations.cancelJob,
  operations.retryJob,
  operations.listJobErrors,
  operations.downloadJobErrors,
  operations.downloadJobResults,
  operations.downloadJobTemplate,
] as const

interface Serving {
  service: JobService
  /** Jobs as the API shows them. */
  show(jobs: readonly Job[]): Promise<JobView[]>
}

export function serveJobs(serve: Serve, { service, show }: Serving): void {
  const one = async (job: Job | Promise<Job>): Promise<JobView> => {
    const [view] = await show([await job])
    if (view === undefined) throw new Error('a job is always shown')
    return view
  }
  serve(operations.createJob, (call) => one(service.create(call.body as JobDraft, writer(call))))
  serve(operations.uploadJobRows, (call) => one(service.upload(call.params.id, call.upload(), writer(call))))
  serve(operations.previewJob, (call) => one(service.preview(call.params.id, writer(call))))
  serve(operations.startJob, (call) => one(service.start(call.params.id, call.body.setHash, writer(call))))
  serve(operations.pauseJob, (call) => one(service.pause(call.params.id, writer(call))))
  serve(operations.resumeJob, (call) => one(service.resume(call.params.id, writer(call))))
  serve(operations.cancelJob, (call) => one(service.cancel(call.params.id, call.body.reason, writer(call))))
  serve(operations.retryJob, (call) => one(service.retry(call.params.id, call.body.reason, writer(call))))
  serve(operations.getJob, async ({ db, params }) => one(service.notApproved(await readJob(db, params.id))))
  serve(operations.listJobs, async ({ db, query }) => {
    const limit = pageLimit(query.limit)
    const { state } = query
    const states = state === undefined ? [] : state === 'open' ? jobStates.filter((each) => !finished.has(each)) : [state]
    const jobs = await listJobs(db, { states, before: cursorOf(query.cursor), limit: limit + 1 })
    const items = await show(jobs.slice(0, limit))
    const hasMore = jobs.length > limit
    return {
      items,
      next: hasMore ? encodeCursor([items.at(-1)?.id ?? '']) : null,
      count: { value: items.length, capped: hasMore || query.cursor !== undefined },
    }
  })
  serveFiles(serve)
}

function serveFiles(serve: Serve): void {
  serve(operations.listJobErrors, async ({ db, params, query }) => {
    const job = await readJob(db, params.id)
    const limit = pageLimit(query.limit)
    const [stage, n] = decodeCursor(query.cursor, 2) ?? []
    const after = typeof stage === 'string' && typeof n === 'number' && Number.isInteger(n) ? { stage, n } : null
    const found = await readProblems(db, job.id, after, limit + 1)
    const last = found[limit - 1]
    return {
      items: found.slice(0, limit).map(({ n: _n, cells: _cells, field, ...problem }) => ({ ...problem, column: field })),
      next: found.length > limit && last !== undefined ? encodeCursor([last.stage, last.n]) : null,
      count: { value: Math.min(found.length, limit), capped: found.length > limit || query.cursor !== undefined },
    }
  })
  serve(operations.downloadJobErrors, async ({ db, params }) => errorFile(db, await readJob(db, params.id)))
  serve(operations.downloadJobResults, async ({ db, params }) => resultFile(db, await readJob(db, params.id)))
  serve(operations.downloadJobTemplate, ({ params }) => templateFile(params.file))
}

function cursorOf(cursor: string | undefined): string | null {
  const [id] = decodeCursor(cursor, 1) ?? [null]
  if (id === null || id === undefined) return null
  if (typeof id === 'string' && isUuid(id)) return id
  throw new OperationError('cursor-invalid', 400, 'this cursor is not one of this list: start again at its first page')
}

/** Whoever works with jobs needs the right to do to one SIM what the job does to many. */
function writer({ identity, address, db }: Pick<Call, 'identity' | 'address' | 'db'>): Asker {
  if (identity === null) throw new OperationError('sign-in-needed', 401, 'sign in first')
  if (!identity.permissions.includes('sims:write'))
    throw new OperationError('not-allowed', 403, `this needs the permission sims:write, which ${identity.name} does not have`)
  return { identity, address, db }
}
