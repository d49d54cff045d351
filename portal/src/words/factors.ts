import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** With what somebody has proven who they are. */
export const factorWords: Words = {
  passkey: msg`passkey`,
  password: msg`password`,
  totp: msg`code of an app`,
  recovery: msg`recovery code`,
  oidc: msg`the organisation’s sign-on`,
}
