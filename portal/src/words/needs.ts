import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What needs a person: headings by key. */
export const needWords: Words = {}

/** One line of explanation by key. */
export const needTextWords: Words = {}

/** What the link does, by key. */
export const needActionWords: Words = {
  open: msg`Open`,
}

/** The line below the verdict sentence, by key. */
export const lineWords: Words = {}
