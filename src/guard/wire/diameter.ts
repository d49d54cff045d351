import { fromTbcd, plmnFromBytes } from '#core/bcd.ts'
import { limits } from '#core/limits.ts'
import { firstCharacters } from '#core/text.ts'
import type { PartnerIndex } from '#domain/partner-index.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'
import type { OverloadReport } from '../overload-reports.ts'
import type { Signal } from '../signal.ts'
import type { Reason } from '../verdict.ts'

/** What is read of a decoded message; any message of the codec has this shape. */
export interface DiameterRequest {
  readonly command: string
  readonly application: number
  readonly code: number
  readonly retransmitted: boolean
  readonly avps: object
  readonly others?: readonly { code: number; vendor: number; flags: number; data: Uint8Array }[]
  /** What a waiver let pass in decoding. */
  readonly waived?: readonly string[]
}

/** What is read of the connection over which it came. */
export interface DiameterLink {
  readonly peerId: string
  readonly identity: string
  readonly tls: boolean
}

/** S6a and S6d (TS 29.272 §7.1.8), S13 (§7.1.9), Gx (TS 29.212 §5.1). */
const interfaceOf: Readonly<Record<number, Signal['interface']>> = { 16777251: 'S6a', 16777252: 'S13', 16777238: 'Gx' }

/** Bits of ULR-Flags (TS 29.272 §7.3.7). */
const ulrFlags = { s6aIndicator: 1 << 1, skipSubscriberData: 1 << 2, nodeType: 1 << 4, initialAttach: 1 << 5 } as const

const TGPP = 10415
const code = { mmeNumber: 1645, overloadReport: 623, userId: 1444 } as const

type Avps = Readonly<Record<string, unknown>>

/**
 * Makes the Signal of a request. `now` is wall time, ms. Reads defensively: what is absent or of another type is left
 * out, and the rules refuse what they need and do not find. The application decides the interface; one that we do not
 * know becomes an operation that no rule names.
 */
export function signalFromS6a(message: DiameterRequest, link: DiameterLink, index: PartnerIndex, now: number): Signal {
  const avps = message.avps as Avps
  const known = interfaceOf[message.application]
  const claimed = claimedIn(avps)
  const signal: Signal = {
    at: now,
    interface: known ?? 'S6a',
    operation: known !== undefined && message.command !== 'unknown' ? message.command : `${message.application}/${message.code}`,
    proven: provenBy(link, index, claimed.originRealm),
    claimed,
    retransmitted: message.retransmitted,
    facts: factsOf(message, avps),
  }
  const imsi = short(avps['User-Name'], imsiChars)
  const imei = imeiOf(avps)
  if (imsi !== undefined) signal.imsi = imsi
  if (imei !== undefined) signal.imei = imei
  return signal
}

/** Members are set one by one, here and above: every message passes, and spreading costs several times as much. */
function claimedIn(avps: Avps): Signal['claimed'] {
  const claimed: Signal['claimed'] = {
    originHost: name(avps['Origin-Host']) ?? '',
    originRealm: name(avps['Origin-Realm']) ?? '',
    routeRecord: routeRecordOf(avps),
  }
  const destinationHost = name(avps['Destination-Host'])
  const destinationRealm = name(avps['Destination-Realm'])
  const visitedPlmn = plmnOf(avps['Visited-PLMN-Id'])
  const sessionId = short(avps['Session-Id'], sessionIdChars)
  if (destinationHost !== undefined) claimed.destinationHost = destinationHost
  if (destinationRealm !== undefined) claimed.destinationRealm = destinationRealm
  if (visitedPlmn !== undefined) claimed.visitedPlmn = visitedPlmn
  if (sessionId !== undefined) claimed.sessionId = sessionId
  return claimed
}

const noHosts: readonly string[] = []

function routeRecordOf(avps: Avps): readonly string[] {
  const hosts = avps['Route-Record']
  return hosts === undefined ? noHosts : list(hosts).flatMap((host) => name(host) ?? [])
}

