import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#core/clock.ts'
import { openVerifier } from '#functions/ledger/signing-key.ts'
import type { Db } from '#store/db.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { openStore } from '#store/open.ts'
import { postgresqlMissing, sharedPostgresql } from '../postgresql.ts'
import { silentLog } from '../silent-log.ts'
import type { VictimArguments } from './requests-victim.ts'

const kills = 3
/** Requests under way at once, and answers after which the server is killed. */
const atOnce = 8
const answersPerLife = 12
const victim = fileURLToPath(new URL('./requests-victim.ts', import.meta.url))

interface Answer {
  status: number
  isReplayed: boolean
  text: string
  code: unknown
}

/** What is known of a request by its key: the answer, or nothing where the server died first. */
type Known = Map<string, Answer | null>

async function start(argument: VictimArguments): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [victim, JSON.stringify(argument)], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const url of createInterface({ input: child.stdout })) return { child, url }
  throw new Error('the victim ended before it listened')
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Makes an API client under that key: each making that is carried out leaves a row of its own, with a secret shown once. */
async function make(url: string, { token }: VictimArguments, key: string): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1/clients`, {
    method: 'POST',
    headers: {
      cookie: `simward=${token}`,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ kind: 'key', name: key, scopes: ['sims:read'], reason: 'crash test' }),
  })
  const text = await answer.text()
  const isReplayed = answer.headers.get('idempotency-replayed') === 'true'
  return { status: answer.status, isReplayed, text, code: (JSON.parse(text) as { code?: unknown }).code }
}

/** Asks without a pause until enough was answered, and dies in the middle of the rest. */
async function lifeOf(argument: VictimArguments, known: Known): Promise<void> {
  const { child, url } = await start(argument)
  let answered = 0
  const ask = async (): Promise<void> => {
    while (child.exitCode === null && child.signalCode === null && answered < answersPerLife) {
      const key = randomUUID()
      known.set(key, null)
      try {
        known.set(key, await make(url, argument, key))
      } catch {
        // The server died: nobody knows.
        return
      }
      answered += 1
      if (answered === answersPerLife) child.kill('SIGKILL')
    }
  }
  const closed = once(child, 'close')
  await Promise.all(Array.from({ length: atOnce }, ask))
  await closed
}

async function crashLoops(store: { url: string } | { dataDir: string }, folder: string): Promise<void> {
  const argument: VictimArguments = {
    databaseUrl: 'url' in store ? store.url : null,
    dataDir: folder,
    masterKey: randomBytes(32).toString('hex'),
    personId: randomUUID(),
    token: randomBytes(32).toString('base64url'),
  }
  const known: Known = new Map()
  for (let life = 1; life <= kills; life++) await lifeOf(argument, known)
  assert.ok(
    [...known.values()].some((answer) => answer === null),
    'it was killed in the middle of a request',
  )
  const { child, url } = await start(argument)
  for (const [key, before] of known) {
    const again = await make(url, argument, key)
    const what = `${key}: ${before?.status ?? 'no answer'}, then ${again.status} ${again.text.slice(0, 200)}`
    if (before === null) {
      assert.ok(again.status === 201 || again.code === 'idempotency-unfinished' || again.code === 'idempotency-running', what)
    } else {
      assert.deepEqual([before.status, again.status, again.isReplayed, again.text], [201, 201, true, before.text], what)
    }
  }
  await kill(child)
  const db = await openStore({ ...store, log: silentLog, clock: systemClock })
  try {
    await checkRows(db, known)
  } finally {
    await db.close()
  }
}

async function checkRows(db: Db, known: Known): Promise<void> {
  const { rows } = await db.query<{ name: string; n: bigint }>('SELECT name, count(*) AS n FROM api_client GROUP BY name')
  const made = new Map(rows.map(({ name, n }) => [name, Number(n)]))
  for (const [key, answer] of known) {
    const times = made.get(key) ?? 0
    assert.ok(times === 1 || (times === 0 && answer === null), `${key} was carried out ${times} times`)
  }
  assert.equal((await verifyLedger(db, await openVerifier(db))).fault, null)
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'simward-crash-requests-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const says = 'what was answered is there and is answered again, nothing was done twice, the ledger verifies'

test(`kill -9 in the middle of requests with an Idempotency-Key, ${kills} times (PGlite): ${says}`, async () => {
  await inFolder((folder) => crashLoops({ dataDir: join(folder, 'store') }, folder))
})

test(`kill -9 in the middle of requests with an Idempotency-Key, ${kills} times (PostgreSQL): ${says}`, {
  skip: postgresqlMissing,
}, async () => {
  const url = await (await sharedPostgresql()).createDatabase()
  await inFolder((folder) => crashLoops({ url }, folder))
})
