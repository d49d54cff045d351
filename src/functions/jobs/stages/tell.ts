import { limits } from '#core/limits.ts'
import type { Confirmations } from '#platform/change.ts'
import { type Job, scopeOf } from '../job.ts'
import { type Chunk, lockJob, markTold, patchJob, readUntold } from '../store.ts'
import { endJob } from './run.ts'
import type { StageContext } from './stage.ts'

/**
 * Tells serving nodes of what is committed, behind the run and at the partners' pace. What waits is bounded: some thousand
 * SIMs are handed over, the rest stands in rows; a chunk that was being told when the process died is told again.
 */
export interface Teller {
  /** Hands over more where there is room. Never throws. */
  poke(): Promise<void>
  /** Resolves at the next chunk that has been told; at once where none is under way. */
  next(): Promise<void>
  readonly underWay: number
}

/** `onTold` hears of the job as it then is; `onFault` of what went wrong, after which the chunk waits for the next poke. */
export function createTeller(ctx: StageContext, jobId: string, on: { told(job: Job): void; fault(error: unknown): void }): Teller {
  let after = -1
  let underWay = 0
  let reading = false
  let hasFailed = false
  const flying = new Set<number>()
  let waiting: (() => void)[] = []
  const settled = (): void => {
    const resolved = waiting
    waiting = []
    for (const resolve of resolved) resolve()
  }

  async function poke(): Promise<void> {
    if (reading) return
    reading = true
    // What failed is found again from the start.
    if (hasFailed) after = -1
    hasFailed = false
    try {
      while (underWay < limits.jobs.tellingSims) {
        const [chunk] = await readUntold(ctx.store, jobId, after, 1)
        if (chunk === undefined) break
        after = chunk.n
        if (flying.has(chunk.n)) continue
        flying.add(chunk.n)
        const imsis = changedOf(chunk)
        underWay += imsis.length
        void tell(chunk, imsis)
      }
    } catch (error) {
      on.fault(error)
    } finally {
      reading = false
    }
  }

  async function tell(chunk: Chunk, imsis: readonly string[]): Promise<void> {
    try {
      const confirmations = await ctx.changes.announce(imsis)
      const job = await written(ctx, jobId, chunk.n, imsis.length, confirmations)
      if (job !== null) on.told(job)
    } catch (error) {
      hasFailed = true
      on.fault(error)
    } finally {
      flying.delete(chunk.n)
      underWay -= imsis.length
      settled()
      if (!hasFailed) await poke()
    }
  }

  return {
    poke,
    next: () => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    get underWay() {
      return underWay
    },
  }
}

function changedOf({ imsis, outcomes }: Chunk): string[] {
  return [...new Set(imsis.filter((_, i) => outcomes?.[i] === 'c'))]
}

async function written(ctx: StageContext, jobId: string, n: number, sims: number, found: Confirmations): Promise<Job | null> {
  return await ctx.store.transaction(
    async (tx) => {
      const job = await lockJob(tx, jobId)
      if (!(await markTold(tx, jobId, n))) return null
      const before = job.toldOutcomes
      const patch = {
        told: job.told + sims,
        toldOutcomes: {
          confirmed: before.confirmed + found.confirmed,
          failed: before.failed + found.failed,
          notRegistered: before.notRegistered + found.notRegistered,
        },
      }
      await patchJob(tx, jobId, ctx.clock.now(), patch)
      return { ...job, ...patch }
    },
    { priority: 'job' },
  )
}

/** Everything is committed and told: the job is done. */
export async function endTelling(ctx: StageContext, id: string, providerId: Job['providerId']): Promise<Job> {
  return await ctx.ledger.record(
    async (tx, note) => {
      const job = await lockJob(tx, id)
      return job.state === 'telling' && job.told >= job.toTell ? await endJob(ctx, tx, job, note) : job
    },
    { scope: scopeOf({ providerId }), priority: 'job' },
  )
}
