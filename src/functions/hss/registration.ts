import type { Partner } from '#domain/partner.ts'
import type { Registration } from './subscriber.ts'

/** Serving-node identity (TS 29.272 §5.2.1): Diameter names compare without case (RFC 6733 §4.3.1). */
function isSameNode(registration: Registration, node: { host: string; realm: string }, hidesTopology: boolean): boolean {
  if (registration.mmeRealm.toLowerCase() !== node.realm.toLowerCase()) return false
  return hidesTopology || registration.mmeHost.toLowerCase() === node.host.toLowerCase()
}

/** Whether the former node must be told by CLR that the subscriber has gone. */
export function needsCancel(former: Registration | null, now: Registration, hidesTopology: boolean): former is Registration {
  return former !== null && !former.purged && !isSameNode(former, { host: now.mmeHost, realm: now.mmeRealm }, hidesTopology)
}

/** A partner that hides its topology shows one node under several names: the realm is what stays. */
export function nodeKeyOf(node: { host: string; realm: string }, partner: Partner | undefined): string {
  return partner?.topologyHiding === true ? node.realm.toLowerCase() : node.host.toLowerCase()
}

/** The last that were given: a device that hops between many networks must not make the row grow without end. */
const maxGivenTo = 16

/** Adds a PLMN that got vectors; the same array when it was there. */
export function withGivenTo(givenTo: readonly string[], plmn: string): readonly string[] {
  if (givenTo.includes(plmn)) return givenTo
  return [...givenTo, plmn].slice(-maxGivenTo)
}
