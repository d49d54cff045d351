import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const approvalStateWords: Words = {
  waiting: msg({ message: 'waits', context: 'approval' }),
  approved: msg({ message: 'approved, about to run', context: 'approval' }),
  executed: msg({ message: 'approved and done', context: 'approval' }),
  failed: msg({ message: 'approved, but failed', context: 'approval' }),
  refused: msg({ message: 'refused by a person', context: 'approval' }),
  withdrawn: msg({ message: 'withdrawn', context: 'approval' }),
  expired: msg({ message: 'expired', context: 'approval' }),
}

/** Why the reader cannot decide. */
export const obstacleWords: Words = {
  closed: msg`This approval is closed: nobody can change it any more.`,
  own: msg`You asked for it: it takes another person.`,
  decided: msg`You decided this already: a person counts once.`,
  'operator-only': msg`Only persons of the operator may decide this.`,
  'people-only': msg`Only a person at a browser may decide this.`,
  'not-allowed': msg`Your role does not have the permission approvals:decide.`,
  'passkey-needed': msg`A decision is signed with a passkey, and you have none: add one under My security.`,
}

/** What will happen once enough persons agreed: one sentence for each thing that can be asked for. */
export const approvalWords: Words = {
  'approval.profile-change': msg({
    message: 'Bring version {version} of the profile {profile} into force for {sims} SIMs, {critical} of them critical.',
  }),
  'approval.bulk-job': msg({ message: 'Change {count} SIMs at once ({change}), {critical} of them critical.' }),
  'approval.sim-state': msg({ message: 'Change the state of the {class} SIM {imsi} from {from} to {to}.' }),
  'approval.sim-class': msg({ message: 'Change the class of the SIM {imsi} from {from} to {to}.' }),
  'approval.sim-profile': msg({ message: 'Put the {class} SIM {imsi} on the profile {to}.' }),
  'approval.sim-hold': msg({ message: 'Let the next attach of the {class} SIM {imsi} wait for a person.' }),
  'approval.sim-imei-lock': msg({ message: 'Bind the {class} SIM {imsi} to the device {to}.' }),
  'approval.sim-partition': msg({ message: 'Move the {class} SIM {imsi} to the HSS partition {to}.' }),
  'approval.sim-impose': msg({ message: 'Bar the {class} SIM {imsi}: {to}.' }),
  'approval.release-hold': msg({ message: 'Let the held {class} SIM {imsi} attach at its next attempt.' }),
  'approval.plain': msg({ message: 'Execute a command of the kind {kind}.' }),
}
