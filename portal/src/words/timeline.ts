import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const outcomeWords: Words = {
  allow: msg({ message: 'allowed', context: 'outcome' }),
  reject: msg({ message: 'refused', context: 'outcome' }),
  drop: msg({ message: 'dropped', context: 'outcome' }),
  sinkhole: msg({ message: 'sent to the sinkhole', context: 'outcome' }),
  hold: msg({ message: 'held, then allowed', context: 'outcome' }),
  challenge: msg({ message: 'challenged', context: 'outcome' }),
  'home-route': msg({ message: 'routed home', context: 'outcome' }),
}

/** What policy and people did, by the key of the event. */
export const timelineWords: Words = {
  imposed: msg({ message: '{reason} imposed on this SIM' }),
  released: msg({ message: '{reason} released' }),
  'intended-changed': msg({ message: 'Intended state: {from} to {to}' }),
  'profile-sent': msg({ message: 'Profile {profile} sent to {node}' }),
  'profile-changed': msg({ message: 'Moved to profile {profile}' }),
  'imei-locked': msg({ message: 'Locked to the device {imei}' }),
  created: msg({ message: 'Subscription created' }),
}

/** A second line where the event has one. */
export const timelineTextWords: Words = {
  imposed: msg({ message: 'By {by}. {note}' }),
  'intended-changed': msg({ message: 'Reason: {reason}' }),
}
