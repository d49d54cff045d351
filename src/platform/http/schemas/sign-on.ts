import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { defineOperation } from '../operation.ts'
import { Id, Nullable, Reason, Words } from './common.ts'
import { Session } from './session.ts'

const closed = { additionalProperties: false }
const profiles = ['openid-connect', 'mobile-connect'] as const
const clientAuths = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })

const settings = {
  name: Text(64),
  profile: Words(profiles),
  issuer: Type.String({ maxLength: 512, pattern: '^https?://', description: 'As the provider writes it in its tokens' }),
  clientId: Text(256),
  clientAuth: Words(clientAuths),
  scopes: Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,64}$' }), { maxItems: 16 }),
  acrValues: Type.Array(Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$' }), {
    maxItems: 8,
    description: 'Levels of assurance, best first; one of them must be reached',
  }),
  domains: Type.Array(Type.String({ maxLength: 253 }), { minItems: 1, maxItems: 16, description: 'Domains of e-mail addresses' }),
  autoCreate: Type.Boolean({ description: 'Whoever the provider vouches for becomes a person here at their first sign-in' }),
  defaultRole: Type.String({ maxLength: 64 }),
  roleMap: Nullable(
    Type.Object(
      {
        claim: Text(64),
        roles: Type.Record(Type.String({ maxLength: 256 }), Type.String({ maxLength: 64 }), { maxProperties: limits.signIn.ssoRoles }),
      },
      closed,
    ),
  ),
  enabled: Type.Boolean(),
}

export const SignOn = Type.Object(
  {
    id: Type.String(),
    ...settings,
    organisation: Nullable(Type.String({ description: 'Null: the operator' })),
    own: Type.Boolean({ description: 'The asker’s own organisation’s' }),
    publicJwk: Nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'What the provider checks private_key_jwt by' })),
    version: Type.Integer(),
  },
  { title: 'SignOn' },
)
export type SignOn = Static<typeof SignOn>

/** A new secret; left out where the present one stays. For private_key_jwt a key is made here. */
const Secret = Type.Optional(Type.String({ minLength: 8, maxLength: 1024 }))

export const signOnOperations = {
  beginSignOn: defineOperation({
    id: 'beginSignOn',
    method: 'POST',
    path: '/sign-in/sso',
    tag: 'sign-in',
    permission: 'public',
    summary: 'Start to sign in at one’s organisation: where the browser goes, and what it keeps until it is back',
    body: Type.Object(
      {
        organisation: Type.String({ minLength: 1, maxLength: 320, description: 'An e-mail address or a domain' }),
        origin: Type.String({ maxLength: 256 }),
        msisdn: Type.Optional(Type.String({ pattern: '^\\+?[0-9 ]{6,24}$' })),
        fresh: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    response: Type.Union([
      Type.Object({ url: Type.String(), binding: Type.String() }, closed),
      Type.Object({ needs: Words(['msisdn']) }, closed),
    ]),
  }),
  finishSignOn: defineOperation({
    id: 'finishSignOn',
    method: 'POST',
    path: '/sign-in/sso/finish',
    tag: 'sign-in',
    permission: 'public',
    summary: 'Finish it with what the identity provider sent the browser back with',
    body: Type.Object(
      {
        answer: Type.Record(Type.String({ pattern: '^[a-z_]{1,32}$' }), Type.String({ maxLength: 4096 }), { maxProperties: 12 }),
        binding: Type.String({ maxLength: 128 }),
      },
      closed,
    ),
    response: Session,
  }),
  listSignOns: defineOperation({
    id: 'listSignOns',
    method: 'GET',
    path: '/sign-ons',
    tag: 'people',
    permission: 'people:read',
    summary: 'Identity providers of the asker’s organisation; for the operator, of all',
    response: Type.Object({
      items: Type.Array(SignOn),
      redirect: Type.String({ description: 'What a provider must let the browser return to' }),
    }),
  }),
  createSignOn: defineOperation({
    id: 'createSignOn',
    method: 'POST',
    path: '/sign-ons',
    tag: 'people',
    permission: 'people:write',
    peopleOnly: true,
    stepUp: true,
    status: 201,
    summary: 'Let the people of one’s own organisation sign in at their identity provider',
    body: Type.Object({ ...settings, secret: Secret, reason: Reason }, closed),
    response: SignOn,
  }),
  updateSignOn: defineOperation({
    id: 'updateSignOn',
    method: 'PUT',
    path: '/sign-ons/{id}',
    tag: 'people',
    permission: 'people:write',
    peopleOnly: true,
    stepUp: true,
    versioned: true,
    summary: 'Change it',
    params: Id,
    body: Type.Object({ ...settings, secret: Secret, reason: Reason }, closed),
    response: SignOn,
  }),
  removeSignOn: defineOperation({
    id: 'removeSignOn',
    method: 'DELETE',
    path: '/sign-ons/{id}',
    tag: 'people',
    permission: 'people:write',
    peopleOnly: true,
    stepUp: true,
    summary: 'Remove it: nobody signs in that way any more, and who did has no other way unless they made one',
    rehearsable: true,
    params: Id,
    body: Type.Object({ reason: Reason }, closed),
  }),
  testSignOn: defineOperation({
    id: 'testSignOn',
    method: 'POST',
    path: '/sign-ons/{id}/test',
    tag: 'people',
    permission: 'people:write',
    peopleOnly: true,
    summary: 'Ask the provider for its metadata, and say what of it fits',
    params: Id,
    response: Type.Object({
      ok: Type.Boolean(),
      problem: Nullable(Type.String()),
      checks: Type.Array(Type.Object({ what: Words(['issuer', 'pkce', 'issuer-in-answer', 'client-auth', 'acr']), ok: Type.Boolean() })),
    }),
  }),
}
