import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What needs a person beyond alarms and controls; `.do` is what the link does. */
export const needWords: Words = {
  'need.open': msg`Open`,
  'need.partner-data-old': msg({ message: 'Data of {partner} is {days} d old' }),
  'need.partner-data-old.text': msg`Confirm it against the partner's IR.21: stale data refuses honest nodes.`,
}
