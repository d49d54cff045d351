import { domainToASCII } from 'node:url'
import { isPlmn } from '#core/bcd.ts'
import { limits } from '#core/limits.ts'
import { type Cidr, cidrKind, cidrText, overlaps, parseCidr } from './cidr.ts'
import { fdnRecordSizes, fdnRecords, isFdnNumber } from './fdn.ts'
import type { AllowedAddress, AllowedDomain, ApnEntry, ProfileBody } from './profile.ts'

/** What is wrong with a profile (`refused`), or what a person should know of it (`flagged`). */
export interface ProfileFault {
  code: ProfileFaultCode
  /** Where: `allowedAddresses/3`. */
  at: string
  value: string
  refused: boolean
}

/** Whether each stops the profile, or is only said. */
const faultCodes = {
  'apn-name': true,
  'apn-twice': true,
  'apn-unknown': true,
  'qci-not-allowed': true,
  'arp-not-allowed': true,
  'arp-reserved': true,
  'rate-invalid': true,
  'tau-invalid': true,
  'too-many': true,
  'address-invalid': true,
  'address-everything': true,
  'address-too-wide': true,
  'address-unreachable': true,
  'address-overlap': true,
  'address-private': false,
  'ports-invalid': true,
  'domain-invalid': true,
  'domain-too-wide': true,
  'domain-twice': true,
  'domain-international': false,
  'number-invalid': true,
  'number-twice': true,
  'number-for-nothing': true,
  'number-name-cut': false,
  'partners-none': true,
  'plmn-invalid': true,
  'local-breakout-list': false,
} as const satisfies Record<string, boolean>
export type ProfileFaultCode = keyof typeof faultCodes
export const profileFaultCodes = Object.keys(faultCodes) as readonly ProfileFaultCode[]

/** Default bearers have no guaranteed rate (TS 23.203 Table 6.1.7): these do not; 5 is for IMS signalling, 69 for missions. */
const allowedQcis: ReadonlySet<number> = new Set([5, 6, 7, 8, 9, 70, 79, 80])
/** TS 23.203 §6.1.7.3: 1 to 8 are for what the operator itself gives priority. */
const firstOrdinaryArp = 9
const mostKbps = 10_000_000
/** 31 units of 320 hours: the most that T3412 extended can say (TS 24.008 §10.5.7.4a). */
const mostTauSeconds = 35_712_000
const leastTauSeconds = 60

/** All lists sorted and spelled in one way: two profiles that allow the same are equal. */
export function normalisedProfile(body: ProfileBody): ProfileBody {
  return {
    ...body,
    apns: body.apns.map((apn) => ({ ...apn, name: apn.name.trim().toLowerCase() })) as unknown as ProfileBody['apns'],
    allowedAddresses: body.allowedAddresses.map((entry) => {
      const cidr = parseCidr(entry.cidr.trim())
      return { ...entry, cidr: cidr === null ? entry.cidr.trim() : cidrText(cidr) }
    }),
    allowedDomains: body.allowedDomains.map((entry) => ({ ...entry, name: asciiDomain(entry.name) ?? entry.name.trim() })),
    fixedNumbers: body.fixedNumbers.map((entry) => ({ ...entry, number: entry.number.replaceAll(/[\s().-]/g, '') })),
  }
}

/**
 * Everything that is wrong or worth knowing, of a normalised body. `mayPrioritise`: the operator's own people, who may give
 * out reserved priorities; `before`: the body in force, whose priorities stay as they are.
 */
