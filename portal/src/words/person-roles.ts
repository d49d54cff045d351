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
