import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** The overview's own sentences: verdict, the line below it, annotations of the chart (`.more`: a second line). */
export const overviewWords: Words = {
  'overview.store-away': msg`The store does not answer: devices are told to try later`,
  'overview.ledger-broken': msg`The ledger does not verify`,
  'overview.line.t3402': msg({ message: '{devices} devices wait out T3402, 12 min: nothing to do.' }),
  'demo.outage-ends': msg`outage ends`,
  'demo.outage-ends.more': msg({ message: '{devices} devices return in {spreadS} s' }),
  'demo.computed': msg`without control (computed, same seed)`,
}