export function profileFaults(body: ProfileBody, by: { mayPrioritise: boolean; before?: ProfileBody | null }): ProfileFault[] {
  const faults: ProfileFault[] = []
  const say: Say = (code, at, value) => faults.push({ code, at, value: String(value).slice(0, 128), refused: faultCodes[code] })
  checkApns(body, by, say)
  checkRates(body, '', say)
  if (body.periodicTauSeconds !== 0 && !isWithin(body.periodicTauSeconds, leastTauSeconds, mostTauSeconds))
    say('tau-invalid', 'periodicTauSeconds', body.periodicTauSeconds)
  checkRoaming(body, say)
  checkAddresses(body, say)
  checkDomains(body, say)
  checkNumbers(body, say)
  const isListed = body.allowedAddresses.length + body.allowedDomains.length > 0
  for (const [i, apn] of body.apns.entries()) if (isListed && apn.localBreakout) say('local-breakout-list', `apns/${i}`, apn.name)
  return faults
}

type Say = (code: ProfileFaultCode, at: string, value: string | number) => void

function checkApns(
  { apns }: ProfileBody,
  { mayPrioritise, before }: { mayPrioritise: boolean; before?: ProfileBody | null },
  say: Say,
): void {
  if (apns.length > limits.profiles.apns) say('too-many', 'apns', apns.length)
  const seen = new Set<string>()
  for (const [i, apn] of (apns as readonly ApnEntry[]).entries()) {
    const at = `apns/${i}`
    if (!isApnName(apn.name)) say('apn-name', at, apn.name)
    if (seen.has(apn.name)) say('apn-twice', at, apn.name)
    seen.add(apn.name)
    const old = before?.apns.find(({ name }) => name === apn.name)
    if (!allowedQcis.has(apn.qci) && !(mayPrioritise && apn.qci === 69)) say('qci-not-allowed', at, apn.qci)
    if (!isWithin(apn.arpPriority, 1, 15)) say('arp-not-allowed', at, apn.arpPriority)
    else if (apn.arpPriority < firstOrdinaryArp && !mayPrioritise && old?.arpPriority !== apn.arpPriority)
      say('arp-reserved', at, apn.arpPriority)
    checkRates(apn, `${at}/`, say)
  }
}

/** Labels as in DNS, 100 octets with their lengths, and not what the specification keeps for itself (TS 23.003 §9.1). */
function isApnName(name: string): boolean {
  if (name.length > 62 || !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name)) return false
  return !/^(?:rac|lac|sgsn|rnc)/.test(name) && !name.endsWith('.gprs')
}

function checkRates({ maxUplinkKbps, maxDownlinkKbps }: Pick<ApnEntry, 'maxUplinkKbps' | 'maxDownlinkKbps'>, at: string, say: Say): void {
  for (const [name, value] of Object.entries({ maxUplinkKbps, maxDownlinkKbps }))
    if (!isWithin(value, 1, mostKbps)) say('rate-invalid', `${at}${name}`, value)
}

function checkRoaming({ roamingArea, equivalentPlmns }: ProfileBody, say: Say): void {
  if (roamingArea.kind === 'partners') {
    if (roamingArea.partnerIds.length === 0) say('partners-none', 'roamingArea', '')
    if (roamingArea.partnerIds.length > limits.profiles.partners) say('too-many', 'roamingArea', roamingArea.partnerIds.length)
  }
  for (const plmn of equivalentPlmns) if (!isPlmn(plmn)) say('plmn-invalid', 'equivalentPlmns', plmn)
}

function checkAddresses({ allowedAddresses, apns }: ProfileBody, say: Say): void {
  if (allowedAddresses.length > limits.profiles.addresses) {
    say('too-many', 'allowedAddresses', allowedAddresses.length)
    return
  }
  const seen: { entry: AllowedAddress; cidr: Cidr }[] = []
  for (const [i, entry] of allowedAddresses.entries()) {
    const at = `allowedAddresses/${i}`
    checkApnOf(entry.apn, apns, at, say)
    checkPorts(entry, at, say)
    const cidr = parseCidr(entry.cidr)
    if (cidr === null) {
      say('address-invalid', at, entry.cidr)
      continue
    }
    const kind = cidrKind(cidr)
    if (kind !== 'public') say(`address-${kind}`, at, entry.cidr)
    const other = seen.find((one) => isSameTraffic(one.entry, entry) && overlaps(one.cidr, cidr))
    if (other !== undefined) say('address-overlap', at, `${entry.cidr} ${other.entry.cidr}`)
    seen.push({ entry, cidr })
  }
}

