import type { NeedsAnswers } from '../api/types.ts'
import { linesOf, parseAddress, parseNumber } from './profile-draft.ts'

/** The answers as they are typed. */
export interface NeedsDraft extends Omit<NeedsAnswers, 'addresses' | 'domains' | 'numbers' | 'kbps'> {
  addresses: string
  domains: string
  numbers: string
  kbps: string
}

/** Before anything is answered: what permits least. */
export function startNeeds(): NeedsDraft {
  return {
    service: 'meter',
    purpose: '',
    apn: '',
    addresses: '',
    domains: '',
    voice: false,
    sms: false,
    ussd: false,
    numbers: '',
    roaming: 'home',
    partnerIds: [],
    mobility: 'fixed',
    radio: 'any',
    kbps: '64',
    rhythm: 'daily',
    longLived: false,
    class: 'standard',
    changesModule: false,
    cardUse: 'iot',
  }
}

/** null while the access point or the rate is missing: then nothing can be proposed. */
export function answersOf(draft: NeedsDraft): NeedsAnswers | null {
  const apn = draft.apn.trim().toLowerCase()
  const kbps = /^\d{1,8}$/.test(draft.kbps.trim()) ? Number(draft.kbps) : 0
  if (apn === '' || kbps < 1 || kbps > 10_000_000) return null
  return {
    ...draft,
    apn,
    kbps,
    purpose: draft.purpose.trim(),
    addresses: linesOf(draft.addresses).map((line) => ({ ...parseAddress(line), apn: null })),
    domains: linesOf(draft.domains),
    numbers: draft.voice || draft.sms ? linesOf(draft.numbers).map(parseNumber) : [],
    partnerIds: draft.roaming === 'partners' ? draft.partnerIds : [],
  }
}
