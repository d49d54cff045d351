import { type Static, Type } from 'typebox'
import { personRoles } from '#platform/permission.ts'
import { defineOperation } from '../operation.ts'
import { Email, FilterText, Id, Name, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

const languages = ['en', 'zh-Hans', 'ja'] as const
const personFactors = ['passkey', 'password', 'totp', 'recovery', 'oidc'] as const
const RoleNames = Type.Array(Words(personRoles), { minItems: 1, maxItems: personRoles.length, uniqueItems: true })

export const Person = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: 'Also what they sign in with where they have a password' }),
    email: Nullable(Type.String()),
    language: Nullable(Words(languages)),
    roles: RoleNames,
    provider: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()], {
      description: 'Whose person it is; null: the operator’s',
    }),
    state: Words(['invited', 'active', 'disabled'], { description: 'invited: nothing to sign in with yet' }),
    ssoOnly: Type.Boolean({ description: 'Comes in by the organisation’s single sign-on only' }),
    factors: Type.Array(Words(personFactors)),
    signedInAt: Type.Union([Time, Type.Null()], { description: 'The last time; null: never' }),
    createdAt: Time,
    lock: Type.Union([Words(['own-account', 'more-rights']), Type.Null()], {
      description: 'Why whoever asks cannot manage this person; null: they can, if they may manage people',
    }),
    version: Type.Integer({ description: 'Its ETag' }),
  },
  { title: 'PersonRow' },
)
export type Person = Static<typeof Person>

/** A link is shown once, to whoever made it. */
const Link = Type.Object(
  { url: Type.String({ description: 'For that person only, once; it is shown to nobody again' }), expiresAt: Time },
  { title: 'EnrolmentLink' },
)

const RoleView = Type.Object(
  {
    role: Words(personRoles),
    organisation: Words(['operator', 'provider'], { description: 'Whose persons may hold it' }),
    permissions: Type.Array(Type.String()),
    grantable: Type.Boolean({ description: 'Whether whoever asks may give it: nobody gives more than they have' }),
  },
  { title: 'RoleView' },
)

const PersonSession = Type.Object(
  {
    id: Type.String(),
    createdAt: Time,
    seenAt: Time,
    expiresAt: Time,
    factors: Type.Array(Words(personFactors)),
    address: Nullable(Type.String()),
    device: Type.Object({ browser: Nullable(Type.String()), system: Nullable(Type.String()) }),
  },
  { title: 'PersonSession' },
)

const WithReason = Type.Object({ reason: Reason }, { additionalProperties: false })
const onPerson = { tag: 'people', permission: 'people:write', stepUp: true, peopleOnly: true, params: Id } as const

export const peopleOperations = {
  listRoles: defineOperation({
    id: 'listRoles',
    method: 'GET',
    path: '/roles',
    tag: 'people',
    summary: 'Roles, what each may do, and which of them whoever asks may give',
    permission: 'people:read',
    response: Type.Object({ items: Type.Array(RoleView) }),
  }),
  listPeople: defineOperation({
    id: 'listPeople',
    method: 'GET',
    path: '/people',
    tag: 'people',
    summary: 'Persons, a page by name',
    permission: 'people:read',
    query: Type.Object({ filter: FilterText, ...PageQuery }, { additionalProperties: false }),
    response: Page(Person),
  }),
  getPerson: defineOperation({
    id: 'getPerson',
    method: 'GET',
    path: '/people/{id}',
    tag: 'people',
    summary: 'One person',
    permission: 'people:read',
    versioned: true,
    params: Id,
    response: Person,
  }),
  invitePerson: defineOperation({
    id: 'invitePerson',
    method: 'POST',
    path: '/people',
    tag: 'people',
    summary: 'Invite a person: makes the account and a link by which they set up their sign-in',
    permission: 'people:write',
    stepUp: true,
    peopleOnly: true,
    status: 201,
    body: Type.Object(
      {
        name: Name,
        email: Type.Optional(Nullable(Email)),
        language: Type.Optional(Nullable(Words(languages))),
        roles: RoleNames,
        provider: Type.Optional(
          Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
            description: 'Whose person; null: the operator’s; left out: the same as whoever invites',
          }),
        ),
        ssoOnly: Type.Optional(Type.Boolean({ description: 'No link: they come in by the organisation’s single sign-on' })),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ person: Person, link: Nullable(Link) }),
  }),
  changePerson: defineOperation({
    ...onPerson,
    id: 'changePerson',
    method: 'PATCH',
    path: '/people/{id}',
    summary: 'Change name, e-mail address or language',
    versioned: true,
    body: Type.Object(
      {
        name: Type.Optional(Name),
        email: Type.Optional(Nullable(Email)),
        language: Type.Optional(Nullable(Words(languages))),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
    response: Person,
  }),
  changeRoles: defineOperation({
    ...onPerson,
    id: 'changeRoles',
    method: 'PUT',
    path: '/people/{id}/roles',
    summary: 'Give a person other roles; they hold from the next request on',
    versioned: true,
    body: Type.Object({ roles: RoleNames, reason: Reason }, { additionalProperties: false }),
    response: Person,
  }),
  disablePerson: defineOperation({
    ...onPerson,
    id: 'disablePerson',
    method: 'POST',
    path: '/people/{id}/disable',
    summary: 'Keep a person out, and end their sessions',
    rehearsable: true,
    body: WithReason,
    response: Type.Object({ person: Person, sessionsEnded: Type.Integer() }),
  }),
  enablePerson: defineOperation({
    ...onPerson,
    id: 'enablePerson',
    method: 'POST',
    path: '/people/{id}/enable',
    summary: 'Let a disabled person in again, with the factors that they had',
    body: WithReason,
    response: Person,
  }),
  invitePersonAgain: defineOperation({
    ...onPerson,
    id: 'invitePersonAgain',
    method: 'POST',
    path: '/people/{id}/invite',
    summary: 'A new link for somebody who has not set up their sign-in yet; the former one stops working',
    body: WithReason,
    response: Link,
  }),
  startRecovery: defineOperation({
    ...onPerson,
    id: 'startRecovery',
    method: 'POST',
    path: '/people/{id}/recover',
    summary: 'A link by which somebody who lost their factors sets up new ones; their sessions end',
    body: WithReason,
    response: Link,
  }),
  listPersonSessions: defineOperation({
    id: 'listPersonSessions',
    method: 'GET',
    path: '/people/{id}/sessions',
    tag: 'people',
    summary: 'Where a person is signed in',
    permission: 'people:read',
    params: Id,
    response: Type.Object({ items: Type.Array(PersonSession) }),
  }),
  endPersonSessions: defineOperation({
    ...onPerson,
    id: 'endPersonSessions',
    method: 'DELETE',
    path: '/people/{id}/sessions',
    summary: 'End all sessions of a person',
    response: Type.Object({ ended: Type.Integer() }),
  }),
  endPersonSession: defineOperation({
    ...onPerson,
    id: 'endPersonSession',
    method: 'DELETE',
    path: '/people/{id}/sessions/{session}',
    summary: 'End one session of a person',
    params: Type.Object({ id: Type.String({ maxLength: 128 }), session: Type.String({ maxLength: 128 }) }),
  }),
}
