import type { Plmn } from '#core/bcd.ts'

export interface ApnEntry {
  name: string
  pdn: 'IPv4' | 'IPv6' | 'IPv4v6' | 'Non-IP'
  qci: number
  arpPriority: number
  /** True allows the visited network to break out locally; gateway controls then read "not applicable here". */
  localBreakout: boolean
  maxUplinkKbps: number
  maxDownlinkKbps: number
}

/** The least privilege that a provider's service needs (CLP.14 §5.1). Compiled, never hand-written twice. */
export interface ServiceProfile {
  id: string
  providerId: string
  name: string
  version: number
  apns: readonly [ApnEntry, ...ApnEntry[]]
  voice: boolean
  /** Subscriber SMS. */
  sms: boolean
  /** MT SMS from our own OTA centre; off loses steering lists and FPLMN repair. */
  otaSms: boolean
  roamingArea: { kind: 'anywhere' } | { kind: 'partners'; partnerIds: readonly string[] } | { kind: 'home-only' }
  imeiLock: boolean
  /** Subscribed-Periodic-RAU-TAU-Timer in seconds; 0: not sent. */
  periodicTauSeconds: number
  maxUplinkKbps: number
  maxDownlinkKbps: number
  /** Further PLMNs where the subscription counts as at home (equivalent, sponsor). */
  equivalentPlmns: readonly Plmn[]
}
