import type { I18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { JobChange } from '../api/types.ts'
import { filled, type Words, word } from './say.ts'
import { imposedWords, intendedWords } from './sims.ts'
import { classWords } from './verdicts.ts'

export const jobStateWords: Words = {
  draft: msg({ message: 'Draft', context: 'job' }),
  receiving: msg({ message: 'Reading its file', context: 'job' }),
  previewing: msg({ message: 'Being previewed', context: 'job' }),
  ready: msg({ message: 'Previewed', context: 'job' }),
  waiting: msg({ message: 'Waits for approval', context: 'job' }),
  checking: msg({ message: 'Checking the set', context: 'job' }),
  running: msg({ message: 'Running', context: 'job' }),
  paused: msg({ message: 'Paused', context: 'job' }),
  telling: msg({ message: 'Telling networks', context: 'job' }),
  done: msg({ message: 'Done', context: 'job' }),
  cancelled: msg({ message: 'Cancelled', context: 'job' }),
  failed: msg({ message: 'Failed', context: 'job' }),
}

export const outcomeWords: Words = {
  changed: msg({ message: 'Changed', context: 'job row' }),
  unchanged: msg({ message: 'Unchanged', context: 'job row' }),
  refused: msg({ message: 'Refused', context: 'job row' }),
  needsApproval: msg({ message: 'Needs approval', context: 'job row' }),
}

/** What a preview says: nothing of it has happened. */
export const wouldWords: Words = {
  changed: msg({ message: 'Would change', context: 'job row' }),
  unchanged: msg({ message: 'Would stay as they are', context: 'job row' }),
  refused: msg({ message: 'Would be refused', context: 'job row' }),
  needsApproval: msg({ message: 'Need approval', context: 'job row' }),
}

/** Why a job is not where it was meant to be. */
export const faultWords: Words = {
  'set-changed': msg`The SIMs that match changed since the preview: preview it again.`,
  'job-too-large': msg`More SIMs match than one job takes: narrow the filter.`,
  'upload-failed': msg`The file was not read to its end: send it again.`,
  'job-fault': msg`Something failed in the server; its log says what. What is done stays done.`,
  'approval-refused': msg`The approval was refused.`,
  'approval-withdrawn': msg`The approval was withdrawn.`,
  'approval-expired': msg`Nobody approved it in time.`,
  'approval-failed': msg`It was approved, but could not be begun.`,
  'approval-gone': msg`The approval is gone.`,
}

/** What is wrong with one row, by its code. */
export const rowWords: Words = {
  'cell-count': msg`more or fewer cells than the header`,
  'cell-empty': msg`a value is missing`,
  'cell-too-long': msg`too long`,
  'card-use-differs': msg`not for this kind of card`,
  duplicate: msg`stands twice in the file`,
  'eid-invalid': msg`no EID`,
  'gate-refuses': msg`refused by the exemption gate`,
  'group-unknown': msg`no such group`,
  'iccid-invalid': msg`no ICCID`,
  'iccid-taken': msg`another provider has this card`,
  'identity-ambiguous': msg`several SIMs have it`,
  'identity-mismatch': msg`belongs to another SIM`,
  'identity-missing': msg`no cell names a SIM`,
  'imei-invalid': msg`no IMEI`,
  'imsi-foreign': msg`not an IMSI of this operator`,
  'imsi-invalid': msg`no IMSI`,
  'imsi-taken': msg`a SIM has this IMSI already`,
  'key-invalid': msg`no key of this algorithm`,
  'key-misplaced': msg`a key in the wrong place`,
  'label-invalid': msg`no label`,
  'label-too-long': msg`label too long`,
  'msisdn-invalid': msg`no phone number`,
  'needs-approval': msg`needs another person`,
  'no-change': msg`says no change`,
  'operator-only': msg`for the operator only`,
  'partition-invalid': msg`no HSS partition`,
  'people-only': msg`needs a person, not a program`,
  'plan-unknown': msg`no such plan`,
  'profile-unknown': msg`no such profile`,
  'provider-mismatch': msg`for another provider`,
  'provider-unknown': msg`no such provider`,
  'sim-retired': msg`retired for good`,
  'sim-unknown': msg`no such SIM`,
  'transition-not-allowed': msg`this step is not allowed`,
  'word-unknown': msg`not one of the words allowed`,
}

const changes: Words = {
  state: msg({ message: 'Set state to {to}' }),
  profile: msg`Change the profile`,
  class: msg({ message: 'Set class to {to}' }),
  group: msg`Move to a group`,
  plan: msg`Change the rate plan`,
  label: msg({ message: 'Set label to {to}' }),
  unlabel: msg`Take the label away`,
  'imei-lock': msg`Bind to the next device`,
  hold: msg`Hold the next attach`,
  unhold: msg`Let the next attach in`,
  partition: msg({ message: 'Move to HSS partition {to}' }),
  impose: msg({ message: 'Impose {to}' }),
  lift: msg({ message: 'Lift {to}' }),
  csv: msg`Changes from a file, row by row`,
  import: msg`Import of new SIMs`,
}

/** What a job does, as its title. */
export function changeText(i18n: I18n, job: { kind: string; change: JobChange | null }): string {
  const { change } = job
  if (change === null) return word(i18n, changes, job.kind)
  switch (change.kind) {
    case 'state':
      return say(i18n, 'state', word(i18n, intendedWords, change.to))
    case 'class':
      return say(i18n, 'class', word(i18n, classWords, change.to))
    case 'label':
      return change.label === null ? word(i18n, changes, 'unlabel') : say(i18n, 'label', change.label)
    case 'hold':
      return word(i18n, changes, change.held ? 'hold' : 'unhold')
    case 'partition':
      return say(i18n, 'partition', change.hssPartition)
    case 'impose':
    case 'lift':
      return say(i18n, change.kind, word(i18n, imposedWords, change.reason))
    default:
      return word(i18n, changes, change.kind)
  }
}

function say(i18n: I18n, key: string, to: string): string {
  const descriptor = changes[key]
  return descriptor === undefined ? key : filled(i18n, descriptor, { to })
}
