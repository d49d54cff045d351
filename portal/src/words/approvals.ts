import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What will happen once enough persons agreed: one sentence for each thing that can be asked for. */
export const approvalWords: Words = {
  'approval.plain': msg({ message: 'Execute a command of the kind {kind}.' }),
}
