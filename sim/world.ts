import { epcRealm, type Plmn } from '#core/bcd.ts'

/**
 * The fictional world outside the operator: networks, hubs, providers, card batches and profiles as data.
 * Shapes are plain (the simulator does not know the domain); the composition root turns them into rows.
 * Every identity is from PLMN 001-xx or 999-xx, every address from RFC 5737.
 */

/** How an MME reacts to an overload report (RFC 7683): not at all, at random, or NAS low priority first. */
export const mmeKinds = ['plain', 'random-abating', 'low-priority-first'] as const
export type MmeKind = (typeof mmeKinds)[number]

export const trafficClasses = ['critical', 'standard', 'deferrable'] as const
export type TrafficClass = (typeof trafficClasses)[number]

/** Whose table of "Diameter result -> EMM cause" an MME follows; see `sim/causes.ts`. */
export type MmeVendor = 'open5gs' | 'magma' | 'cisco'

export interface MmeRow {
  host: string
  vendor: MmeVendor
}

export interface NetworkRow {
  id: string
  name: string
  /** The first is its own; further ones are shared or equivalent (MOCN). */
  plmns: readonly [Plmn, ...Plmn[]]
  realm: string
  mmes: readonly [MmeRow, ...MmeRow[]]
  kind: MmeKind
  /** Peers (rows below) that carry its signalling. */
  via: readonly [string, ...string[]]
  topologyHiding: boolean
  /** [latitude, longitude, radius in km]; null for a network that moves. */
  location: readonly [number, number, number] | null
  /** Messages per second that it agreed to take from us. */
  agreedRate: number
  addresses: readonly string[]
  /** Beginnings of its nodes' E.164 numbers. */
  nodeNumbers: readonly string[]
  equivalentPlmns: readonly Plmn[]
  source: string
}

/** A Diameter neighbour of the operator; the same members as the operator's own peer row. */
export interface SimPeerRow {
  id: string
  identity: string
  realm: string
  role: 'node' | 'agent'
  linkClass: 'own' | 'national' | 'ipx'
  transport: 'tcp' | 'tls'
  /** Realms it may speak for by its own row; a partner that lists it in `via` adds its own. */
  realms: readonly string[]
  connectTo: null
  enabled: true
}

export interface ProviderRow {
  id: string
  name: string
  /** What its devices are, for people. */
  devices: string
  class: TrafficClass
  /** Out of ten consecutive SIMs, how many are this provider's. */
  tenths: number
  profileId: string
  /** NAS low priority (TS 24.301 §4.2A): the module says so on the radio; MMEs of one kind look at it. */
  nasLowPriority: boolean
  agreement: { reference: string } | null
}

export interface BatchRow {
  id: string
  supplier: string
  accreditation: { scheme: string; reference: string } | null
  parameters: {
    algorithm: 'MILENAGE' | 'TUAK'
    indBits: number
    /** Largest accepted jump of SEQ (TS 33.102 Annex C.2.1). */
    delta: number
    ageLimit: number
    /** Hexadecimal, separation bit set (TS 33.401 §6.1.1). */
    amf: string
    /** Decimal. */
    startSqn: string
    tuak?: { keyBits: 128; macBits: 64; resBits: 64; ckBits: 128; ikBits: 128; iterations: 1 }
  }
}

export interface ProfileRow {
  id: string
  providerId: string
  name: string
  version: number
  apns: readonly [ApnRow, ...ApnRow[]]
  voice: boolean
  sms: boolean
  otaSms: boolean
  roamingArea: { kind: 'anywhere' } | { kind: 'partners'; partnerIds: readonly string[] } | { kind: 'home-only' }
  imeiLock: boolean
  periodicTauSeconds: number
  maxUplinkKbps: number
  maxDownlinkKbps: number
  equivalentPlmns: readonly Plmn[]
}

export interface ApnRow {
  name: string
  pdn: 'IPv4' | 'IPv6' | 'IPv4v6' | 'Non-IP'
  qci: number
  arpPriority: number
  localBreakout: boolean
  maxUplinkKbps: number
  maxDownlinkKbps: number
}

