import type { Selectable } from 'kysely'
import type { SubscriptionChange } from '#platform/change.ts'
import { isUuid } from '#platform/page.ts'
import { type Tx, toJson } from '#store/db.ts'
import type { Tables } from '#store/tables.ts'
import {
  type Cursor,
  type ImportOptions,
  type Job,
  type JobKind,
  type JobState,
  jobUnknown,
  noOutcomes,
  type Preview,
  type Target,
} from './job.ts'

/** Whatever runs a statement: a transaction, or a handle of either kind. */
export type Queries = Pick<Tx, 'query'>

type JobRow = Selectable<Tables['job']>

/** The columns that the view needs and a chunk's transaction locks. */
function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    providerId: row.provider_id,
    kind: row.kind as JobKind,
    state: row.state as JobState,
    change: Object.keys(row.change ?? {}).length === 0 ? null : (row.change as unknown as SubscriptionChange | ImportOptions),
    target: row.target as unknown as Target,
    reason: row.reason,
    createdBy: row.created_by,
    createdByName: row.created_by_name,
    isPerson: row.is_person,
    address: row.address,
    approvedBy: row.approved_by,
    approvalId: row.approval_id,
    total: row.total,
    chunks: row.chunks,
    done: row.done,
    outcomes: { ...noOutcomes, ...row.outcomes },
    badRows: row.bad_rows,
    preview: row.preview as unknown as Preview | null,
    setHash: row.set_hash?.toString('hex') ?? null,
    cursor: row.cursor as unknown as Cursor | null,
    toTell: row.to_tell,
    told: row.told,
    toldOutcomes: { confirmed: 0, failed: 0, notRegistered: 0, ...row.told_outcomes },
    toTellBy: row.to_tell_by as unknown as Record<string, number>,
    rate: row.rate,
    fault: row.fault,
    retryOf: row.retry_of,
    createdAt: row.created_at.getTime(),
    startedAt: row.started_at?.getTime() ?? null,
    finishedAt: row.finished_at?.getTime() ?? null,
    changedAt: row.changed_at.getTime(),
  }
}

/** What of a job may change, and how it is written. */
const columns: Readonly<Record<keyof JobPatch, (value: never) => readonly [string, unknown]>> = {
  state: (value) => ['state', value],
  approvedBy: (value) => ['approved_by', value],
  approvalId: (value) => ['approval_id', value],
  total: (value) => ['total', value],
  chunks: (value) => ['chunks', value],
  done: (value) => ['done', value],
  outcomes: (value) => ['outcomes', toJson(value)],
  badRows: (value) => ['bad_rows', value],
  preview: (value) => ['preview', value === null ? null : toJson(value)],
  setHash: (value) => ['set_hash', value === null ? null : Buffer.from(value, 'hex')],
  cursor: (value) => ['cursor', value === null ? null : toJson(value)],
  target: (value) => ['target', toJson(value)],
  toTell: (value) => ['to_tell', value],
  toTellBy: (value) => ['to_tell_by', toJson(value)],
  told: (value) => ['told', value],
  toldOutcomes: (value) => ['told_outcomes', toJson(value)],
  rate: (value) => ['rate', value],
  fault: (value) => ['fault', value],
  startedAt: (value) => ['started_at', value === null ? null : new Date(value)],
  finishedAt: (value) => ['finished_at', value === null ? null : new Date(value)],
}

export type JobPatch = Partial<
  Omit<
    Job,
    | 'id'
    | 'providerId'
    | 'kind'
    | 'change'
    | 'reason'
    | 'createdBy'
    | 'createdByName'
    | 'isPerson'
    | 'address'
    | 'retryOf'
    | 'createdAt'
    | 'changedAt'
  >
>

export async function insertJob(db: Queries, job: Job): Promise<void> {
  await db.query(
    `INSERT INTO job (id, provider_id, kind, state, change, target, reason, created_by, created_by_name, is_person, address, retry_of,
                      created_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)`,
    [
      job.id,
      job.providerId,
      job.kind,
      job.state,
      toJson(job.change ?? {}),
      toJson(job.target),
      job.reason,
      job.createdBy,
      job.createdByName,
      job.isPerson,
      job.address,
      job.retryOf,
      new Date(job.createdAt),
    ],
  )
}

