import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const statusWords: Words = {
  met: msg({ message: 'met', context: 'status' }),
  'not-met': msg({ message: 'not met', context: 'status' }),
  attested: msg({ message: 'attested', context: 'status' }),
  offered: msg({ message: 'offered', context: 'status' }),
  'not-offered': msg({ message: 'not offered', context: 'status' }),
  'not-applicable': msg({ message: 'not applicable', context: 'status' }),
  unknown: msg({ message: 'unknown', context: 'status' }),
}

export const strengthWords: Words = {
  shall: msg({ message: 'shall', context: 'strength' }),
  should: msg({ message: 'should', context: 'strength' }),
  can: msg({ message: 'can', context: 'strength' }),
  may: msg({ message: 'may', context: 'strength' }),
  inform: msg({ message: 'informs', context: 'strength' }),
}

export const sourceClassWords: Words = {
  'observed-in-line': msg({ message: 'observed in line', context: 'evidence' }),
  'observed-by-tap': msg({ message: 'observed by tap', context: 'evidence' }),
  imported: msg({ message: 'imported', context: 'evidence' }),
  attested: msg({ message: 'attested', context: 'evidence' }),
}

export const audienceWords: Words = {
  operator: msg({ message: 'operator', context: 'audience' }),
  'service-provider': msg({ message: 'service provider', context: 'audience' }),
  'device-maker': msg({ message: 'device maker', context: 'audience' }),
  device: msg({ message: 'device', context: 'audience' }),
  manufacturer: msg({ message: 'manufacturer', context: 'audience' }),
  service: msg({ message: 'service', context: 'audience' }),
}

export const kindWords: Words = {
  function: msg({ message: 'a function of the network', context: 'requirement kind' }),
  enforce: msg({ message: 'a policy to enforce', context: 'requirement kind' }),
  evidence: msg({ message: 'to be attested', context: 'requirement kind' }),
}

/** Titles of controls by key. */
export const controlWords: Words = {}

/** Why a status is what it is, by key. */
export const becauseWords: Words = {}
