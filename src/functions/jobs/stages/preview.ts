import { limits } from '#core/limits.ts'
import type { Tx } from '#store/db.ts'
import type { NewSim } from '../csv/new-sims.ts'
import { type Cursor, emptyPreview, type Job, type Preview, scopeOf } from '../job.ts'
import { addRow, canonicalJson, startHash } from '../set-hash.ts'
import { type Chunk, deleteProblems, deleteSomeChunks, insertChunk, type JobPatch, patchJob, readChunk } from '../store.ts'
import { readSims, type TargetSim, type TargetWalk, walkTargets } from '../targets.ts'
import { checkNewSims } from './new-sims.ts'
import { byOf, inStep, lockFor, outcomesOf, type RowOutcome, type StageContext, type StepLost, stepLost } from './stage.ts'

/**
 * What would happen, and to whom: walks over the set, asks for each row, counts, freezes the set in chunks and hashes it.
 * Changes nothing of any SIM.
 */

const { chunkRows, sampleRows } = limits.jobs

export function startCursor(job: Pick<Job, 'kind' | 'change'>): Cursor {
  return { after: null, hash: startHash({ kind: job.kind, change: job.change }).toString('hex'), rows: 0, chunks: 0 }
}

type Step = Job | StepLost

/** One step of the preview; the state that it leaves says whether there is another. */
export async function previewStep(ctx: StageContext, job: Job, walk: () => TargetWalk): Promise<Step> {
  switch (job.target.from) {
    case 'filter':
      return job.cursor === null ? await begin(ctx, job, true) : await freezeNext(ctx, job, job.cursor, walk())
    case 'retry':
      return job.cursor === null ? await begin(ctx, job, true) : await freezeFailed(ctx, job, job.cursor, job.target.jobId)
    case 'rows':
      return job.cursor === null ? await begin(ctx, job, false) : await lookAtNext(ctx, job, job.cursor)
  }
}

export function walkOf({ store }: StageContext, job: Job): TargetWalk {
  if (job.target.from !== 'filter') throw new Error('only a filter is walked')
  return walkTargets(store, scopeOf(job), job.target)
}

/** What a former preview froze is thrown away, some of it at a time. */
async function begin(ctx: StageContext, job: Job, isFrozenHere: boolean): Promise<Step> {
  const isLeft = await inStep(ctx, job, async (tx) => {
    if ((await lockFor(tx, job, 'previewing', ctx.owner)) === stepLost) return stepLost
    return isFrozenHere && (await deleteSomeChunks(tx, job.id))
  })
  if (isLeft === stepLost) return stepLost
  if (isLeft) return job
  await inStep(ctx, job, (tx) => deleteProblems(tx, job.id, 'run'))
  return await write(ctx, job, async () => ({
    cursor: startCursor(job),
    preview: emptyPreview(),
    setHash: null,
    fault: null,
    ...(isFrozenHere ? { total: 0, chunks: 0 } : {}),
  }))
}

async function freezeNext(ctx: StageContext, job: Job, cursor: Cursor, walk: TargetWalk): Promise<Step> {
  const { sims, end } = await walk.next(cursor.after === null ? null : String(cursor.after), chunkRows)
  if (cursor.rows + sims.length > limits.jobs.rows)
    return await write(ctx, job, async () => ({ state: 'draft', fault: 'job-too-large', cursor: null }))
  const chunk = {
    n: cursor.chunks,
    ids: sims.map(({ id }) => id),
    imsis: sims.map(({ imsi }) => imsi),
    owners: sims.map(({ owner }) => owner),
    lines: [],
    changes: null,
    changeOf: [],
  }
  return await write(ctx, job, async (tx) => {
    if (sims.length > 0) await insertChunk(tx, job, chunk)
    return await counted(ctx, tx, job, { cursor, chunk, sims, after: end, isLast: end === null })
  })
}

/** What failed in another job, chunk by chunk of that one. */
async function freezeFailed(ctx: StageContext, job: Job, cursor: Cursor, from: string): Promise<Step> {
  const at = cursor.after === null ? 0 : Number(cursor.after)
  return await write(ctx, job, async (tx) => {
    const source = await readChunk(tx, from, at)
    const next = await readChunk(tx, from, at + 1)
    const failed = source === null ? [] : source.ids.flatMap((_, i) => ('ra'.includes(source.outcomes?.[i] ?? '-') ? [i] : []))
    const chunk = source === null || failed.length === 0 ? null : { ...picked(source, failed), n: cursor.chunks }
    if (chunk !== null) await insertChunk(tx, job, chunk)
    const sims = chunk === null ? [] : await standing(tx, chunk)
    return await counted(ctx, tx, job, { cursor, chunk: chunk ?? emptyChunk, sims, after: at + 1, isLast: next === null })
  })
}

const emptyChunk = { n: 0, ids: [], imsis: [], owners: [], lines: [], changes: null, changeOf: [] }

function picked(chunk: Chunk, rows: readonly number[]): Omit<Chunk, 'outcomes'> {
  const of = <T>(values: readonly T[]): T[] => (values.length === 0 ? [] : rows.flatMap((i) => values[i] ?? []))
  const { ids, imsis, owners, lines, changeOf } = chunk
  return { n: 0, ids: of(ids), imsis: of(imsis), owners: of(owners), lines: of(lines), changes: chunk.changes, changeOf: of(changeOf) }
}

/** A set that came as rows stands already: only what would happen is asked. */
async function lookAtNext(ctx: StageContext, job: Job, cursor: Cursor): Promise<Step> {
  if (job.kind === 'import') return await lookAtNewSims(ctx, job, cursor)
  return await write(ctx, job, async (tx) => {
    const chunk = await readChunk(tx, job.id, cursor.chunks)
    const isLast = cursor.chunks + 1 >= job.chunks
    if (chunk === null) return await counted(ctx, tx, job, { cursor, chunk: emptyChunk, sims: [], after: null, isLast: true })
    return await counted(ctx, tx, job, { cursor, chunk, sims: await standing(tx, chunk), after: null, isLast })
  })
}

