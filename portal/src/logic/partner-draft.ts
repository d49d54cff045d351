import type { Partner, Peer } from '../api/types.ts'

export type PartnerBody = Omit<Partner, 'id' | 'live'>
export type PeerBody = Omit<Peer, 'id' | 'live'>

/** What a form holds: text as typed, until it is sent. */
export interface PartnerDraft {
  name: string
  plmns: string[]
  equivalentPlmns: string[]
  realms: string[]
  hosts: string[]
  addresses: string[]
  via: string[]
  topologyHiding: boolean
  agreedRate: string
  location: string
  source: string
  waivers: string[]
}

export function draftOf(partner: PartnerBody | undefined): PartnerDraft {
  return {
    name: partner?.name ?? '',
    plmns: [...(partner?.plmns ?? [])],
    equivalentPlmns: [...(partner?.equivalentPlmns ?? [])],
    realms: [...(partner?.realms ?? [])],
    hosts: [...(partner?.hosts ?? [])],
    addresses: [...(partner?.addresses ?? [])],
    via: [...(partner?.via ?? [])],
    topologyHiding: partner?.topologyHiding ?? false,
    agreedRate: String(partner?.agreedRate ?? 50),
    location: partner?.location?.join(', ') ?? '',
    source: partner?.source ?? '',
    waivers: [...(partner?.waivers ?? [])],
  }
}

export type DraftFault = 'name' | 'plmns' | 'equivalentPlmns' | 'realms' | 'agreedRate' | 'location' | 'source'

const plmnForm = /^\d{3}-\d{2,3}$/

/** The first things that the server would refuse, by field. */
export function partnerFaults(draft: PartnerDraft): DraftFault[] {
  const faults: DraftFault[] = []
  if (draft.name.trim() === '') faults.push('name')
  if (draft.plmns.length === 0 || !draft.plmns.every((plmn) => plmnForm.test(plmn))) faults.push('plmns')
  if (!draft.equivalentPlmns.every((plmn) => plmnForm.test(plmn))) faults.push('equivalentPlmns')
  if (draft.realms.length === 0) faults.push('realms')
  if (!(Number(draft.agreedRate) > 0)) faults.push('agreedRate')
  if (draft.location.trim() !== '' && locationOf(draft.location) === null) faults.push('location')
  if (draft.source.trim() === '') faults.push('source')
  return faults
}

function locationOf(text: string): [number, number, number] | null {
  const [latitude = Number.NaN, longitude = Number.NaN, radiusKm = Number.NaN, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const ok = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && radiusKm >= 0 && more.length === 0
  return ok ? [latitude, longitude, radiusKm] : null
}

/** What is sent: what the form does not show stays as it was; confirming the data now is part of saving it. */
export function partnerBody(draft: PartnerDraft, before: PartnerBody | undefined, now: number): PartnerBody {
  return {
    ...before,
    name: draft.name.trim(),
    plmns: draft.plmns as PartnerBody['plmns'],
    equivalentPlmns: draft.equivalentPlmns as PartnerBody['equivalentPlmns'],
    realms: draft.realms.map((realm) => realm.toLowerCase()),
    hosts: draft.hosts.map((host) => host.toLowerCase()),
    addresses: draft.addresses,
    via: draft.via,
    topologyHiding: draft.topologyHiding,
    agreedRate: Number(draft.agreedRate),
    location: draft.location.trim() === '' ? null : locationOf(draft.location),
    validFrom: before?.validFrom ?? now,
    validUntil: before?.validUntil ?? null,
    source: draft.source.trim(),
    confirmedAt: now,
    waivers: draft.waivers as PartnerBody['waivers'],
  }
}

/** `changed field: before -> after` for the dialog that asks why. */
export function changes(before: object | undefined, after: object): { field: string; from: string; to: string }[] {
  const old = (before ?? {}) as Record<string, unknown>
  return Object.entries(after).flatMap(([field, value]) => {
    const from = shown(old[field])
    const to = shown(value)
    return from === to || field === 'confirmedAt' ? [] : [{ field, from, to }]
  })
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value)) return value.join(' ') || '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A name for a new row, from what people call it. */
export function idFrom(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}
