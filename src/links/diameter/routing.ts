import { isSameIdentity } from './context.ts'
import type { Peer } from './peer.ts'
import type { RequestTarget } from './types.ts'

/**
 * The open peers that may carry a request, best first (RFC 6733 §6.1.4): the destination host itself where it is a peer;
 * else those that `via` names; else agents, and without a destination host also nodes, of the realm. Peers that a watchdog
 * is not sure of come last, suspects not at all.
 */
export function routesFor(peers: Iterable<Peer>, to: RequestTarget, application: number): Peer[] {
  const open = [...peers].filter((peer) => peer.isOpen && peer.channel.watchdog.state !== 'suspect' && peer.channel.supports(application))
  if ('peerId' in to) return open.filter((peer) => peer.peerId === to.peerId)
  const { host, realm, via } = to
  const direct = host === undefined ? [] : open.filter((peer) => isSameIdentity(peer.identity, host))
  if (direct.length > 0) return direct
  const carriers = via !== undefined ? open.filter((peer) => via.includes(peer.peerId)) : open.filter((peer) => serves(peer, realm, host))
  return carriers.sort((a, b) => rank(a) - rank(b))
}

function serves(peer: Peer, realm: string, host: string | undefined): boolean {
  if (peer.role === 'node' && host !== undefined) return false
  return isSameIdentity(peer.realm, realm) || peer.row.realms.some((each) => isSameIdentity(each, realm))
}

/** Fewer requests under way first; all of a peer in good standing before one whose connection is being proven again. */
function rank(peer: Peer): number {
  return peer.outstanding + (peer.channel.watchdog.state === 'reopen' ? 1e9 : 0)
}
