import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '#core/clock.ts'
import { connectRawPeer } from '#sim/raw-peer.ts'
import { peerRow, sparePeerId } from '#sim/world.ts'
import { postgresqlMissing, startPostgresql } from '#test/postgresql-server.ts'
import { type Bench, type Measurement, round } from './bench.ts'
import { generateLoad } from './generator.ts'
import { residentMegabytes } from './processor-time.ts'
import { startServer } from './simward-server.ts'

/** How soon the signalling process answers its first CER on a warm directory, and what memory it keeps. */

const sims = 100_000
const updatesPerSecond = 2_000
/** Registrations of the load: twenty seconds of it. */
const registrations = 20_000
const settleMs = 30_000

const aims = { pglite: { start: '<= 3 s', rss: '<= 500 MB' }, postgresql: { start: '<= 2 s', rss: '<= 300 MB' } } as const

export const bench: Bench = {
  name: 'footprint',
  summary: `start to the first answered CER, and resident memory ${settleMs / 1000} s after ${updatesPerSecond} updates/s, with ${sims} SIMs`,
  async *run() {
    yield* measure('pglite')
    if (postgresqlMissing === false) yield* measure('postgresql')
    else yield missing('footprint-start-postgresql', 's', aims.postgresql.start, postgresqlMissing)
  },
}

async function* measure(store: 'pglite' | 'postgresql'): AsyncGenerator<Measurement> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'simward-footprint-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = store === 'postgresql' ? await startPostgresql() : null
  stack.defer(async () => server?.remove())
  const where = { dataDir, databaseUrl: server === null ? null : await server.createDatabase(), diameterPort: 0 }
  await (await startServer({ ...where, sims })).close()

  const startedMs = performance.now()
  const simward = await startServer({ ...where, sims: 0 })
  stack.defer(() => simward.close())
  const target = { host: '127.0.0.1', port: await simward.port() }
  await firstAnswer(target)
  const startS = (performance.now() - startedMs) / 1000

  // An attach is an AIR and its ULR, each a durable update.
  await generateLoad({
    target,
    operation: 'attach',
    total: registrations,
    ratePerSecond: updatesPerSecond / 2,
    sims: { first: 0, count: sims },
  })
  await pause(settleMs)
  const { now, peak } = residentMegabytes(simward.pid)
  const common = { reference: null, ratio: null, reason: 'an absolute figure', sims, registrations }
  yield { ...common, name: `footprint-start-${store}`, ours: round(startS, 2), unit: 's', aim: aims[store].start }
  yield { ...common, name: `footprint-rss-${store}`, ours: round(now, 0), unit: 'MB', aim: aims[store].rss }
  yield { ...common, name: `footprint-peak-${store}`, ours: round(peak, 0), unit: 'MB', aim: 'none set' }
}

/** A capabilities exchange of a listed peer, answered with success. */
async function firstAnswer(target: { host: string; port: number }): Promise<void> {
  const { identity, realm } = peerRow(sparePeerId)
  const peer = await connectRawPeer({ ...target, identity, realm, clock: systemClock })
  const answer = await peer.open()
  peer.close()
  if (answer === null) throw new Error('the first CER was not answered')
}

function missing(name: string, unit: string, aim: string, reason: string): Measurement {
  return { name, ours: Number.NaN, reference: null, ratio: null, unit, aim, reason }
}
