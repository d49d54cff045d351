import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { openVerifier } from '#functions/ledger/signing-key.ts'
import type { Db } from '#store/db.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { openStore } from '#store/open.ts'
import { postgresqlMissing, sharedPostgresql } from '../postgresql.ts'
import { silentLog } from '../silent-log.ts'
import type { VictimArguments } from './jobs-victim.ts'

const sims = 6_000
const kills = 3
const victim = fileURLToPath(new URL('./jobs-victim.ts', import.meta.url))

/** Runs a victim until it says what is wanted, then kills it without warning. */
async function runUntil(argument: VictimArguments, wanted: (state: string, done: number) => boolean): Promise<void> {
  const child = spawn(process.execPath, [victim, JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const [state = '', done = '0'] = line.split(' ')
    if (!wanted(state, Number(done))) continue
    child.kill('SIGKILL')
    break
  }
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL', `the victim ended by itself:\n${said}`)
}

async function crashLoops(
  store: { url: string } | { dataDir: string },
  folder: string,
  afterKill: (db: Db) => Promise<void>,
): Promise<void> {
  const argument: VictimArguments = {
    databaseUrl: 'url' in store ? store.url : null,
    dataDir: folder,
    masterKey: randomBytes(32).toString('hex'),
    sims,
    jobId: randomUUID(),
  }
  const open = (): Promise<Db> => openStore({ ...store, log: silentLog, clock: systemClock })
  const after = async (look: (db: Db) => Promise<void>): Promise<void> => {
    const db = await open()
    try {
      await look(db)
    } finally {
      await db.close()
    }
  }
  for (let kill = 1; kill <= kills; kill++) {
    // Once while it is previewed, then in the middle of the changes.
    await runUntil(argument, (state, done) =>
      kill === 1 ? state === 'previewing' : state === 'running' && done >= (sims / (kills + 1)) * (kill - 1),
    )
    await after(afterKill)
  }
  await runUntil(argument, (state) => state === 'done')
  await after((db) => checkJob(db, argument.jobId))
}

async function checkJob(db: Db, jobId: string): Promise<void> {
  const { rows } = await db.query<{ version: number; label: string; n: bigint }>(
    'SELECT version, label, count(*) AS n FROM subscription GROUP BY 1, 2',
  )
  assert.deepEqual(rows, [{ version: 2, label: 'moved', n: BigInt(sims) }], 'every SIM was changed once, none twice')
  const job = await db.query<{ done: number; total: number; outcomes: Record<string, number> }>(
    'SELECT done, total, outcomes FROM job WHERE id = $1',
    [jobId],
  )
  assert.deepEqual([job.rows[0]?.done, job.rows[0]?.total, job.rows[0]?.outcomes.changed], [sims, sims, sims])
  const chunks = await db.query<{ chunk: number; rows: number }>(
    `SELECT (body->>'chunk')::int AS chunk, sum((body->>'rows')::int)::int AS rows FROM ledger_entry
      WHERE kind = 'bulk-chunk' AND body->>'job' = $1 GROUP BY 1 ORDER BY 1`,
    [jobId],
  )
  assert.equal(chunks.rows.length, Math.ceil(sims / limits.jobs.chunkRows), 'each chunk stands in the ledger once')
  assert.equal(
    chunks.rows.reduce((sum, row) => sum + row.rows, 0),
    sims,
  )
  assert.equal((await verifyLedger(db, await openVerifier(db))).fault, null)
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simward-crash-jobs-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const says = 'it goes on where it was, each row once, the ledger verifies'

test(`kill -9 in the middle of a job, ${kills} times (PGlite): ${says}`, async () => {
  await inFolder((folder) => crashLoops({ dataDir: join(folder, 'store') }, folder, async () => {}))
})

test(`kill -9 in the middle of a job, ${kills} times (PostgreSQL): ${says}`, { skip: postgresqlMissing }, async () => {
  const url = await (await sharedPostgresql()).createDatabase()
  // The dead process's lease on the job would run out by itself within 15 s.
  const expireLease = async (db: Db): Promise<void> => void (await db.query("UPDATE job SET lease_until = 'epoch'"))
  await inFolder((folder) => crashLoops({ url }, folder, expireLease))
})
