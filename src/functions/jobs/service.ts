import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { refuseAlgorithm } from '#crypto/algorithms.ts'
import type { Vault } from '#crypto/vault.ts'
import type { AlgorithmParameters } from '#domain/subscription.ts'
import type { Approval } from '#platform/approval.ts'
import type { SubscriptionChange } from '#platform/change.ts'
import { parseFilter } from '#platform/filter.ts'
import type { Identity } from '#platform/session.ts'
import { simFields } from '#platform/sim-fields.ts'
import { say } from '#platform/text.ts'
import { type TenantDb, type Tx, toJson } from '#store/db.ts'
import type { LedgerDraft } from '#store/ledger.ts'
import { takeFile } from './csv/intake.ts'
import { finished, type ImportOptions, type Job, type JobKind, type JobState, noOutcomes, scopeOf, type Target, wrongState } from './job.ts'
import { releaseLease } from './leases.ts'
import { approvalNeeded } from './need.ts'
import type { Runner } from './runner.ts'
import { saidOf } from './stages/run.ts'
import type { StageContext } from './stages/stage.ts'
import { countOpen, deleteProblems, deleteSomeChunks, insertChunk, insertJob, type JobPatch, lockJob, patchJob, readJob } from './store.ts'

export interface JobServiceOptions extends StageContext {
  vault: Vault
  newId(): string
  /** Home network code. */
  plmn: string
  /** A set of so many SIMs needs a second person whatever is done to it; 0: none does. */
  approvalFrom: number
  runner: Runner
  onStep(job: Job): void
}

/** Who asks, and with which handle. */
export interface Asker {
  identity: Identity
  address: string
  db: TenantDb
}

export interface NewBatch {
  supplier: string
  accreditation: { scheme: string; reference: string; validUntil: number } | null
  parameters: AlgorithmParameters
}

export type JobDraft =
  | { kind: 'change'; change: SubscriptionChange; reason: string; filter?: string; ids?: readonly string[] }
  | { kind: 'csv'; reason: string }
  | { kind: 'import'; reason: string; providerId: string | null; batchId?: string; batch?: NewBatch }

type Note = (draft: LedgerDraft) => void

/** What people and clients do with jobs; what a job then does by itself is the runner's. */
export class JobService {
  readonly #options: JobServiceOptions
  #uploads = 0

  constructor(options: JobServiceOptions) {
    this.#options = options
  }

  async create(draft: JobDraft, asker: Asker): Promise<Job> {
    const { identity } = asker
    if (draft.kind === 'import' && identity.providerId !== null)
      throw new OperationError('operator-only', 403, 'SIMs are imported by the operator, who holds their keys')
    if (draft.kind === 'change' && draft.filter !== undefined) parseFilter(draft.filter, simFields)
    if (draft.kind === 'change' && draft.filter !== undefined && draft.ids !== undefined)
      throw new OperationError('job-target', 400, 'name the SIMs by a filter or one by one, not both')
    return await this.#recorded(asker.identity.providerId, async (tx, note) => {
      const open = await countOpen(tx, identity.providerId)
      if (open >= limits.jobs.openPerTenant)
        throw new OperationError('too-many-jobs', 429, `${open} jobs are not finished yet: finish or cancel some`)
      const job = this.#newJob(draft.kind, targetOf(draft, this.#options.clock.now()), draft.reason, asker)
      const made = { ...job, change: await this.#changeOf(draft, tx, note, job) }
      await insertJob(tx, made)
      note({ ...this.#said(made, 'job-created'), body: { job: job.id, ...saidOf(made), reason: job.reason, address: asker.address } })
      return draft.kind === 'change' && draft.ids !== undefined ? await freezeNamed(tx, made, draft.ids, this.#options.clock.now()) : made
    })
  }

  #newJob(kind: JobKind, target: Target, reason: string, { identity, address }: Asker): Job {
    const now = this.#options.clock.now()
    return {
      id: this.#options.newId(),
      providerId: identity.providerId,
      kind,
      state: 'draft',
      change: null,
      target,
      reason,
      createdBy: identity.personId,
      createdByName: identity.name,
      isPerson: identity.kind === 'person',
      address,
      approvedBy: [],
      approvalId: null,
      total: 0,
      chunks: 0,
      done: 0,
      outcomes: { ...noOutcomes },
      badRows: 0,
      preview: null,
      setHash: null,
      cursor: null,
      toTell: 0,
      told: 0,
      toldOutcomes: { confirmed: 0, failed: 0, notRegistered: 0 },
      toTellBy: {},
      rate: 0,
      fault: null,
      retryOf: null,
      createdAt: now,
      startedAt: null,
      finishedAt: null,
      changedAt: now,
    }
  }

  async #changeOf(draft: JobDraft, tx: Tx, note: Note, job: Job): Promise<Job['change']> {
    if (draft.kind === 'change') return draft.change
    if (draft.kind === 'csv') return null
    const batchId = draft.batch === undefined ? await knownBatch(tx, draft.batchId) : await this.#newBatch(tx, draft.batch, note, job)
    return { kind: 'import', batchId, providerId: draft.providerId } satisfies ImportOptions
  }

