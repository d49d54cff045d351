import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { demoFunction } from '#functions/demo/index.ts'
import { readConfig } from '#platform/config.ts'
import type { DemoPort } from '#platform/demo.ts'
import type { AnyFunction } from '#platform/function.ts'
import { type Authority, createAuthority } from '#sim/authority.ts'
import { generateSims, type SimCard } from '#sim/cards.ts'
import { createSocketWorld, type SocketWorld } from '#sim/sockets.ts'
import { createSubjects, type Subjects } from '#sim/subjects.ts'
import { createVisitedNetworks, type VisitedNetworks } from '#sim/visited.ts'
import { connectedPeers, home } from '#sim/world.ts'
import { type Simward, startSimward } from '../../main.ts'
import { readVersion } from '../commands/version.ts'
import { seedPeople } from '../world/organisations.ts'
import { seedWorld } from '../world/seed.ts'
import { makeDirectory } from './directory.ts'
import { seedGuest } from './guest.ts'
import { type HubKind, hubPeerId, startHub } from './hub.ts'

/** Simward on the embedded store and the simulated networks on real sockets, in one process. */
export interface Stage extends AsyncDisposable {
  readonly simward: Simward
  readonly sockets: SocketWorld
  readonly visited: VisitedNetworks
  readonly subjects: Subjects
  readonly sims: readonly SimCard[]
  /** Where the operator listens in plain TCP. */
  readonly diameter: { host: string; port: number }
  /** What carries the networks behind the hub. */
  readonly hub: HubKind
}

export interface StageOptions {
  clock: Clock
  log: Logger
  sims: number
  seed: number
  capacityPerSecond: number
  httpPort: number
  diameterPort: number
  /** Leave the hub to the simulator even where freeDiameter is installed. */
  simulatedHub?: boolean
  /** Let one MME of the visitor's own in. */
  guest?: boolean
  /** What the portal asks of the simulated world; filled by the story. */
  demo: DemoPort
  progress(text: string): void
}

/** Starts both sides; resolves when every simulated peer is connected. Everything is gone after disposal. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { clock, log, sims: count, seed, capacityPerSecond: capacity } = options
  await using stack = new AsyncDisposableStack()
  const directory = makeDirectory(tmpdir(), process.pid)
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const authority = createAuthority('Simward demo', clock.now())
  const own = authority.issue({ commonName: home.hssHost, dnsNames: [home.hssHost] })
  const pem = (name: string, text: string): string => {
    const path = join(directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  // Of the environment only what readers see: the demo has its own store, and nobody signs in, so it stays on loopback.
  const { SIMWARD_LANGUAGE } = process.env
  const config = readConfig(SIMWARD_LANGUAGE === undefined ? {} : { SIMWARD_LANGUAGE }, {
    name: home.name,
    node: 'demo',
    plmn: home.plmn,
    dataDir: directory,
    capacity,
    originHost: home.hssHost,
    diameterPort: options.diameterPort,
    diameterTlsPort: 0,
    diameterTlsKey: pem('hss.key', own.key),
    diameterTlsCert: pem('hss.pem', own.cert),
    diameterTlsCa: pem('ca.pem', own.ca),
    // The simulated world starts empty: every registration there will ever be is made under Simward's eyes.
    cutOverComplete: true,
    httpPort: options.httpPort,
  })
  options.progress('opening the embedded store (the first time takes some seconds)')
  const simward = stack.use(
    await startSimward({
      config,
      mode: 'demo',
      version: readVersion(),
      clock,
      log,
      functions: [demoFunction as AnyFunction],
      ports: { demo: options.demo },
      async prepare(db, vault) {
        const progress = (done: number): void => options.progress(`${done} of ${count} SIMs in the store`)
        await seedWorld(db, vault, { sims: count, seed, now: clock.now(), progress })
        await db.transaction((tx) => seedPeople(tx, clock.now()))
        if (options.guest === true) await seedGuest(db, clock.now())
      },
    }),
  )
  const listening = simward.ports.links?.listening() ?? []
  const plain = listening.find((at) => !at.tls)
  const secure = listening.find((at) => at.tls)
  if (plain === undefined || secure === undefined) throw new Error('the demo listens in TCP and in TLS')
  const { sockets, hub } = await connectNeighbours(stack, options, authority, { plain, secure })
  const random = seededRandom(seed)
  const visited = createVisitedNetworks({ clock, random, transportOf: (peerId, host) => sockets.transportOf(peerId, host) })
  const sims = generateSims(count, seed)
  const subjects = createSubjects(sims, visited)
  const owned = stack.move()
  return { simward, sockets, visited, subjects, sims, diameter: plain, hub, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

type Address = Stage['diameter']

/** All neighbours on sockets, the hub first: the MMEs behind it connect to it. */
async function connectNeighbours(
  stack: AsyncDisposableStack,
  { clock, simulatedHub }: StageOptions,
  authority: Authority,
  { plain, secure }: { plain: Address; secure: Address },
): Promise<{ sockets: SocketWorld; hub: HubKind }> {
  const started = simulatedHub === true ? 'switched off' : await startHub({ clock, authority, target: plain })
  if (typeof started !== 'string') stack.use(started)
  const tlsPeers = connectedPeers.filter((row) => row.transport === 'tls')
  const sockets = createSocketWorld({
    clock,
    target: { host: plain.host, port: plain.port, tlsPort: secure.port },
    tls: Object.fromEntries(tlsPeers.map((row) => [row.id, authority.issue({ commonName: row.identity, dnsNames: [row.identity] })])),
    ...(typeof started === 'string' ? {} : { relay: { peerId: hubPeerId, host: started.host, port: started.port } }),
  })
  stack.defer(() => sockets.close())
  await sockets.ready(15_000)
  if (typeof started === 'string') return { sockets, hub: { program: 'simulated', why: started } }
  return { sockets, hub: { program: 'freeDiameter', version: started.version, pid: started.pid } }
}
