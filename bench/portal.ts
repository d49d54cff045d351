import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Job } from '#platform/http/schemas/jobs.ts'
import type { LoadOptions, LoadResult } from '#sim/load.ts'
import { postgresqlMissing } from '#test/postgresql-server.ts'
import { type Bench, type Measurement, round } from './bench.ts'
import { type Bed, openBed, signallingSims } from './portal-bed.ts'
import { pageSql, timePages, timeStatement } from './portal-pages.ts'
import { familySeconds, processSeconds } from './processor-time.ts'

/**
 * What a person and a bulk job get from a million SIMs, and what signalling feels of it: pages of the list at twenty requests
 * at once, one profile change of every SIM, and the latency of registrations before and while it runs.
 */

const defaultSims = 1_000_000
const pagesPerClient = 100
/** Registrations a second: each an AIR and its ULR. */
const attachesPerSecond = 50
const idleSeconds = 20

const aims = {
  page: 'p95 < 50 ms at 20 requests at once',
  bulk: '< 300 s, committed and told to the network functions',
  signalling: 'p99 <= max(2 x idle, 20 ms)',
} as const

export const bench: Bench = {
  name: 'portal',
  summary: 'pages of a list of a million SIMs, a profile change of all of them, and the latency of signalling meanwhile',
  async *run() {
    if (postgresqlMissing !== false) {
      for (const name of ['page-first', 'page-filter', 'bulk-1m', 'signalling-p99'] as const) yield skipped(name, postgresqlMissing)
      return
    }
    const sims = simsWanted(process.env)
    await using bed = await openBed(sims)
    const conditions = { sims, seedSeconds: bed.seedSeconds, database: (await bed.server.settings()).server_version }
    yield { ...(await measurePage(bed, 'page-first', '', 'true')), ...conditions }
    yield {
      ...(await measurePage(bed, 'page-filter', 'class:deferrable intended:active', "class = 'deferrable' AND intended = 'active'")),
      ...conditions,
    }
    for (const measurement of await measureBulk(bed)) yield { ...measurement, ...conditions }
  },
}

function simsWanted(env: Readonly<Record<string, string | undefined>>): number {
  const sims = Number(env.SIMWARD_BENCH_SIMS ?? defaultSims)
  if (!Number.isInteger(sims) || sims <= signallingSims)
    throw new Error(`SIMWARD_BENCH_SIMS is a number of SIMs, more than ${signallingSims}`)
  return sims
}

function skipped(name: string, reason: string): Measurement {
  return { name, ours: Number.NaN, reference: null, ratio: null, unit: 'ms', aim: 'none', reason }
}

async function measurePage(bed: Bed, name: string, filter: string, where: string): Promise<Measurement> {
  const path = `/api/v1/sims?limit=50${filter === '' ? '' : `&filter=${encodeURIComponent(filter)}`}`
  const ours = await timePages(bed.url, bed.cookie, path, pagesPerClient)
  const reference = await timeStatement(bed.databaseUrl, pageSql(where), pagesPerClient)
  return {
    name,
    ours: ours.p95,
    reference: reference.p95,
    ratio: round(reference.p95 / ours.p95, 3),
    unit: 'ms, 95th percentile of one page at 20 requests at once over HTTP, after the first 20 of each client (coldP95)',
    aim: aims.page,
    referenceIs: 'the same rows by 20 bare database clients and JSON.stringify: no HTTP, no session, no tenancy, no count',
    ...ours,
    referenceP50: reference.p50,
    referenceP99: reference.p99,
    ...(filter === '' ? {} : { filter }),
  }
}

