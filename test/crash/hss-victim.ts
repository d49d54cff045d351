import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#core/clock.ts'
import type { NetworkId } from '#sim/world.ts'
import type { Db } from '#store/db.ts'
import { openStore } from '#store/open.ts'
import { silentLog } from '../silent-log.ts'
import { HssLoad } from './hss-load.ts'
import type { HssProcessArguments } from './hss-process.ts'

/** Simward in a process of its own. */
export class Victim {
  readonly #child: ChildProcess
  readonly #ready: Promise<void>
  readonly #closed: Promise<unknown[]>
  #said = ''
  readonly entries: string[]

  /** `entries` gets the id of each ledger entry that the process was told is committed. */
  constructor(settings: HssProcessArguments, entries: string[]) {
    this.entries = entries
    const program = fileURLToPath(new URL('./hss-process.ts', import.meta.url))
    const argv = ['--disable-warning=ExperimentalWarning', program, JSON.stringify(settings)]
    this.#child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#closed = once(this.#child, 'close')
    this.#child.stderr?.on('data', (text) => {
      this.#said = `${this.#said}${text}`.slice(-4_000)
    })
    this.#ready = new Promise((resolve, reject) => {
      if (this.#child.stdout === null) throw new Error('it was started with a pipe')
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        if (line === 'ready') resolve()
        else entries.push(line.slice('entry '.length))
      })
      void this.#closed.then(([code, signal]) => reject(new Error(`it ended by itself (${code}, ${signal}):\n${this.#said}`)))
    })
  }

  /** What `use` resolves to; rejects as soon as the process ends by itself. */
  async during<T>(use: () => Promise<T>): Promise<T> {
    const ended = this.#closed.then(() => this.#ready)
    return await Promise.race([this.#ready.then(use), ended.then(() => assert.fail(`it ended by itself:\n${this.#said}`))])
  }

  /** It stands still, as a machine does that is suspended, until it is let go on. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** Without warning. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }
}

export interface Bench {
  settings: HssProcessArguments
  load: HssLoad
  openStore(): Promise<Db>
}

/** Everything that one test needs, gone afterwards. */
export async function withBench(
  databaseUrl: string | null,
  { sims, seed, networks }: { sims: number; seed: number; networks?: readonly NetworkId[] },
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'simward-crash-'))
  const diameterPort = await freePort()
  const settings = { databaseUrl, dataDir: folder, masterKey: randomBytes(32).toString('hex'), diameterPort, sims, seed }
  const load = new HssLoad({ port: diameterPort, sims, seed, ...(networks === undefined ? {} : { networks }) })
  const at = databaseUrl === null ? { dataDir: join(folder, 'store') } : { url: databaseUrl }
  try {
    await run({ settings, load, openStore: () => openStore({ ...at, log: silentLog, clock: systemClock }) })
  } finally {
    await load.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One that was free a moment ago: the process must come back at the same place. */
export async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
