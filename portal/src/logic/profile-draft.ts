import type { AllowedAddress, FixedNumber, ProfileBody } from '../api/types.ts'

/** What a form holds: text as typed, until it is sent. Lists are one entry a line, in a grammar that a person can type. */
export interface ProfileDraft {
  apns: ApnDraft[]
  voice: boolean
  sms: boolean
  otaSms: boolean
  ussd: boolean
  roaming: ProfileBody['roamingArea']['kind']
  partnerIds: string[]
  radio: ProfileBody['radio']
  imeiLock: boolean
  cardUse: ProfileBody['cardUse']
  addresses: string
  domains: string
  numbers: string
  periodicTauSeconds: string
  maxUplinkKbps: string
  maxDownlinkKbps: string
}

export interface ApnDraft {
  /** For lists on the page only. */
  key: number
  name: string
  pdn: ProfileBody['apns'][number]['pdn']
  qci: string
  arpPriority: string
  localBreakout: boolean
  maxUplinkKbps: string
  maxDownlinkKbps: string
}

export function draftOfProfile(body: ProfileBody): ProfileDraft {
  const { roamingArea } = body
  return {
    apns: body.apns.map((apn, key) => ({
      key,
      name: apn.name,
      pdn: apn.pdn,
      qci: String(apn.qci),
      arpPriority: String(apn.arpPriority),
      localBreakout: apn.localBreakout,
      maxUplinkKbps: String(apn.maxUplinkKbps),
      maxDownlinkKbps: String(apn.maxDownlinkKbps),
    })),
    voice: body.voice,
    sms: body.sms,
    otaSms: body.otaSms,
    ussd: body.ussd,
    roaming: roamingArea.kind,
    partnerIds: roamingArea.kind === 'partners' ? [...roamingArea.partnerIds] : [],
    radio: body.radio,
    imeiLock: body.imeiLock,
    cardUse: body.cardUse,
    addresses: body.allowedAddresses.map(addressLine).join('\n'),
    domains: body.allowedDomains.map(domainLine).join('\n'),
    numbers: body.fixedNumbers.map(numberLine).join('\n'),
    periodicTauSeconds: String(body.periodicTauSeconds),
    maxUplinkKbps: String(body.maxUplinkKbps),
    maxDownlinkKbps: String(body.maxDownlinkKbps),
  }
}

/** What is sent. What the form does not show stays as it was; the server says what is wrong with it. */
export function profileBodyOf(draft: ProfileDraft, before: ProfileBody): ProfileBody {
  return {
    ...before,
    apns: draft.apns.map((apn) => ({
      name: apn.name,
      pdn: apn.pdn,
      qci: whole(apn.qci),
      arpPriority: whole(apn.arpPriority),
      localBreakout: apn.localBreakout,
      maxUplinkKbps: whole(apn.maxUplinkKbps),
      maxDownlinkKbps: whole(apn.maxDownlinkKbps),
    })),
    voice: draft.voice,
    sms: draft.sms,
    otaSms: draft.otaSms,
    ussd: draft.ussd,
    roamingArea: draft.roaming === 'partners' ? { kind: 'partners', partnerIds: draft.partnerIds } : { kind: draft.roaming },
    radio: draft.radio,
    imeiLock: draft.imeiLock,
    cardUse: draft.cardUse,
    allowedAddresses: linesOf(draft.addresses).map(parseAddress),
    allowedDomains: linesOf(draft.domains).map((line) => {
      const { text, apn } = withoutApn(line)
      return { name: text, apn }
    }),
    fixedNumbers: linesOf(draft.numbers).map(parseNumber),
    periodicTauSeconds: whole(draft.periodicTauSeconds),
    maxUplinkKbps: whole(draft.maxUplinkKbps),
    maxDownlinkKbps: whole(draft.maxDownlinkKbps),
  }
}

/** 0 where it is no number: the server then says what is wrong, in its own words. */
function whole(text: string): number {
  return /^\d{1,12}$/.test(text.trim()) ? Number(text) : 0
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** `192.0.2.0/24 tcp 443,8883-8884 (meter.example)`. */
export function addressLine({ cidr, protocol, ports, apn }: AllowedAddress): string {
  const range = ports.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',')
  return [cidr, protocol === 'any' ? '' : protocol, range, apn === null ? '' : `(${apn})`].filter((part) => part !== '').join(' ')
}

function domainLine({ name, apn }: ProfileBody['allowedDomains'][number]): string {
  return apn === null ? name : `${name} (${apn})`
}

const protocols: readonly string[] = ['tcp', 'udp', 'icmp']

/** What cannot be read stays in the address, where the server finds it. */
export function parseAddress(line: string): AllowedAddress {
  const { text, apn } = withoutApn(line)
  const [cidr = '', ...rest] = text.split(/\s+/)
  const protocol = rest.find((word) => protocols.includes(word.toLowerCase()))?.toLowerCase()
  const range = rest.find((word) => /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(word))
  const isRead = rest.every((word) => word === range || word.toLowerCase() === protocol)
  const ports = (range?.split(',') ?? []).map((part) => {
    const [from = '0', to = from] = part.split('-')
    return { from: Number(from), to: Number(to) }
  })
  return { cidr: isRead ? cidr : text, protocol: (protocol ?? 'any') as AllowedAddress['protocol'], ports, apn }
}

function withoutApn(line: string): { text: string; apn: string | null } {
  const match = /^(.*\S)\s*\(([^()]*)\)$/.exec(line)
  return match === null ? { text: line, apn: null } : { text: match[1] ?? '', apn: (match[2] ?? '').trim().toLowerCase() }
}

/** `+999700123 Control centre`, for both; or with `voice` or `sms` at the end. */
export function parseNumber(line: string): FixedNumber {
  const match = /^(\S+)(?:\s+(.*?))??(?:\s+(voice|sms))?$/i.exec(line)
  const only = match?.[3]?.toLowerCase()
  return { number: match?.[1] ?? line, name: match?.[2] ?? '', forVoice: only !== 'sms', forSms: only !== 'voice' }
}

function numberLine({ number, name, forVoice, forSms }: FixedNumber): string {
  return [number, name, forVoice && forSms ? '' : forVoice ? 'voice' : 'sms'].filter((part) => part !== '').join(' ')
}

/** What two bodies do not share, for the button that would send nothing new. */
export function isSameProfile(a: ProfileBody, b: ProfileBody): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
