import { Type } from 'typebox'
import { defineOperation } from '../operation.ts'
import { Session } from './session.ts'

/** An object of the WebAuthn specification, passed through to and from the browser's library. */
const WebAuthn = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })

const Token = Type.String({ minLength: 20, maxLength: 128 })
const PersonName = Type.String({ minLength: 1, maxLength: 128 })
const Password = Type.String({ minLength: 1, maxLength: 1024 })
const Code = Type.String({ pattern: '^[0-9]{6}$' })

const closed = { additionalProperties: false }
const common = { tag: 'sign-in', permission: 'public' } as const

export const signInOperations = {
  getClaim: defineOperation({
    ...common,
    id: 'getClaim',
    method: 'GET',
    path: '/claim',
    summary: 'Whether a one-time link is still good',
    query: Type.Object({ token: Type.String({ maxLength: 128 }) }),
    response: Type.Object({ valid: Type.Boolean() }),
  }),
  claimPasskeyOptions: defineOperation({
    ...common,
    id: 'claimPasskeyOptions',
    method: 'POST',
    path: '/claim/passkey/options',
    summary: 'Start to claim the installation with a passkey',
    body: Type.Object({ token: Token, name: PersonName }, closed),
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
    summary: 'Start to claim the installation with a password; returns what an authenticator app needs',
    body: Type.Object({ token: Token, name: PersonName, password: Password }, closed),
    response: Type.Object({ secret: Type.String(), otpauth: Type.String() }),
  }),
  claimTotp: defineOperation({
    ...common,
    id: 'claimTotp',
    method: 'POST',
    path: '/claim/totp',
    summary: 'Prove the authenticator app; finishes the claim and signs in',
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
    summary: 'Sign in with name, password and the code of the authenticator app',
    body: Type.Object({ name: PersonName, password: Password, code: Code }, closed),
    response: Session,
  }),
  signOut: defineOperation({ ...common, id: 'signOut', method: 'POST', path: '/sign-out', summary: 'End this session' }),
}
