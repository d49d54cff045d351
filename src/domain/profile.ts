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

export const allowedProtocols = ['any', 'tcp', 'udp', 'icmp'] as const

/** Remote addresses that devices may reach. `apn` null: over every APN of the profile. */
export interface AllowedAddress {
  /** Canonical: `192.0.2.0/24`, `2001:db8::/48`. */
  cidr: string
  protocol: (typeof allowedProtocols)[number]
  /** Empty: all ports. Only TCP and UDP have any. */
  ports: readonly { from: number; to: number }[]
  apn: string | null
}

/** A name that devices may reach, and what lies under it where it begins with `*.`; in its ASCII form. */
export interface AllowedDomain {
  name: string
  apn: string | null
}

/** One number of the fixed dialling list. */
export interface FixedNumber {
  name: string
  /** `+999...`, or a short code of the home network; digits, * and #. */
  number: string
  forVoice: boolean
  forSms: boolean
}

/** Where on the radio side a device may be served: what S6a can say of it (TS 29.272 §7.3.31). */
export const radios = ['any', 'lte', 'lte-m', 'nb-iot', 'lpwa'] as const
export type Radio = (typeof radios)[number]

export const cardUses = ['iot', 'handset'] as const

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
  /** USSD; it needs the circuit domain, as voice does. */
  ussd: boolean
  roamingArea: { kind: 'anywhere' } | { kind: 'partners'; partnerIds: readonly string[] } | { kind: 'home-only' }
  radio: Radio
  imeiLock: boolean
  /** What its cards are for (CLP.14 §5.1); the two are kept apart. */
  cardUse: (typeof cardUses)[number]
  /** What devices may reach; both lists empty: everything. */
  allowedAddresses: readonly AllowedAddress[]
  allowedDomains: readonly AllowedDomain[]
  /** Numbers that devices may call or write to; empty: no list. */
  fixedNumbers: readonly FixedNumber[]
  /** Subscribed-Periodic-RAU-TAU-Timer in seconds; 0: not sent. */
  periodicTauSeconds: number
  maxUplinkKbps: number
  maxDownlinkKbps: number
  /** Further PLMNs where the subscription counts as at home (equivalent, sponsor). */
  equivalentPlmns: readonly Plmn[]
}

/** What of a profile a version holds; the rest names it. */
export type ProfileBody = Omit<ServiceProfile, 'id' | 'providerId' | 'name' | 'version'>

/** The members that came after the first profiles were written: a stored body without them reads as it was meant then. */
const later = {
  ussd: false,
  radio: 'any',
  cardUse: 'iot',
  allowedAddresses: [],
  allowedDomains: [],
  fixedNumbers: [],
} as const satisfies Partial<ProfileBody>

export type StoredProfileBody = Omit<ProfileBody, keyof typeof later> & Partial<ProfileBody>

/** A body as the store has it, of whatever age, and nothing else that may stand beside it there. */
export function readProfileBody(stored: StoredProfileBody): ProfileBody {
  return {
    apns: stored.apns,
    voice: stored.voice,
    sms: stored.sms,
    otaSms: stored.otaSms,
    ussd: stored.ussd ?? later.ussd,
    roamingArea: stored.roamingArea,
    radio: stored.radio ?? later.radio,
    imeiLock: stored.imeiLock,
    cardUse: stored.cardUse ?? later.cardUse,
    allowedAddresses: stored.allowedAddresses ?? later.allowedAddresses,
    allowedDomains: stored.allowedDomains ?? later.allowedDomains,
    fixedNumbers: stored.fixedNumbers ?? later.fixedNumbers,
    periodicTauSeconds: stored.periodicTauSeconds,
    maxUplinkKbps: stored.maxUplinkKbps,
    maxDownlinkKbps: stored.maxDownlinkKbps,
    equivalentPlmns: stored.equivalentPlmns,
  }
}