export async function readJob(db: Queries, id: string): Promise<Job> {
  return await oneJob(db, id, '')
}

/** Holds the job until the transaction ends: nothing else changes its state meanwhile. */
export async function lockJob(tx: Queries, id: string): Promise<Job> {
  return await oneJob(tx, id, 'FOR UPDATE')
}

async function oneJob(db: Queries, id: string, lock: '' | 'FOR UPDATE'): Promise<Job> {
  if (!isUuid(id)) throw jobUnknown()
  const { rows } = await db.query<JobRow>(`SELECT * FROM job WHERE id = $1 ${lock}`, [id])
  const [row] = rows
  if (row === undefined) throw jobUnknown()
  return jobOf(row)
}

export async function patchJob(db: Queries, id: string, now: number, patch: JobPatch): Promise<void> {
  const set = Object.entries(patch).map(([name, value]) => columns[name as keyof JobPatch](value as never))
  const names = set.map(([name], i) => `${name} = $${i + 3}`)
  await db.query(`UPDATE job SET ${[...names, 'changed_at = $2'].join(', ')} WHERE id = $1`, [
    id,
    new Date(now),
    ...set.map(([, value]) => value),
  ])
}

/** Newest first; `before`: the last id of the page before. */
export async function listJobs(
  db: Queries,
  { states, before, limit }: { states: readonly JobState[]; before: string | null; limit: number },
) {
  const { rows } = await db.query<JobRow>(
    `SELECT * FROM job WHERE ($1::uuid IS NULL OR id < $1) AND (cardinality($2::text[]) = 0 OR state = ANY ($2)) ORDER BY id DESC LIMIT $3`,
    [before, states, limit],
  )
  return rows.map(jobOf)
}

/** Jobs of one tenant (or of the operator) that are not finished. */
export async function countOpen(db: Queries, providerId: string | null): Promise<number> {
  const { rows } = await db.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM job WHERE provider_id IS NOT DISTINCT FROM $1 AND state NOT IN ('done', 'cancelled', 'failed')`,
    [providerId],
  )
  return Number(rows[0]?.n ?? 0n)
}

/** A piece of the frozen set. */
export interface Chunk {
  n: number
  ids: string[]
  imsis: string[]
  owners: string[]
  lines: number[]
  changes: SubscriptionChange[] | null
  changeOf: number[]
  outcomes: string | null
}

interface ChunkRow {
  n: number
  ids: string[]
  imsis: string[]
  owners: string[]
  lines: number[]
  changes: SubscriptionChange[] | null
  change_of: number[]
  outcomes: string | null
}

export async function insertChunk(
  db: Queries,
  job: Pick<Job, 'id' | 'providerId'>,
  chunk: Omit<Chunk, 'outcomes'>,
  sims: unknown[] | null = null,
): Promise<void> {
  await db.query(
    `INSERT INTO job_chunk (job_id, provider_id, n, ids, imsis, owners, lines, changes, change_of, sims)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      job.id,
      job.providerId,
      chunk.n,
      chunk.ids,
      chunk.imsis,
      chunk.owners,
      chunk.lines,
      chunk.changes === null ? null : toJson(chunk.changes),
      chunk.changeOf,
      sims === null ? null : toJson(sims),
    ],
  )
}

const chunkColumns = 'n, ids, imsis, owners, lines, changes, change_of, outcomes'

export async function readChunk(db: Queries, jobId: string, n: number): Promise<Chunk | null> {
  const { rows } = await db.query<ChunkRow>(`SELECT ${chunkColumns} FROM job_chunk WHERE job_id = $1 AND n = $2`, [jobId, n])
  return rows[0] === undefined ? null : chunkOf(rows[0])
}

/** Chunks from `from` on. */
export async function readChunks(db: Queries, jobId: string, from: number, limit: number): Promise<Chunk[]> {
  const { rows } = await db.query<ChunkRow>(`SELECT ${chunkColumns} FROM job_chunk WHERE job_id = $1 AND n >= $2 ORDER BY n LIMIT $3`, [
    jobId,
    from,
    limit,
  ])
  return rows.map(chunkOf)
}