async function lookAtNewSims(ctx: StageContext, job: Job, cursor: Cursor): Promise<Step> {
  // Sealed keys are in no role's reach; they are read for the hash alone.
  const { rows } = await ctx.store.query<{ sims: NewSim[] | null }>(
    'SELECT sims FROM job_chunk WHERE job_id = $1 AND n = $2',
    [job.id, cursor.chunks],
    {
      priority: 'job',
    },
  )
  const sims = rows[0]?.sims ?? []
  return await write(ctx, job, async (tx) => {
    const outcomes = await checkNewSims(tx, sims)
    const chunk = { ...emptyChunk, ids: sims.map(({ id }) => id), imsis: sims.map(({ imsi }) => imsi) }
    const preview = job.preview ?? emptyPreview()
    for (const [i, sim] of sims.entries())
      count(preview, { imsi: sim.imsi, line: null, sim: { intended: 'new', class: sim.class }, outcome: outcomes[i] })
    const own = sims.map((sim) => canonicalJson(sim))
    return advanced(job, { cursor, chunk, own, preview, after: null, isLast: cursor.chunks + 1 >= job.chunks || sims.length === 0 })
  })
}

async function standing(tx: Tx, chunk: Pick<Chunk, 'ids'>): Promise<(Pick<TargetSim, 'intended' | 'class'> | undefined)[]> {
  const sims = await readSims(tx, chunk.ids)
  return chunk.ids.map((id) => sims.get(id))
}

interface Looked {
  cursor: Cursor
  chunk: Omit<Chunk, 'outcomes'>
  sims: readonly (Pick<TargetSim, 'intended' | 'class'> | undefined)[]
  after: Cursor['after']
  isLast: boolean
}

/** Asks what would become of the chunk's rows and adds it to the counts. */
async function counted(ctx: StageContext, tx: Tx, job: Job, looked: Looked): Promise<JobPatch> {
  const { chunk, sims } = looked
  const { changes: port } = ctx
  const by = { ...byOf(job), approvals: [] }
  const outcomes = await outcomesOf(job, chunk, (change, ids) => port.check(tx, change, ids, by))
  const preview = job.preview ?? emptyPreview()
  for (const [i, imsi] of chunk.imsis.entries()) count(preview, { imsi, line: chunk.lines[i] ?? null, sim: sims[i], outcome: outcomes[i] })
  const { changes: own } = chunk
  const texts = own === null ? null : own.map((change) => canonicalJson(change))
  return advanced(job, { ...looked, own: texts === null ? null : chunk.changeOf.map((at) => texts[at] ?? ''), preview })
}

interface Counted {
  imsi: string
  line: number | null
  sim: Pick<TargetSim, 'intended' | 'class'> | undefined
  outcome: RowOutcome | undefined
}

function count(preview: Preview, { imsi, line, sim, outcome }: Counted): void {
  if (outcome === undefined) return
  if (sim !== undefined) {
    preview.states[sim.intended] = (preview.states[sim.intended] ?? 0) + 1
    preview.classes[sim.class] = (preview.classes[sim.class] ?? 0) + 1
  }
  preview.outcomes[outcome.outcome] += 1
  if (outcome.outcome === 'refused' && outcome.code !== null) preview.refusals[outcome.code] = (preview.refusals[outcome.code] ?? 0) + 1
  if (sim?.class === 'critical' && (outcome.outcome === 'changed' || outcome.outcome === 'needsApproval')) preview.critical += 1
  preview.needed = Math.max(preview.needed, outcome.needed)
  // Rows that will not be changed say more than those that will: they come first.
  const shown = { imsi, line, state: sim?.intended ?? null, outcome: outcome.outcome, code: outcome.code }
  if (preview.sample.length < sampleRows) preview.sample.push(shown)
  else if (outcome.outcome !== 'changed') {
    const plain = preview.sample.findIndex((row) => row.outcome === 'changed')
    if (plain >= sampleRows / 2) preview.sample[plain] = shown
  }
}

interface Advance {
  cursor: Cursor
  chunk: Pick<Chunk, 'ids'>
  /** What each row says itself, for the hash. */
  own: readonly string[] | null
  preview: Preview
  after: Cursor['after']
  isLast: boolean
}

function advanced(job: Job, { cursor, chunk, own, preview, after, isLast }: Advance): JobPatch {
  let hash: Buffer = Buffer.from(cursor.hash, 'hex')
  for (const [i, id] of chunk.ids.entries()) hash = addRow(hash, id, own?.[i])
  const rows = cursor.rows + chunk.ids.length
  const chunks = cursor.chunks + (chunk.ids.length > 0 ? 1 : 0)
  if (!isLast)
    return { preview, cursor: { after, hash: hash.toString('hex'), rows, chunks }, ...(job.target.from === 'rows' ? {} : { total: rows }) }
  return { preview, cursor: null, state: 'ready', setHash: hash.toString('hex'), total: rows, chunks }
}

/** Writes what a step found, with what it did, or nothing where it is no longer wanted. */
async function write(ctx: StageContext, job: Job, run: (tx: Tx) => Promise<JobPatch>): Promise<Step> {
  return await inStep(ctx, job, async (tx) => {
    const locked = await lockFor(tx, job, 'previewing', ctx.owner)
    if (locked === stepLost) return stepLost
    const patch = await run(tx)
    await patchJob(tx, job.id, ctx.clock.now(), patch)
    return { ...job, ...patch }
  })
}
