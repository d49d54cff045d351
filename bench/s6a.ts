import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresqlMissing, startPostgresql } from '#test/postgresql-server.ts'
import { type Bench, type Measurement, median, round } from './bench.ts'
import { type ReferenceHss, startReferenceHss } from './freediameter-hss.ts'
import { generateLoad } from './generator.ts'
import { familySeconds, processSeconds } from './processor-time.ts'
import { rulesOff, type SimwardServer, startServer } from './simward-server.ts'

/**
 * Authentications and registrations per second of the server's processor time. Every SIM of the measured ones is asked for
 * once, so that each AIR costs a durable reservation of sequence numbers and each ULR a durable registration; the answer
 * leaves after the commit. The reference answers the same requests of the same generator from memory and stores nothing.
 */

const window = 256
const slices = 4
/** Answers of a slice that only brings the compiler up to speed, beside those that are measured. */
const warmUp = 20_000
const leastSims = 200_000

export type Store = 'postgresql' | 'pglite'

export const bench: Bench = {
  name: 's6a',
  summary: 'AIR and ULR per second of server processor time with durable SQN and location, against freeDiameter answering from memory',
  async *run() {
    const reference = await startReferenceHss()
    const hss = 'missing' in reference ? null : reference
    try {
      for (const store of ['postgresql', 'pglite'] as const) {
        for await (const figures of measureStore(store, simsWanted(process.env), hss))
          yield { ...figures, ...('missing' in reference ? { reason: reference.missing } : {}) }
      }
    } finally {
      await hss?.stop()
    }
  },
}

/** How many SIMs are measured; fewer than asked for by the aim only where SIMWARD_BENCH_SIMS says so, for a trial run. */
function simsWanted(env: Readonly<Record<string, string | undefined>>): number {
  const text = env.SIMWARD_BENCH_SIMS
  if (text === undefined || text === '') return leastSims
  const sims = Number(text)
  if (!Number.isInteger(sims) || sims < 100 || sims > 10_000_000) throw new Error('SIMWARD_BENCH_SIMS is a number of SIMs, from 100 on')
  return sims
}

async function* measureStore(store: Store, sims: number, reference: ReferenceHss | null): AsyncGenerator<Measurement> {
  if (store === 'postgresql' && postgresqlMissing !== false) {
    for (const operation of ['air', 'ulr'] as const) yield skipped(`s6a-${operation}-${store}`, aims[operation][store], postgresqlMissing)
    return
  }
  await using bed = await openBed(store, sims)
  const { server, first } = bed
  const settings = await server.settings()
  const touch = await firstTouch(bed, sims)
  const target = { host: '127.0.0.1', port: await server.port() }
  for (const operation of ['AIR', 'ULR'] as const) {
    await generateLoad({ target, operation, total: first, window, sims: { first: 0, count: first } })
    if (reference !== null) await generateLoad({ target: reference, operation, total: first, window })
    const taken: Slice[] = []
    for (let i = 0; i < slices; i++) taken.push(await takeSlice(bed, reference, { target, operation, first: first + i * bed.slice }))
    const lower = operation.toLowerCase() as 'air' | 'ulr'
    yield {
      name: `s6a-${lower}-${store}`,
      aim: aims[lower][store],
      ...figuresOf(taken, bed.slice),
      ...touch,
      sims,
      ...conditions(settings, bed),
    }
  }
}

const aims = {
  air: { postgresql: '>= 0.7 x', pglite: 'none set' },
  ulr: { postgresql: 'none set', pglite: 'none set' },
} as const

function skipped(name: string, aim: string, reason: string): Measurement {
  return { name, ours: Number.NaN, reference: null, ratio: null, unit, aim, reason }
}

const unit = 'answers per second of server processor time'

interface Bed extends AsyncDisposable {
  server: SimwardServer
  postgresqlPid: number | null
  seedSeconds: number
  /** SIMs before those that are measured. */
  first: number
  /** Requests of one slice. */
  slice: number
}

