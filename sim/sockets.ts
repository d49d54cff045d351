import type { Clock } from '#core/clock.ts'
import type { LinkEvent } from '#links/diameter/events.ts'
import { createDiameterNode } from '#links/diameter/node.ts'
import type { DiameterNode, LinkLimits, LinkTimers, PeerLinkState, TlsMaterial } from '#links/diameter/types.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { createDispatcher, createNodeTransport, type Transport } from './transport.ts'
import { connectedPeers, home, type SimPeerRow } from './world.ts'

/** The peers of the simulated world on real sockets: one Diameter node per peer row, each connecting to the operator. */

/** S6a/S6d and, where an MME asks an EIR, S13 (TS 29.272 §7.1.8, §7.1.9). */
const applications = [
  { vendor: 10415, id: 16_777_251 },
  { vendor: 10415, id: 16_777_252 },
]

export interface SocketWorldOptions {
  clock: Clock
  /** Where the operator listens in plain TCP, and where in TLS; a peer whose row says `tls` needs the latter. */
  target: { host: string; port: number; tlsPort?: number }
  /** Certificates by peer id, for the rows whose transport is TLS. */
  tls?: Readonly<Record<string, TlsMaterial>>
  /** Rows to connect; default: all that the simulator keeps connected. TLS rows without a certificate or port are left out. */
  peers?: readonly SimPeerRow[]
  /** Identity of the node that answers; default: the operator's HSS, or a relay in front of it. */
  neighbour?: { identity: string; realm: string }
  timers?: Partial<LinkTimers>
  limits?: Partial<LinkLimits>
  random?: () => number
  onEvent?(event: LinkEvent, peerId: string): void
}

export interface SocketWorld {
  /** The peers that have a node, in the order of their rows. */
  readonly peerIds: readonly string[]
  transportOf(peerId: string): Transport
  node(peerId: string): DiameterNode
  stateOf(peerId: string): PeerLinkState
  /** Resolves when every peer, or the given ones, is open; rejects after `timeoutMs` with the names of those that are not. */
  ready(timeoutMs: number, peerIds?: readonly string[]): Promise<void>
  close(): Promise<void>
}

const target = 'home'

export function createSocketWorld(options: SocketWorldOptions): SocketWorld {
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const watch of watchers) watch()
  }
  const rows = (options.peers ?? connectedPeers).filter((row) => row.transport === 'tcp' || canUseTls(options, row))
  const nodes = new Map(rows.map((row) => [row.id, connect(options, row, changed)]))

  const of = (peerId: string): Connected => {
    const found = nodes.get(peerId)
    if (found === undefined) throw new Error(`peer ${peerId} has no connection: a TLS row needs a certificate and a port`)
    return found
  }
  const stateOf = (peerId: string): PeerLinkState => of(peerId).node.links()[0]?.state ?? 'closed'

  return {
    peerIds: rows.map((row) => row.id),
    transportOf: (peerId) => of(peerId).transport,
    node: (peerId) => of(peerId).node,
    stateOf,
    ready(timeoutMs, peerIds = rows.map((row) => row.id)) {
      const missing = (): string[] => peerIds.filter((id) => stateOf(id) !== 'open')
      return new Promise((resolve, reject) => {
        const timer = options.clock.after(timeoutMs, () => end(new Error(`not connected within ${timeoutMs} ms: ${missing().join(', ')}`)))
        const end = (error?: Error): void => {
          timer.cancel()
          watchers.delete(check)
          if (error === undefined) resolve()
          else reject(error)
        }
        const check = (): void => {
          if (missing().length === 0) end()
        }
        watchers.add(check)
        check()
      })
    },
    async close() {
      await Promise.all([...nodes.values()].map(({ node }) => node.close('do-not-want-to-talk')))
    },
  }
}

function canUseTls(options: SocketWorldOptions, row: SimPeerRow): boolean {
  return options.target.tlsPort !== undefined && options.tls?.[row.id] !== undefined
}

interface Connected {
  node: DiameterNode
  transport: Transport
}

function connect(options: SocketWorldOptions, row: SimPeerRow, changed: () => void): Connected {
  const { clock, target: at, neighbour, timers, limits, random, onEvent } = options
  const { serve, dispatch } = createDispatcher()
  const material = options.tls?.[row.id]
  const port = row.transport === 'tls' ? (at.tlsPort ?? at.port) : at.port
  const node = createDiameterNode({
    identity: row.identity,
    realm: row.realm,
    productName: 'Simulated network',
    originStateId: Math.floor(clock.now() / 1000),
    applications,
    clock,
    dictionary: diameter,
    peers: () => [
      {
        id: target,
        identity: neighbour?.identity ?? home.hssHost,
        realm: neighbour?.realm ?? home.realm,
        role: 'node',
        linkClass: row.linkClass,
        transport: row.transport,
        realms: [home.realm],
        connectTo: { host: at.host, port },
        enabled: true,
      },
    ],
    own: { hosts: 'any', realms: 'any' },
    onRequest: (request, _link, respond) => dispatch(request, respond),
    onEvent(event) {
      changed()
      onEvent?.(event, row.id)
    },
    ...(material === undefined ? {} : { tls: material }),
    ...(timers === undefined ? {} : { timers }),
    ...(limits === undefined ? {} : { limits }),
    ...(random === undefined ? {} : { random }),
  })
  return { node, transport: createNodeTransport(node, row.id, target, serve) }
}
