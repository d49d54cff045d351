import pino from 'pino'
import { sleep, systemClock } from '#core/clock.ts'
import { readAnnouncement, subscriberChannel } from '#platform/announcement.ts'
import { readConfig } from '#platform/config.ts'
import { imsiAt } from '#sim/cards.ts'
import { home } from '#sim/world.ts'
import { seedWorld } from '../src/cli/world/seed.ts'
import { startSimward } from '../src/main.ts'
import { type Ask, type Reply, rulesOff, type ServerOptions } from './simward-server.ts'

/**
 * Simward as a process of its own for benches: options as JSON in the first argument, questions over the channel of its
 * parent. Only what answers S6a runs; admission control, screening and recording are on as delivered.
 */

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions
const config = readConfig(
  {},
  {
    name: home.name,
    node: 'bench',
    plmn: home.plmn,
    dataDir: options.dataDir,
    databaseUrl: options.databaseUrl,
    originHost: home.hssHost,
    diameterPort: options.diameterPort,
    httpPort: 0,
    // Far above what one machine reaches: admission control judges every request and refuses none.
    capacity: 1_000_000,
    cutOverComplete: true,
    // One person measures.
    jobApprovalSims: 0,
    logLevel: 'error',
  },
)
const simward = await startSimward({
  config,
  mode: 'open',
  version: 'bench',
  clock: systemClock,
  log: pino({ level: 'error' }, pino.destination({ fd: 2, sync: true })),
  ...(options.portal === true ? {} : { only: ['ledger', 'screening', 'recorder', 'hss'] }),
  prepare: async (db, vault) => {
    if (options.sims > 0) await seedWorld(db, vault, { sims: options.sims, seed: 1, now: Date.now() })
    for (const rule of rulesOff) {
      await db.query(
        `INSERT INTO rule_mode (rule_id, mode, changed_by, reason, changed_at) VALUES ($1, 'off', 'bench', 'one peer stands for many', now())
         ON CONFLICT DO NOTHING`,
        [rule],
      )
    }
  },
})
const { db, ports, url } = simward

/** What the network functions hear when rows change: counted as it arrives here, where they run. */
const forgotten = { sims: 0, lastMs: 0 }
if (options.portal === true) {
  await db.listen(subscriberChannel, (payload) => {
    forgotten.sims += readAnnouncement(payload).imsis.length
    forgotten.lastMs = performance.now()
  })
}

const loadedAtOnce = 10_000
const loadDeadlineMs = 30_000

const answers: Readonly<Record<Ask['ask'], (ask: Ask) => Promise<unknown>>> = {
  port: async () => ports.links?.listening().find((at) => !at.tls)?.port,
  url: async () => url,
  forgotten: async () => {
    const answer = { sims: forgotten.sims, sinceMs: performance.now() - forgotten.lastMs }
    forgotten.sims = 0
    return answer
  },
  settings: async () => {
    const { rows } = await db.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'fsync', 'server_version', 'shared_buffers')`,
    )
    return Object.fromEntries(rows.map((row) => [row.name, row.setting]))
  },
  commits: async () => {
    const { rows } = await db.query<{ commits: bigint }>(
      'SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = current_database()',
    )
    return Number(rows[0]?.commits ?? 0n)
  },
  load: ({ first = 0, count = 0 }) => loadSubscribers(first, count),
  close: async () => {
    await simward[Symbol.asyncDispose]()
    setImmediate(() => process.disconnect())
  },
}

/** Reads subscribers into memory, as many at once as may wait there; what it costs is their first touch. */
async function loadSubscribers(first: number, count: number): Promise<number> {
  const { hss } = ports
  if (hss === undefined) throw new Error('the HSS does not run')
  for (let from = first; from < first + count; from += loadedAtOnce) {
    const until = Math.min(from + loadedAtOnce, first + count)
    const wanted = hss.subscribersInMemory() + until - from
    const deadline = systemClock.monotonicMs() + loadDeadlineMs
    for (let i = from; i < until; i++) hss.pushProfileChange(imsiAt(i))
    while (hss.subscribersInMemory() < wanted) {
      if (systemClock.monotonicMs() > deadline) throw new Error(`${hss.subscribersInMemory()} of ${wanted} SIMs were read in time`)
      await sleep(systemClock, 5)
    }
  }
  return hss.subscribersInMemory()
}

process.on('message', (message: Ask) => {
  answers[message.ask](message).then(
    (value) => process.send?.({ id: message.id, value } satisfies Reply),
    (error: unknown) => process.send?.({ id: message.id, error: String(error) } satisfies Reply),
  )
})
// Nobody is left to measure.
process.on('disconnect', () => process.exit())
process.send?.({ id: 0, value: 'ready' } satisfies Reply)
