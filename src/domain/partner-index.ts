import type { Plmn } from '#core/bcd.ts'
import type { Partner, PartnerWaiver, PeerRow } from './partner.ts'

/** Look-ups over partners and peers, made once per change of either. Names are compared case-insensitively. */
export interface PartnerIndex {
  partner(id: string): Partner | undefined
  peer(id: string): PeerRow | undefined
  peerByIdentity(identity: string): PeerRow | undefined
  /** Partners that own the PLMN or list it as equivalent. */
  partnersOfPlmn(plmn: string): readonly Partner[]
  partnersOfRealm(realm: string): readonly Partner[]
  /** Realms that the peer may speak for: its own row's, and those of partners that it carries (`via`). Lower case. */
  realmsOf(peerId: string): readonly string[]
  /** Partners for which the peer may speak: it is in their `via`, or its row lists one of their realms. */
  partnersOf(peerId: string): readonly Partner[]
  /** Of those, the ones that own the realm. Asked many times for one message: the same list for the same question. */
  partnersSpeaking(peerId: string, realm: string): readonly Partner[]
  /** Their ids. */
  idsSpeaking(peerId: string, realm: string): readonly string[]
  /** The partner's PLMNs and those equivalent to them, in either direction. */
  groupOf(partnerId: string): ReadonlySet<string>
  /** The home network of an IMSI among the known PLMNs: longest match, since an IMSI does not show its MNC length. */
  plmnOfImsi(imsi: string): Plmn | undefined
}

const none: readonly never[] = []

/** `ownPlmns` take part in splitting an IMSI; a PLMN of a partner counts with the MNC length in its row. */
export function createPartnerIndex(partners: readonly Partner[], peers: readonly PeerRow[], ownPlmns: readonly Plmn[] = []): PartnerIndex {
  const byId = new Map(partners.map((partner) => [partner.id, partner]))
  const peerById = new Map(peers.map((peer) => [peer.id, peer]))
  const byIdentity = new Map(peers.map((peer) => [peer.identity.toLowerCase(), peer]))
  const byPlmn = groupBy(partners, (partner) => [...partner.plmns, ...partner.equivalentPlmns])
  const byRealm = groupBy(partners, (partner) => partner.realms.map((realm) => realm.toLowerCase()))
  const ofPeer = new Map(peers.map((peer) => [peer.id, partnersOfPeer(peer, partners)]))
  const realms = new Map(peers.map((peer) => [peer.id, realmsOfPeer(peer, partners)]))
  const groups = new Map(partners.map((partner) => [partner.id, equivalentGroup(partner, byPlmn)]))
  const speaking = createSpeakers(byRealm, ofPeer)
  const imsiPrefixes = new Map<string, Plmn>()
  for (const plmn of [...partners.flatMap((partner) => partner.plmns), ...ownPlmns]) imsiPrefixes.set(plmn.replace('-', ''), plmn)
  return {
    partner: (id) => byId.get(id),
    peer: (id) => peerById.get(id),
    peerByIdentity: (identity) => byIdentity.get(identity.toLowerCase()),
    partnersOfPlmn: (plmn) => byPlmn.get(plmn) ?? none,
    partnersOfRealm: (realm) => byRealm.get(realm.toLowerCase()) ?? none,
    realmsOf: (peerId) => realms.get(peerId) ?? none,
    partnersOf: (peerId) => ofPeer.get(peerId) ?? none,
    partnersSpeaking: (peerId, realm) => speaking(peerId, realm).partners,
    idsSpeaking: (peerId, realm) => speaking(peerId, realm).ids,
    groupOf: (partnerId) => groups.get(partnerId) ?? emptySet,
    plmnOfImsi: (imsi) => imsiPrefixes.get(imsi.slice(0, 6)) ?? imsiPrefixes.get(imsi.slice(0, 5)),
  }
}

interface Speakers {
  partners: readonly Partner[]
  ids: readonly string[]
}

const nobody: Speakers = { partners: none, ids: none }

/** Remembers what was found. There are at most as many answers as pairs of a peer on record and a known realm. */
function createSpeakers(
  byRealm: ReadonlyMap<string, readonly Partner[]>,
  ofPeer: ReadonlyMap<string, readonly Partner[]>,
): (peerId: string, realm: string) => Speakers {
  const found = new Map([...ofPeer.keys()].map((peerId) => [peerId, new Map<string, Speakers>()] as const))
  return (peerId, realm) => {
    const ofThis = found.get(peerId)
    const known = ofThis?.get(realm)
    if (known !== undefined) return known
    const wanted = realm.toLowerCase()
    const owners = byRealm.get(wanted)
    const carried = ofPeer.get(peerId)
    if (owners === undefined || carried === undefined || ofThis === undefined) return nobody
    const partners = owners.filter((owner) => carried.includes(owner))
    const speakers = { partners, ids: partners.map((partner) => partner.id) }
    if (realm === wanted) ofThis.set(realm, speakers)
    return speakers
  }
}

const emptySet: ReadonlySet<string> = new Set()

/** `now`: wall time, ms. */
export function isPartnerValid(partner: Pick<Partner, 'validFrom' | 'validUntil'>, now: number): boolean {
  return partner.validFrom <= now && (partner.validUntil === null || now < partner.validUntil)
}

/** A waiver holds when every partner that the message may come from has it: none is excused by another's faults. */
export function isWaived(partners: readonly Pick<Partner, 'waivers'>[], waiver: PartnerWaiver): boolean {
  return partners.length > 0 && partners.every((partner) => partner.waivers.includes(waiver))
}

function groupBy(partners: readonly Partner[], keysOf: (partner: Partner) => readonly string[]): Map<string, Partner[]> {
  const groups = new Map<string, Partner[]>()
  for (const partner of partners) {
    for (const key of new Set(keysOf(partner))) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [partner])
      else group.push(partner)
    }
  }
  return groups
}

function carries(peer: PeerRow, partner: Partner): boolean {
  return partner.via.includes(peer.id)
}

function partnersOfPeer(peer: PeerRow, partners: readonly Partner[]): readonly Partner[] {
  const own = new Set(peer.realms.map((realm) => realm.toLowerCase()))
  return partners.filter((partner) => carries(peer, partner) || partner.realms.some((realm) => own.has(realm.toLowerCase())))
}

function realmsOfPeer(peer: PeerRow, partners: readonly Partner[]): readonly string[] {
  const carried = partners.filter((partner) => carries(peer, partner)).flatMap((partner) => partner.realms)
  return [...new Set([...peer.realms, ...carried].map((realm) => realm.toLowerCase()))]
}

function equivalentGroup(partner: Partner, byPlmn: ReadonlyMap<string, readonly Partner[]>): ReadonlySet<string> {
  const group = new Set<string>([...partner.plmns, ...partner.equivalentPlmns])
  for (const plmn of partner.plmns) for (const other of byPlmn.get(plmn) ?? none) for (const own of other.plmns) group.add(own)
  return group
}
