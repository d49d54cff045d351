import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

const writer = fileURLToPath(new URL('./store-writer.ts', import.meta.url))

/** Starts a writer and kills it, without warning, once it has noted so many acknowledgements. */
async function runAndKill(argument: WriterArguments, killAfter: number): Promise<void> {
  const child = spawn(process.execPath, [writer, JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  let count = 0
  child.stdout.on('data', (dots: Buffer) => {
    count += dots.length
    if (count >= killAfter) child.kill('SIGKILL')
  })
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL', `the writer ended by itself:\n${said}`)
}

/** What the writers were told is committed; a last line that the kill cut short was not yet noted. */
async function readNotes(path: string): Promise<{ rows: bigint[]; entries: string[] }> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  const after = (kind: string): string[] => lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1))
  return { rows: after('row').map(BigInt), entries: after('entry') }
}

/** Kills a writer while it still opens the store. */
async function killWhileOpening(argument: WriterArguments, random: Random): Promise<void> {
  const child = spawn(process.execPath, [writer, JSON.stringify(argument)], { stdio: 'ignore' })
  const timer = setTimeout(() => child.kill('SIGKILL'), 100 + random.int(900))
  await once(child, 'close')
  clearTimeout(timer)
}

async function crashLoops(store: WriterArguments['store'], folder: string): Promise<void> {
  const random = seededRandom(seed)
  // A file for each writer: a line that a kill cut short must not run into the next writer's first.
  const notesOf = (loop: number): string => join(folder, `notes-${loop}`)
  await killWhileOpening({ store, firstNumber: 0, notes: notesOf(0), signingKey }, random)
  for (let loop = 1; loop <= loops; loop++) {
    await runAndKill({ store, firstNumber: loop * 10_000_000, notes: notesOf(loop), signingKey }, 1 + random.int(4_000))
  }
  const db = await openStore({ ...store, log: silentLog, clock: systemClock })
  try {
    const rows = new Set((await db.query<{ n: bigint }>('SELECT n FROM numbered')).rows.map(({ n }) => n))
    const entries = new Set((await db.query<{ id: string }>('SELECT id FROM ledger_entry')).rows.map(({ id }) => id))
    for (let loop = 1; loop <= loops; loop++) {
      const noted = await readNotes(notesOf(loop))
      assert.ok(noted.rows.length > 0 || noted.entries.length > 0, `writer ${loop} noted nothing`)
      assert.deepEqual(
        noted.rows.filter((n) => !rows.has(n)),
        [],
        'acknowledged rows that are gone',
      )
      assert.deepEqual(
        noted.entries.filter((id) => !entries.has(id)),
        [],
        'acknowledged ledger entries that are gone',
      )
    }
    const report = await verifyLedger(db, (keyId, octets, signature) => keyId === 'crash' && verify(null, octets, publicKey, signature))
    assert.equal(report.fault, null)
    assert.ok(report.entries > 0)
  } finally {
    await db.close()
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simward-crash-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test(`kill -9, ${loops} times (PGlite, seed ${seed}): no acknowledged row lost, the ledger verifies`, async () => {
  await inFolder((folder) => crashLoops({ dataDir: join(folder, 'store') }, folder))
})

test(`kill -9, ${loops} times (PostgreSQL, seed ${seed}): no acknowledged row lost, the ledger verifies`, {
  skip: postgresqlMissing,
}, async () => {
  const url = await (await sharedPostgresql()).createDatabase()
  await inFolder((folder) => crashLoops({ url }, folder))
})