/** Done, but nobody outside has been told: the next ones behind `after`. */
export async function readUntold(db: Queries, jobId: string, after: number, limit: number): Promise<Chunk[]> {
  const { rows } = await db.query<ChunkRow>(
    `SELECT ${chunkColumns} FROM job_chunk WHERE job_id = $1 AND n > $2 AND outcomes IS NOT NULL AND NOT told ORDER BY n LIMIT $3`,
    [jobId, after, limit],
  )
  return rows.map(chunkOf)
}

function chunkOf({ change_of: changeOf, ...row }: ChunkRow): Chunk {
  return { ...row, changeOf }
}

export async function finishChunk(
  db: Queries,
  jobId: string,
  n: number,
  { outcomes, told }: { outcomes: string; told: boolean },
): Promise<void> {
  await db.query('UPDATE job_chunk SET outcomes = $3, told = $4, sims = NULL WHERE job_id = $1 AND n = $2', [jobId, n, outcomes, told])
}

export async function markTold(db: Queries, jobId: string, n: number): Promise<boolean> {
  const { affected } = await db.query('UPDATE job_chunk SET told = true WHERE job_id = $1 AND n = $2 AND NOT told', [jobId, n])
  return affected === 1
}

/** Some of the chunks, so that no statement takes long; true where there were more. */
export async function deleteSomeChunks(db: Queries, jobId: string): Promise<boolean> {
  const { affected } = await db.query(
    'DELETE FROM job_chunk WHERE job_id = $1 AND n IN (SELECT n FROM job_chunk WHERE job_id = $1 ORDER BY n LIMIT 100)',
    [jobId],
  )
  return affected === 100
}

/** One thing that is wrong with one row. */
export interface Problem {
  n: number
  line: number | null
  imsi: string | null
  field: string | null
  code: string
  value: string | null
  detail: string
  cells: readonly string[] | null
}

export async function insertProblems(
  db: Queries,
  job: Pick<Job, 'id' | 'providerId'>,
  stage: 'file' | 'run',
  problems: readonly Problem[],
): Promise<void> {
  if (problems.length === 0) return
  await db.query(
    `INSERT INTO job_problem (job_id, provider_id, stage, n, line, imsi, field, code, value, detail, cells)
     SELECT $1, $2, $3, * FROM unnest($4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[])`,
    [
      job.id,
      job.providerId,
      stage,
      problems.map(({ n }) => n),
      problems.map(({ line }) => line),
      problems.map(({ imsi }) => imsi),
      problems.map(({ field }) => field),
      problems.map(({ code }) => code),
      problems.map(({ value }) => value),
      problems.map(({ detail }) => detail),
      problems.map(({ cells }) => (cells === null ? null : toJson(cells))),
    ],
  )
}

/** Problems by key, those of the file first. */
export async function readProblems(
  db: Queries,
  jobId: string,
  after: { stage: string; n: number } | null,
  limit: number,
): Promise<(Problem & { stage: 'file' | 'run' })[]> {
  const { rows } = await db.query<Problem & { stage: 'file' | 'run' }>(
    `SELECT stage, n, line, imsi, field, code, value, detail, cells FROM job_problem
      WHERE job_id = $1 AND ($2::text IS NULL OR (stage, n) > ($2, $3::int)) ORDER BY stage, n LIMIT $4`,
    [jobId, after?.stage ?? null, after?.n ?? 0, limit],
  )
  return rows
}

/** Problems of the run between two of its rows, for the result file. */
export async function readRunProblems(db: Queries, jobId: string, from: number, until: number): Promise<Problem[]> {
  const { rows } = await db.query<Problem>(
    `SELECT n, line, imsi, field, code, value, detail, cells FROM job_problem WHERE job_id = $1 AND stage = 'run' AND n >= $2 AND n < $3`,
    [jobId, from, until],
  )
  return rows
}

export async function deleteProblems(db: Queries, jobId: string, stage: 'file' | 'run'): Promise<void> {
  for (;;) {
    const { affected } = await db.query(
      `DELETE FROM job_problem WHERE job_id = $1 AND stage = $2
          AND n IN (SELECT n FROM job_problem WHERE job_id = $1 AND stage = $2 ORDER BY n LIMIT 1000)`,
      [jobId, stage],
    )
    if (affected < 1000) return
  }
}
