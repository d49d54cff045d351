import type { Clock } from '#core/clock.ts'
import type { ApprovalPort } from '#platform/approval.ts'
import type { ChangeBy, ChangeOutcome, SubscriptionChange, SubscriptionChanges } from '#platform/change.ts'
import type { Ports } from '#platform/ports.ts'
import type { Db, Tx } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { type Job, type JobState, type Outcomes, scopeOf } from '../job.ts'
import { renewLease } from '../leases.ts'
import { type Chunk, lockJob } from '../store.ts'

/** What the stages of a job work with. */
export interface StageContext {
  store: Db
  ledger: Ledger
  changes: SubscriptionChanges
  approvals: ApprovalPort
  clock: Clock
  /** This process, in leases. */
  owner: string
  /** What runs here beside jobs. */
  ports(): Readonly<Partial<Ports>>
}

/** A step that was not made: the job was paused, cancelled or taken over meanwhile. */
export const stepLost = Symbol('the step was not made')
export type StepLost = typeof stepLost

/** Locks the job for the transaction and makes sure that the step is still wanted and still ours. */
export async function lockFor(tx: Tx, { id }: Pick<Job, 'id'>, state: JobState, owner: string): Promise<Job | StepLost> {
  const job = await lockJob(tx, id)
  if (job.state !== state || !(await renewLease(tx, id, owner))) return stepLost
  return job
}

/** A step's own transaction, under the rights of the job. */
export function inStep<T>({ store }: StageContext, job: Job, run: (tx: Tx) => Promise<T>): Promise<T> {
  return store.asTenant(scopeOf(job)).transaction(run, { priority: 'job' })
}

export function byOf(job: Job): ChangeBy {
  return { actor: job.createdBy, scope: scopeOf(job), reason: job.reason, approvals: job.approvedBy, address: job.address, job: job.id }
}

/** The rows of a chunk by what is done to them: one change to all, or each row's own, in the order of the file. */
export function groupsOf(job: Job, chunk: Pick<Chunk, 'ids' | 'changes' | 'changeOf'>): { change: SubscriptionChange; rows: number[] }[] {
  const all = chunk.ids.map((_, i) => i)
  if (chunk.changes !== null)
    return chunk.changes
      .map((change, at) => ({ change, rows: all.filter((i) => chunk.changeOf[i] === at) }))
      .filter(({ rows }) => rows.length > 0)
  if (job.change === null || job.change.kind === 'import') throw new Error(`job ${job.id} says no change`)
  return [{ change: job.change, rows: all }]
}

/** What became, or would become, of one row. */
export interface RowOutcome {
  outcome: keyof Outcomes
  code: string | null
  detail: string
  /** Persons in all that the gate wants. */
  needed: number
}

const goneRow: RowOutcome = { outcome: 'refused', code: 'sim-unknown', detail: 'the SIM is gone', needed: 1 }

function rowOutcome(found: ChangeOutcome | undefined): RowOutcome {
  if (found === undefined) return goneRow
  switch (found.outcome) {
    case 'changed':
    case 'unchanged':
      return { outcome: found.outcome, code: null, detail: '', needed: 1 }
    case 'refused':
      return { outcome: 'refused', code: found.code, detail: found.detail, needed: 1 }
    case 'needs-approval':
      return { outcome: 'needsApproval', code: 'needs-approval', detail: found.detail, needed: found.needed }
  }
}

/** Runs `ask` for each group and puts the answers back in the order of the rows. */
export async function outcomesOf(
  job: Job,
  chunk: Pick<Chunk, 'ids' | 'changes' | 'changeOf'>,
  ask: (change: SubscriptionChange, ids: readonly string[]) => Promise<readonly ChangeOutcome[]>,
): Promise<RowOutcome[]> {
  const outcomes: RowOutcome[] = chunk.ids.map(() => goneRow)
  for (const { change, rows } of groupsOf(job, chunk)) {
    const answers = await ask(
      change,
      rows.map((i) => chunk.ids[i] ?? ''),
    )
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    for (const i of rows) outcomes[i] = rowOutcome(byId.get(chunk.ids[i] ?? ''))
  }
  return outcomes
}

/** Changes that alter nothing of what serving nodes hold (TS 29.272 §7.3.2): nobody there is told. */
const unseen: ReadonlySet<SubscriptionChange['kind']> = new Set(['label', 'group', 'plan', 'imei-lock', 'hold', 'partition'])

export function isSeenByNetwork({ kind }: SubscriptionChange): boolean {
  return !unseen.has(kind)
}
