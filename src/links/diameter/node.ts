import { randomInt } from 'node:crypto'
import { limits as allLimits } from '#core/limits.ts'
import type { Message } from '#protocols/diameter/message.ts'
import { admitFirstMessage } from './admission.ts'
import type { Connection } from './connection.ts'
import { isSameIdentity, type NodeContext } from './context.ts'
import { createEventLimiter } from './events.ts'
import { Listener } from './listener.ts'
import { type DisconnectCause, Peer } from './peer.ts'
import { createEndToEndIds } from './pending.ts'
import { routesFor } from './routing.ts'
import type { DiameterNode, DiameterNodeOptions, LinkTimers, PeerRow, RequestResult, RequestTarget } from './types.ts'

const defaultTimers: LinkTimers = { watchdogMs: 30_000, reconnectMinMs: 1_000, reconnectMaxMs: 30_000, disconnectMs: 2_000 }

/**
 * A Diameter endpoint: connects to its peers and is connected to, answers for its own hosts and realms only, relays nothing
 * (RFC 6733). Peers that no row names are refused. Starts connecting at once.
 */
export function createDiameterNode(options: DiameterNodeOptions): DiameterNode {
  const peers = new Map<string, Peer>()
  const byIdentity = new Map<string, Peer>()
  const connections = new Set<Connection>()
  const leaving = new Set<Promise<void>>()
  const context = createContext(options, connections, peers)
  const listener = new Listener(context, (connection, octets) =>
    admitFirstMessage(context, (identity) => byIdentity.get(identity.toLowerCase()), connection, octets),
  )
  let closing: Promise<void> | null = null

  const remove = (peer: Peer, cause: DisconnectCause, because: string): void => {
    peers.delete(peer.peerId)
    if (byIdentity.get(peer.identity.toLowerCase()) === peer) byIdentity.delete(peer.identity.toLowerCase())
    const gone = peer.stop(cause, because).finally(() => leaving.delete(gone))
    leaving.add(gone)
  }

  const refreshPeers = (): void => {
    if (closing !== null) return
    const rows = new Map(options.peers().map((row) => [row.id, row]))
    for (const peer of [...peers.values()]) {
      const row = rows.get(peer.peerId)
      if (row === undefined) remove(peer, 'do-not-want-to-talk', 'row-removed')
      else if (needsNewLink(peer.row, row)) remove(peer, row.enabled ? 'rebooting' : 'do-not-want-to-talk', 'row-changed')
      else peer.update(row)
    }
    for (const row of rows.values()) {
      if (peers.has(row.id)) continue
      if (peers.size >= context.limits.peers || byIdentity.has(row.identity.toLowerCase())) {
        context.emit({ kind: 'overflow', what: 'peers' }, row.id, row.identity)
        continue
      }
      const peer = new Peer(context, row)
      peers.set(row.id, peer)
      byIdentity.set(row.identity.toLowerCase(), peer)
      peer.start()
    }
  }

  const request = async (message: Message, to: RequestTarget, timeoutMs = context.limits.answerTimeoutMs): Promise<RequestResult> => {
    const routes = routesFor(peers.values(), to, message.application)
    const first = routes.find((peer) => peer.writable)
    if (first === undefined) return { ok: false, why: routes.length === 0 ? 'no-route' : 'busy' }
    const identified = message.endToEnd === 0 ? { ...message, endToEnd: context.nextEndToEnd() } : message
    const result = await first.request(identified, timeoutMs)
    if (result.ok || result.why !== 'closed' || closing !== null) return result
    // The connection died under the request: another way to the same place gets it, marked as a retransmission (RFC 6733 §5.5.4).
    const other = routesFor(peers.values(), to, message.application).find((peer) => peer !== first && peer.writable)
    return other === undefined ? result : other.request({ ...identified, retransmitted: true }, timeoutMs)
  }

  const shutDown = async (cause: DisconnectCause): Promise<void> => {
    for (const peer of [...peers.values()]) remove(peer, cause, 'shutdown')
    await Promise.all(leaving)
    const gone = [...connections].map((each) => new Promise<void>((resolve) => each.socket.once('close', () => resolve())))
    for (const connection of connections) connection.socket.destroySoon()
    await Promise.all([listener.close(), ...gone])
  }

  refreshPeers()
  return {
    listen: (at) => listener.listen(at),
    refreshPeers,
    request,
    links: () => [...peers.values()],
    close: (cause = 'rebooting') => {
      closing ??= shutDown(cause)
      return closing
    },
  }
}

/** Whether a changed row means another connection, or only another reading of what comes over this one. */
function needsNewLink(old: PeerRow, row: PeerRow): boolean {
  return (
    old.enabled !== row.enabled ||
    old.role !== row.role ||
    old.transport !== row.transport ||
    !isSameIdentity(old.identity, row.identity) ||
    !isSameIdentity(old.realm, row.realm) ||
    old.connectTo?.host !== row.connectTo?.host ||
    old.connectTo?.port !== row.connectTo?.port
  )
}

function createContext(options: DiameterNodeOptions, connections: Set<Connection>, peers: ReadonlyMap<string, Peer>): NodeContext {
  const random = options.random ?? (() => randomInt(0x1_0000_0000) / 0x1_0000_0000)
  const isOwn = (names: readonly string[] | 'any' | undefined, fallback: string): ((name: string) => boolean) => {
    if (names === 'any') return () => true
    const own = names ?? [fallback]
    return (name) => own.some((each) => isSameIdentity(each, name))
  }
  return {
    options,
    applications: options.applications,
    limits: { ...allLimits.diameter, ...options.limits },
    timers: { ...defaultTimers, ...options.timers },
    random,
    emit: createEventLimiter(options.clock, options.onEvent?.bind(options)),
    local: { originHost: options.identity, originRealm: options.realm },
    nextEndToEnd: createEndToEndIds(options.clock.now(), random),
    isOwnHost: isOwn(options.own?.hosts, options.identity),
    isOwnRealm: isOwn(options.own?.realms, options.realm),
    track(connection) {
      connections.add(connection)
      connection.socket.once('close', () => connections.delete(connection))
    },
    recallElsewhere(peerId, originHost, endToEnd, sessionId, waiter) {
      const asking = peers.get(peerId)
      if (asking?.role !== 'agent') return undefined
      for (const peer of peers.values()) {
        if (peer === asking || peer.role !== 'agent' || peer.linkClass !== asking.linkClass) continue
        const found = peer.channel.inbound.stored.recall(originHost, endToEnd, sessionId, waiter)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}
