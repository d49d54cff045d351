import type { Plmn } from '#core/bcd.ts'
import type { PartnerIndex } from '#domain/partner-index.ts'
import type { ServiceProfile } from '#domain/profile.ts'
import type { EffectiveState, SubscriptionClass } from '#domain/subscription.ts'

/** Who we are. Realms and hosts in lower case. */
export interface OurNetwork {
  plmns: readonly Plmn[]
  realms: readonly string[]
  hosts: readonly string[]
  /** MCC and MNC digits (or longer) of IMSIs that are ours, sponsors' ranges among them. */
  imsiPrefixes: readonly string[]
}

/** What rules and the gate need of a subscription. */
export interface SubscriberView {
  imsi: string
  providerId: string
  class: SubscriptionClass
  homePlmn: string
  effective: EffectiveState
  /** 14 digits. */
  lockedImei: string | null
  profile: Pick<ServiceProfile, 'roamingArea' | 'imeiLock' | 'equivalentPlmns'>
}

/** The serving node on record. Null in `Known` where the IMSI never registered. */
export interface RegistrationView {
  mmeHost: string
  mmeRealm: string
  visitedPlmn: string
  partnerId: string | null
  purged: boolean
  /** 14 digits. */
  imei: string | null
  /** Wall time, ms. */
  registeredAt: number
}

/**
 * Everything that a verdict depends on beside the Signal. `absent` means that the store positively said that there is
 * no such IMSI; a lookup that failed, timed out or is cold is `unavailable`.
 */
export interface Known {
  our: OurNetwork
  network: PartnerIndex
  subscriber: SubscriberView | 'absent' | 'unavailable'
  registration: RegistrationView | null
  /** PLMNs that got vectors since the IMSI last registered elsewhere. */
  givenTo: readonly string[]
  /** Given to this IMSI and the claimed Visited-PLMN within the last hour. */
  vectorsLastHour: number
  /** True once every registration of before the cut-over is known; sequence rules only learn until then. */
  cutOverComplete: boolean
  /** Wall time, ms. */
  now: number
  /** Messages of this peer within the last second; absent: not counted. */
  peerMessagesLastSecond?: number
  /** IMSIs that do not exist, asked for by this partner within the last minute; absent: not counted. */
  absentLastMinute?: number
  /** ULRs of this IMSI from this partner refused within the last hour; absent: not counted. */
  refusedUlrsLastHour?: number
}
