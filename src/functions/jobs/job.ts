import { OperationError } from '#core/errors.ts'
import type { Confirmations, SubscriptionChange } from '#platform/change.ts'
import type { Scope } from '#store/db.ts'

/** A job's life. `telling`: everything is committed, serving nodes are still being told. */
export const jobStates = [
  'draft',
  'receiving',
  'previewing',
  'ready',
  'waiting',
  'checking',
  'running',
  'paused',
  'telling',
  'done',
  'cancelled',
  'failed',
] as const
export type JobState = (typeof jobStates)[number]

/** `change`: one change to all. `csv`: each row says its own. `import`: new SIMs. */
export const jobKinds = ['change', 'csv', 'import'] as const
export type JobKind = (typeof jobKinds)[number]

/** Where the set comes from. `now`: what ages in the filter are counted from, pinned so that the set does not age. */
export type Target = { from: 'filter'; filter: string; now: number } | { from: 'rows'; header: string[] } | { from: 'retry'; jobId: string }

/** What holds for every new SIM of an import. */
export interface ImportOptions {
  kind: 'import'
  batchId: string
  providerId: string | null
}

export interface Outcomes {
  changed: number
  unchanged: number
  refused: number
  needsApproval: number
}
export const noOutcomes: Outcomes = { changed: 0, unchanged: 0, refused: 0, needsApproval: 0 }

/** What would happen: counted over the whole set, with a few rows of it. */
export interface Preview {
  states: Record<string, number>
  classes: Record<string, number>
  outcomes: Outcomes
  /** Refusals by code. */
  refusals: Record<string, number>
  /** Critical SIMs that would change or need approval. */
  critical: number
  /** Persons in all that the gate wants for some row of the set; 1: nobody but who asks. */
  needed: number
  sample: { imsi: string; line: number | null; state: string | null; outcome: keyof Outcomes; code: string | null }[]
}

export function emptyPreview(): Preview {
  return { states: {}, classes: {}, outcomes: { ...noOutcomes }, refusals: {}, critical: 0, needed: 1, sample: [] }
}

export interface Job {
  id: string
  providerId: string | null
  kind: JobKind
  state: JobState
  change: SubscriptionChange | ImportOptions | null
  target: Target
  reason: string
  createdBy: string
  createdByName: string
  isPerson: boolean
  address: string | null
  approvedBy: readonly string[]
  approvalId: string | null
  total: number
  chunks: number
  done: number
  outcomes: Outcomes
  badRows: number
  preview: Preview | null
  setHash: string | null
  cursor: Cursor | null
  toTell: number
  told: number
  toldOutcomes: Confirmations
  /** By partner, how many of the changed SIMs are registered there. */
  toTellBy: Record<string, number>
  /** Rows a second, lately. */
  rate: number
  /** Why it failed, or went back to a draft: a literal code. */
  fault: string | null
  retryOf: string | null
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  changedAt: number
}

/** How far a stage that walks over the set has come; committed with what it did. */
export interface Cursor {
  /** The last IMSI looked at, or the last chunk. */
  after: string | number | null
  hash: string
  rows: number
  chunks: number
}

/** Letters of a chunk's outcomes, one a row. */
export const letters = { changed: 'c', unchanged: 'u', refused: 'r', needsApproval: 'a' } as const satisfies Record<keyof Outcomes, string>
export const outcomeOf: Readonly<Record<string, keyof Outcomes>> = { c: 'changed', u: 'unchanged', r: 'refused', a: 'needsApproval' }

/** Under whose rights a job works: its tenant's, or the operator's. */
export function scopeOf(job: Pick<Job, 'providerId'>): Scope {
  return job.providerId === null ? { operator: true } : { providerId: job.providerId }
}

/** States in which nothing more will happen. */
export const finished: ReadonlySet<JobState> = new Set(['done', 'cancelled', 'failed'])

export function jobUnknown(): OperationError {
  return new OperationError('job-unknown', 404, 'there is no such job')
}

/** `what` in the state it is in. */
export function wrongState(job: Pick<Job, 'state'>, what: string): OperationError {
  return new OperationError('job-state', 409, `${what} is not possible: the job is ${job.state}`, { state: job.state })
}