function provenBy(link: DiameterLink, index: PartnerIndex, originRealm: string): Signal['proven'] {
  const row = index.peer(link.peerId)
  return {
    peerId: link.peerId,
    peerIdentity: (row?.identity ?? link.identity).toLowerCase(),
    role: row?.role ?? 'node',
    linkClass: row?.linkClass ?? 'ipx',
    realms: index.realmsOf(link.peerId),
    partnerIds: index.idsSpeaking(link.peerId, originRealm),
    tls: link.tls,
  }
}

function factsOf(message: DiameterRequest, avps: Avps): Signal['facts'] {
  const facts: Record<string, string | number | boolean> = {}
  const flags = number(avps['ULR-Flags'])
  if (flags !== undefined) {
    facts.initialAttach = (flags & ulrFlags.initialAttach) !== 0
    facts.skipSubscriberData = (flags & ulrFlags.skipSubscriberData) !== 0
    facts.s6aIndicator = (flags & ulrFlags.s6aIndicator) !== 0
  }
  const ratType = number(avps['RAT-Type'])
  if (ratType !== undefined) facts.ratType = ratType
  readVectorRequests(avps, facts)
  readOddities(message, avps, facts)
  return facts
}

/** An absent number asks for one vector (TS 29.272 §7.3.14). */
function readVectorRequests(avps: Avps, facts: Record<string, string | number | boolean>): void {
  const eutran = group(avps['Requested-EUTRAN-Authentication-Info'])
  if (eutran !== undefined) facts.requestedVectors = number(eutran['Number-Of-Requested-Vectors']) ?? 1
  const utran = group(avps['Requested-UTRAN-GERAN-Authentication-Info'])
  if (utran !== undefined) facts.requestedUtranVectors = Math.max(1, number(utran['Number-Of-Requested-Vectors']) ?? 1)
  if (eutran?.['Re-Synchronization-Info'] !== undefined) facts.resynchronisation = true
}

/** What a message may bring beside its grammar is found among `others`. */
function readOddities(message: DiameterRequest, avps: Avps, facts: Record<string, string | number | boolean>): void {
  const others = message.others ?? []
  const other = (wanted: number, vendor: number) =>
    others.length === 0 ? undefined : others.find((avp) => avp.code === wanted && avp.vendor === vendor)?.data
  const mmeNumber = octets(avps['MME-Number-for-MT-SMS']) ?? other(code.mmeNumber, TGPP)
  if (mmeNumber !== undefined) facts.mmeNumber = short(fromTbcd(mmeNumber), imsiChars) ?? 'not digits'
  if (avps['OC-OLR'] !== undefined || other(code.overloadReport, 0) !== undefined) facts.overloadReport = true
  if (avps['OC-Supported-Features'] !== undefined) facts.overloadControl = true
  const priority = number(avps.DRMP)
  if (priority !== undefined) facts.receivedPriority = priority
  const unknownMandatory = message.waived?.length ?? 0
  if (unknownMandatory > 0) facts.unknownMandatoryAvps = unknownMandatory
  if (message.command === 'RSR') {
    const users = list(avps['User-Id']).flatMap((user) => text(user) ?? [])
    facts.userIdDigits = users.length === 0 ? 0 : Math.min(...users.map((user) => user.length))
  }
}

/** 14 digits; the 15th of a signalled IMEI is spare or absent (TS 23.003 §6.2.1). */
function imeiOf(avps: Avps): string | undefined {
  const imei = text(group(avps['Terminal-Information'])?.IMEI)
  return imei !== undefined && /^\d{14,16}$/.test(imei) ? imei.slice(0, 14) : undefined
}

const { imsiChars, identityChars, sessionIdChars } = limits.guard

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
/** What is longer than it may be is cut: it is no valid name then either, and nobody can fill our memory with it. */
const short = (value: unknown, most: number): string | undefined => (typeof value === 'string' ? firstCharacters(value, most) : undefined)
/** A host or realm. */
const name = (value: unknown): string | undefined => short(value, identityChars)?.toLowerCase()
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const octets = (value: unknown): Uint8Array | undefined => (value instanceof Uint8Array ? value : undefined)
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const group = (value: unknown): Avps | undefined => (typeof value === 'object' && value !== null ? (value as Avps) : undefined)
const plmnOf = (value: unknown) => {
  const bytes = octets(value)
  return bytes === undefined ? undefined : plmnFromBytes(bytes)
}

