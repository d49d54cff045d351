import type { AvpsOf } from '#protocols/diameter/message.ts'
import type { NodeContext } from './context.ts'
import type { ApplicationId } from './types.ts'

/** The relay application: forwards every other (RFC 6733 §2.4). */
export const relayApplication = 0xffff_ffff
/** Inband-Security-Id NO_INBAND_SECURITY (RFC 6733 §6.10). */
const noInbandSecurity = 0

/** Our side of a capabilities exchange. Only the address that this connection is bound to is told (RFC 6733 §5.3.5). */
export function ownCapabilities(context: NodeContext, localAddress: string): AvpsOf<'CER'> {
  const { options, applications } = context
  const vendors = [...new Set(applications.map((each) => each.vendor))].filter((vendor) => vendor !== 0)
  return {
    'Origin-Host': options.identity,
    'Origin-Realm': options.realm,
    'Host-IP-Address': [localAddress],
    'Vendor-Id': options.vendorId ?? 0,
    'Product-Name': options.productName,
    'Origin-State-Id': options.originStateId,
    'Supported-Vendor-Id': vendors,
    'Auth-Application-Id': applications.filter((each) => each.vendor === 0).map((each) => each.id),
    'Inband-Security-Id': [noInbandSecurity],
    'Vendor-Specific-Application-Id': applications
      .filter((each) => each.vendor !== 0)
      .map((each) => ({ 'Vendor-Id': each.vendor, 'Auth-Application-Id': each.id })),
  }
}

/** Every application number that a CER or CEA lists, on whichever of the three ways. */
function listedApplications(avps: AvpsOf<'CER'> | AvpsOf<'CEA'>): Set<number> {
  const listed = new Set([...(avps['Auth-Application-Id'] ?? []), ...(avps['Acct-Application-Id'] ?? [])])
  for (const group of avps['Vendor-Specific-Application-Id'] ?? []) {
    if (group['Auth-Application-Id'] !== undefined) listed.add(group['Auth-Application-Id'])
    if (group['Acct-Application-Id'] !== undefined) listed.add(group['Acct-Application-Id'])
  }
  return listed
}

/** Applications in common, and the relay application where the peer relays; empty: nothing to talk about (5010). */
export function commonApplications(own: readonly ApplicationId[], avps: AvpsOf<'CER'> | AvpsOf<'CEA'>): readonly number[] {
  const listed = listedApplications(avps)
  if (listed.has(relayApplication)) return [...own.map((each) => each.id), relayApplication]
  return own.map((each) => each.id).filter((id) => listed.has(id))
}

/** A peer that insists on a security of its own inside a plain connection has none in common with us (5017). */
export function acceptsSecurity(avps: AvpsOf<'CER'>, isTls: boolean): boolean {
  const listed = avps['Inband-Security-Id'] ?? []
  return isTls || listed.length === 0 || listed.includes(noInbandSecurity)
}
