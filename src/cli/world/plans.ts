import type { NeedsAnswers } from '#domain/needs/questions.ts'
import type { ServiceProfile } from '#domain/profile.ts'
import type { RatePlan } from '#domain/rate-plan.ts'
import { providers } from '#sim/world.ts'
import { idOf, profileRows } from './rows.ts'

/** What the providers of the simulated world bought, and what they said that their services need. */

const mb = 1_000_000

/** Critical SIMs are never cut off, so that the plan of health monitors does not say so either. */
const planOf: Readonly<Record<(typeof providers)[number]['id'], { name: string; includedMb: number; cutOffPercent: number | null }>> = {
  gridmere: { name: 'Meter 10', includedMb: 10, cutOffPercent: 120 },
  wayfold: { name: 'Track 50', includedMb: 50, cutOffPercent: 120 },
  havenpulse: { name: 'Vital 200', includedMb: 200, cutOffPercent: null },
}

export interface PlanRow {
  id: string
  providerId: string
  name: string
  body: RatePlan
}

export function planRows(): PlanRow[] {
  return providers.map(({ id }) => {
    const { name, includedMb, cutOffPercent } = planOf[id]
    return {
      id: idOf('plan', id),
      providerId: idOf('provider', id),
      name,
      body: { period: { kind: 'calendar-month' }, includedBytes: includedMb * mb, alertsPercent: [80, 100], cutOffPercent },
    }
  })
}

const services = {
  gridmere: { service: 'meter', purpose: 'Reads electricity meters', mobility: 'fixed', rhythm: 'daily', longLived: true },
  wayfold: { service: 'tracker', purpose: 'Follows containers by land and sea', mobility: 'moving', rhythm: 'hourly', longLived: false },
  havenpulse: {
    service: 'wearable',
    purpose: 'Watches heart and breath at home and on the way',
    mobility: 'moving',
    rhythm: 'always',
    longLived: false,
  },
} as const satisfies Record<(typeof providers)[number]['id'], Partial<NeedsAnswers>>

/** The assessment behind each profile: it asks for what the profile grants, and its platforms cannot be named yet. */
export function needsRows(): { id: string; profile: ServiceProfile; answers: NeedsAnswers }[] {
  return profileRows().flatMap((profile) => {
    const provider = providers.find(({ id }) => idOf('provider', id) === profile.providerId)
    if (provider === undefined) return []
    const answers: NeedsAnswers = {
      ...services[provider.id],
      apn: profile.apns[0].name,
      addresses: [],
      domains: [],
      voice: false,
      sms: false,
      ussd: false,
      numbers: [],
      roaming: 'anywhere',
      partnerIds: [],
      radio: 'any',
      kbps: Math.max(profile.maxUplinkKbps, profile.maxDownlinkKbps),
      class: provider.class,
      changesModule: !profile.imeiLock,
      cardUse: 'iot',
    }
    return [{ id: idOf('needs', profile.name), profile, answers }]
  })
}