  async #newBatch(tx: Tx, { supplier, accreditation, parameters }: NewBatch, note: Note, job: Job): Promise<string> {
    const refusal = refusalOf(parameters)
    if (refusal !== null) throw new OperationError('batch-parameters', 422, refusal)
    const id = this.#options.newId()
    await tx.query('INSERT INTO card_batch (id, supplier, accreditation, parameters) VALUES ($1, $2, $3, $4)', [
      id,
      supplier,
      accreditation === null ? null : toJson(accreditation),
      toJson(parameters),
    ])
    note({ ...this.#said(job, 'batch-created'), body: { batch: id, supplier, accreditation, parameters } })
    return id
  }

  /** Reads a file into the set of a draft. A second file takes the place of the first. */
  async upload(id: string, source: AsyncIterable<Uint8Array>, asker: Asker): Promise<Job> {
    if (this.#uploads >= limits.jobs.uploads)
      throw new OperationError('too-many-uploads', 429, 'other files are being read: try again in a minute')
    this.#uploads += 1
    try {
      const job = await this.#move(id, asker, 'reading a file', ['draft', 'ready'], async (locked, tx) => {
        if (locked.target.from === 'retry' || (locked.target.from === 'filter' && locked.total > 0))
          throw wrongState(locked, 'reading a file')
        await lease(tx, id, this.#options.owner)
        return { state: 'receiving', total: 0, chunks: 0, badRows: 0, preview: null, setHash: null, fault: null, cursor: null }
      })
      return await this.#take(job, source)
    } finally {
      this.#uploads -= 1
    }
  }

  async #take(job: Job, source: AsyncIterable<Uint8Array>): Promise<Job> {
    const { store, owner, clock, vault, plmn } = this.#options
    const handle = store.asTenant(scopeOf(job))
    const alive = async (tx: Tx): Promise<void> => {
      await lease(tx, job.id, owner)
      if ((await lockJob(tx, job.id)).state !== 'receiving') throw wrongState(await lockJob(tx, job.id), 'reading on')
    }
    let patch: JobPatch = { state: 'draft', fault: 'upload-failed' }
    try {
      await this.#forgetSet(job)
      const taken = await takeFile(job, source, {
        store,
        vault,
        newId: () => this.#options.newId(),
        imsiPrefix: plmn.replace('-', ''),
        batch: await this.#batchOf(job),
        alive,
      })
      const { header, ...counts } = taken
      patch = { state: 'draft', target: { from: 'rows', header }, ...counts }
      return { ...job, ...patch }
    } catch (error) {
      await this.#forgetSet(job)
      throw error
    } finally {
      await handle.transaction((tx) => patchJob(tx, job.id, clock.now(), patch), { priority: 'job' })
      await releaseLease(store, job.id, owner)
      this.#options.onStep({ ...job, ...patch })
    }
  }