export const home = {
  name: 'Halden IoT',
  plmn: '999-70' as Plmn,
  /** MCC and MNC as an IMSI starts. */
  imsiPrefix: '99970',
  realm: epcRealm('999-70'),
  hssHost: `hss.${epcRealm('999-70')}`,
  countryCode: '+999',
} as const

function mmes(plmn: Plmn, vendor: MmeVendor, ...names: readonly [string, ...string[]]): readonly [MmeRow, ...MmeRow[]] {
  const [first, ...rest] = names
  const row = (name: string): MmeRow => ({ host: `${name}.${epcRealm(plmn)}`, vendor })
  return [row(first), ...rest.map(row)]
}

const source = 'simulated IR.21'

const networks = [
  {
    id: 'aurelia',
    name: 'Aurelia',
    plmns: ['001-01', '001-11'],
    realm: epcRealm('001-01'),
    mmes: mmes('001-01', 'open5gs', 'mme01', 'mme02', 'mme03'),
    kind: 'plain',
    via: ['mme01.aurelia', 'mme02.aurelia', 'mme03.aurelia'],
    topologyHiding: false,
    location: [45, -28, 300],
    agreedRate: 200,
    addresses: ['192.0.2.16/28'],
    nodeNumbers: ['+999110'],
    equivalentPlmns: ['001-11'],
    source,
  },
  {
    id: 'brenn',
    name: 'Brenn',
    plmns: ['001-02'],
    realm: epcRealm('001-02'),
    mmes: mmes('001-02', 'magma', 'mme07', 'mme08'),
    kind: 'random-abating',
    via: ['mme07.brenn', 'mme08.brenn'],
    topologyHiding: false,
    location: [45, -21, 260],
    agreedRate: 150,
    addresses: ['192.0.2.32/28'],
    nodeNumbers: ['+999120'],
    equivalentPlmns: [],
    source,
  },
  {
    id: 'castrel',
    name: 'Castrel',
    plmns: ['001-03'],
    realm: epcRealm('001-03'),
    mmes: mmes('001-03', 'cisco', 'mme01', 'mme02'),
    kind: 'low-priority-first',
    via: ['dra1.castrel'],
    topologyHiding: false,
    location: [38, -40, 400],
    agreedRate: 300,
    addresses: ['198.51.100.0/28'],
    nodeNumbers: ['+999130'],
    equivalentPlmns: [],
    source,
  },
  {
    id: 'dorvik',
    name: 'Dorvik',
    plmns: ['001-04'],
    realm: epcRealm('001-04'),
    mmes: mmes('001-04', 'magma', 'mme-pool-a', 'mme-pool-b', 'mme-pool-c'),
    kind: 'plain',
    via: ['dra2.corvane'],
    topologyHiding: true,
    location: [58, -25, 350],
    agreedRate: 100,
    addresses: ['198.51.100.64/28'],
    nodeNumbers: ['+999140'],
    equivalentPlmns: [],
    source,
  },
  {
    id: 'estrel',
    name: 'Estrel',
    plmns: ['001-05'],
    realm: epcRealm('001-05'),
    mmes: mmes('001-05', 'open5gs', 'mme9', 'mme10'),
    kind: 'plain',
    via: ['dra1.estrel', 'mme9.estrel'],
    topologyHiding: false,
    location: [30, -50, 300],
    agreedRate: 50,
    addresses: ['203.0.113.0/28'],
    nodeNumbers: ['+999150'],
    equivalentPlmns: [],
    source,
  },
  {
    id: 'fennmark',
    name: 'Fennmark',
    plmns: ['999-12'],
    realm: epcRealm('999-12'),
    mmes: mmes('999-12', 'cisco', 'mme1', 'mme2'),
    kind: 'low-priority-first',
    via: ['mme1.fennmark', 'mme2.fennmark'],
    topologyHiding: false,
    location: [52, -33, 320],
    agreedRate: 400,
    addresses: ['203.0.113.64/28'],
    nodeNumbers: ['+999160'],
    equivalentPlmns: [],
    source,
  },
  {
    id: 'pelagos',
    name: 'Pelagos',
    plmns: ['001-06'],
    realm: epcRealm('001-06'),
    mmes: mmes('001-06', 'cisco', 'ship-core-1'),
    kind: 'plain',
    via: ['dra2.corvane'],
    topologyHiding: true,
    location: null,
    agreedRate: 20,
    addresses: ['203.0.113.128/28'],
    nodeNumbers: ['+999170'],
    equivalentPlmns: [],
    source,
  },
] as const satisfies readonly NetworkRow[]

