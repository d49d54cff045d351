import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#core/clock.ts'
import { openVerifier } from '#functions/ledger/signing-key.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { openStore } from '#store/open.ts'
import { postgresqlMissing, sharedPostgresql } from '../postgresql.ts'
import { silentLog } from '../silent-log.ts'
import type { VictimArguments } from './approvals-victim.ts'

const victim = fileURLToPath(new URL('./approvals-victim.ts', import.meta.url))

/** Runs a victim until it has said this, and kills it at once; what it said before that, in order. */
async function killAt(argument: VictimArguments, wanted: string): Promise<string[]> {
  const child = spawn(process.execPath, [victim, JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (!line.startsWith(wanted)) continue
    child.kill('SIGKILL')
    break
  }
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL', `the victim ended by itself:\n${errors}`)
  return said
}

async function crash(store: { url: string } | { dataDir: string }, folder: string): Promise<void> {
  const databaseUrl = 'url' in store ? store.url : null
  const argument = { databaseUrl, dataDir: folder, masterKey: randomBytes(32).toString('hex') }
  const [executing = ''] = await killAt({ ...argument, role: 'stuck' }, 'executing')
  const id = executing.replace('executing ', '')
  // Nobody asks anything of the heir: what was approved is executed because it stands there.
  assert.deepEqual(await killAt({ ...argument, role: 'heir' }, 'executed'), [`executing ${id}`, `executed ${id}`])
  // And once more: what was executed stays so.
  assert.deepEqual(await killAt({ ...argument, role: 'heir' }, 'executed'), [`executed ${id}`])
  const db = await openStore({ ...store, log: silentLog, clock: systemClock })
  try {
    const { rows } = await db.query<{ value: unknown }>(`SELECT value FROM setting WHERE key = $1`, [`crash ${id}`])
    assert.deepEqual(rows, [{ value: { of: 3, suspend: 'everything' } }])
    const entries = await db.query<{ kind: string }>(`SELECT kind FROM ledger_entry WHERE body ->> 'approvalId' = $1 ORDER BY id`, [id])
    assert.deepEqual(
      entries.rows.map(({ kind }) => kind),
      ['approval-requested', 'approval-decided', 'approval-executed'],
    )
    assert.equal((await verifyLedger(db, await openVerifier(db))).fault, null)
  } finally {
    await db.close()
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simward-crash-approvals-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const says = 'the next process executes what was approved, once, and the ledger verifies'

test(`kill -9 in the middle of an execution (PGlite): ${says}`, async () => {
  await inFolder((folder) => crash({ dataDir: join(folder, 'store') }, folder))
})

test(`kill -9 in the middle of an execution (PostgreSQL): ${says}`, { skip: postgresqlMissing }, async () => {
  const url = await (await sharedPostgresql()).createDatabase()
  await inFolder((folder) => crash({ url }, folder))
})
