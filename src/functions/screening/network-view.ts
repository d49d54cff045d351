import type { Partner, PeerRow } from '#domain/partner.ts'
import type { PartnerRow, PeerView } from '#platform/http/schemas/network.ts'
import { latencyQuantile } from '#platform/latency.ts'
import type { LinkState, Ports } from '#platform/ports.ts'
import type { TenantDb } from '#store/db.ts'

const windowMs = 300_000

/** What the last five minutes say of a partner. */
function partnerFigures(partnerId: string, ports: Readonly<Partial<Ports>>, now: number) {
  const totals = ports.history?.counts.partners.peek(partnerId)?.fine.totals(now, windowMs)
  if (totals === undefined) return { registrationsPerSecond: 0, success: null, p95Ms: null, refused: 0, judged: 0 }
  const asked = totals.good + totals.bad
  return {
    registrationsPerSecond: totals.registrations / (windowMs / 1_000),
    success: asked === 0 ? null : totals.good / asked,
    p95Ms: latencyQuantile(totals, 0.95),
    refused: totals.refused,
    judged: asked + totals.refused,
  }
}

/** How many of our SIMs are registered with each partner; counted to what one look may cost. */
export async function registeredByPartner(db: TenantDb): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ partner_id: string; registered: bigint }>(
    `SELECT partner_id, count(*) AS registered FROM (SELECT partner_id FROM registration WHERE NOT purged LIMIT 200000) AS part
     WHERE partner_id IS NOT NULL GROUP BY partner_id`,
  )
  return new Map(rows.map(({ partner_id: id, registered }) => [id, Number(registered)]))
}

export function partnerView(
  partner: Partner,
  at: { ports: Readonly<Partial<Ports>>; peers: readonly PeerRow[]; now: number; registered: number | null },
): PartnerRow {
  const { ports, peers, now, registered } = at
  const links = ports.links?.links() ?? []
  const realms = new Set(partner.realms.map((realm) => realm.toLowerCase()))
  const carriers = peers.filter((peer) => partner.via.includes(peer.id) || peer.realms.some((realm) => realms.has(realm.toLowerCase())))
  const { judged: _judged, ...figures } = partnerFigures(partner.id, ports, now)
  return {
    ...partner,
    plmns: [...partner.plmns],
    realms: [...partner.realms],
    hosts: [...partner.hosts],
    addresses: [...partner.addresses],
    location: partner.location === null ? null : [...partner.location],
    via: [...partner.via],
    waivers: [...partner.waivers],
    equivalentPlmns: [...partner.equivalentPlmns],
    nodeNumbers: [...(partner.nodeNumbers ?? [])],
    abatement: partner.abatement ?? 'random',
    live: {
      peers: carriers.map(({ id, identity }) => ({ id, identity, up: links.some((link) => link.peerId === id && link.up) })),
      ...figures,
      waiversUsed: waiversUsed(partner, ports),
      registered,
      ageS: Math.max(0, (now - partner.confirmedAt) / 1_000),
    },
  }
}

/** How often each waiver let something pass, since start. */
function waiversUsed({ id, waivers }: Partner, { rules, history }: Readonly<Partial<Ports>>): Record<string, number> {
  const used: Record<string, number> = {}
  for (const rule of rules?.rules() ?? []) {
    if (rule.waiver === undefined || !waivers.includes(rule.waiver)) continue
    used[rule.waiver] = (used[rule.waiver] ?? 0) + (history?.counts.passedBy.peek(`${id} ${rule.id}`)?.count ?? 0)
  }
  return used
}

export function peerView(peer: PeerRow, links: readonly LinkState[]): PeerView {
  const link = links.find(({ peerId }) => peerId === peer.id)
  return {
    ...peer,
    realms: [...peer.realms],
    connectTo: peer.connectTo,
    live: {
      state: link?.state ?? (peer.enabled ? 'unknown' : 'disabled'),
      up: link?.up ?? false,
      tls: link?.tls ?? null,
      remoteAddress: link?.remoteAddress ?? null,
      openSince: link?.openSince ?? null,
      messagesIn: link?.messagesIn ?? null,
      messagesOut: link?.messagesOut ?? null,
    },
  }
}
