import { limits } from '#core/limits.ts'
import type { AlgorithmParameters } from '#domain/subscription.ts'
import type { SubscriptionChange } from '#platform/change.ts'
import type { Tx } from '#store/db.ts'
import type { LedgerDraft } from '#store/ledger.ts'
import { merkleRoot } from '#store/merkle.ts'
import type { NewSim } from '../csv/new-sims.ts'
import { type Job, letters, type Outcomes, scopeOf } from '../job.ts'
import { type Chunk, finishChunk, insertProblems, type JobPatch, patchJob, readChunk } from '../store.ts'
import { insertNewSims } from './new-sims.ts'
import {
  byOf,
  groupsOf,
  isSeenByNetwork,
  lockFor,
  outcomesOf,
  type RowOutcome,
  type StageContext,
  type StepLost,
  stepLost,
} from './stage.ts'

type Note = (draft: LedgerDraft) => void

/**
 * One chunk: the change of its rows, what became of each, the job's progress and the ledger's entry, in one transaction. After
 * a crash either all of it is there or nothing, so that no row is done twice.
 */
export async function runStep(ctx: StageContext, job: Job, homePlmn: string): Promise<Job | StepLost> {
  const isImport = job.kind === 'import'
  return await ctx.ledger.record(
    async (tx, note) => {
      const locked = await lockFor(tx, job, 'running', ctx.owner)
      if (locked === stepLost) return stepLost
      const n = Number(locked.cursor?.after ?? 0)
      const chunk = await readChunk(tx, job.id, n)
      if (chunk === null || n >= locked.chunks) return await finish(ctx, tx, locked, note)
      if (chunk.outcomes !== null) return await patch(ctx, tx, locked, { cursor: at(n + 1) })
      const outcomes = isImport
        ? await importChunk(ctx, tx, locked, n, homePlmn)
        : await outcomesOf(locked, chunk, (change, ids) => ctx.changes.apply(tx, change, ids, byOf(locked)))
      return await patch(ctx, tx, locked, { cursor: at(n + 1), ...(await settle(ctx, tx, { job: locked, chunk, outcomes, note })) })
    },
    // New keys are written with the store's own rights; everything else under those of the job.
    { ...(isImport ? {} : { scope: scopeOf(job) }), priority: 'job' },
  )
}

const at = (chunk: number): NonNullable<Job['cursor']> => ({ after: chunk, hash: '', rows: 0, chunks: 0 })

async function patch({ clock }: StageContext, tx: Tx, job: Job, what: JobPatch): Promise<Job> {
  await patchJob(tx, job.id, clock.now(), what)
  return { ...job, ...what }
}

async function importChunk({ clock }: StageContext, tx: Tx, job: Job, n: number, homePlmn: string): Promise<RowOutcome[]> {
  if (job.change?.kind !== 'import') throw new Error(`job ${job.id} imports nothing`)
  const { batchId } = job.change
  const { rows } = await tx.query<{ sims: NewSim[] | null }>('SELECT sims FROM job_chunk WHERE job_id = $1 AND n = $2', [job.id, n])
  const batch = await tx.query<{ parameters: AlgorithmParameters }>('SELECT parameters FROM card_batch WHERE id = $1', [batchId])
  const parameters = batch.rows[0]?.parameters
  if (parameters === undefined) throw new Error(`batch ${batchId} is gone`)
  return await insertNewSims(tx, rows[0]?.sims ?? [], { batchId, parameters, homePlmn, now: clock.now() })
}

interface Settling {
  job: Job
  chunk: Chunk
  outcomes: readonly RowOutcome[]
  note: Note
}

/** Writes down what became of the rows; the counts that the job then has. */
async function settle(ctx: StageContext, tx: Tx, { job, chunk, outcomes, note }: Settling): Promise<JobPatch> {
  const changed = [...new Set(chunk.imsis.filter((_, i) => outcomes[i]?.outcome === 'changed'))]
  const telling = changed.length > 0 && mustTell(job, chunk) ? await toTell(tx, job, changed) : { isTold: true, patch: {} }
  await finishChunk(tx, job.id, chunk.n, { outcomes: outcomes.map(({ outcome }) => letters[outcome]).join(''), told: telling.isTold })
  await insertProblems(tx, job, 'run', problemsOf(chunk, outcomes))
  noteChunk(job, chunk, outcomes, note)
  const counts: Outcomes = { ...job.outcomes }
  for (const { outcome } of outcomes) counts[outcome] += 1
  return { done: job.done + outcomes.length, outcomes: counts, rate: rateOf(job, outcomes.length, ctx.clock.now()), ...telling.patch }
}

