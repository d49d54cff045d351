import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#core/clock.ts'
import { type Random, seededRandom } from '#core/random.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { openStore } from '#store/open.ts'
import { postgresqlMissing, sharedPostgresql } from '../postgresql.ts'
import { silentLog } from '../silent-log.ts'
import type { WriterArguments } from './store-writer.ts'

const loops = Number(process.env.SIMWARD_CRASH_LOOPS ?? 3)
const seed = Number(process.env.SIMWARD_SEED ?? Date.now() % 1_000_000)

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signingKey = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

interface Acknowledged {
  rows: Set<bigint>
  entries: Set<string>
}

/** Starts a writer and kills it, without warning, after so many acknowledgements; notes all that it gave. */
async function runAndKill(
  store: WriterArguments['store'],
  firstNumber: number,
  killAfter: number,
  acknowledged: Acknowledged,
): Promise<void> {
  const writer = fileURLToPath(new URL('./store-writer.ts', import.meta.url))
  const argument: WriterArguments = { store, firstNumber, signingKey }
  const child = spawn(process.execPath, [writer, JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  let count = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [kind, value = ''] = line.split(' ')
    if (kind === 'row') acknowledged.rows.add(BigInt(value))
    else acknowledged.entries.add(value)
    count += 1
    if (count === killAfter) child.kill('SIGKILL')
  })
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL', `the writer ended by itself:\n${said}`)
}

/** Kills a writer while it still opens the store. */
async function killWhileOpening(store: WriterArguments['store'], random: Random): Promise<void> {
  const writer = fileURLToPath(new URL('./store-writer.ts', import.meta.url))
  const argument: WriterArguments = { store, firstNumber: -1, signingKey }
  const child = spawn(process.execPath, [writer, JSON.stringify(argument)], { stdio: 'ignore' })
  const timer = setTimeout(() => child.kill('SIGKILL'), 100 + random.int(900))
  await once(child, 'close')
  clearTimeout(timer)
}

async function crashLoops(store: WriterArguments['store']): Promise<void> {
  const random = seededRandom(seed)
  const acknowledged: Acknowledged = { rows: new Set(), entries: new Set() }
  for (let loop = 0; loop < loops; loop++) {
    if (loop === 0) await killWhileOpening(store, random)
    await runAndKill(store, (loop + 1) * 10_000_000, 1 + random.int(4_000), acknowledged)
  }
  const db = await openStore({ ...store, log: silentLog, clock: systemClock })
  try {
    const { rows } = await db.query<{ n: bigint }>('SELECT n FROM numbered')
    const stored = new Set(rows.map(({ n }) => n))
    assert.deepEqual(
      [...acknowledged.rows].filter((n) => !stored.has(n)),
      [],
      'acknowledged rows that are gone',
    )
    const { rows: entries } = await db.query<{ id: string }>('SELECT id FROM ledger_entry')
    const kept = new Set(entries.map(({ id }) => id))
    assert.deepEqual(
      [...acknowledged.entries].filter((id) => !kept.has(id)),
      [],
      'acknowledged ledger entries that are gone',
    )
    const report = await verifyLedger(db, (keyId, octets, signature) => keyId === 'crash' && verify(null, octets, publicKey, signature))
    assert.deepEqual(report.fault, null)
    assert.ok(report.chains >= loops && acknowledged.rows.size > 0)
  } finally {
    await db.close()
  }
}

test(`kill -9, ${loops} times (PGlite, seed ${seed}): no acknowledged row lost, the ledger verifies`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simward-crash-'))
  try {
    await crashLoops({ dataDir: folder })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test(`kill -9, ${loops} times (PostgreSQL, seed ${seed}): no acknowledged row lost, the ledger verifies`, {
  skip: postgresqlMissing,
}, async () => {
  await crashLoops({ url: await (await sharedPostgresql()).createDatabase() })
})
