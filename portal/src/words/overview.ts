import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** Annotations of the load chart; `.more` is a second line. */
export const chartWords: Words = {
  'outage-ends': msg`outage ends`,
  'outage-ends.more': msg({ message: '{devices} devices return in {spreadS} s' }),
  'outage-starts': msg`outage starts`,
  'outage-starts.more': msg({ message: '{devices} devices are cut off' }),
  'deferrable-return': msg({ message: '{devices} deferrable return about {time}' }),
  'without-control': msg`without control (computed, same seed)`,
}

/** The first sentence of the overview, where the server names a case of its own. */
export const verdictWords: Words = {
  starting: msg`Starting: nothing has been judged yet`,
  'no-peers': msg`No peer is connected`,
  'store-down': msg`The store does not answer: devices are told to try later`,
}
