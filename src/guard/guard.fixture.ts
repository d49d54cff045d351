import { epcRealm } from '#core/bcd.ts'
import type { Partner, PeerRow } from '#domain/partner.ts'
import { createPartnerIndex, type PartnerIndex } from '#domain/partner-index.ts'
import { createGate, defaultGatePolicy } from './gate.ts'
import { createGuard, type Guard } from './guard.ts'
import type { Known, OurNetwork, RegistrationView, SubscriberView } from './known.ts'
import type { RuleMode } from './rule.ts'
import { s6aRules } from './rules/s6a.ts'
import type { Signal } from './signal.ts'

/** A small world for the guard's tests: an operator, a node-connected partner, a hub with two more, and a thief. */
export const now = Date.UTC(2026, 5, 1)

export const realmOf = { ours: epcRealm('999-70'), aurelia: epcRealm('001-01'), brenn: epcRealm('001-02'), dorvik: epcRealm('001-04') }

const partner = (id: string, plmn: Partner['plmns'][number], rest: Partial<Partner>): Partner => ({
  id,
  name: id,
  plmns: [plmn],
  realms: [epcRealm(plmn)],
  hosts: [],
  addresses: [],
  location: [45, -28, 300],
  via: [],
  topologyHiding: false,
  agreedRate: 100,
  validFrom: 0,
  validUntil: null,
  source: 'test',
  confirmedAt: now,
  waivers: [],
  equivalentPlmns: [],
  nodeNumbers: [],
  ...rest,
})

const partners: readonly Partner[] = [
  partner('aurelia', '001-01', { equivalentPlmns: ['001-11'], via: ['mme1.aurelia', 'dra.hub'], nodeNumbers: ['999111'] }),
  partner('brenn', '001-02', { via: ['dra.hub'], location: [45, -21, 260] }),
  partner('dorvik', '001-04', { via: ['dra.hub'], topologyHiding: true, location: [58, -25, 350] }),
]

const peer = (id: string, rest: Partial<PeerRow>): PeerRow => ({
  id,
  identity: `mme1.${realmOf.aurelia}`,
  realm: realmOf.aurelia,
  role: 'node',
  linkClass: 'national',
  transport: 'tcp',
  realms: [],
  connectTo: null,
  enabled: true,
  ...rest,
})

const peers: readonly PeerRow[] = [
  peer('mme1.aurelia', {}),
  peer('dra.hub', { identity: 'dra.hub.example', realm: 'hub.example', role: 'agent', linkClass: 'ipx' }),
  peer('mme.own', { identity: `mme9.${realmOf.ours}`, realm: realmOf.ours, linkClass: 'own', realms: [realmOf.ours] }),
  peer('gone', { identity: `mme5.${realmOf.brenn}`, realm: realmOf.brenn, realms: [realmOf.brenn], enabled: false }),
]

export const network = createPartnerIndex(partners, peers, ['999-70'])

/** The same world with one partner changed. */
export function networkWith(id: string, change: Partial<Partner>): PartnerIndex {
  const changed = partners.map((row) => (row.id === id ? { ...row, ...change } : row))
  return createPartnerIndex(changed, peers, ['999-70'])
}

const our: OurNetwork = {
  plmns: ['999-70'],
  realms: [realmOf.ours],
  hosts: [`hss.${realmOf.ours}`],
  imsiPrefixes: ['99970'],
}

export const imsi = '999700000000123'

export const subscriber = (change: Partial<SubscriberView> = {}): SubscriberView => ({
  imsi,
  providerId: 'p1',
  class: 'standard',
  homePlmn: '999-70',
  effective: { canConnect: true },
  lockedImei: null,
  profile: { roamingArea: { kind: 'anywhere' }, imeiLock: false, equivalentPlmns: [] },
  ...change,
})

export const registration = (change: Partial<RegistrationView> = {}): RegistrationView => ({
  mmeHost: `mme1.${realmOf.aurelia}`,
  mmeRealm: realmOf.aurelia,
  visitedPlmn: '001-01',
  partnerId: 'aurelia',
  purged: false,
  imei: null,
  registeredAt: now - 3_600_000,
  ...change,
})

export const known = (change: Partial<Known> = {}): Known => ({
  our,
  network,
  subscriber: subscriber(),
  registration: null,
  givenTo: ['001-01'],
  vectorsLastHour: 0,
  cutOverComplete: true,
  now,
  ...change,
})

/** What a message over a peer says of itself, as `signalFromS6a` makes it; by default honest, from Aurelia's node. */
export interface Told {
  peerId?: string
  operation?: string
  originHost?: string
  originRealm?: string
  index?: PartnerIndex
  claimed?: Partial<Signal['claimed']>
  imsi?: string
  imei?: string
  facts?: Signal['facts']
}

const defaultFacts: Readonly<Record<string, Signal['facts']>> = {
  AIR: { requestedVectors: 1 },
  ULR: { initialAttach: true, ratType: 1004, s6aIndicator: true },
}

export function signal(told: Told = {}): Signal {
  const { peerId = 'mme1.aurelia', operation = 'AIR', originRealm = realmOf.aurelia, index = network } = told
  const row = index.peer(peerId)
  return {
    at: now,
    interface: 'S6a',
    operation,
    proven: {
      peerId,
      peerIdentity: row?.identity ?? 'stranger.example',
      role: row?.role ?? 'node',
      linkClass: row?.linkClass ?? 'ipx',
      realms: index.realmsOf(peerId),
      partnerIds: index.partnersSpeaking(peerId, originRealm).map(({ id }) => id),
      tls: false,
    },
    claimed: {
      originHost: told.originHost ?? `mme1.${originRealm}`,
      originRealm,
      destinationRealm: realmOf.ours,
      visitedPlmn: '001-01',
      sessionId: `mme1.${originRealm};1;2`,
      routeRecord: [],
      ...told.claimed,
    },
    imsi: told.imsi ?? imsi,
    ...(told.imei === undefined ? {} : { imei: told.imei }),
    retransmitted: false,
    facts: { ...defaultFacts[operation], ...told.facts },
  }
}

/** All rules in their default modes, with the default gate, unless a mode is given. */
export function guardWith(modes: Readonly<Record<string, RuleMode>> = {}): Guard {
  const defaults = new Map<string, RuleMode>(s6aRules.map((rule) => [rule.id, rule.defaultMode]))
  return createGuard({ rules: s6aRules, modeOf: (id) => modes[id] ?? defaults.get(id) ?? 'off', gate: createGate(defaultGatePolicy) })
}
