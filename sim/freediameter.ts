import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Clock } from '#core/clock.ts'
import type { Credentials } from './authority.ts'

/**
 * freeDiameter 1.2 as a relay (a DRA): a Diameter implementation that is not ours, between our nodes. It relays every
 * application, so that it needs no S6a dictionary.
 */
export interface RelayOptions {
  identity: string
  realm: string
  /** Default 127.0.0.1. */
  host?: string
  /** Plain and TLS port to listen on; taken from free ones where absent. */
  port?: number
  tlsPort?: number
  credentials: Credentials
  peers: readonly RelayPeer[]
  clock: Clock
  /** Seconds between attempts to connect; default 1. */
  reconnectS?: number
  /** Seconds of its watchdog; default 30, at least 6. */
  watchdogS?: number
  /** Default `freeDiameterd`. */
  command?: string
  /** Extensions to load beside the access list: names of its own, or paths. */
  extensions?: readonly string[]
  /** Further lines of its configuration. */
  settings?: readonly string[]
  onLine?(line: string): void
}

export interface RelayPeer {
  identity: string
  tls: boolean
  /** Where the relay connects to; absent: the peer connects to the relay. */
  connectTo?: { host: string; port: number }
}

export interface Relay {
  readonly pid: number
  readonly host: string
  readonly port: number
  readonly tlsPort: number
  /** Resolves when the relay says that the peer is open; rejects with its last lines after `timeoutMs` or when it ends. */
  untilOpen(identity: string, timeoutMs?: number): Promise<void>
  /** The last 200 lines it printed. */
  output(): readonly string[]
  /** Resolves when the process has ended and its files are gone. */
  stop(): Promise<void>
}

const linesKept = 200
/** A shutdown that waits for its peers took up to 16 s; then the process is killed. */
const stopMs = 20_000

/** Whether the daemon is installed. */
export function hasFreeDiameter(command = 'freeDiameterd'): boolean {
  return freeDiameterVersion(command) !== undefined
}

