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
  'timeline.sim-state': msg({ message: 'State changed from {from} to {to}' }),
  'timeline.sim-state.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-profile': msg({ message: 'Profile changed from {from} to {to}' }),
  'timeline.sim-profile.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-class': msg({ message: 'Class changed from {from} to {to}' }),
  'timeline.sim-class.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-group': msg({ message: 'Moved to the group {to}' }),
  'timeline.sim-group.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-plan': msg({ message: 'Put on the plan {to}' }),
  'timeline.sim-plan.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-label': msg({ message: 'Label changed to {to}' }),
  'timeline.sim-label.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-imei-lock': msg({ message: 'IMEI lock changed from {from} to {to}' }),
  'timeline.sim-imei-lock.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-hold': msg`Next attach held for a person`,
  'timeline.sim-hold.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-partition': msg({ message: 'Moved to the HSS partition {to}' }),
  'timeline.sim-partition.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-impose': msg({ message: '{to} imposed on this SIM' }),
  'timeline.sim-impose.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.sim-lift': msg({ message: '{from} lifted' }),
  'timeline.sim-lift.text': msg({ message: '“{reason}”', context: 'quote' }),
  'timeline.subject-erased': msg`Personal data of this SIM erased`,
}