/** Whose serving nodes are to be told, by partner; a chunk of which nobody is registered anywhere needs no word. */
async function toTell(tx: Tx, job: Job, changed: readonly string[]): Promise<{ isTold: boolean; patch: JobPatch }> {
  const { rows } = await tx.query<{ partner: string | null; n: bigint }>(
    'SELECT partner_id AS partner, count(*) AS n FROM registration WHERE imsi = ANY ($1::text[]) AND NOT purged GROUP BY partner_id',
    [changed],
  )
  const total = { toTell: job.toTell + changed.length }
  if (rows.length === 0) {
    const { toldOutcomes: before } = job
    const toldOutcomes = { ...before, notRegistered: before.notRegistered + changed.length }
    return { isTold: true, patch: { ...total, told: job.told + changed.length, toldOutcomes } }
  }
  const toTellBy = { ...job.toTellBy }
  for (const { partner, n } of rows) toTellBy[partner ?? ''] = (toTellBy[partner ?? ''] ?? 0) + Number(n)
  return { isTold: false, patch: { ...total, toTellBy } }
}

function mustTell(job: Job, chunk: Chunk): boolean {
  return job.kind !== 'import' && groupsOf(job, chunk).some(({ change }) => isSeenByNetwork(change))
}

function problemsOf(chunk: Chunk, outcomes: readonly RowOutcome[]) {
  return outcomes.flatMap(({ outcome, code, detail }, i) =>
    outcome === 'refused' || outcome === 'needsApproval'
      ? [
          {
            n: chunk.n * limits.jobs.chunkRows + i,
            line: chunk.lines[i] ?? null,
            imsi: chunk.imsis[i] ?? null,
            field: null,
            code: code ?? outcome,
            value: null,
            detail,
            cells: null,
          },
        ]
      : [],
  )
}

/**
 * An entry for each tenant whose SIMs the chunk changed, with the Merkle root over its rows in their order: a row is the text
 * `id outcome code`, as the result file has them.
 */
function noteChunk(job: Job, chunk: Chunk, outcomes: readonly RowOutcome[], note: Note): void {
  for (const owner of new Set(chunk.owners)) {
    const rows = outcomes.flatMap(({ outcome, code }, i) =>
      chunk.owners[i] === owner ? [Buffer.from(`${chunk.ids[i]} ${outcome} ${code ?? '-'}`)] : [],
    )
    note({
      kind: 'bulk-chunk',
      actor: job.createdBy,
      providerId: owner,
      body: {
        job: job.id,
        chunk: chunk.n,
        rows: rows.length,
        root: merkleRoot(rows).toString('hex'),
        setHash: job.setHash,
        change: saidOf(job),
        reason: job.reason,
        approvedBy: job.approvedBy,
        address: job.address,
      },
    })
  }
}

/** What of a change may stand in the ledger for ever: no label, no number of a device. */
export function saidOf({ kind, change }: Pick<Job, 'kind' | 'change'>): Record<string, unknown> {
  if (change === null || kind !== 'change') return { kind }
  const { kind: what } = change as SubscriptionChange
  return what === 'label' || what === 'imei-lock' || what === 'impose' ? { kind: what } : { ...change }
}

/** Rows a second, the last chunks counting most. */
function rateOf(job: Job, rows: number, now: number): number {
  const seconds = Math.max(1, now - Math.max(job.changedAt, job.startedAt ?? 0)) / 1000
  const latest = rows / seconds
  return job.rate === 0 ? latest : job.rate * 0.9 + latest * 0.1
}

async function finish(ctx: StageContext, tx: Tx, job: Job, note: Note): Promise<Job> {
  const isTold = job.told >= job.toTell
  return await (isTold ? endJob(ctx, tx, job, note) : patch(ctx, tx, job, { state: 'telling' }))
}

/** The last word about a job: in the ledger, and to whoever listens. */
export async function endJob(ctx: StageContext, tx: Tx, job: Job, note: Note): Promise<Job> {
  const now = ctx.clock.now()
  note({
    kind: 'job-finished',
    actor: job.createdBy,
    providerId: job.providerId,
    body: {
      job: job.id,
      outcomes: job.outcomes,
      told: job.told,
      setHash: job.setHash,
      ...(job.approvalId === null ? {} : { approvalId: job.approvalId }),
    },
  })
  await ctx.ports().notices?.note(tx, {
    type: 'job.finished',
    providerId: job.providerId,
    subject: { kind: 'job', id: job.id },
    data: { state: 'done', outcomes: job.outcomes, total: job.total },
  })
  return await patch(ctx, tx, job, { state: 'done', finishedAt: now })
}
