import type { AllowedAddress, FixedNumber, Radio } from '../profile.ts'
import { cardUses, radios } from '../profile.ts'
import { type SubscriptionClass, subscriptionClasses } from '../subscription.ts'

/** What a service does: enough to recognise the usual needs, never enough to grant anything by itself. */
export const serviceKinds = ['meter', 'tracker', 'alarm', 'camera', 'vehicle', 'wearable', 'payment', 'gateway', 'other'] as const
export const roamingNeeds = ['home', 'partners', 'anywhere'] as const
export const mobilities = ['fixed', 'nomadic', 'moving'] as const
export const rhythms = ['always', 'hourly', 'daily', 'weekly'] as const

/** The answers of one assessment (CLP.14 §5.1): what the service needs now, as its provider says. */
export interface NeedsAnswers {
  service: (typeof serviceKinds)[number]
  /** What it does, in the provider's own words. */
  purpose: string
  /** The access point that it uses. */
  apn: string
  /** Platforms that it talks to; both lists empty says that they cannot be named. */
  addresses: readonly AllowedAddress[]
  domains: readonly string[]
  voice: boolean
  sms: boolean
  ussd: boolean
  numbers: readonly FixedNumber[]
  roaming: (typeof roamingNeeds)[number]
  partnerIds: readonly string[]
  mobility: (typeof mobilities)[number]
  radio: Radio
  /** The most that it sends or gets at a time. */
  kbps: number
  /** How often it speaks. */
  rhythm: (typeof rhythms)[number]
  /** It stays in the field for more than ten years. */
  longLived: boolean
  class: SubscriptionClass
  /** The card may be moved from one module to another. */
  changesModule: boolean
  cardUse: (typeof cardUses)[number]
}

interface Question {
  id: keyof NeedsAnswers
  kind: 'one-of' | 'yes-no' | 'text' | 'number' | 'addresses' | 'domains' | 'numbers' | 'partners'
  options: readonly string[]
}

/** The questionnaire as data, in the order in which it is asked. */
export const questions: readonly Question[] = [
  { id: 'service', kind: 'one-of', options: serviceKinds },
  { id: 'purpose', kind: 'text', options: [] },
  { id: 'apn', kind: 'text', options: [] },
  { id: 'addresses', kind: 'addresses', options: [] },
  { id: 'domains', kind: 'domains', options: [] },
  { id: 'voice', kind: 'yes-no', options: [] },
  { id: 'sms', kind: 'yes-no', options: [] },
  { id: 'ussd', kind: 'yes-no', options: [] },
  { id: 'numbers', kind: 'numbers', options: [] },
  { id: 'roaming', kind: 'one-of', options: roamingNeeds },
  { id: 'partnerIds', kind: 'partners', options: [] },
  { id: 'mobility', kind: 'one-of', options: mobilities },
  { id: 'radio', kind: 'one-of', options: radios },
  { id: 'kbps', kind: 'number', options: [] },
  { id: 'rhythm', kind: 'one-of', options: rhythms },
  { id: 'longLived', kind: 'yes-no', options: [] },
  { id: 'class', kind: 'one-of', options: subscriptionClasses },
  { id: 'changesModule', kind: 'yes-no', options: [] },
  { id: 'cardUse', kind: 'one-of', options: cardUses },
]
