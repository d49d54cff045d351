import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const severityWords: Words = {
  critical: msg({ message: 'critical', context: 'severity' }),
  major: msg({ message: 'major', context: 'severity' }),
  minor: msg({ message: 'minor', context: 'severity' }),
  warning: msg({ message: 'warning', context: 'severity' }),
}

export const alarmStateWords: Words = {
  raised: msg({ message: 'raised', context: 'alarm' }),
  acknowledged: msg({ message: 'taken', context: 'alarm' }),
  cleared: msg({ message: 'cleared', context: 'alarm' }),
}

export const objectiveWords: Words = {
  'attach-success': msg`Attach success`,
  'answer-time': msg`Answers in time`,
}

/** Titles by key. */
export const alarmWords: Words = {}

/** Causes by key. */
export const alarmCauseWords: Words = {}

/** What to do, by key. */
export const alarmActionWords: Words = {}
