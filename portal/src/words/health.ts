import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What to do about devices that are refused, by the reason. */
export const refusalAdvice: Words = {
  suspended: msg`They are suspended: activate those that should work, or have them switched off.`,
  'not-subscribed': msg`Their profile lacks what they ask for: change the profile.`,
  'outside-roaming-area': msg`Their profile does not allow this network: widen its roaming area, or find out why they are there.`,
  'partner-not-allowed': msg`There is no agreement with this network in force: ask the operator.`,
  'held-for-approval': msg`They wait for a person: decide in Approvals.`,
  'imei-lock': msg`The card is in another device: find out who moved it, then release the lock or leave it.`,
  banned: msg`They are banned: ask who did it and why before anything else.`,
  storm: msg`Nothing: they come back by themselves.`,
  busy: msg`Nothing: they come back by themselves.`,
  'store-unavailable': msg`Nothing: they come back by themselves.`,
  steering: msg`Nothing: they try another network.`,
  'rate-cap': msg`They ask far too often: look at one of them, its firmware may loop.`,
  'vector-cap': msg`Too many vectors were asked for them: the network there may be at fault; ask the operator.`,
}

/** RAT-Type (TS 29.212 §5.3.31) as people name it. */
export const radioWords: Words = {
  '0': msg({ message: 'WLAN', context: 'radio' }),
  '1000': msg({ message: 'UTRAN (3G)', context: 'radio' }),
  '1001': msg({ message: 'GERAN (2G)', context: 'radio' }),
  '1002': msg({ message: 'GAN (2G over IP)', context: 'radio' }),
  '1003': msg({ message: 'HSPA+ (3G)', context: 'radio' }),
  '1004': msg({ message: 'LTE', context: 'radio' }),
  '1005': msg({ message: 'NB-IoT', context: 'radio' }),
  '1006': msg({ message: '5G', context: 'radio' }),
  '1007': msg({ message: 'LTE-M', context: 'radio' }),
}

export const dueWords: Words = {
  'card-batch': msg`Accreditation of the card maker`,
  client: msg`API client`,
}

export const waitingWords = {
  held: msg({ message: '{count} devices are held until a person lets them in.' }),
  approvals: msg({ message: '{count} approvals wait for a decision.' }),
  quotas: msg({ message: '{count} SIMs are past a threshold of their plan.' }),
}

export const outcomeWords: Words = {
  registered: msg({ message: 'registered', context: 'device' }),
  refused: msg({ message: 'kept out by the lock', context: 'device' }),
}

export const gradeWords: Words = {
  proven: msg({ message: 'proven', context: 'assurance' }),
  claimed: msg({ message: 'claimed', context: 'assurance' }),
  'on-record': msg({ message: 'on record', context: 'assurance' }),
  absent: msg({ message: 'not seen', context: 'assurance' }),
}
