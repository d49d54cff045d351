import type { Plmn } from '#core/bcd.ts'

/**
 * What a peer asks for, whatever the protocol. `proven` is what the link shows by itself (a peer row, a certificate);
 * `claimed` is what the message says. Rules compare the two.
 */
export interface Signal {
  /** Wall time, ms. */
  at: number
  interface: 'S6a' | 'S6d' | 'S13' | 'Gx'
  /** The operation as its specification abbreviates it: AIR, ULR, CLR, ... */
  operation: string
  proven: {
    peerId: string
    peerIdentity: string
    role: 'node' | 'agent'
    linkClass: 'own' | 'national' | 'ipx'
    /** Realms that the peer row, or the partners that route through it, allow. Lower case. */
    realms: readonly string[]
    /** The partners that this peer may speak for. */
    partnerIds: readonly string[]
    tls: boolean
  }
  claimed: {
    /** Lower case. */
    originHost: string
    originRealm: string
    destinationHost?: string
    destinationRealm?: string
    visitedPlmn?: Plmn
    sessionId?: string
    routeRecord: readonly string[]
  }
  imsi?: string
  /** 14 digits. */
  imei?: string
  retransmitted: boolean
  /** Message-specific facts by name: `requestedVectors`, `amfSeparation`, `initialAttach`, `ratType`, `userIdPrefix`, ... */
  facts: Readonly<Record<string, string | number | boolean>>
}
