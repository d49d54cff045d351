import { limits } from '#core/limits.ts'
import { firstCharacters } from '#core/text.ts'
import type { Partner } from '#domain/partner.ts'
import { isPartnerValid } from '#domain/partner-index.ts'
import {
  isAtHome,
  isInRoamingArea,
  isInSequence,
  isOwnOrigin,
  isServingNode,
  partnersOf,
  travelOf,
  vouchesForNumber,
  vouchesForPlmn,
} from './claims.ts'
import type { Known } from './known.ts'
import type { Signal } from './signal.ts'
import type { Fact } from './verdict.ts'

type FactValue = string | number | boolean

/** A named fact that predicates may use. `shows` gives what a person wants to see when the fact decided. */
export interface FactDefinition {
  says: string
  read(signal: Signal, known: Known): FactValue
  shows(signal: Signal, known: Known): readonly Fact[]
}

const proven = (name: string, value: unknown): Fact => ({ name, value: String(value), source: 'proven' })
const claimed = (name: string, value: unknown): Fact => ({
  name,
  value: firstCharacters(String(value ?? 'absent'), limits.guard.factChars),
  source: 'claimed',
})
const state = (name: string, value: unknown): Fact => ({ name, value: String(value ?? 'none'), source: 'state' })
const policy = (name: string, value: unknown): Fact => ({ name, value: String(value), source: 'policy' })

const list = (items: Iterable<string>): string => [...items].join(' ') || 'none'
const origin = ({ claimed: c }: Signal): readonly Fact[] => [claimed('Origin-Host', c.originHost), claimed('Origin-Realm', c.originRealm)]
const peer = ({ proven: p }: Signal): readonly Fact[] => [proven('peer', p.peerIdentity), proven('link class', p.linkClass)]
const names = (partners: readonly Partner[]): string => list(partners.map((partner) => partner.name))

