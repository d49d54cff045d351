import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import pino from 'pino'
import { systemClock } from '#core/clock.ts'
import { startSimward } from '#main'
import { readConfig } from '#platform/config.ts'

/** Simward as `start` runs it, new and unclaimed, on the embedded store in memory and on free ports. */
export interface Installation extends AsyncDisposable {
  /** With the name localhost: a passkey is bound to a name, and an address is none. */
  readonly url: string
  /** The one-time link as the log shows it. */
  readonly link: string
}

export async function startInstallation(): Promise<Installation> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'simward-claim-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const lines: { url?: string }[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line) as { url?: string })
      done()
    },
  })
  const config = readConfig(
    {},
    { dataDir: directory, masterKey: randomBytes(32).toString('hex'), httpPort: 0, diameterPort: 0, diameterTlsPort: 0 },
  )
  const simward = stack.use(
    await startSimward({ config, mode: 'open', version: 'test', clock: systemClock, log: pino({ level: 'warn' }, sink), ephemeral: true }),
  )
  const { port } = new URL(simward.url)
  const shown = lines.find(({ url }) => url?.includes('/claim?') === true)?.url
  if (shown === undefined) throw new Error('the log shows no one-time link')
  const link = new URL(shown)
  // The log was written before the free port was known.
  link.port = port
  const owned = stack.move()
  return { url: `http://localhost:${port}`, link: link.href, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