  async #forgetSet(job: Job): Promise<void> {
    const handle = this.#options.store.asTenant(scopeOf(job))
    const query: TenantDb['query'] = (sql, params) => handle.query(sql, params, { priority: 'job' })
    while (await deleteSomeChunks({ query }, job.id));
    await deleteProblems({ query }, job.id, 'file')
  }

  async #batchOf(job: Job): Promise<{ parameters: AlgorithmParameters; providerId: string | null } | null> {
    if (job.change?.kind !== 'import') return null
    const { batchId, providerId } = job.change
    const { rows } = await this.#options.store.query<{ parameters: AlgorithmParameters }>(
      'SELECT parameters FROM card_batch WHERE id = $1',
      [batchId],
    )
    if (rows[0] === undefined) throw new OperationError('batch-unknown', 422, 'the batch of this import is gone')
    return { parameters: rows[0].parameters, providerId }
  }

  preview(id: string, asker: Asker): Promise<Job> {
    return this.#move(id, asker, 'a preview', ['draft', 'ready'], async (job) => {
      if (job.target.from === 'rows' && job.total === 0)
        throw new OperationError('job-empty', 409, 'the job has no rows: send its file first')
      const { target } = job
      return {
        state: 'previewing',
        cursor: null,
        preview: null,
        setHash: null,
        fault: null,
        ...(target.from === 'filter' ? { target: { ...target, now: this.#options.clock.now() } } : {}),
      }
    })
  }

  /** Begins, or asks the persons who must agree; bound to the hash that the preview showed. */
  start(id: string, setHash: string, asker: Asker): Promise<Job> {
    return this.#move(id, asker, 'the start', ['ready'], async (job, tx, note) => {
      if (job.setHash !== setHash)
        throw new OperationError('set-changed', 409, 'the set is not the one that was previewed: preview it again')
      if (job.total === 0 || job.preview === null) throw new OperationError('job-empty', 409, 'nothing matches: there is nothing to do')
      const need = approvalNeeded(job, this.#options.approvalFrom)
      note({
        ...this.#said(job, 'job-started'),
        body: {
          job: job.id,
          ...saidOf(job),
          setHash,
          count: job.total,
          reason: job.reason,
          address: asker.address,
          approvals: need.persons,
        },
      })
      if (need.persons > 0) return { state: 'waiting', approvalId: (await this.#askApproval(job, tx, need.persons)).id }
      await this.#noteStart(job, tx)
      return { state: 'checking', cursor: null }
    })
  }

  async #askApproval(job: Job, tx: Tx, needed: number): Promise<Approval> {
    const { change, setHash, total } = job
    return await this.#options.approvals.request(
      {
        kind: 'bulk-job',
        providerId: job.providerId,
        command: { jobId: job.id, setHash, change: change ?? { kind: job.kind }, count: total },
        summary: say('approval.bulk-job', { count: total, critical: job.preview?.critical ?? 0, change: job.change?.kind ?? job.kind }),
        reason: job.reason,
        requestedBy: job.createdBy,
        needed,
        deciders: job.providerId === null ? 'operator' : 'provider',
        expiresAt: this.#options.clock.now() + approvalMs,
      },
      tx,
    )
  }

  /** Enough persons agreed. Does it once, however often it is told. */
  async approved({ id, command, approvedBy }: Approval): Promise<void> {
    const { store, clock, runner } = this.#options
    const jobId = String(command.jobId)
    const job = await store.transaction(async (tx) => {
      const locked = await lockJob(tx, jobId)
      if (locked.approvalId !== id || locked.state !== 'waiting') return locked
      if (locked.setHash !== command.setHash) throw new OperationError('set-changed', 409, 'the set is not the one that was approved')
      const patch = { state: 'checking', cursor: null, approvedBy: [...approvedBy] } as const
      await patchJob(tx, jobId, clock.now(), patch)
      await this.#noteStart(locked, tx)
      return { ...locked, ...patch }
    })
    if (job.state === 'cancelled') throw new OperationError('job-state', 409, 'the job was cancelled before')
    this.#options.onStep(job)
    runner.wake()
  }

  /** An approval that was refused, withdrawn or has run out leaves the job where it was before the start. */
  async notApproved(job: Job): Promise<Job> {
    if (job.state !== 'waiting' || job.approvalId === null) return job
    const approval = await this.#options.approvals.read(job.approvalId)
    if (approval !== null && ['waiting', 'approved', 'executed'].includes(approval.state)) return job
    const patch = { state: 'ready', approvalId: null, fault: `approval-${approval?.state ?? 'gone'}` } as const
    const handle = this.#options.store.asTenant(scopeOf(job))
    return await handle.transaction(async (tx) => {
      const locked = await lockJob(tx, job.id)
      if (locked.state !== 'waiting' || locked.approvalId !== job.approvalId) return locked
      await patchJob(tx, job.id, this.#options.clock.now(), patch)
      return { ...locked, ...patch }
    })
  }

  pause(id: string, asker: Asker): Promise<Job> {
    return this.#move(id, asker, 'a pause', ['running'], async (job, _tx, note) => {
      note({ ...this.#said(job, 'job-paused', asker), body: { job: id, done: job.done, address: asker.address } })
      return { state: 'paused', rate: 0 }
    })
  }

  resume(id: string, asker: Asker): Promise<Job> {
    return this.#move(id, asker, 'going on', ['paused'], async (job, _tx, note) => {
      note({ ...this.#said(job, 'job-resumed', asker), body: { job: id, done: job.done, address: asker.address } })
      return { state: 'running' }
    })
  }

  /** What is done stays done; what is not is left. */
  async cancel(id: string, reason: string, asker: Asker): Promise<Job> {
    const open: readonly JobState[] = ['draft', 'previewing', 'ready', 'waiting', 'checking', 'running', 'paused']
    const cancelled = await this.#move(id, asker, 'a cancellation', open, async (job, tx, note) => {
      note({
        ...this.#said(job, 'job-cancelled', asker),
        body: { job: id, done: job.done, total: job.total, reason, address: asker.address },
      })
      if (job.startedAt !== null)
        await this.#options.ports().notices?.note(tx, {
          type: 'job.finished',
          providerId: job.providerId,
          subject: { kind: 'job', id },
          data: { state: 'cancelled', outcomes: job.outcomes, total: job.total },
        })
      // Sealed keys of SIMs that will not be made are not kept.
      if (job.kind === 'import') await tx.query('UPDATE job_chunk SET sims = NULL WHERE job_id = $1', [id])
      return { state: 'cancelled', cursor: null, finishedAt: this.#options.clock.now() }
    })
    const by = { actor: asker.identity.personId, reason, address: asker.address }
    if (cancelled.approvalId !== null) await this.#options.approvals.withdraw(cancelled.approvalId, by)
    return cancelled
  }

  /** A new job of the rows that failed in this one; it is previewed and started like any other. */
  async retry(id: string, reason: string, asker: Asker): Promise<Job> {
    return await this.#recorded(asker.identity.providerId, async (tx, note) => {
      const source = await readJob(tx, id)
      if (!finished.has(source.state)) throw wrongState(source, 'a second try')
      if (source.kind === 'import')
        throw new OperationError('retry-needs-file', 409, 'keys are not kept: correct the rows and send them as a new import')
      if (source.outcomes.refused + source.outcomes.needsApproval === 0)
        throw new OperationError('job-empty', 409, 'no row of this job has failed')
      const job = { ...this.#newJob(source.kind, { from: 'retry', jobId: id }, reason, asker), change: source.change, retryOf: id }
      await insertJob(tx, job)
      note({ ...this.#said(job, 'job-created'), body: { job: job.id, retryOf: id, ...saidOf(job), reason, address: asker.address } })
      return job
    })
  }

  async #noteStart(job: Job, tx: Tx): Promise<void> {
    await this.#options.ports().notices?.note(tx, {
      type: 'job.started',
      providerId: job.providerId,
      subject: { kind: 'job', id: job.id },
      data: { total: job.total, kind: job.change?.kind ?? job.kind },
    })
  }

  #said(job: Job, kind: string, asker?: Asker): Omit<LedgerDraft, 'body'> {
    return { kind, actor: asker?.identity.personId ?? job.createdBy, providerId: job.providerId }
  }

  /** Changes a job's state under its lock, with the ledger's entries; other states are refused by name. */
  async #move(
    id: string,
    { identity }: Asker,
    what: string,
    from: readonly JobState[],
    run: (job: Job, tx: Tx, note: Note) => Promise<JobPatch>,
  ): Promise<Job> {
    const job = await this.#recorded(identity.providerId, async (tx, note) => {
      const locked = await lockJob(tx, id)
      if (!from.includes(locked.state)) throw wrongState(locked, what)
      const patch = await run(locked, tx, note)
      await patchJob(tx, id, this.#options.clock.now(), patch)
      return { ...locked, ...patch }
    })
    this.#options.onStep(job)
    this.#options.runner.wake()
    return job
  }

  async #recorded<T>(providerId: string | null, run: (tx: Tx, note: Note) => Promise<T>): Promise<T> {
    return await this.#options.ledger.record(run, { scope: scopeOf({ providerId }) })
  }
}

