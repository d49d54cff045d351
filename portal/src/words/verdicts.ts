import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const reasonWords: Words = {
  ok: msg`Allowed`,
  'unknown-peer': msg`Unknown peer`,
  'forged-realm': msg`Forged realm`,
  'forged-host': msg`Forged host`,
  'forged-network': msg`Forged network`,
  'own-identity-from-outside': msg`Own identity from outside`,
  'operation-from-outside': msg`Operation from outside`,
  'unsolicited-answer': msg`Unsolicited answer`,
  'not-registered-node': msg`Not the registered node`,
  'out-of-sequence': msg`Out of sequence`,
  replay: msg`Replay`,
  'vector-cap': msg`Too many vectors`,
  'rate-cap': msg`Too many requests`,
  'separation-bit': msg`Wrong separation bit`,
  malformed: msg`Malformed`,
  'unknown-subscriber': msg`Unknown subscriber`,
  'not-ours': msg`Not our subscriber`,
  'not-subscribed': msg`Not subscribed`,
  'outside-roaming-area': msg`Outside roaming area`,
  'partner-not-allowed': msg`Partner not allowed`,
  suspended: msg`Suspended`,
  'held-for-approval': msg`Held for approval`,
  'imei-lock': msg`IMEI lock`,
  banned: msg`Banned`,
  storm: msg`Storm: try later`,
  steering: msg`Steering: try elsewhere`,
  busy: msg`Busy: try later`,
  'store-unavailable': msg`Store did not answer: try later`,
}

/** Where the action and not the reason is the news. */
export const actionRowWords: Words = {
  hold: msg`Held, then allowed`,
  challenge: msg`Challenged, allowed`,
}

export const actionWords: Words = {
  allow: msg({ message: 'allow', context: 'verdict' }),
  reject: msg({ message: 'reject', context: 'verdict' }),
  drop: msg({ message: 'drop', context: 'verdict' }),
  sinkhole: msg({ message: 'sinkhole', context: 'verdict' }),
  hold: msg({ message: 'hold', context: 'verdict' }),
  challenge: msg({ message: 'challenge', context: 'verdict' }),
  'home-route': msg({ message: 'home-route', context: 'verdict' }),
}

export const classWords: Words = {
  critical: msg({ message: 'critical', context: 'class' }),
  standard: msg({ message: 'standard', context: 'class' }),
  deferrable: msg({ message: 'deferrable', context: 'class' }),
}

export const modeWords: Words = {
  off: msg({ message: 'off', context: 'rule mode' }),
  learn: msg({ message: 'learn', context: 'rule mode' }),
  shadow: msg({ message: 'shadow', context: 'rule mode' }),
  active: msg({ message: 'active', context: 'rule mode' }),
}

export const stateWords: Words = {
  ok: msg({ message: 'ok', context: 'state' }),
  attention: msg({ message: 'attention', context: 'state' }),
  refused: msg({ message: 'refused', context: 'state' }),
  unknown: msg({ message: 'unknown', context: 'state' }),
}

export const sourceWords: Words = {
  proven: msg({ message: 'proven by link', context: 'fact source' }),
  claimed: msg({ message: 'claimed', context: 'fact source' }),
  state: msg({ message: 'in the store', context: 'fact source' }),
  policy: msg({ message: 'policy', context: 'fact source' }),
}
