import { Type } from 'typebox'
import { defineOperation } from '../operation.ts'
import { Nullable, Words } from './common.ts'
import { Session } from './session.ts'

/** An object of the WebAuthn specification, passed through to and from the browser's library. */
export const WebAuthn = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })

const Token = Type.String({ minLength: 20, maxLength: 128 })
const PersonName = Type.String({ minLength: 1, maxLength: 128 })
export const Password = Type.String({ minLength: 1, maxLength: 1024 })
export const Code = Type.String({ pattern: '^[0-9]{6}$' })

/** What an authenticator app needs: the secret to type, and the same as a link. */
export const Authenticator = Type.Object({ secret: Type.String(), otpauth: Type.String() }, { title: 'Authenticator' })

const closed = { additionalProperties: false }
const common = { tag: 'sign-in', permission: 'public' } as const

export const signInOperations = {
  lookAtLink: defineOperation({
    ...common,
    id: 'lookAtLink',
    method: 'POST',
    path: '/claim/look',
    summary: 'Whether a one-time link is still good, and what for; changes nothing. A secret stands in no address',
    body: Type.Object({ token: Type.String({ maxLength: 128 }) }, closed),
    response: Type.Object({
      valid: Type.Boolean(),
      purpose: Nullable(Words(['claim', 'invite', 'recover'])),
      installation: Type.String(),
      person: Nullable(
        Type.Object({
          name: Type.String(),
          organisation: Nullable(Type.String({ description: 'Null: the operator' })),
          roles: Type.Array(Type.String()),
          language: Nullable(Type.String()),
        }),
      ),
    }),
  }),
  claimPasskeyOptions: defineOperation({
    ...common,
    id: 'claimPasskeyOptions',
    method: 'POST',
    path: '/claim/passkey/options',
    summary: 'Start to set up one’s sign-in with a passkey; the name is asked of whoever claims the installation',
    body: Type.Object({ token: Token, name: Type.Optional(PersonName) }, closed),
    response: WebAuthn,
  }),
  claimPasskeyVerify: defineOperation({
    ...common,
    id: 'claimPasskeyVerify',
    method: 'POST',
    path: '/claim/passkey/verify',
    summary: 'Finish it; signs in',
    body: Type.Object({ token: Token, response: WebAuthn }, closed),
    response: Session,
  }),
  claimPassword: defineOperation({
    ...common,
    id: 'claimPassword',
    method: 'POST',
    path: '/claim/password',
    summary: 'Start to set up one’s sign-in with a password; returns what an authenticator app needs',
    body: Type.Object({ token: Token, name: Type.Optional(PersonName), password: Password }, closed),
    response: Authenticator,
  }),
  claimTotp: defineOperation({
    ...common,
    id: 'claimTotp',
    method: 'POST',
    path: '/claim/totp',
    summary: 'Prove the authenticator app; finishes and signs in',
    body: Type.Object({ token: Token, code: Code }, closed),
    response: Session,
  }),
  signInPasskeyOptions: defineOperation({
    ...common,
    id: 'signInPasskeyOptions',
    method: 'POST',
    path: '/sign-in/passkey/options',
    summary: 'Start to sign in with a passkey',
    response: WebAuthn,
  }),
  signInPasskeyVerify: defineOperation({
    ...common,
    id: 'signInPasskeyVerify',
    method: 'POST',
    path: '/sign-in/passkey/verify',
    summary: 'Finish it',
    body: Type.Object({ response: WebAuthn }, closed),
    response: Session,
  }),
  signInPassword: defineOperation({
    ...common,
    id: 'signInPassword',
    method: 'POST',
    path: '/sign-in/password',
    summary: 'Sign in with name, password and the code of the authenticator app, or a recovery code',
    body: Type.Object(
      {
        name: PersonName,
        password: Type.String({ maxLength: 1024, description: 'Empty for whoever has none and uses a recovery code' }),
        code: Type.String({ minLength: 6, maxLength: 64 }),
      },
      closed,
    ),
    response: Session,
  }),
  signOut: defineOperation({ ...common, id: 'signOut', method: 'POST', path: '/sign-out', summary: 'End this session' }),
}
