import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** Names of the attacks that the simulator can make. */
export const attackWords: Words = {}

/** What the attacker claims, and what an HSS that trusts its peers would have given: by key. */
export const attackTextWords: Words = {}

export const chapterWords: Words = {}

export const storyWords: Words = {}

export const stepStateWords: Words = {
  waiting: msg({ message: 'waiting', context: 'story step' }),
  running: msg({ message: 'running', context: 'story step' }),
  done: msg({ message: 'done', context: 'story step' }),
  failed: msg({ message: 'failed', context: 'story step' }),
}
