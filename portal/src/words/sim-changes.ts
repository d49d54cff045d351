import type { I18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { SimAction } from '../api/types.ts'
import { filled, type Words, word } from './say.ts'
import { imposedWords, intendedWords } from './sims.ts'
import { classWords } from './verdicts.ts'

type Change = SimAction['changes'][number]

/** What of a SIM was changed, by kind. */
const changeWords: Words = {
  state: msg({ message: 'State: {from} → {to}' }),
  profile: msg({ message: 'Profile: {from} → {to}' }),
  class: msg({ message: 'Class: {from} → {to}' }),
  group: msg({ message: 'Group: {from} → {to}' }),
  plan: msg({ message: 'Plan: {from} → {to}' }),
  label: msg({ message: 'Label: {from} → {to}' }),
  'imei-lock': msg({ message: 'IMEI lock: {from} → {to}' }),
  hold: msg`Next attach held for a person`,
  partition: msg({ message: 'HSS partition: {from} → {to}' }),
  impose: msg({ message: 'Imposed: {to}' }),
  lift: msg({ message: 'Lifted: {from}' }),
}

const values: Words = { ...intendedWords, ...imposedWords, ...classWords }

export function changeText(i18n: I18n, { kind, from, to }: Change): string {
  const text = (value: string | null): string => (value === null ? '–' : word(i18n, values, value))
  const descriptor = changeWords[kind]
  return descriptor === undefined ? kind : filled(i18n, descriptor, { from: text(from), to: text(to) })
}