async function measureBulk(bed: Bed): Promise<Measurement[]> {
  const port = await bed.server.port()
  const load = {
    target: { host: '127.0.0.1', port },
    operation: 'attach',
    ratePerSecond: attachesPerSecond,
    window: 64,
    sims: { first: 0, count: signallingSims },
  } as const
  // Every one once, as fast as it goes: then they are registered, in memory, and the code is warm.
  const { ratePerSecond: _, ...unpaced } = load
  await startLoad({ ...unpaced, total: signallingSims }).result
  const idle = await startLoad({ ...load, total: attachesPerSecond * idleSeconds }).result
  const before = spent(bed)
  const during = startLoad({ ...load, total: attachesPerSecond * 3_600 })
  const bulk = await runBulk(bed)
  during.end()
  const busy = await during.result
  const after = spent(bed)
  // Every one of these SIMs exists: a fast answer that says otherwise is a fault, not a latency.
  const wrong = Object.entries(busy.byResult).filter(([code]) => code !== '2001')
  if (wrong.length > 0) throw new Error(`signalling was refused while the job ran: ${JSON.stringify(busy.byResult)}`)
  const reference = await oneStatement(bed)
  const limit = Math.max(2 * idle.latencyMs.p99, 20)
  return [
    {
      name: 'bulk-1m',
      ours: bulk.seconds,
      reference,
      ratio: round(reference / bulk.seconds, 3),
      unit: 'seconds from the start of the job to the last row committed and told to the network functions',
      aim: aims.bulk,
      referenceIs: 'one UPDATE of the same rows: no check of each, no ledger, no notices, no results, and nobody else meanwhile',
      rows: bulk.job.outcomes.changed,
      toldRows: bulk.told,
      rowsPerSecond: Math.round(bulk.job.outcomes.changed / bulk.seconds),
      previewSeconds: bulk.previewSeconds,
      simwardProcessorSeconds: round(after.server - before.server, 1),
      databaseProcessorSeconds: round(after.database - before.database, 1),
    },
    {
      name: 'signalling-p99',
      ours: busy.latencyMs.p99,
      reference: idle.latencyMs.p99,
      ratio: round(idle.latencyMs.p99 / busy.latencyMs.p99, 3),
      unit: `ms, 99th percentile of AIR and ULR at ${attachesPerSecond} registrations a second`,
      aim: aims.signalling,
      referenceIs: 'the same load just before, with no job at work',
      limit: round(limit, 1),
      isWithin: busy.latencyMs.p99 <= limit,
      p50: busy.latencyMs.p50,
      p95: busy.latencyMs.p95,
      idleP50: idle.latencyMs.p50,
      idleP95: idle.latencyMs.p95,
      answered: busy.answered,
      timeouts: busy.timeouts,
      byResult: busy.byResult,
    },
  ]
}

function spent({ server, postgresqlPid }: Bed): { server: number; database: number } {
  return { server: processSeconds(server.pid), database: familySeconds(postgresqlPid) }
}

/** The whole way of a person: draft, preview, start; then to the last row. */
async function runBulk(bed: Bed): Promise<{ job: Job; seconds: number; previewSeconds: number; told: number }> {
  const change = { kind: 'profile', profileId: bed.profileIds[1] }
  const draft = await call<Job>(bed, 'POST', 'jobs', { kind: 'change', change, reason: 'bench', filter: `provider:${bed.providerId}` })
  const previewAt = performance.now()
  await call(bed, 'POST', `jobs/${draft.id}/preview`)
  const ready = await until(bed, draft.id, ['ready', 'draft'])
  const previewSeconds = round((performance.now() - previewAt) / 1000, 1)
  if (ready.state !== 'ready' || ready.preview?.approvals.persons !== 0) throw new Error(`the job is ${ready.state}: ${ready.fault}`)
  // The person proves again that it is them.
  await bed.db.query('UPDATE session SET authenticated_at = now()')
  await bed.server.forgotten()
  const startedAt = performance.now()
  await call(bed, 'POST', `jobs/${draft.id}/start`, { setHash: ready.setHash })
  const job = await until(bed, draft.id, ['telling', 'done', 'failed'])
  if (job.state === 'failed') throw new Error(`the job failed: ${job.fault}`)
  const { sims, sinceMs } = await bed.server.forgotten()
  return { job, seconds: round((performance.now() - sinceMs - startedAt) / 1000, 1), previewSeconds, told: sims }
}

async function until(bed: Bed, id: string, states: readonly Job['state'][]): Promise<Job> {
  for (;;) {
    const job = await call<Job>(bed, 'GET', `jobs/${id}`)
    if (states.includes(job.state)) return job
    await pause(250)
  }
}

async function call<T>({ url, cookie }: Bed, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { cookie, 'sec-fetch-site': 'same-origin', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

async function oneStatement(bed: Bed): Promise<number> {
  const startedAt = performance.now()
  await bed.db.query(
    'UPDATE subscription SET profile_id = $2, version = version + 1, changed_at = now() WHERE provider_id = $1',
    [bed.providerId, bed.profileIds[0]],
    { priority: 'job' },
  )
  return round((performance.now() - startedAt) / 1000, 1)
}

const program = fileURLToPath(new URL('../sim/load-process.ts', import.meta.url))

/** The load generator beside the job. `end`: no more requests; the result is of those that were sent. */
function startLoad(load: Omit<LoadOptions, 'clock' | 'progress' | 'signal'>): { result: Promise<LoadResult>; end(): void } {
  const child: ChildProcess = spawn(process.execPath, [program, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout?.on('data', (text) => {
    said += text
  })
  const result = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`the load generator ended with ${code}`)
    return JSON.parse(said) as LoadResult
  })
  return { result, end: () => void child.kill('SIGTERM') }
}
