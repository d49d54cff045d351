import { type Static, Type } from 'typebox'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import { defineOperation } from '../operation.ts'
import { Count, Email, FilterText, Id, Name, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

const Legal = Type.Object(
  {
    name: Name,
    registrationNumber: Type.String({ minLength: 1, maxLength: 40, pattern: '^[A-Za-z0-9][A-Za-z0-9 ./-]*$' }),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1' }),
  },
  { title: 'LegalIdentity', additionalProperties: false },
)

const Contact = Type.Object(
  { name: Name, email: Nullable(Email), phone: Nullable(Type.String({ maxLength: 24, pattern: '^\\+?[0-9 ]{3,22}$' })) },
  { title: 'Contact', additionalProperties: false },
)

const Agreement = Type.Object(
  { reference: Type.String({ minLength: 1, maxLength: 80 }), signedAt: Time },
  { title: 'Agreement', additionalProperties: false },
)

const provider = {
  id: Type.String(),
  name: Type.String(),
  legal: Type.Union([Legal, Type.Null()], { description: 'Who it is in law; null: not on record' }),
  verified: Type.Union([Type.Object({ at: Time, by: Type.String(), evidence: Type.String() }), Type.Null()], {
    description: 'Who compared the legal identity with what; null: nobody yet, or it was changed since',
  }),
  agreement: Type.Union([Agreement, Type.Null()], { description: 'The data-processing agreement in force' }),
  contact: Nullable(Contact),
  suspended: Type.Union([Type.Object({ at: Time, by: Type.String(), reason: Type.String() }), Type.Null()], {
    description: 'While it stands nobody of the organisation can sign in; its SIMs go on',
  }),
  createdAt: Time,
  version: Type.Integer({ description: 'Its ETag' }),
}

export const ProviderRow = Type.Object(
  {
    ...provider,
    sims: Count,
    people: Count,
  },
  { title: 'ProviderRow' },
)
export type ProviderRow = Static<typeof ProviderRow>

export const ProviderDetail = Type.Object(
  {
    ...provider,
    figures: Type.Object({
      sims: Count,
      byState: Type.Array(Type.Object({ state: Words(intendedStates), sims: Count })),
      byClass: Type.Array(Type.Object({ class: Words(subscriptionClasses), sims: Count })),
      people: Count,
      groups: Type.Integer(),
    }),
  },
  { title: 'ProviderDetail' },
)
export type ProviderDetail = Static<typeof ProviderDetail>

const WithReason = Type.Object({ reason: Reason }, { additionalProperties: false })
const onProvider = {
  tag: 'organisations',
  permission: 'organisations:write',
  versioned: true,
  params: Id,
  response: ProviderDetail,
} as const

export const organisationOperations = {
  listProviders: defineOperation({
    id: 'listProviders',
    method: 'GET',
    path: '/providers',
    tag: 'organisations',
    summary: 'Providers, a page by name',
    permission: 'organisations:read',
    query: Type.Object({ filter: FilterText, ...PageQuery }, { additionalProperties: false }),
    response: Page(ProviderRow),
  }),
  createProvider: defineOperation({
    id: 'createProvider',
    method: 'POST',
    path: '/providers',
    tag: 'organisations',
    summary: 'Take on a provider',
    permission: 'organisations:write',
    status: 201,
    body: Type.Object(
      { name: Name, legal: Type.Optional(Nullable(Legal)), contact: Type.Optional(Nullable(Contact)), reason: Reason },
      { additionalProperties: false },
    ),
    response: ProviderDetail,
  }),
  getProvider: defineOperation({
    id: 'getProvider',
    method: 'GET',
    path: '/providers/{id}',
    tag: 'organisations',
    summary: 'One provider: who it is, what was agreed, and what it has here',
    permission: 'organisations:read',
    versioned: true,
    params: Id,
    response: ProviderDetail,
  }),
  changeProvider: defineOperation({
    ...onProvider,
    id: 'changeProvider',
    method: 'PATCH',
    path: '/providers/{id}',
    summary: 'Change name, legal identity or contact; a changed legal identity must be verified again',
    body: Type.Object(
      {
        name: Type.Optional(Name),
        legal: Type.Optional(Nullable(Legal)),
        contact: Type.Optional(Nullable(Contact)),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
  }),
  verifyProvider: defineOperation({
    ...onProvider,
    id: 'verifyProvider',
    method: 'POST',
    path: '/providers/{id}/verify',
    summary: 'State that the legal identity on record was compared with a document or register',
    stepUp: true,
    peopleOnly: true,
    body: Type.Object(
      {
        evidence: Type.String({ minLength: 3, maxLength: 200, description: 'What it was compared with: an extract, a register entry' }),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
  }),
  signAgreement: defineOperation({
    ...onProvider,
    id: 'signAgreement',
    method: 'PUT',
    path: '/providers/{id}/agreement',
    summary: 'Record the data-processing agreement',
    stepUp: true,
    peopleOnly: true,
    body: Type.Object({ ...Agreement.properties, reason: Reason }, { additionalProperties: false }),
  }),
  endAgreement: defineOperation({
    ...onProvider,
    id: 'endAgreement',
    method: 'POST',
    path: '/providers/{id}/agreement/end',
    summary: 'Record that the data-processing agreement has ended: what goes beyond running the network stops',
    rehearsable: true,
    stepUp: true,
    peopleOnly: true,
    body: WithReason,
  }),
  suspendProvider: defineOperation({
    ...onProvider,
    id: 'suspendProvider',
    method: 'POST',
    path: '/providers/{id}/suspend',
    summary: 'Keep the people of a provider out; its SIMs go on',
    rehearsable: true,
    stepUp: true,
    peopleOnly: true,
    body: WithReason,
  }),
  resumeProvider: defineOperation({
    ...onProvider,
    id: 'resumeProvider',
    method: 'POST',
    path: '/providers/{id}/resume',
    summary: 'Let the people of a suspended provider in again',
    stepUp: true,
    peopleOnly: true,
    body: WithReason,
  }),
}
