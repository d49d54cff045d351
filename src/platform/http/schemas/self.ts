import { Type } from 'typebox'
import { defineOperation } from '../operation.ts'
import { Id, Nullable, Time, Words } from './common.ts'
import { Session } from './session.ts'
import { Authenticator, Code, Password, WebAuthn } from './sign-in.ts'

const factors = ['passkey', 'password', 'totp', 'recovery', 'oidc'] as const

const closed = { additionalProperties: false }
const common = { tag: 'self', permission: 'self', peopleOnly: true } as const
const PasskeyName = Type.String({ minLength: 1, maxLength: 64 })

const OwnSecurity = Type.Object(
  {
    name: Type.String(),
    email: Nullable(Type.String()),
    organisation: Nullable(Type.String({ description: 'Null: a person of the operator' })),
    passkeys: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Nullable(Type.String()),
        createdAt: Time,
        usedAt: Nullable(Time),
        synced: Type.Boolean({ description: 'Kept on other devices too, by the maker of the device' }),
        transports: Type.Array(Type.String()),
      }),
    ),
    passwordSince: Nullable(Time),
    authenticatorSince: Nullable(Time),
    recoveryCodes: Nullable(Type.Object({ left: Type.Integer(), madeAt: Time })),
    signOns: Type.Integer({ description: 'Identity providers by which this person comes in' }),
    factors: Type.Array(Words(factors), { description: 'What this session has proven' }),
    authenticatedAt: Time,
    mustEnrol: Nullable(Words(['passkey'])),
    needsPasskey: Type.Boolean({ description: 'The role asks for a factor that no false site can pass on' }),
  },
  { title: 'OwnSecurity' },
)

const OwnSession = Type.Object(
  {
    id: Type.String(),
    current: Type.Boolean(),
    createdAt: Time,
    seenAt: Time,
    expiresAt: Time,
    authenticatedAt: Time,
    factors: Type.Array(Words(factors)),
    assurance: Type.Integer({ description: '1: one factor; 2: two; 3: one that no false site can pass on' }),
    address: Nullable(Type.String()),
    device: Type.Object({
      browser: Nullable(Type.String()),
      system: Nullable(Type.String()),
    }),
  },
  { title: 'OwnSession' },
)

export const selfOperations = {
  getSelf: defineOperation({
    ...common,
    id: 'getSelf',
    method: 'GET',
    path: '/self',
    summary: 'What one signs in with',
    response: OwnSecurity,
  }),
  stepUpOptions: defineOperation({
    ...common,
    id: 'stepUpOptions',
    method: 'POST',
    path: '/self/step-up/options',
    summary: 'By what one can prove oneself again, and what the browser needs for a passkey',
    response: Type.Object({
      passkey: Nullable(WebAuthn),
      password: Type.Boolean({ description: 'Password and code of the authenticator app' }),
      again: Type.Boolean({ description: 'Neither: sign in again at one’s own identity provider' }),
    }),
  }),
  stepUp: defineOperation({
    ...common,
    id: 'stepUp',
    method: 'POST',
    path: '/self/step-up',
    summary: 'Prove again that it is oneself: by passkey, or by password and code. The session gets another token',
    guessable: true,
    body: Type.Union([
      Type.Object({ response: WebAuthn }, closed),
      Type.Object({ password: Password, code: Type.String({ pattern: '^[0-9]{6}$' }) }, closed),
    ]),
    response: Session,
  }),
  addPasskeyOptions: defineOperation({
    ...common,
    id: 'addPasskeyOptions',
    method: 'POST',
    path: '/self/passkeys/options',
    summary: 'Start to add a passkey',
    stepUp: true,
    response: WebAuthn,
  }),
  addPasskey: defineOperation({
    ...common,
    id: 'addPasskey',
    method: 'POST',
    path: '/self/passkeys',
    summary: 'Add it; other sessions end',
    stepUp: true,
    body: Type.Object({ name: PasskeyName, response: WebAuthn }, closed),
    response: Session,
  }),
  renamePasskey: defineOperation({
    ...common,
    id: 'renamePasskey',
    method: 'PATCH',
    path: '/self/passkeys/{id}',
    summary: 'Call a passkey something else',
    params: Id,
    body: Type.Object({ name: PasskeyName }, closed),
  }),
  removePasskey: defineOperation({
    ...common,
    id: 'removePasskey',
    method: 'DELETE',
    path: '/self/passkeys/{id}',
    summary: 'Remove a passkey, never the last way in; other sessions end',
    stepUp: true,
    params: Id,
  }),
  setOwnPassword: defineOperation({
    ...common,
    id: 'setOwnPassword',
    method: 'PUT',
    path: '/self/password',
    summary: 'Change the password, or choose one: then the answer holds what an authenticator app needs, and its first code completes it',
    stepUp: true,
    guessable: true,
    body: Type.Object({ password: Password, current: Type.Optional(Password) }, closed),
    response: Type.Object({ authenticator: Nullable(Authenticator) }),
  }),
  removeOwnPassword: defineOperation({
    ...common,
    id: 'removeOwnPassword',
    method: 'DELETE',
    path: '/self/password',
    summary: 'Remove password and authenticator app, never the last way in; other sessions end',
    stepUp: true,
  }),
  startOwnAuthenticator: defineOperation({
    ...common,
    id: 'startOwnAuthenticator',
    method: 'POST',
    path: '/self/authenticator/options',
    summary: 'Start to replace the authenticator app',
    stepUp: true,
    response: Authenticator,
  }),
  finishOwnAuthenticator: defineOperation({
    ...common,
    id: 'finishOwnAuthenticator',
    method: 'POST',
    path: '/self/authenticator',
    summary: 'Prove the new authenticator app by a code; other sessions end',
    stepUp: true,
    body: Type.Object({ code: Code }, closed),
  }),
  makeRecoveryCodes: defineOperation({
    ...common,
    id: 'makeRecoveryCodes',
    method: 'POST',
    path: '/self/recovery-codes',
    summary: 'New recovery codes, shown this once; former ones stop working, other sessions end',
    stepUp: true,
    response: Type.Object({ codes: Type.Array(Type.String()) }),
  }),
  listOwnSessions: defineOperation({
    ...common,
    id: 'listOwnSessions',
    method: 'GET',
    path: '/self/sessions',
    summary: 'Where one is signed in',
    response: Type.Object({ items: Type.Array(OwnSession) }),
  }),
  endOwnSession: defineOperation({
    ...common,
    id: 'endOwnSession',
    method: 'DELETE',
    path: '/self/sessions/{id}',
    summary: 'End one of one’s sessions',
    stepUp: true,
    params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
  }),
  endOtherSessions: defineOperation({
    ...common,
    id: 'endOtherSessions',
    method: 'DELETE',
    path: '/self/sessions',
    summary: 'End all of one’s other sessions',
    stepUp: true,
    response: Type.Object({ ended: Type.Integer() }),
  }),
}