export type NetworkId = (typeof networks)[number]['id']

function node(id: string, host: string, realm: string, linkClass: 'national' | 'ipx'): SimPeerRow {
  return { id, identity: host, realm, role: 'node', linkClass, transport: 'tcp', realms: [realm], connectTo: null, enabled: true }
}

/** Aurelia, Brenn and Fennmark connect node by node; Castrel and Estrel through an agent of their own; the rest through a hub. */
export const peers: readonly SimPeerRow[] = [
  node('mme01.aurelia', `mme01.${epcRealm('001-01')}`, epcRealm('001-01'), 'ipx'),
  node('mme02.aurelia', `mme02.${epcRealm('001-01')}`, epcRealm('001-01'), 'ipx'),
  node('mme03.aurelia', `mme03.${epcRealm('001-01')}`, epcRealm('001-01'), 'ipx'),
  node('mme07.brenn', `mme07.${epcRealm('001-02')}`, epcRealm('001-02'), 'ipx'),
  node('mme08.brenn', `mme08.${epcRealm('001-02')}`, epcRealm('001-02'), 'ipx'),
  node('mme1.fennmark', `mme1.${epcRealm('999-12')}`, epcRealm('999-12'), 'national'),
  node('mme2.fennmark', `mme2.${epcRealm('999-12')}`, epcRealm('999-12'), 'national'),
  agent('dra1.castrel', 'dra1.castrel.example', 'castrel.example', 'tls', [epcRealm('001-03')]),
  agent('dra1.estrel', 'dra1.estrel.example', 'estrel.example', 'tcp', [epcRealm('001-05')]),
  agent('dra2.corvane', 'dra2.corvane.example', 'corvane.example', 'tcp', []),
  node('mme9.estrel', `mme9.${epcRealm('001-05')}`, epcRealm('001-05'), 'ipx'),
]

/** A listed line of Estrel's that the networks do not keep connected: attackers and the load generator come over it. */
export const sparePeerId = 'mme9.estrel'
/** Rows that the simulated networks keep connected. */
export const connectedPeers: readonly SimPeerRow[] = peers.filter((row) => row.id !== sparePeerId)

function agent(id: string, identity: string, realm: string, transport: 'tcp' | 'tls', realms: readonly string[]): SimPeerRow {
  return { id, identity, realm, role: 'agent', linkClass: 'ipx', transport, realms: [realm, ...realms], connectTo: null, enabled: true }
}

export const providers = [
  {
    id: 'gridmere',
    name: 'Gridmere Metering',
    devices: 'electricity meters',
    class: 'deferrable',
    tenths: 5,
    profileId: 'meter-eu',
    nasLowPriority: true,
    agreement: { reference: 'DPA-2025-031' },
  },
  {
    id: 'wayfold',
    name: 'Wayfold Tracking',
    devices: 'asset trackers',
    class: 'standard',
    tenths: 4,
    profileId: 'tracker-eu',
    nasLowPriority: false,
    agreement: { reference: 'DPA-2025-044' },
  },
  {
    id: 'havenpulse',
    name: 'Havenpulse',
    devices: 'health monitors',
    class: 'critical',
    tenths: 1,
    profileId: 'monitor-eu',
    nasLowPriority: false,
    agreement: null,
  },
] as const satisfies readonly ProviderRow[]

