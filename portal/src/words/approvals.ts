import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What will happen once enough persons agreed: one sentence for each thing that can be asked for. */
export const approvalWords: Words = {
  'approval.profile-change': msg({
    message: 'Bring version {version} of the profile {profile} into force for {sims} SIMs, {critical} of them critical.',
  }),
  'approval.bulk-job': msg({ message: 'Change {count} SIMs at once ({change}), {critical} of them critical.' }),
  'approval.plain': msg({ message: 'Execute a command of the kind {kind}.' }),
}
