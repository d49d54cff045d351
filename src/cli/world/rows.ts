import { hash } from 'node:crypto'
import type { Card, CardBatch } from '#domain/card.ts'
import type { Partner, PeerRow } from '#domain/partner.ts'
import { readProfileBody, type ServiceProfile } from '#domain/profile.ts'
import type { Provider } from '#domain/provider.ts'
import type { SimCard } from '#sim/cards.ts'
import { batches, networkRows, peers, profiles, providers } from '#sim/world.ts'

/** The simulated world in the domain's own shapes. Ids are made from names, so that two starts agree on them. */

/** A UUID (version 8, RFC 9562 §5.8) that stands for a name of the simulated world. */
export function idOf(kind: string, name: string): string {
  const digest = hash('sha256', `simward world ${kind} ${name}`, 'hex')
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

export function providerRows(signedAt: number): Provider[] {
  return providers.map((row) => ({
    id: idOf('provider', row.id),
    name: row.name,
    dataProcessingAgreement: row.agreement === null ? null : { signedAt, reference: row.agreement.reference },
  }))
}

export function batchRows(validUntil: number): CardBatch[] {
  return batches.map((row) => ({
    id: idOf('batch', row.id),
    supplier: row.supplier,
    accreditation: row.accreditation === null ? null : { ...row.accreditation, validUntil },
    parameters: row.parameters,
  }))
}

export function profileRows(): ServiceProfile[] {
  return profiles.map(({ roamingArea, ...row }) => ({
    ...readProfileBody({
      ...row,
      roamingArea:
        roamingArea.kind === 'partners'
          ? { kind: 'partners', partnerIds: roamingArea.partnerIds.map((id) => idOf('partner', id)) }
          : roamingArea,
    }),
    id: idOf('profile', row.id),
    providerId: idOf('provider', row.providerId),
    name: row.name,
    version: row.version,
  }))
}

export function partnerRows(now: number): Partner[] {
  return networkRows.map((row) => ({
    id: idOf('partner', row.id),
    name: row.name,
    plmns: row.plmns,
    realms: [row.realm],
    hosts: [],
    addresses: row.addresses,
    nodeNumbers: row.nodeNumbers,
    location: row.location,
    via: row.via,
    topologyHiding: row.topologyHiding,
    agreedRate: row.agreedRate,
    validFrom: 0,
    validUntil: null,
    source: row.source,
    confirmedAt: now,
    waivers: [],
    equivalentPlmns: row.equivalentPlmns,
    abatement: row.kind === 'low-priority-first' ? 'low-priority-first' : 'random',
  }))
}

export function peerRows(): PeerRow[] {
  return peers.map((row) => ({ ...row }))
}

/** `idFor`: `idOf`, or one that remembers. */
export function cardRow(sim: SimCard, idFor: typeof idOf): Card {
  return {
    id: idOf('card', sim.iccid),
    providerId: idFor('provider', sim.providerId),
    iccid: sim.iccid,
    eid: sim.eid,
    formFactor: 'MFF2',
    use: 'iot',
    batchId: idFor('batch', sim.batchId),
  }
}