export type ProviderId = (typeof providers)[number]['id']

/** 5 IND bits and a delta of 2^28 are the usual choice (TS 33.102 Annex C.3.2). */
const sequence = { indBits: 5, delta: 2 ** 28, ageLimit: 0, amf: '8000', startSqn: '0' } as const

export const batches = [
  {
    id: 'batch-2025-07',
    supplier: 'Orrin Cards',
    accreditation: { scheme: 'GSMA SAS-UP', reference: 'simulated-0725' },
    parameters: { algorithm: 'MILENAGE', ...sequence },
  },
  {
    id: 'batch-2026-01',
    supplier: 'Orrin Cards',
    accreditation: { scheme: 'GSMA SAS-UP', reference: 'simulated-0126' },
    parameters: { algorithm: 'MILENAGE', ...sequence },
  },
  {
    id: 'batch-2026-02',
    supplier: 'Tessel Secure',
    accreditation: null,
    parameters: {
      algorithm: 'TUAK',
      ...sequence,
      tuak: { keyBits: 128, macBits: 64, resBits: 64, ckBits: 128, ikBits: 128, iterations: 1 },
    },
  },
] as const satisfies readonly BatchRow[]

function profile(
  id: string,
  providerId: ProviderId,
  own: Pick<ProfileRow, 'name' | 'apns' | 'roamingArea' | 'imeiLock' | 'periodicTauSeconds' | 'maxUplinkKbps' | 'maxDownlinkKbps'>,
): ProfileRow {
  return { id, providerId, version: 1, voice: false, sms: false, otaSms: true, equivalentPlmns: [], ...own }
}

function apn(name: string, qci: number, arpPriority: number, kbps: number, pdn: ApnRow['pdn'] = 'IPv4'): ApnRow {
  return { name, pdn, qci, arpPriority, localBreakout: false, maxUplinkKbps: kbps, maxDownlinkKbps: kbps }
}

export const profiles: readonly ProfileRow[] = [
  profile('meter-eu', 'gridmere', {
    name: 'meter-eu',
    apns: [apn('meter.gridmere.iot', 9, 12, 64)],
    roamingArea: { kind: 'anywhere' },
    imeiLock: false,
    periodicTauSeconds: 11_160_000,
    maxUplinkKbps: 64,
    maxDownlinkKbps: 64,
  }),
  profile('tracker-eu', 'wayfold', {
    name: 'tracker-eu',
    apns: [apn('wayfold.iot', 9, 9, 128)],
    roamingArea: { kind: 'anywhere' },
    imeiLock: true,
    periodicTauSeconds: 0,
    maxUplinkKbps: 128,
    maxDownlinkKbps: 128,
  }),
  profile('monitor-eu', 'havenpulse', {
    name: 'monitor-eu',
    apns: [apn('vital.havenpulse.iot', 6, 3, 512, 'IPv4v6')],
    roamingArea: { kind: 'anywhere' },
    imeiLock: false,
    periodicTauSeconds: 3_600,
    maxUplinkKbps: 512,
    maxDownlinkKbps: 512,
  }),
]

/** The networks with their common type. */
export const networkRows: readonly (NetworkRow & { id: NetworkId })[] = networks

/** A network by its id; a wrong id does not type-check. */
export function network(id: NetworkId): NetworkRow {
  const row = networkRows.find((each) => each.id === id)
  if (row === undefined) throw new Error(`no such network: ${id}`)
  return row
}

/** The peer row by its id. */
export function peerRow(id: string): SimPeerRow {
  const row = peers.find((each) => each.id === id)
  if (row === undefined) throw new Error(`no such peer: ${id}`)
  return row
}

/** The peer over which an MME's messages reach the operator: its own connection, or else the network's agent. */
export function peerOfMme(row: NetworkRow, host: string): SimPeerRow {
  const own = row.via.map(peerRow).find((each) => each.identity === host && each.id !== sparePeerId)
  return own ?? peerRow(row.via[0])
}
