import type { Partner } from '#domain/partner.ts'
import { scoreTravel, type TravelScore } from '#domain/travel.ts'
import type { Known } from './known.ts'
import type { Signal } from './signal.ts'

/** What a message claims, held against what the link proves and what we know. The comparisons behind the facts. */

/** The partners that may have sent it: those of the peer that own the Origin-Realm. */
export function partnersOf({ proven, claimed }: Signal, { network }: Known): readonly Partner[] {
  return network.partnersSpeaking(proven.peerId, claimed.originRealm)
}

export function isOwnOrigin({ claimed }: Signal, { our }: Known): boolean {
  return our.realms.includes(claimed.originRealm)
}

/** Our own MMEs on our own links have no partner row: they speak for our PLMNs. */
function isOwnNode(signal: Signal, known: Known): boolean {
  return signal.proven.linkClass === 'own' && isOwnOrigin(signal, known)
}

export function vouchesForPlmn(signal: Signal, known: Known): boolean {
  const plmn = signal.claimed.visitedPlmn
  if (plmn === undefined) return false
  if (isOwnNode(signal, known) && known.our.plmns.includes(plmn)) return true
  return partnersOf(signal, known).some((partner) => partner.plmns.includes(plmn) || partner.equivalentPlmns.includes(plmn))
}

/** Node numbers are E.164 digits; a partner that lists no range vouches for none. */
export function vouchesForNumber(signal: Signal, known: Known): boolean {
  const number = signal.facts.mmeNumber
  if (typeof number !== 'string' || number === '') return true
  if (isOwnNode(signal, known)) return true
  return partnersOf(signal, known).some((partner) => (partner.nodeNumbers ?? []).some((range) => number.startsWith(range.replace('+', ''))))
}

/**
 * A ULR is in order where vectors were given to any PLMN of the same partner or its equivalents since the IMSI last
 * registered elsewhere, however long ago, or where it is registered with that partner already: updates over S10 or S3,
 * stored vectors and restarted MMEs bring a ULR without an AIR (TS 23.401 §5.3.3.1, TS 33.401 §6.1.4).
 */
export function isInSequence(signal: Signal, known: Known): boolean {
  if (signal.claimed.visitedPlmn === undefined) return false
  const { registration, givenTo, our } = known
  if (isOwnNode(signal, known))
    return [...givenTo, registration?.visitedPlmn ?? ''].some((given) => (our.plmns as readonly string[]).includes(given))
  for (const partner of partnersOf(signal, known)) {
    // Whether the claimed PLMN is the partner's own is another rule's question.
    const group = known.network.groupOf(partner.id)
    if (registration !== null && (registration.partnerId === partner.id || group.has(registration.visitedPlmn))) return true
    if (givenTo.some((given) => group.has(given))) return true
  }
  return false
}

/** By host; by realm where the partner hides its nodes, because one node may then show several names. */
export function isServingNode(signal: Signal, known: Known): boolean {
  const { registration } = known
  if (registration === null) return false
  const { originHost, originRealm } = signal.claimed
  if (registration.mmeRealm.toLowerCase() !== originRealm) return false
  return registration.mmeHost.toLowerCase() === originHost || partnersOf(signal, known).some((partner) => partner.topologyHiding)
}

export function isAtHome(signal: Signal, known: Known): boolean {
  const plmn = signal.claimed.visitedPlmn
  const { subscriber } = known
  if (plmn === undefined || typeof subscriber === 'string') return false
  return subscriber.homePlmn === plmn || known.our.plmns.includes(plmn) || subscriber.profile.equivalentPlmns.includes(plmn)
}

export function isInRoamingArea(signal: Signal, known: Known): boolean {
  const { subscriber } = known
  if (typeof subscriber === 'string') return true
  const area = subscriber.profile.roamingArea
  if (area.kind === 'anywhere' || isAtHome(signal, known)) return true
  return area.kind === 'partners' && partnersOf(signal, known).some((partner) => area.partnerIds.includes(partner.id))
}

/** From the network of record to the claimed one, since the registration: the most time that there can have been. */
export function travelOf(signal: Signal, known: Known): TravelScore {
  const { registration, network, now } = known
  const to = signal.claimed.visitedPlmn ?? ''
  const from = registration?.visitedPlmn ?? ''
  const here = partnersOf(signal, known)[0]?.location ?? null
  const there =
    registration === null ? null : ((network.partner(registration.partnerId ?? '') ?? network.partnersOfPlmn(from)[0])?.location ?? null)
  return scoreTravel({ plmn: from, place: there }, { plmn: to, place: here }, now - (registration?.registeredAt ?? now))
}
