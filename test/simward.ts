import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { seedWorld } from '#cli/world/seed.ts'
import { systemClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import type { Vault } from '#crypto/vault.ts'
import { type Simward, startSimward } from '#main'
import { type ConfigValues, readConfig } from '#platform/config.ts'
import type { SignalEvent } from '#platform/ports.ts'
import { createAuthority } from '#sim/authority.ts'
import { generateSims, type SimCard } from '#sim/cards.ts'
import { createSocketWorld, type SocketWorld, type SocketWorldOptions } from '#sim/sockets.ts'
import { createSubjects, type Subjects } from '#sim/subjects.ts'
import { createVisitedNetworks, type VisitedNetworks } from '#sim/visited.ts'
import { home, peerRow } from '#sim/world.ts'
import type { Db } from '#store/db.ts'

/** The functions that signalling needs, and nothing else. */
export const signallingFunctions = ['ledger', 'screening', 'recorder', 'hss'] as const

/** Simward as a signalling process on the embedded store in memory, listening in TCP and TLS on free ports. */
export interface Signalling extends AsyncDisposable {
  readonly simward: Simward
  readonly at: { host: string; port: number; tlsPort: number }
  /** Every judged message, oldest first. */
  readonly signals: SignalEvent[]
  /** The next judged message that `wanted` accepts, or one that has come already. */
  signal(wanted: (event: SignalEvent) => boolean): Promise<SignalEvent>
  readonly authority: ReturnType<typeof createAuthority>
}

export interface SignallingOptions {
  config?: Partial<ConfigValues>
  /** Default: silent. */
  log?: Logger
  /** Functions to run beside those. */
  beside?: readonly string[]
  /** Fills the store before the functions start. */
  prepare(db: Db, vault: Vault): Promise<void>
}

export async function startSignalling(options: SignallingOptions): Promise<Signalling> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'simward-signalling-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const authority = createAuthority('Signalling test', Date.now())
  const originHost = options.config?.originHost ?? home.hssHost
  const own = authority.issue({ commonName: originHost, dnsNames: [originHost] })
  const file = (name: string, text: string): string => {
    const path = join(directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const config = readConfig(
    {},
    {
      node: 'test',
      plmn: home.plmn,
      dataDir: directory,
      masterKey: randomBytes(32).toString('hex'),
      capacity: 100_000,
      originHost,
      diameterPort: 0,
      diameterTlsPort: 0,
      diameterTlsKey: file('hss.key', own.key),
      diameterTlsCert: file('hss.pem', own.cert),
      diameterTlsCa: file('ca.pem', own.ca),
      cutOverComplete: true,
      httpPort: 0,
      ...options.config,
    },
  )
  const simward = stack.use(
    await startSimward({
      config,
      mode: 'open',
      version: 'test',
      clock: systemClock,
      log: options.log ?? pino({ level: 'silent' }),
      ephemeral: true,
      only: [...signallingFunctions, ...(options.beside ?? [])],
      prepare: options.prepare,
    }),
  )
  const listening = simward.ports.links?.listening() ?? []
  const plain = listening.find((each) => !each.tls)
  const secure = listening.find((each) => each.tls)
  if (plain === undefined || secure === undefined) throw new Error('it listens in TCP and in TLS')
  const signals: SignalEvent[] = []
  const waiting = new Set<{ wanted(event: SignalEvent): boolean; resolve(event: SignalEvent): void }>()
  simward.ports.history?.onSignal((event) => {
    signals.push(event)
    for (const each of waiting) {
      if (!each.wanted(event)) continue
      waiting.delete(each)
      each.resolve(event)
    }
  })
  const owned = stack.move()
  return {
    simward,
    authority,
    at: { host: plain.host, port: plain.port, tlsPort: secure.port },
    signals,
    signal(wanted) {
      const found = signals.find(wanted)
      return found === undefined ? new Promise((resolve) => waiting.add({ wanted, resolve })) : Promise.resolve(found)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The simulated world around it: its SIMs in the store, its networks connected. */
export interface SignallingWorld extends Signalling {
  readonly sockets: SocketWorld
  readonly visited: VisitedNetworks
  readonly subjects: Subjects
  readonly sims: readonly SimCard[]
}

export interface SignallingWorldOptions extends Pick<SignallingOptions, 'config' | 'log' | 'beside'> {
  sims: number
  /** Runs after the world has been put into the store. */
  prepare?(db: Db, vault: Vault): Promise<void>
  /** Where the networks connect instead, given where Simward listens: for what stands in between. */
  target?(at: Signalling['at']): Promise<SocketWorldOptions['target']>
  sockets?: Partial<SocketWorldOptions>
}

const seed = 1

export async function startSignallingWorld(options: SignallingWorldOptions): Promise<SignallingWorld> {
  await using stack = new AsyncDisposableStack()
  const signalling = stack.use(
    await startSignalling({
      ...(options.config === undefined ? {} : { config: options.config }),
      ...(options.log === undefined ? {} : { log: options.log }),
      ...(options.beside === undefined ? {} : { beside: options.beside }),
      async prepare(db, vault) {
        await seedWorld(db, vault, { sims: options.sims, seed, now: Date.now() })
        await options.prepare?.(db, vault)
      },
    }),
  )
  const { identity } = peerRow('dra1.castrel')
  const sockets = createSocketWorld({
    clock: systemClock,
    target: (await options.target?.(signalling.at)) ?? signalling.at,
    tls: { 'dra1.castrel': signalling.authority.issue({ commonName: identity, dnsNames: [identity] }) },
    ...options.sockets,
  })
  stack.defer(() => sockets.close())
  await sockets.ready(15_000)
  const visited = createVisitedNetworks({
    clock: systemClock,
    random: seededRandom(seed),
    transportOf: (peerId) => sockets.transportOf(peerId),
  })
  const sims = generateSims(options.sims, seed)
  const owned = stack.move()
  return {
    ...signalling,
    sockets,
    visited,
    sims,
    subjects: createSubjects(sims, visited),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
