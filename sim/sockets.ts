import type { Clock } from '#core/clock.ts'
import type { LinkEvent } from '#links/diameter/events.ts'
import { createDiameterNode } from '#links/diameter/node.ts'
import type { DiameterNode, LinkLimits, LinkTimers, PeerLinkState, TlsMaterial } from '#links/diameter/types.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { createDispatcher, createNodeTransport, type Transport } from './transport.ts'
import { connectedPeers, home, networkRows, peerOfMme, peerRow, type SimPeerRow } from './world.ts'

/**
 * The peers of the simulated world on real sockets: one Diameter node per peer row, each connecting to the operator. An
 * agent that is a program of somebody else has no node here; the MMEs behind it connect to it, each under its own name.
 */

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
  /** A real agent that is connected to the operator already, in place of the simulated one of this row. */
  relay?: { peerId: string; host: string; port: number }
  timers?: Partial<LinkTimers>
  limits?: Partial<LinkLimits>
  random?: () => number
  onEvent?(event: LinkEvent, peerId: string): void
}

export interface SocketWorld {
  /** The peers that have a node, in the order of their rows. */
  readonly peerIds: readonly string[]
  /** `host` is the MME that asks, where several share a peer row. */
  transportOf(peerId: string, host?: string): Transport
  /** The (first) node of a peer row. */
  node(peerId: string): DiameterNode
  /** Open where every node of the row is. */
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
  const { relay } = options
  const rows = (options.peers ?? connectedPeers).filter((row) => row.transport === 'tcp' || canUseTls(options, row))
  const nodes = new Map(
    rows.map((row) => [row.id, row.id === relay?.peerId ? connectBehind(options, relay, changed) : [connectRow(options, row, changed)]]),
  )

  const of = (peerId: string): readonly Connected[] => {
    const found = nodes.get(peerId)
    if (found === undefined) throw new Error(`peer ${peerId} has no connection: a TLS row needs a certificate and a port`)
    return found
  }
  const one = (peerId: string, host?: string): Connected => {
    const found = of(peerId)
    const chosen = found.find((each) => each.identity === host) ?? found[0]
    if (chosen === undefined) throw new Error(`nobody is behind ${peerId}`)
    return chosen
  }
  const stateOf = (peerId: string): PeerLinkState => {
    const states = of(peerId).map(({ node }) => node.links()[0]?.state ?? 'closed')
    return states.find((state) => state !== 'open') ?? 'open'
  }

  return {
    peerIds: rows.map((row) => row.id),
    transportOf: (peerId, host) => one(peerId, host).transport,
    node: (peerId) => one(peerId).node,
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
      await Promise.all([...nodes.values()].flat().map(({ node }) => node.close('do-not-want-to-talk')))
    },
  }
}

function canUseTls(options: SocketWorldOptions, row: SimPeerRow): boolean {
  return options.target.tlsPort !== undefined && options.tls?.[row.id] !== undefined
}

interface Connected {
  identity: string
  node: DiameterNode
  transport: Transport
}

/** Who connects, to whom. */
interface Connection {
  peerId: string
  identity: string
  realm: string
  linkClass: SimPeerRow['linkClass']
  transport: SimPeerRow['transport']
  to: { identity: string; realm: string; role: 'node' | 'agent'; host: string; port: number }
}

function connectRow(options: SocketWorldOptions, row: SimPeerRow, changed: () => void): Connected {
  const { target: at, neighbour } = options
  const { identity, realm, linkClass, transport } = row
  const to = {
    identity: neighbour?.identity ?? home.hssHost,
    realm: neighbour?.realm ?? home.realm,
    // A relay brings answers of another host than itself.
    role: neighbour === undefined ? ('node' as const) : ('agent' as const),
    host: at.host,
    port: transport === 'tls' ? (at.tlsPort ?? at.port) : at.port,
  }
  return connect(options, { peerId: row.id, identity, realm, linkClass, transport, to }, createDispatcher(), changed)
}

/** The MMEs behind an agent share what is served: under hidden names it finds any of them by the realm. */
function connectBehind(
  options: SocketWorldOptions,
  relay: NonNullable<SocketWorldOptions['relay']>,
  changed: () => void,
): readonly Connected[] {
  const { identity, realm, linkClass } = peerRow(relay.peerId)
  const to = { identity, realm, role: 'agent' as const, host: relay.host, port: relay.port }
  const dispatcher = createDispatcher()
  return networkRows.flatMap((network) =>
    network.mmes
      .filter(({ host }) => peerOfMme(network, host).id === relay.peerId)
      .map(({ host }) => {
        const own = { peerId: relay.peerId, identity: host, realm: network.realm, linkClass, transport: 'tcp' as const, to }
        return connect(options, own, dispatcher, changed)
      }),
  )
}

function connect(
  options: SocketWorldOptions,
  own: Connection,
  { serve, dispatch }: ReturnType<typeof createDispatcher>,
  changed: () => void,
): Connected {
  const { clock, timers, limits, random, onEvent } = options
  const { peerId, identity, realm, linkClass, transport, to } = own
  const material = transport === 'tls' ? options.tls?.[peerId] : undefined
  const node = createDiameterNode({
    identity,
    realm,
    productName: 'Simulated network',
    originStateId: Math.floor(clock.now() / 1000),
    applications,
    clock,
    dictionary: diameter,
    peers: () => [
      {
        id: target,
        identity: to.identity,
        realm: to.realm,
        role: to.role,
        linkClass,
        transport,
        realms: [home.realm],
        connectTo: { host: to.host, port: to.port },
        enabled: true,
      },
    ],
    own: { hosts: 'any', realms: 'any' },
    onRequest: (request, _link, respond) => dispatch(request, respond),
    onEvent(event) {
      changed()
      onEvent?.(event, peerId)
    },
    ...(material === undefined ? {} : { tls: material }),
    ...(timers === undefined ? {} : { timers }),
    ...(limits === undefined ? {} : { limits }),
    ...(random === undefined ? {} : { random }),
  })
  const recordsRoute = to.role === 'agent'
  return { identity, node, transport: createNodeTransport(node, { peerId, target, recordsRoute }, serve) }
}
