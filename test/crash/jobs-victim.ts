import { pino } from 'pino'
import { seedWorld } from '#cli/world/seed.ts'
import { sleep, systemClock } from '#core/clock.ts'
import { startSimward } from '#main'
import { readConfig } from '#platform/config.ts'
import { toJson } from '#store/db.ts'

/**
 * The victim of the crash test of jobs: makes one job on every SIM, starts it once it is previewed, and says how far it is
 * until it is done or the process is killed. Started again, it finds the job where it was.
 */
export interface VictimArguments {
  databaseUrl: string | null
  dataDir: string
  masterKey: string
  sims: number
  jobId: string
}

const { sims, jobId, ...settings } = JSON.parse(process.argv[2] ?? '') as VictimArguments

const { db } = await startSimward({
  config: readConfig({}, { ...settings, httpPort: 0 }),
  mode: 'open',
  version: 'crash',
  clock: systemClock,
  log: pino({ level: 'silent' }),
  only: ['ledger', 'notices', 'screening', 'recorder', 'subscriptions', 'approvals', 'jobs'],
  async prepare(store, vault) {
    await seedWorld(store, vault, { sims, seed: 1, now: Date.now() })
    await store.query(
      `INSERT INTO job (id, kind, state, change, target, reason, created_by, created_by_name, is_person, created_at, changed_at)
       VALUES ($1, 'change', 'previewing', $2, $3, 'crash test', 'victim', 'Victim', false, now(), now()) ON CONFLICT DO NOTHING`,
      [jobId, toJson({ kind: 'label', label: 'moved' }), toJson({ from: 'filter', filter: '', now: Date.now() })],
    )
  },
})

for (let last = ''; ; ) {
  await db.query("UPDATE job SET state = 'checking' WHERE id = $1 AND state = 'ready'", [jobId])
  const { rows } = await db.query<{ state: string; done: number }>('SELECT state, done FROM job WHERE id = $1', [jobId])
  const said = `${rows[0]?.state} ${rows[0]?.done}`
  if (said !== last) process.stdout.write(`${said}\n`)
  last = said
  await new Promise<void>((resolve) => setImmediate(resolve))
  if (said.startsWith('done')) await sleep(systemClock, 600_000)
}