/** Result-Code, or Experimental-Result-Code of vendor 10415. */
export type DiameterAnswer = { resultCode: number } | { experimental: number }

const UNABLE_TO_COMPLY: DiameterAnswer = { resultCode: 5012 }
/** DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE: MMEs try again (TS 29.272 §7.4.4.1). */
const DATA_UNAVAILABLE: DiameterAnswer = { experimental: 4181 }

type AnswerRow = { readonly any: DiameterAnswer | null } & Readonly<Record<string, DiameterAnswer | null>>

/** Soft: the device comes back later by T3411 and T3402 (TS 24.301 §10.2), and nothing is written to its card. */
const soft: AnswerRow = { any: UNABLE_TO_COMPLY, AIR: DATA_UNAVAILABLE }
/** The same 5012 for AIR and ULR: 3004 becomes cause #42 on some MMEs and #17 on others. */
const later: AnswerRow = { any: UNABLE_TO_COMPLY }

/**
 * Which answer each reason becomes. Sticky codes (5001 stops a SIM until it is switched off, 5004 writes EF_FPLMN,
 * 5420 and 5421 move a device) stand only where the store, a person or the profile has the last word.
 */
export const answerTable: Readonly<Record<Exclude<Reason, 'ok'>, AnswerRow>> = {
  'unknown-peer': later,
  'forged-realm': later,
  'forged-host': later,
  'forged-network': later,
  'own-identity-from-outside': later,
  'operation-from-outside': later,
  'unsolicited-answer': { any: null },
  // A late purge from an old MME is normal: success, and nothing changes (TS 29.272 §5.2.1.3.3).
  'not-registered-node': { any: UNABLE_TO_COMPLY, PUR: { resultCode: 2001 }, NOR: { experimental: 5423 } },
  'out-of-sequence': later,
  replay: soft,
  'vector-cap': soft,
  'rate-cap': later,
  'separation-bit': soft,
  malformed: later,
  'unknown-subscriber': { any: { experimental: 5001 } },
  'not-ours': later,
  'not-subscribed': { any: { experimental: 5420 }, PUR: UNABLE_TO_COMPLY, NOR: UNABLE_TO_COMPLY },
  'outside-roaming-area': { any: { experimental: 5004 } },
  'partner-not-allowed': soft,
  suspended: soft,
  'held-for-approval': soft,
  'imei-lock': soft,
  banned: { any: { experimental: 5004 } },
  storm: later,
  steering: later,
  busy: later,
  'store-unavailable': soft,
}

/** The answer to a refused request; null: none is sent. `operation` is AIR, ULR, ... */
export function answerFor(reason: Exclude<Reason, 'ok'>, operation: string): DiameterAnswer | null {
  const row = answerTable[reason]
  return operation in row ? (row[operation] ?? null) : row.any
}

/** AVPs that carry the answer; spread into those of the answering command. */
export function resultAvps(
  answer: DiameterAnswer,
): { 'Result-Code': number } | { 'Experimental-Result': { 'Vendor-Id': number; 'Experimental-Result-Code': number } } {
  return 'resultCode' in answer
    ? { 'Result-Code': answer.resultCode }
    : { 'Experimental-Result': { 'Vendor-Id': TGPP, 'Experimental-Result-Code': answer.experimental } }
}

/** DRMP by class (RFC 7944 §9.1: 0 is the highest, an absent one means 10). What a peer sends is ignored. */
export const priorityOf: Readonly<Record<SubscriptionClass, number>> = { critical: 3, standard: 10, deferrable: 13 }

/** `OC-Supported-Features` and, while there is overload, `OC-OLR` (RFC 7683 §4.2.3). One kind of report per answer. */
export function overloadAvps(report: OverloadReport | null, reportType: 'host' | 'realm' = 'host') {
  const features = { 'OC-Supported-Features': { 'OC-Feature-Vector': 1n } }
  if (report === null) return features
  return {
    ...features,
    'OC-OLR': {
      'OC-Sequence-Number': report.sequence,
      'OC-Report-Type': reportType === 'host' ? 0 : 1,
      'OC-Reduction-Percentage': report.reduction,
      'OC-Validity-Duration': report.validitySeconds,
    },
  }
}
