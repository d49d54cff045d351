import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What a person is here, by the role's name. */
export const personRoleWords: Words = {
  'operator-admin': msg`administrator of the operator`,
  'operator-engineer': msg`engineer of the operator`,
  'operator-security': msg`security officer of the operator`,
  auditor: msg`auditor`,
  'provider-admin': msg`administrator`,
  'provider-manager': msg`manager`,
  'provider-viewer': msg`viewer`,
  'provider-client': msg`program of a customer`,
  'operator-client': msg`program of the operator`,
  demo: msg`visitor of the demo`,
}

/** What the role lets somebody do, in one line. */
export const roleTexts: Words = {
  'operator-admin': msg`Everything, people and organisations too.`,
  'operator-engineer': msg`Runs the network: SIMs, profiles, jobs, rules. No people, no partners.`,
  'operator-security': msg`Sees everything, stops SIMs, decides approvals, changes rules.`,
  auditor: msg`Sees everything, changes nothing.`,
  'provider-admin': msg`All of the organisation’s SIMs, and its people and programs.`,
  'provider-manager': msg`All of the organisation’s SIMs; decides approvals.`,
  'provider-viewer': msg`Sees the organisation’s SIMs, changes nothing.`,
}