/** `label;label` names of letters, digits and hyphens, at least two labels (RFC 6733 §4.3.1, RFC 1035 §2.3.1). */
const fqdn = /^(?=.{1,255}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/
/** TS 23.003 §19.2. */
const epcRealm = /(^|\.)mnc\d{3}\.mcc\d{3}\.3gppnetwork\.org$/

function isSessionId(text: string | undefined): boolean {
  const match = /^[^;\s]+;(\d{1,10});(\d{1,10})(;.*)?$/.exec(text ?? '')
  return match !== null && Number(match[1]) <= 0xffff_ffff && Number(match[2]) <= 0xffff_ffff
}

const number = (value: FactValue | undefined): number => (typeof value === 'number' ? value : 0)
const subscriberOf = (known: Known) => (typeof known.subscriber === 'string' ? undefined : known.subscriber)

/** Vectors that a request may cost: what is asked for, at most what one answer carries (TS 29.272 §7.3.14). */
function grantable(signal: Signal): number {
  return Math.min(5, Math.max(1, number(signal.facts.requestedVectors)))
}

const peerFacts = {
  isRequest: {
    says: 'true: the operation alone decides',
    read: () => true,
    shows: (signal) => [claimed('operation', signal.operation), ...origin(signal), ...peer(signal)],
  },
  resetsMany: {
    says: 'a Reset names no subscriber, or only the beginning of IMSIs',
    read: ({ facts: f }) => f.userIdDigits === undefined || number(f.userIdDigits) < 14,
    shows: (signal) => [...origin(signal), claimed('digits of User-Id', signal.facts.userIdDigits)],
  },
  peerKnown: {
    says: 'the peer is on record and enabled',
    read: ({ proven: p }, { network }) => network.peer(p.peerId)?.enabled === true,
    shows: peer,
  },
  externalLink: {
    says: 'the link leads outside the operator',
    read: ({ proven: p }) => p.linkClass !== 'own',
    shows: peer,
  },
  ownOrigin: {
    says: 'the message claims one of our own names as its origin',
    read: (signal, known) => isOwnOrigin(signal, known) || known.our.hosts.includes(signal.claimed.originHost),
    shows: (signal, { our }) => [...origin(signal), policy('our realms', list(our.realms))],
  },
  ownRouteRecord: {
    says: 'the message claims to have passed through us already',
    read: ({ claimed: c }, { our }) => c.routeRecord.some((host) => our.hosts.includes(host)),
    shows: ({ claimed: c }) => [claimed('Route-Record', list(c.routeRecord))],
  },
  realmAllowed: {
    says: 'the peer, or a partner that routes through it, may speak for the Origin-Realm',
    read: ({ claimed: c, proven: p }) => p.realms.includes(c.originRealm),
    shows: (signal) => [...origin(signal), ...peer(signal), policy('realms of the peer', list(signal.proven.realms))],
  },
  hostUnderRealm: {
    says: 'Origin-Host lies under Origin-Realm',
    read: ({ claimed: c }) => c.originHost === c.originRealm || c.originHost.endsWith(`.${c.originRealm}`),
    shows: origin,
  },
  speaksForItself: {
    says: 'a node names itself as the origin; only an agent carries messages of others',
    read: (signal, known) =>
      signal.proven.role === 'agent' ||
      signal.claimed.originHost === signal.proven.peerIdentity ||
      partnersOf(signal, known).some((partner) => partner.topologyHiding),
    shows: (signal) => [...origin(signal), ...peer(signal), proven('role', signal.proven.role)],
  },
  hostListed: {
    says: 'the partner lists the host among its serving nodes, or lists none',
    read: (signal, known) =>
      partnersOf(signal, known).every(
        ({ hosts, topologyHiding }) =>
          hosts.length === 0 || topologyHiding || hosts.some((host) => host.toLowerCase() === signal.claimed.originHost),
      ),
    shows: (signal, known) => [...origin(signal), policy('partner', names(partnersOf(signal, known)))],
  },
  hostFormat: {
    says: 'Origin-Host is a fully qualified name',
    read: ({ claimed: c }) => fqdn.test(c.originHost),
    shows: origin,
  },
  realmFormat: {
    says: 'Origin-Realm has the form of a 3GPP network realm',
    read: ({ claimed: c }) => epcRealm.test(c.originRealm),
    shows: origin,
  },
  sessionIdFormat: {
    says: 'Session-Id is identity;high32;low32',
    read: ({ claimed: c }) => isSessionId(c.sessionId),
    shows: ({ claimed: c }) => [claimed('Session-Id', c.sessionId)],
  },
  unknownMandatoryAvps: {
    says: 'number of AVPs with the M bit that the application does not know',
    read: ({ facts: f }) => number(f.unknownMandatoryAvps),
    shows: ({ facts: f }) => [claimed('AVPs with M bit, unknown', number(f.unknownMandatoryAvps))],
  },
  destinationIsOrigin: {
    says: 'Destination-Realm equals Origin-Realm',
    read: ({ claimed: c }) => c.destinationRealm === c.originRealm,
    shows: (signal) => [...origin(signal), claimed('Destination-Realm', signal.claimed.destinationRealm)],
  },
  destinationOurs: {
    says: 'the message is addressed to one of our realms and hosts',
    read: ({ claimed: c }, { our }) =>
      (c.destinationRealm === undefined || our.realms.includes(c.destinationRealm)) &&
      (c.destinationHost === undefined || our.hosts.includes(c.destinationHost)),
    shows: ({ claimed: c }) => [claimed('Destination-Realm', c.destinationRealm), claimed('Destination-Host', c.destinationHost)],
  },
  partnerValid: {
    says: 'the agreement with the partner is in force',
    read: (signal, known) => {
      const partners = partnersOf(signal, known)
      return partners.length === 0 || partners.some((partner) => isPartnerValid(partner, known.now))
    },
    shows: (signal, known) => [policy('partner', names(partnersOf(signal, known)))],
  },
  peerMessagesLastSecond: {
    says: 'messages of this peer within the last second',
    read: (_, known) => known.peerMessagesLastSecond ?? 0,
    shows: (signal, known) => [...peer(signal), state('messages within 1 s', known.peerMessagesLastSecond)],
  },
  overloadReport: {
    says: 'a request carries an overload report, which only answers may',
    read: ({ facts: f }) => f.overloadReport === true,
    shows: origin,
  },
} as const satisfies Record<string, FactDefinition>

const subscriberFacts = {
  imsiFormat: {
    says: 'the IMSI is 6 to 15 digits',
    read: ({ imsi }) => imsi !== undefined && /^\d{6,15}$/.test(imsi),
    shows: ({ imsi }) => [claimed('User-Name', imsi)],
  },
  imsiOurs: {
    says: 'the IMSI is in one of our ranges',
    read: ({ imsi = '' }, { our }) => our.imsiPrefixes.some((prefix) => imsi.startsWith(prefix)),
    shows: ({ imsi }, { our }) => [claimed('IMSI', imsi), policy('our ranges', list(our.imsiPrefixes))],
  },
  plmnOfPartner: {
    says: 'Visited-PLMN-Id belongs to the partner that the origin proves',
    read: vouchesForPlmn,
    shows: (signal, known) => {
      const partners = partnersOf(signal, known)
      const group = partners.flatMap((partner) => [...known.network.groupOf(partner.id)])
      return [claimed('Visited-PLMN-Id', signal.claimed.visitedPlmn), policy('partner', names(partners)), policy('its PLMNs', list(group))]
    },
  },
  mmeNumberOfPartner: {
    says: 'MME-Number-for-MT-SMS is absent or in a range of the partner',
    read: vouchesForNumber,
    shows: (signal, known) => [
      claimed('MME-Number-for-MT-SMS', signal.facts.mmeNumber),
      policy('ranges of the partner', list(partnersOf(signal, known).flatMap((partner) => partner.nodeNumbers ?? []))),
    ],
  },
  subscriber: {
    says: 'present, absent (the store says so) or unavailable (it cannot say)',
    read: (_, { subscriber }) => (typeof subscriber === 'string' ? subscriber : 'present'),
    shows: ({ imsi }, { subscriber }) => [
      claimed('IMSI', imsi),
      state('subscriber', typeof subscriber === 'string' ? subscriber : 'present'),
    ],
  },
  absentLastMinute: {
    says: 'IMSIs that do not exist, asked for by this partner within the last minute',
    read: (_, known) => known.absentLastMinute ?? 0,
    shows: (_, known) => [state('absent IMSIs asked for within 60 s', known.absentLastMinute)],
  },
  requestedVectors: {
    says: 'Number-Of-Requested-Vectors for E-UTRAN',
    read: ({ facts: f }) => number(f.requestedVectors),
    shows: ({ facts: f }) => [claimed('Number-Of-Requested-Vectors', number(f.requestedVectors))],
  },
  requestedUtranVectors: {
    says: 'vectors asked for UTRAN or GERAN, which have AMF separation bit 0',
    read: ({ facts: f }) => number(f.requestedUtranVectors),
    shows: ({ facts: f }) => [claimed('UTRAN/GERAN vectors', number(f.requestedUtranVectors))],
  },
  vectorsWithinHour: {
    says: 'vectors that this IMSI and Visited-PLMN would have got within an hour, this request included',
    read: (signal, known) => known.vectorsLastHour + grantable(signal),
    shows: (signal, known) => [
      state('vectors within the last hour', known.vectorsLastHour),
      claimed('Number-Of-Requested-Vectors', number(signal.facts.requestedVectors)),
      claimed('Visited-PLMN-Id', signal.claimed.visitedPlmn),
    ],
  },
  inSequence: {
    says: 'vectors went to this partner since the IMSI last registered elsewhere, or it is registered there',
    read: isInSequence,
    shows: (signal, { registration, givenTo }) => [
      claimed('Visited-PLMN-Id', signal.claimed.visitedPlmn),
      state('registered in', registration?.visitedPlmn),
      state('vectors given to', list(givenTo)),
    ],
  },
  initialAttach: {
    says: 'ULR-Flags has Initial-AttachIndicator',
    read: ({ facts: f }) => f.initialAttach === true,
    shows: ({ facts: f }) => [claimed('Initial-Attach-Indicator', f.initialAttach === true)],
  },
  everRegistered: {
    says: 'there is a serving node to ask',
    read: (_, { registration }) => registration !== null && !registration.purged,
    shows: (_, { registration }) => [state('serving node', registration?.mmeHost)],
  },
  servingNode: {
    says: 'the message comes from the node where the IMSI is registered',
    read: isServingNode,
    shows: (signal, { registration }) => [
      ...origin(signal),
      state('serving node', registration?.mmeHost),
      state('purged', registration?.purged),
    ],
  },
  refusedUlrsLastHour: {
    says: 'ULRs of this IMSI from this partner that were refused within the last hour',
    read: (_, known) => known.refusedUlrsLastHour ?? 0,
    shows: (_, known) => [state('refused ULRs within 1 h', known.refusedUlrsLastHour)],
  },
} as const satisfies Record<string, FactDefinition>

const deviceFacts = {
  effective: {
    says: 'the effective state: `connectable`, or what stands against it',
    read: (_, known) => {
      const effective = subscriberOf(known)?.effective
      return effective === undefined || effective.canConnect ? 'connectable' : effective.because
    },
    shows: (_, known) => {
      const effective = subscriberOf(known)?.effective
      return effective === undefined || effective.canConnect
        ? []
        : [state('effective state', effective.because), state('set by', effective.by)]
    },
  },
  atHome: {
    says: 'the visited network counts as home for the subscription',
    read: isAtHome,
    shows: (signal, known) => [claimed('Visited-PLMN-Id', signal.claimed.visitedPlmn), state('home', subscriberOf(known)?.homePlmn)],
  },
  inRoamingArea: {
    says: 'the profile allows the partner',
    read: isInRoamingArea,
    shows: (signal, known) => [
      claimed('Visited-PLMN-Id', signal.claimed.visitedPlmn),
      policy('partner', names(partnersOf(signal, known))),
      policy('roaming area', subscriberOf(known)?.profile.roamingArea.kind ?? 'unknown'),
    ],
  },
  imeiMatchesLock: {
    says: 'the IMEI is not signalled, or nothing is locked, or its 14 digits are the locked ones',
    read: ({ imei }, known) => {
      const subscriber = subscriberOf(known)
      if (imei === undefined || subscriber === undefined || !subscriber.profile.imeiLock) return true
      return subscriber.lockedImei === null || subscriber.lockedImei === imei
    },
    shows: ({ imei }, known) => [claimed('IMEI', imei), state('locked IMEI', subscriberOf(known)?.lockedImei)],
  },
} as const satisfies Record<string, FactDefinition>

/** What events after the judgement bring: an answer, a resynchronisation, admission control, a challenge. */
const lateFacts = {
  answerExpected: {
    says: 'a request of ours on this connection waits for this answer',
    read: ({ facts: f }) => f.answerExpected !== false,
    shows: ({ facts: f }) => [state('answer expected', f.answerExpected !== false)],
  },
  answerUnaltered: {
    says: 'the answer comes from the node, session and command that were asked',
    read: ({ facts: f }) => f.answerUnaltered !== false,
    shows: ({ facts: f }) => [claimed('differs in', f.because ?? 'nothing')],
  },
  autsFresh: {
    says: 'the SQN of the card in a valid AUTS is ahead of ours',
    read: ({ facts: f }) => f.autsFresh !== false,
    shows: ({ facts: f }) => [state('AUTS ahead of our SQN', f.autsFresh !== false)],
  },
  admitted: {
    says: 'admission control found room: yes, storm or busy',
    read: ({ facts: f }) => String(f.admitted ?? 'yes'),
    shows: ({ facts: f }) => [policy('admission', f.admitted ?? 'yes'), state('held, ms', f.heldMs ?? 0)],
  },
  oldNode: {
    says: 'what the old serving node says of the device: present, gone or silent',
    read: ({ facts: f }) => String(f.oldNode ?? 'gone'),
    shows: ({ facts: f }, { registration }) => [state('serving node', registration?.mmeHost), state('it says', f.oldNode ?? 'gone')],
  },
  travelPlausible: {
    says: 'the device can have travelled from the network of record to the claimed one since it registered there',
    read: (signal, known) => travelOf(signal, known).score < 1,
    shows: (signal, known) => {
      const { checked, distanceKm, speedKmh } = travelOf(signal, known)
      return checked
        ? [state('distance, km', Math.round(distanceKm)), state('speed, km/h', Math.round(speedKmh))]
        : [state('travel', 'not checked')]
    },
  },
} as const satisfies Record<string, FactDefinition>

/** Every fact by name. Adding one is a row here and a use in a rule. */
export const factTable: Readonly<Record<string, FactDefinition>> = { ...peerFacts, ...subscriberFacts, ...deviceFacts, ...lateFacts }
