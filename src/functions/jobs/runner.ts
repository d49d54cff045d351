import type { Logger } from 'pino'
import type { Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { isStoreUnavailable } from '#store/db.ts'
import { forgetOld } from './forgetting.ts'
import { type Job, scopeOf } from './job.ts'
import { claimJob, dropBrokenUploads, dropDeadLeases, releaseLease, renewLease, type Task } from './leases.ts'
import type { Pace } from './pace.ts'
import { checkStep } from './stages/check.ts'
import { previewStep, walkOf } from './stages/preview.ts'
import { runStep } from './stages/run.ts'
import { type StageContext, type StepLost, stepLost } from './stages/stage.ts'
import { createTeller, endTelling, type Teller } from './stages/tell.ts'
import { patchJob, readJob } from './store.ts'
import type { TargetWalk } from './targets.ts'

export interface RunnerOptions extends StageContext {
  log: Logger
  pace: Pace
  homePlmn: string
  /** Hears of a job after each of its steps. */
  onStep(job: Job): void
}

/** Works on jobs: takes them under a lease, makes their steps one by one, and rests between them as the pace says. */
export interface Runner {
  /** Something may be to do: looks at once instead of at the next round. */
  wake(): void
  /** Lets each step that is under way end, and gives the leases back. */
  close(): Promise<void>
}

const roundMs = 1_000
/** Rounds between two looks for jobs to forget. */
const forgetEvery = 3_600
/** Steps that fail one after the other before a job is given up; those that only wait for the store do not count. */
const mostFaults = 5

export function createRunner(options: RunnerOptions): Runner {
  const { store, clock, log, owner } = options
  const atWork = { work: new Map<string, Promise<void>>(), tell: new Map<string, Promise<void>>() }
  const hands: Hands = { tellers: new Map(), rounds: createRounds(), isClosed: () => closed }
  let closed = false
  let looking = false
  let lookAgain = false
  let timer: Timer | undefined

  /** Takes as many jobs of this kind as there is room for. */
  async function take(task: Task, most: number): Promise<void> {
    while (!closed && atWork[task].size < most) {
      const id = await claimJob(store, owner, task)
      if (id === null) return
      const done = workOn(options, { id, task }, hands).finally(() => {
        atWork[task].delete(id)
        if (!closed) void look()
      })
      atWork[task].set(id, done)
    }
  }

  async function look(): Promise<void> {
    lookAgain = true
    if (looking) return
    looking = true
    try {
      while (lookAgain && !closed) {
        lookAgain = false
        await dropBrokenUploads(store)
        await take('work', limits.jobs.atWork)
        await take('tell', limits.jobs.telling)
      }
    } catch (error) {
      if (!isStoreUnavailable(error)) log.error({ err: error }, 'looking for jobs failed')
    } finally {
      looking = false
    }
  }

  function later(round = 1): void {
    timer = clock.after(roundMs, () => {
      hands.rounds.turn()
      void look()
      if (round % forgetEvery === 0) forgetOld(store, clock.now()).catch((error: unknown) => log.warn({ err: error }, 'old jobs stay'))
      if (!closed) later(round + 1)
    })
  }

  const started = dropDeadLeases(store).then(look, (error: unknown) => log.error({ err: error }, 'leases of a former process stay'))
  later()
  return {
    wake() {
      hands.rounds.turn()
      void look()
    },
    async close() {
      closed = true
      timer?.cancel()
      hands.rounds.turn()
      await started
      await Promise.all([...atWork.work.values(), ...atWork.tell.values()])
    },
  }
}

interface Rounds {
  /** Resolves at the next round, or when somebody wakes the runner. */
  next(): Promise<void>
  turn(): void
}

function createRounds(): Rounds {
  let waiting: (() => void)[] = []
  return {
    next: () => new Promise((resolve) => waiting.push(resolve)),
    turn() {
      const resolved = waiting
      waiting = []
      for (const resolve of resolved) resolve()
    },
  }
}

interface Hands {
  /** Of jobs whose serving nodes are being told: what is under way outlives the steps of the job. */
  tellers: Map<string, Teller>
  rounds: Rounds
  isClosed(): boolean
}

interface Work {
  id: string
  task: Task
  walk?: TargetWalk
}

/** Everything of one kind that can be done for one job now; gives its lease back at the end. */
async function workOn(options: RunnerOptions, work: Work, hands: Hands): Promise<void> {
  const { store, log, pace, owner, clock } = options
  const { id } = work
  let faults = 0
  if (work.task === 'work') pace.begin()
  try {
    for (let more = true; more && !hands.isClosed(); ) {
      try {
        const startedAt = clock.monotonicMs()
        more = await oneStep(options, work, hands)
        faults = 0
        if (work.task === 'work') await pace.rest(clock.monotonicMs() - startedAt)
      } catch (error) {
        delete work.walk
        if (isStoreUnavailable(error)) {
          await hands.rounds.next()
          continue
        }
        faults += 1
        log.error({ err: error, job: id, faults }, 'a step of a job failed')
        if (faults < mostFaults) continue
        await giveUp(options, id)
        more = false
      }
    }
  } catch (error) {
    log.error({ err: error, job: id }, 'a job was left where it is')
  } finally {
    if (work.task === 'work') pace.end()
    await releaseLease(store, id, owner).catch(() => {})
  }
}

/** False where there is nothing more of this kind to do for this job here. */
async function oneStep(options: RunnerOptions, work: Work, hands: Hands): Promise<boolean> {
  const job = await readJob(options.store, work.id)
  const walk = (): TargetWalk => {
    work.walk ??= walkOf(options, job)
    return work.walk
  }
  if (work.task === 'tell') return await tellOn(options, job, hands)
  switch (job.state) {
    case 'previewing':
      return await goesOn(options, job, await previewStep(options, job, walk))
    case 'checking':
      return await goesOn(options, job, await checkStep(options, job, walk))
    case 'running': {
      const after = await runStep(options, job, options.homePlmn)
      if (after !== stepLost && after.told < after.toTell) void tellerOf(options, job.id, hands).poke()
      return await goesOn(options, job, after)
    }
    default:
      return false
  }
}

function tellerOf(options: RunnerOptions, id: string, { tellers }: Hands): Teller {
  const known = tellers.get(id)
  if (known !== undefined) return known
  const made = createTeller(options, id, {
    told: (job) => options.onStep(job),
    fault: (error) => options.log.warn({ err: error, job: id }, 'serving nodes could not be told; trying again'),
  })
  tellers.set(id, made)
  return made
}

async function goesOn({ onStep, store }: RunnerOptions, before: Job, after: Job | StepLost): Promise<boolean> {
  // Lost: somebody paused or cancelled it, which its state says, or another process has taken it over.
  if (after === stepLost) return (await readJob(store, before.id)).state !== before.state
  onStep(after)
  return after.state === 'previewing' || after.state === 'checking' || after.state === 'running'
}

async function tellOn(options: RunnerOptions, job: Job, hands: Hands): Promise<boolean> {
  if (job.told >= job.toTell || !['telling', 'paused', 'cancelled'].includes(job.state)) {
    hands.tellers.delete(job.id)
    if (job.state === 'telling') options.onStep(await endTelling(options, job.id, job.providerId))
    return false
  }
  if (!(await renewLease(options.store, job.id, options.owner))) return false
  const teller = tellerOf(options, job.id, hands)
  await teller.poke()
  await Promise.race([teller.underWay === 0 ? hands.rounds.next() : teller.next(), hands.rounds.next()])
  return true
}

async function giveUp(options: RunnerOptions, id: string): Promise<void> {
  const { store, clock } = options
  const job = await readJob(store, id)
  const patch = { state: 'failed', fault: 'job-fault', finishedAt: clock.now() } as const
  await store.asTenant(scopeOf(job)).transaction((tx) => patchJob(tx, id, clock.now(), patch), { priority: 'job' })
  options.onStep({ ...job, ...patch })
}