/** Its version as it says it (`1.2.1`); undefined where it is not installed. */
export function freeDiameterVersion(command = 'freeDiameterd'): string | undefined {
  const { error, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' })
  return error === undefined ? (/version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version') : undefined
}

/**
 * What the daemon is started through so that it ends with us whatever ends us, `kill -9` too: the kernel's parent death
 * signal, by util-linux. Nothing where that is missing, or the daemon is.
 */
function lifeline(command: string): readonly string[] {
  const [tool, ...words] = ['setpriv', '--pdeathsig', 'KILL'] as const
  return hasFreeDiameter(command) && spawnSync(tool, [...words, 'true']).status === 0 ? [tool, ...words] : []
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const host = options.host ?? '127.0.0.1'
  const port = options.port ?? (await freePort(host))
  const tlsPort = options.tlsPort ?? (await freePort(host))
  const directory = mkdtempSync(join(tmpdir(), 'simward-relay-'))
  writeFiles(directory, relayFiles(options, directory, { host, port, tlsPort }))
  const command = options.command ?? 'freeDiameterd'
  const [program, ...words] = [...lifeline(command), command, '-c', join(directory, 'relay.conf')] as const
  // In a process group of its own: Ctrl C in a terminal is for us, and we stop the daemon in order.
  const daemon = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const log = watchOutput(daemon, options)
  return {
    pid: daemon.pid ?? 0,
    host,
    port,
    tlsPort,
    output: () => log.lines,
    untilOpen: (identity, timeoutMs = 20_000) => log.untilOpen(identity, timeoutMs),
    async stop() {
      await endProcess(daemon, options.clock)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The configuration as files by name: daemon, access list, certificates. */
export function relayFiles(
  options: RelayOptions,
  directory: string,
  at: { host: string; port: number; tlsPort: number },
): Readonly<Record<string, string>> {
  const { identity, realm, peers, credentials, reconnectS = 1, watchdogS = 30, extensions = [], settings = [] } = options
  const file = (name: string): string => JSON.stringify(join(directory, name))
  const lines = [
    `Identity = "${identity}";`,
    `Realm = "${realm}";`,
    `Port = ${at.port};`,
    `SecPort = ${at.tlsPort};`,
    `ListenOn = "${at.host}";`,
    'No_SCTP;',
    'No_IPv6;',
    `TcTimer = ${reconnectS};`,
    `TwTimer = ${Math.max(6, watchdogS)};`,
    `TLS_Cred = ${file('cert.pem')}, ${file('key.pem')};`,
    `TLS_CA = ${file('ca.pem')};`,
    'TLS_DH_Bits = 2048;',
    `LoadExtension = "acl_wl.fdx" : ${file('acl.conf')};`,
    ...extensions.map((path) => `LoadExtension = "${path}";`),
    ...settings,
    ...peers.flatMap((peer) => (peer.connectTo === undefined ? [] : [connectLine(peer.identity, peer.connectTo, peer.tls)])),
  ]
  // One line a peer: of two lines that match a name the later flag replaces the earlier one.
  const acl = peers.map((peer) => (peer.tls ? peer.identity : `ALLOW_IPSEC ${peer.identity}`))
  return {
    'relay.conf': `${lines.join('\n')}\n`,
    'acl.conf': `${acl.join('\n')}\n`,
    'cert.pem': credentials.cert,
    'key.pem': credentials.key,
    'ca.pem': credentials.ca,
  }
}

/** TLS is spoken from the first octet on the peer's own TLS port (RFC 6733 §13.1), not negotiated inside. */
function connectLine(identity: string, to: { host: string; port: number }, tls: boolean): string {
  return `ConnectPeer = "${identity}" { ConnectTo = "${to.host}"; Port = ${to.port};${tls ? '' : ' No_TLS;'} };`
}

function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { mode: 0o600 })
}

interface Log {
  readonly lines: readonly string[]
  untilOpen(identity: string, timeoutMs: number): Promise<void>
}

function watchOutput(daemon: ChildProcess, options: RelayOptions): Log {
  const lines: string[] = []
  const open = new Set<string>()
  const watchers = new Set<(ended: boolean) => void>()
  let isOver = false
  const tell = (ended: boolean): void => {
    isOver ||= ended
    for (const watch of watchers) watch(ended)
  }
  const take = (line: string): void => {
    lines.push(line)
    if (lines.length > linesKept) lines.shift()
    options.onLine?.(line)
    const change = /'?STATE_\w+'?\s*->\s*'?(STATE_\w+)'?[^']*'([^']+)'/.exec(line)
    if (change === null) return
    const [, state, identity = ''] = change
    if (state === 'STATE_OPEN') open.add(identity.toLowerCase())
    else open.delete(identity.toLowerCase())
    tell(false)
  }
  for (const stream of [daemon.stdout, daemon.stderr]) if (stream !== null) createInterface({ input: stream }).on('line', take)
  daemon.on('error', (error) => {
    take(error.message)
    tell(true)
  })
  daemon.on('exit', () => tell(true))
  const untilOpen = (identity: string, timeoutMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        timer.cancel()
        watchers.delete(watch)
        if (error === undefined) resolve()
        else reject(error)
      }
      const failure = (what: string): Error => new Error(`freeDiameter: ${what}\n${lines.slice(-20).join('\n')}`)
      const timer = options.clock.after(timeoutMs, () => end(failure(`${identity} is not open after ${timeoutMs} ms`)))
      const watch = (ended: boolean): void => {
        if (open.has(identity.toLowerCase())) end()
        else if (ended) end(failure(`it ended before ${identity} was open`))
      }
      watchers.add(watch)
      watch(isOver)
    })
  return { lines, untilOpen }
}

async function endProcess(daemon: ChildProcess, clock: Clock): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return
  const exited = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  const timer = clock.after(stopMs, () => daemon.kill('SIGKILL'))
  await exited
  timer.cancel()
}

/** A port that was free a moment ago. */
async function freePort(host: string): Promise<number> {
  const server = createServer()
  server.listen({ host, port: 0 })
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a listener without a port')
  return address.port
}
