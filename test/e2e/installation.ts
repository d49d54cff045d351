import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import pino from 'pino'
import type { BrowserContext } from 'playwright-core'
import { seedWorld } from '#cli/world/seed.ts'
import { systemClock } from '#core/clock.ts'
import { startSimward } from '#main'
import { type ConfigValues, readConfig } from '#platform/config.ts'
import type { Role } from '#platform/permission.ts'
import type { Ports } from '#platform/ports.ts'
import type { Db } from '#store/db.ts'

/** Simward as `start` runs it, new and unclaimed, on the embedded store in memory and on free ports. */
export interface Installation extends AsyncDisposable {
  /** With the name localhost: a passkey is bound to a name, and an address is none. */
  readonly url: string
  /** The one-time link as the log shows it. */
  readonly link: string
  readonly db: Db
  readonly ports: Readonly<Partial<Ports>>
}

export interface InstallationOptions {
  /** Fills the store with the simulated world's networks, providers, profiles and that many SIMs (`#sim/world.ts`). */
  sims?: number
  config?: Partial<ConfigValues>
}

export async function startInstallation({ sims, config: settings = {} }: InstallationOptions = {}): Promise<Installation> {
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
  const masterKey = randomBytes(32).toString('hex')
  const config = readConfig({}, { dataDir: directory, masterKey, httpPort: 0, diameterPort: 0, diameterTlsPort: 0, ...settings })
  const simward = stack.use(
    await startSimward({
      config,
      mode: 'open',
      version: 'test',
      clock: systemClock,
      log: pino({ level: 'warn' }, sink),
      ephemeral: true,
      ...(sims === undefined ? {} : { prepare: (db, vault) => seedWorld(db, vault, { sims, seed: 1, now: systemClock.now() }) }),
    }),
  )
  const { port } = new URL(simward.url)
  const shown = lines.find(({ url }) => url?.includes('/claim#') === true)?.url
  if (shown === undefined) throw new Error('the log shows no one-time link')
  const owned = stack.move()
  return {
    url: `http://localhost:${port}`,
    link: shown,
    db: simward.db,
    ports: simward.ports,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/**
 * Signs a person in behind the sign-in page's back: a row of `person`, one of `session`, and the cookie in the browser. For
 * tests of what comes after; sign-in itself has its own. Returns the person's id and the cookie for programs.
 */
export async function signInAs(
  { db, url }: Pick<Installation, 'db' | 'url'>,
  { name, role, providerId = null }: { name: string; role: Role; providerId?: string | null },
  context?: BrowserContext,
): Promise<{ personId: string; cookie: string }> {
  const personId = randomUUID()
  const token = randomBytes(32).toString('base64url')
  const now = new Date()
  await db.query('INSERT INTO person (id, provider_id, name, roles, signed_in_at) VALUES ($1, $2, $3, $4, $5)', [
    personId,
    providerId,
    name,
    [role],
    now,
  ])
  await db.query(
    `INSERT INTO session (token_hash, person_id, created_at, seen_at, authenticated_at, expires_at, factors, phishing_resistant)
     VALUES ($1, $2, $3, $3, $3, $4, '{passkey}', true)`,
    [createHash('sha256').update(token).digest(), personId, now, new Date(now.getTime() + 3_600_000)],
  )
  await context?.addCookies([{ name: 'simward', value: token, url, httpOnly: true, sameSite: 'Strict' }])
  return { personId, cookie: `simward=${token}` }
}
