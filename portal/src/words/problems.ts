import type { I18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { ApiError } from '../api/client.ts'
import { filled, type Words } from './say.ts'

/** What the server refused, by the code of its answer; {detail} is its own English sentence where that says more. */
const problemWords: Words = {
  'alarm-cleared': msg`This alarm is cleared already.`,
  'alarm-unknown': msg`There is no such alarm.`,
  'already-claimed': msg`This installation has an owner already.`,
  'approval-closed': msg`This approval is closed: nobody can change it any more.`,
  'approval-decided': msg`You decided this already: a person counts once.`,
  'approval-not-yours': msg`Only who asked can take it back.`,
  'approval-operator-only': msg`Only persons of the operator may decide this.`,
  'approval-own': msg`Who asks cannot decide: it takes another person.`,
  'approval-too-large': msg`That is too much for one command.`,
  'approval-unknown': msg`There is no such approval.`,
  'approvals-full': msg`Too many approvals wait already: decide some first.`,
  'attack-unknown': msg`There is no such attack.`,
  'body-too-large': msg`That is more than the server takes at once.`,
  'claim-order': msg`A step was left out: begin again with the link.`,
  'code-wrong': msg`This code is not right. Is the clock of your device?`,
  'control-unknown': msg`There is no such control.`,
  'cross-site': msg`Requests from other sites are refused.`,
  'cursor-invalid': msg`This page of the list does not exist: start again at the first.`,
  'demo-only': msg`This is a part of the demo only.`,
  'enrol-passkey': msg`Your role needs a passkey: add one first, under My security.`,
  'filter-invalid': msg({ message: 'The filter is not right ({detail}).' }),
  'host-unknown': msg`The server is not known by this name: use localhost, or the name that it was given.`,
  'ledger-entry-too-large': msg`That is too long for the ledger.`,
  'media-type': msg`The server does not take this form of request.`,
  'name-invalid': msg({ message: 'This is no name of a host or realm ({detail}).' }),
  'not-allowed': msg`Your role does not have the permission for this.`,
  'not-found': msg`There is nothing at this address.`,
  'not-running': msg`The function that would answer does not run in this process.`,
  'outage-running': msg`An outage is under way; wait until its devices are back.`,
  'partner-id': msg`The id of a partner is a UUID.`,
  'partner-name': msg`There is a partner of that name already.`,
  'partner-unknown': msg`There is no such partner.`,
  'passkey-needed': msg`An approval is signed with a passkey, and you have none: add one under My security.`,
  'passkey-refused': msg({ message: 'The passkey was refused ({detail}).' }),
  'password-refused': msg({ message: 'Choose another password ({detail}).' }),
  'peer-identity': msg`Another peer has this identity.`,
  'peer-unknown': msg({ message: 'There is no such peer ({detail}).' }),
  'people-only': msg`This is for a person at a browser: an API client may not do it.`,
  'request-invalid': msg({ message: 'Something in the request is not right ({detail}).' }),
  'rule-unknown': msg`There is no such rule.`,
  'sign-in-needed': msg`Sign in first.`,
  'sign-in-refused': msg`Name, password, code or passkey is not right.`,
  'signal-unknown': msg`There is no such message, or it is no longer kept.`,
  'sim-unknown': msg`There is no such SIM.`,
  'signature-needed': msg`An approval is signed with a passkey.`,
  'step-up-needed': msg`Prove again that it is you, then repeat this.`,
  'store-unavailable': msg`The store does not answer; try again.`,
  'token-invalid': msg`This link was used, has expired or never was one; a new start prints a new one.`,
  'too-many-peers': msg`No more peers can be on record.`,
  'too-many-readers': msg`Too many pages are open: close another one.`,
  'too-many-requests': msg`Too many requests from your address: wait a minute.`,
  'version-changed': msg`Somebody else changed this meanwhile: look at it again, then repeat the change.`,
  'version-needed': msg`The request does not say which version it changes.`,
  fault: msg`Something failed in the server; its log says what.`,
  validity: msg`The agreement ends before it begins.`,
}

/** In English the server's own sentence, which is the most exact; in other languages that of its code. */
export function problemText(i18n: I18n, { code, detail, status }: Pick<ApiError, 'code' | 'detail' | 'status'>): string {
  const words = i18n.locale === 'en' ? undefined : problemWords[code]
  if (words !== undefined) return filled(i18n, words, { detail })
  return detail === '' ? `HTTP ${status}` : detail
}