/** Two entries say something of the same packets, as far as APN and protocol go. */
function isSameTraffic(a: AllowedAddress, b: AllowedAddress): boolean {
  const meets = <T>(x: T, y: T, all: T): boolean => x === y || x === all || y === all
  if (!meets(a.apn, b.apn, null) || !meets<string>(a.protocol, b.protocol, 'any')) return false
  if (a.ports.length === 0 || b.ports.length === 0) return true
  return a.ports.some((x) => b.ports.some((y) => x.from <= y.to && y.from <= x.to))
}

function checkPorts({ protocol, ports }: AllowedAddress, at: string, say: Say): void {
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  const isWrong = ports.some(({ from, to }) => !isWithin(from, 1, 65_535) || !isWithin(to, from, 65_535))
  if (isWrong || ports.length > limits.profiles.portRanges || (ports.length > 0 && !hasPorts))
    say('ports-invalid', at, `${protocol} ${ports.map(({ from, to }) => `${from}-${to}`).join(',')}`)
}

function checkApnOf(apn: string | null, apns: ProfileBody['apns'], at: string, say: Say): void {
  if (apn !== null && !apns.some(({ name }) => name === apn)) say('apn-unknown', at, apn)
}

function checkDomains({ allowedDomains, apns }: ProfileBody, say: Say): void {
  if (allowedDomains.length > limits.profiles.domains) {
    say('too-many', 'allowedDomains', allowedDomains.length)
    return
  }
  const seen = new Set<string>()
  for (const [i, { name, apn }] of allowedDomains.entries()) {
    const at = `allowedDomains/${i}`
    checkApnOf(apn, apns, at, say)
    const key = `${name} ${apn}`
    if (asciiDomain(name) === null) say('domain-invalid', at, name)
    else if (!name.replace(/^\*\./, '').includes('.')) say('domain-too-wide', at, name)
    else if (seen.has(key)) say('domain-twice', at, name)
    else if (/(?:^|\.)xn--/.test(name)) say('domain-international', at, name)
    seen.add(key)
  }
}

/** The ASCII form of a host name or `*.` and one (RFC 5890 §2.3.2.1); null where it is none. */
export function asciiDomain(text: string): AllowedDomain['name'] | null {
  const trimmed = text.trim().replace(/\.$/, '')
  const isWild = trimmed.startsWith('*.')
  const rest = isWild ? trimmed.slice(2) : trimmed
  // What is an address is none, and neither is what the URL parser would read as one (0x7f.1).
  if (rest === '' || rest.length > 253 || /[\s/:@?#[\]%\\]/.test(rest)) return null
  const ascii = domainToASCII(rest)
  const isName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/.test(ascii)
  if (!isName || ascii.length > 253 || /(?:^|\.)\d+$/.test(ascii)) return null
  return isWild ? `*.${ascii}` : ascii
}

function checkNumbers({ fixedNumbers }: ProfileBody, say: Say): void {
  if (fixedNumbers.length > limits.profiles.fixedNumbers) {
    say('too-many', 'fixedNumbers', fixedNumbers.length)
    return
  }
  const seen = new Set<string>()
  for (const [i, { name, number, forVoice, forSms }] of fixedNumbers.entries()) {
    const at = `fixedNumbers/${i}`
    if (!isFdnNumber(number)) say('number-invalid', at, number)
    else if (seen.has(number)) say('number-twice', at, number)
    else if (!forVoice && !forSms) say('number-for-nothing', at, number)
    else if (fdnRecords([{ name, number }], fdnRecordSizes.usual)[0]?.isNameCut === true) say('number-name-cut', at, name)
    seen.add(number)
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
