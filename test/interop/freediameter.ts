import type { TestContext } from 'node:test'
import { systemClock } from '#core/clock.ts'
import type { LinkEvent, LinkEventKind } from '#links/diameter/events.ts'
import { createDiameterNode } from '#links/diameter/node.ts'
import type { DiameterNode, DiameterNodeOptions, PeerRow } from '#links/diameter/types.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { type Authority, createAuthority } from '#sim/authority.ts'
import { hasFreeDiameter, type Relay, type RelayPeer, startRelay } from '#sim/freediameter.ts'

/** A relay between our nodes, closed after the test whatever its outcome: nodes first, so that the relay need not wait. */
export interface RelayBench {
  readonly authority: Authority
  relay(peers: readonly RelayPeer[], watchdogS?: number): Promise<Relay>
  node(identity: string, realm: string, peers: PeerRow[], more?: Partial<DiameterNodeOptions>): BenchNode
}

export interface BenchNode {
  node: DiameterNode
  events: LinkEvent[]
  until(kind: LinkEventKind['kind']): Promise<LinkEvent>
}

/** The name by which a test without the daemon is skipped; false where it is there. */
export const withoutFreeDiameter: string | false = hasFreeDiameter() ? false : 'freeDiameterd is not installed'

export const relayIdentity = 'dra.ipx.example'
export const relayRealm = 'ipx.example'

export function relayBench(t: TestContext): RelayBench {
  const authority = createAuthority('Interop test', Date.now())
  const nodes: DiameterNode[] = []
  const relays: Relay[] = []
  t.after(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await Promise.all(relays.map((relay) => relay.stop()))
  })
  return {
    authority,
    async relay(peers, watchdogS = 30) {
      const credentials = authority.issue({ commonName: relayIdentity, dnsNames: [relayIdentity] })
      const relay = await startRelay({ identity: relayIdentity, realm: relayRealm, credentials, peers, watchdogS, clock: systemClock })
      relays.push(relay)
      return relay
    },
    node(identity, realm, peers, more = {}) {
      const events: LinkEvent[] = []
      const waiting: { kind: string; resolve: (event: LinkEvent) => void }[] = []
      const node = createDiameterNode({
        identity,
        realm,
        productName: 'Simward',
        originStateId: 1,
        applications: [{ vendor: 10415, id: 16_777_251 }],
        clock: systemClock,
        dictionary: diameter,
        peers: () => peers,
        tls: authority.issue({ commonName: identity, dnsNames: [identity] }),
        onRequest: (_request, _link, respond) => respond(null),
        ...more,
        onEvent(event) {
          events.push(event)
          for (const each of waiting.filter((one) => one.kind === event.kind)) each.resolve(event)
        },
      })
      nodes.push(node)
      const until = (kind: string): Promise<LinkEvent> => {
        const seen = events.find((event) => event.kind === kind)
        return seen === undefined ? new Promise((resolve) => waiting.push({ kind, resolve })) : Promise.resolve(seen)
      }
      return { node, events, until }
    },
  }
}

/** The relay as a peer of one of our nodes. */
export function relayRow(realms: readonly string[], more: Partial<PeerRow> = {}): PeerRow {
  return {
    id: 'dra',
    identity: relayIdentity,
    realm: relayRealm,
    role: 'agent',
    linkClass: 'ipx',
    transport: 'tcp',
    realms,
    connectTo: null,
    enabled: true,
    ...more,
  }
}
