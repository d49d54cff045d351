import type { Plmn } from '#core/bcd.ts'

/** Formats that a partner is known to get wrong; each use is counted and shown. */
export const partnerWaivers = ['host-format', 'realm-format', 'session-id-format', 'm-bits'] as const
export type PartnerWaiver = (typeof partnerWaivers)[number]

/** A roaming partner, from IR.21-like data. Partner - PLMN - realm is many-to-many. */
export interface Partner {
  id: string
  name: string
  plmns: readonly Plmn[]
  realms: readonly string[]
  /** Known serving nodes; empty: any host under a realm. Compared case-insensitively. */
  hosts: readonly string[]
  addresses: readonly string[]
  /** Where the network is: [latitude, longitude, radius in km]. */
  location: readonly [number, number, number] | null
  /** Peer ids (relays, hubs) that may carry this partner's traffic. */
  via: readonly string[]
  /** The partner hides its nodes: compare by realm, send no CLR on a mere name change. */
  topologyHiding: boolean
  /** Messages per second that we may send to it. */
  agreedRate: number
  validFrom: number
  validUntil: number | null
  /** Where the data came from, and when it was last confirmed. */
  source: string
  confirmedAt: number
  waivers: readonly PartnerWaiver[]
  /** Messages of equivalent PLMNs count as this partner's. */
  equivalentPlmns: readonly Plmn[]
  /** E.164 ranges of its nodes (IR.21 global titles), digits; an MME number for MT SMS must lie in one. */
  nodeNumbers?: readonly string[]
  /** How its MMEs choose what to give up under an overload report (RFC 7683); absent: at random. */
  abatement?: 'random' | 'low-priority-first'
}

/** A Diameter neighbour. What it may claim is this row, not what it says. */
export interface PeerRow {
  id: string
  /** Its Origin-Host: the Diameter identity in CER, and the certificate name where TLS is used. */
  identity: string
  realm: string
  role: 'node' | 'agent'
  linkClass: 'own' | 'national' | 'ipx'
  transport: 'tcp' | 'tls'
  /** Realms it may speak for. A partner that lists the peer in `via` adds its own. */
  realms: readonly string[]
  /** Where we connect to; null: it connects to us. */
  connectTo: { host: string; port: number } | null
  enabled: boolean
}
