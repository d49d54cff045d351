import type { Vault } from '#crypto/vault.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import type { Job as JobView } from '#platform/http/schemas/jobs.ts'
import { bulkControl } from './controls.ts'
import type { Job } from './job.ts'
import { createPace, type Pace } from './pace.ts'
import { createProgress } from './progress.ts'
import { jobRoutes, serveJobs } from './routes.ts'
import { createRunner } from './runner.ts'
import { JobService } from './service.ts'
import type { StageContext } from './stages/stage.ts'
import { viewOf } from './view.ts'

/** Bulk work. The vault seals the keys of new SIMs while their file is read; the platform never sees them. */
export function jobsFunction(own: { vault: Vault }) {
  return defineFunction({
    name: 'jobs',
    config: ['plmn', 'node', 'jobApprovalSims'],
    provides: [],
    needs: ['store', 'ledger', 'changes', 'approvals'],
    controls: [bulkControl],
    routes: jobRoutes,
    navigation: [{ id: 'jobs', path: '/jobs', order: 35 }],
    metrics: [
      { name: 'simward_job_rest_milliseconds', kind: 'gauge', help: 'Rest between two chunks that keeps signalling quick', labels: [] },
    ],
    start: (ctx) => startJobs(ctx, own.vault),
  })
}

type JobsContext = FunctionContext<'store' | 'ledger' | 'changes' | 'approvals', never>

async function startJobs(ctx: JobsContext, vault: Vault): Promise<AsyncDisposable> {
  const { clock, log, config, events } = ctx
  const pace = createPace({ clock, history: () => ctx.optional.history })
  const stage: StageContext = {
    store: ctx.ports.store,
    ledger: ctx.ports.ledger,
    changes: ctx.ports.changes,
    approvals: ctx.ports.approvals,
    clock,
    owner: `${config.node} ${ctx.newId()}`,
    ports: () => ctx.optional,
  }
  const show = (jobs: readonly Job[]): Promise<JobView[]> => showJobs(ctx, pace, jobs)
  const progress = createProgress({ clock, log, events, show })
  const onStep = (job: Job): void => progress.saw(job)
  const runner = createRunner({ ...stage, log, pace, homePlmn: config.plmn, onStep })
  const service = new JobService({
    ...stage,
    vault,
    newId: () => ctx.newId(),
    plmn: config.plmn,
    approvalFrom: config.jobApprovalSims,
    runner,
    onStep,
  })
  ctx.ports.approvals.on('bulk-job', (approval) => service.approved(approval))
  ctx.metrics.collect('simward_job_rest_milliseconds', () => [{ labels: {}, value: pace.restMs }])
  serveJobs(ctx.serve, { service, show })
  return {
    async [Symbol.asyncDispose]() {
      await runner.close()
      progress.close()
    },
  }
}

async function showJobs(ctx: JobsContext, pace: Pace, jobs: readonly Job[]): Promise<JobView[]> {
  const ids = [...new Set(jobs.flatMap(({ providerId }) => providerId ?? []))]
  const { rows } =
    ids.length === 0
      ? { rows: [] }
      : await ctx.ports.store.query<{ id: string; name: string }>('SELECT id, name FROM provider WHERE id = ANY ($1::uuid[])', [ids], {
          priority: 'portal',
        })
  const context = {
    network: ctx.optional.network,
    approvalFrom: ctx.config.jobApprovalSims,
    restMs: pace.restMs,
    providerNames: new Map(rows.map(({ id, name }) => [id, name])),
  }
  return jobs.map((job) => viewOf(job, context))
}