const approvalMs = 7 * 86_400_000

async function lease(tx: Tx, id: string, owner: string): Promise<void> {
  await tx.query(`UPDATE job SET lease_owner = $2, lease_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE id = $1`, [
    id,
    owner,
    limits.jobs.leaseMs,
  ])
}

function targetOf(draft: JobDraft, now: number): Target {
  if (draft.kind === 'change' && draft.filter !== undefined) return { from: 'filter', filter: draft.filter, now }
  return { from: 'rows', header: [] }
}

async function knownBatch(tx: Tx, id: string | undefined): Promise<string> {
  const { rows } = await tx.query<{ id: string }>('SELECT id FROM card_batch WHERE id = $1', [id ?? null])
  if (rows[0] === undefined) throw new OperationError('batch-unknown', 422, 'there is no such batch of cards')
  return rows[0].id
}

function refusalOf({ algorithm, milenage, tuak }: AlgorithmParameters): string | null {
  return refuseAlgorithm(algorithm, { ...(milenage && { milenage }), ...(tuak && { tuak }) })
}

/** SIMs that were named one by one, in pieces, in the order of their IMSIs. One that is not there refuses the job. */
async function freezeNamed(tx: Tx, job: Job, ids: readonly string[], now: number): Promise<Job> {
  const { rows } = await tx.query<{ id: string; imsi: string; owner: string }>(
    'SELECT id, imsi, provider_id AS owner FROM subscription WHERE id = ANY ($1::uuid[]) ORDER BY imsi',
    [ids],
  )
  if (rows.length !== new Set(ids).size) throw new OperationError('sim-unknown', 404, 'some of the SIMs do not exist')
  const { chunkRows } = limits.jobs
  for (let from = 0; from < rows.length; from += chunkRows) {
    const part = rows.slice(from, from + chunkRows)
    await insertChunk(tx, job, {
      n: from / chunkRows,
      ids: part.map(({ id }) => id),
      imsis: part.map(({ imsi }) => imsi),
      owners: part.map(({ owner }) => owner),
      lines: [],
      changes: null,
      changeOf: [],
    })
  }
  const counts = { total: rows.length, chunks: Math.ceil(rows.length / chunkRows) }
  await patchJob(tx, job.id, now, counts)
  return { ...job, ...counts }
}
