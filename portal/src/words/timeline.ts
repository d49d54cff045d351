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

/** What policy and people did, by the key of the event; `.text` a second line. */
export const timelineWords: Words = {
  'timeline.imposed': msg({ message: '{reason} imposed on this SIM' }),
  'timeline.imposed.text': msg({ message: 'By {by}. {note}' }),
  'timeline.subject-erased': msg`Personal data of this SIM erased`,
}