/** A filled store and Simward on it, freshly started, so that nothing of the filling is in its memory. */
async function openBed(store: Store, sims: number): Promise<Bed> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'simward-bench-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const postgresql = store === 'postgresql' ? await startPostgresql({ durable: true }) : null
  if (postgresql !== null) stack.defer(() => postgresql.remove())
  const where = { dataDir, databaseUrl: postgresql === null ? null : await postgresql.createDatabase(), diameterPort: 0 }
  const first = Math.min(warmUp, sims)
  const startedAt = performance.now()
  const filler = await startServer({ ...where, sims: sims + first })
  const seedSeconds = round((performance.now() - startedAt) / 1000, 1)
  await filler.close()
  const server = await startServer({ ...where, sims: 0 }, profileFlags(store))
  stack.defer(() => server.close())
  const owned = stack.move()
  return {
    server,
    postgresqlPid: postgresql?.pid ?? null,
    seedSeconds,
    first,
    slice: Math.floor(sims / slices),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** SIMWARD_BENCH_PROFILE names a folder for a processor profile of Simward; the figures are then a little worse. */
function profileFlags(store: Store): readonly string[] {
  const folder = process.env.SIMWARD_BENCH_PROFILE
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=s6a-${store}.cpuprofile`]
}

function conditions(settings: Record<string, string>, bed: Bed) {
  return {
    window,
    synchronousCommit: settings.synchronous_commit,
    fsync: settings.fsync,
    database: settings.server_version,
    rulesOff,
    seedSeconds: bed.seedSeconds,
    ...(process.env.SIMWARD_BENCH_PROFILE === undefined ? {} : { profiled: true }),
  }
}

interface Spent {
  server: number
  database: number
}

function spent({ server, postgresqlPid }: Bed): Spent {
  return { server: processSeconds(server.pid), database: postgresqlPid === null ? 0 : familySeconds(postgresqlPid) }
}

/** What it costs to read a SIM that is not in memory and to open its keys. All SIMs are in memory afterwards. */
async function firstTouch(bed: Bed, sims: number) {
  const count = sims + bed.first
  const before = spent(bed)
  await bed.server.load(0, count)
  const after = spent(bed)
  return {
    firstTouchMicroseconds: round(((after.server - before.server) * 1e6) / count, 1),
    firstTouchDatabaseMicroseconds: bed.postgresqlPid === null ? null : round(((after.database - before.database) * 1e6) / count, 1),
  }
}

/** Seconds of processor time and of the clock, for `slice` answers of either side. */
export interface Slice {
  server: number
  database: number | null
  wall: number
  generator: number
  commits: number
  load: number
  reference: { server: number; wall: number } | null
}

interface SliceRun {
  target: { host: string; port: number }
  operation: 'AIR' | 'ULR'
  first: number
}

async function takeSlice(bed: Bed, reference: ReferenceHss | null, run: SliceRun): Promise<Slice> {
  const { server, slice } = bed
  const load = { operation: run.operation, total: slice, window, sims: { first: run.first, count: slice } }
  const commitsBefore = await server.commits()
  const before = spent(bed)
  const result = await generateLoad({ ...load, target: run.target })
  const after = spent(bed)
  return {
    server: after.server - before.server,
    database: bed.postgresqlPid === null ? null : after.database - before.database,
    wall: result.seconds,
    generator: result.cpuSeconds,
    commits: (await server.commits()) - commitsBefore,
    load: loadavg()[0] ?? 0,
    reference: reference === null ? null : await referenceSlice(reference, load),
  }
}

async function referenceSlice(reference: ReferenceHss, load: Omit<Parameters<typeof generateLoad>[0], 'target'>) {
  const before = processSeconds(reference.pid)
  const result = await generateLoad({ ...load, target: { host: reference.host, port: reference.port } })
  return { server: processSeconds(reference.pid) - before, wall: result.seconds }
}

/** The medians over the slices, and the slices as they came. `slice`: answers of each. */
function figuresOf(taken: readonly Slice[], slice: number) {
  const middle = (of: (one: Slice) => number): number => median(taken.map(of))
  const server = middle((one) => one.server)
  const wall = middle((one) => one.wall)
  const references = taken.flatMap((one) => one.reference ?? [])
  const hasReference = references.length === taken.length
  const referenceServer = hasReference ? median(references.map((one) => one.server)) : null
  const referenceWall = hasReference ? median(references.map((one) => one.wall)) : null
  const microseconds = (seconds: number): number => round((seconds * 1e6) / slice, 1)
  const hasDatabase = taken.every((one) => one.database !== null)
  return {
    ours: Math.round(slice / server),
    reference: referenceServer === null ? null : Math.round(slice / referenceServer),
    ratio: referenceServer === null ? null : round(referenceServer / server, 3),
    unit,
    referenceIs: 'freeDiameter 1.2 with an extension that answers from memory, nothing stored, same generator and window',
    microseconds: microseconds(server),
    referenceMicroseconds: referenceServer === null ? null : microseconds(referenceServer),
    databaseMicroseconds: hasDatabase ? microseconds(middle((one) => one.database ?? 0)) : null,
    wallPerSecond: Math.round(slice / wall),
    referenceWallPerSecond: referenceWall === null ? null : Math.round(slice / referenceWall),
    wallRatio: referenceWall === null ? null : round(referenceWall / wall, 3),
    commitsPerAnswer: round(middle((one) => one.commits) / slice, 4),
    microsecondsBySlice: taken.map((one) => microseconds(one.server)),
    referenceMicrosecondsBySlice: references.map((one) => microseconds(one.server)),
    loadBySlice: taken.map((one) => round(one.load, 2)),
  }
}
