import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { permissions } from '../../permission.ts'
import { defineOperation } from '../operation.ts'
import { Id, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

const Scopes = Type.Array(Words(permissions), {
  minItems: 1,
  maxItems: permissions.length,
  uniqueItems: true,
  description: 'Permissions: at most what its organisation’s clients may have and the person who makes it has',
})
const Sources = Type.Array(Type.String({ minLength: 2, maxLength: 64 }), {
  maxItems: limits.clients.sources,
  description: 'Addresses and networks that it may come from, such as 192.0.2.0/24; empty: any',
})
const Name = Type.String({ minLength: 1, maxLength: 120, pattern: '^\\P{Cc}+$' })

const JwkSet = Type.Object(
  { keys: Type.Array(Type.Record(Type.String({ maxLength: 32 }), Type.Unknown()), { minItems: 1, maxItems: 8 }) },
  { description: 'Public keys as a JWK set (RFC 7517): the client signs assertions (private_key_jwt) instead of having a secret' },
)

export const ApiClient = Type.Object(
  {
    id: Type.String({ description: 'Also the OAuth client_id' }),
    kind: Words(['key', 'oauth']),
    name: Type.String(),
    organisation: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
    state: Words(['active', 'expired', 'revoked']),
    authentication: Words(['key', 'secret', 'private-key']),
    scopes: Type.Array(Words(permissions)),
    sources: Type.Array(Type.String()),
    createdBy: Type.Object({ id: Type.String(), name: Nullable(Type.String()) }),
    createdAt: Time,
    expiresAt: Time,
    revokedAt: Nullable(Time),
    usedAt: Nullable(Time),
    usedFrom: Nullable(Type.String()),
    secrets: Type.Array(Type.Object({ createdAt: Time, expiresAt: Nullable(Time) }), { description: 'Those that work now' }),
    version: Type.Integer(),
  },
  { title: 'ApiClient' },
)
export type ApiClient = Static<typeof ApiClient>

const WithSecret = Type.Object(
  {
    client: ApiClient,
    secret: Nullable(Type.String({ description: 'Shown in this answer and never again; null for a client with keys of its own' })),
  },
  { title: 'ApiClientWithSecret' },
)

export const clientOperations = {
  listClients: defineOperation({
    id: 'listClients',
    method: 'GET',
    path: '/clients',
    tag: 'clients',
    summary: 'API keys and OAuth clients, newest first, with what whoever asks could grant',
    permission: 'clients:read',
    query: Type.Object({ ...PageQuery }, { additionalProperties: false }),
    response: Type.Object({
      ...Page(ApiClient).properties,
      grantable: Type.Array(Words(permissions), { description: 'Scopes that you could give to a new client' }),
    }),
  }),
  getClient: defineOperation({
    id: 'getClient',
    method: 'GET',
    path: '/clients/{id}',
    tag: 'clients',
    summary: 'One API key or OAuth client',
    permission: 'clients:read',
    versioned: true,
    params: Id,
    response: ApiClient,
  }),
  createClient: defineOperation({
    id: 'createClient',
    method: 'POST',
    path: '/clients',
    tag: 'clients',
    summary: 'Make an API key or an OAuth client; its secret stands in this answer only',
    permission: 'clients:write',
    stepUp: true,
    peopleOnly: true,
    status: 201,
    body: Type.Object(
      {
        kind: Words(['key', 'oauth']),
        name: Name,
        scopes: Scopes,
        sources: Type.Optional(Sources),
        expiresAt: Type.Optional(Type.Integer({ description: 'Default: in 365 days; at most 730 days ahead' })),
        keys: Type.Optional(JwkSet),
        organisation: Type.Optional(Type.String({ maxLength: 64, description: 'The operator may make one for a provider' })),
        reason: Reason,
      },
      {
        additionalProperties: false,
        examples: [
          { kind: 'key', name: 'Meter back end', scopes: ['sims:read'], sources: ['192.0.2.0/24'], reason: 'Reads the states of meters' },
        ],
      },
    ),
    response: WithSecret,
  }),
  updateClient: defineOperation({
    id: 'updateClient',
    method: 'PATCH',
    path: '/clients/{id}',
    tag: 'clients',
    summary: 'Change name, scopes, sources, expiry or public keys; acts on the next request',
    permission: 'clients:write',
    stepUp: true,
    peopleOnly: true,
    versioned: true,
    params: Id,
    body: Type.Object(
      {
        name: Type.Optional(Name),
        scopes: Type.Optional(Scopes),
        sources: Type.Optional(Sources),
        expiresAt: Type.Optional(Time),
        keys: Type.Optional(JwkSet),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
    response: ApiClient,
  }),
  rotateClient: defineOperation({
    id: 'rotateClient',
    method: 'POST',
    path: '/clients/{id}/rotate',
    tag: 'clients',
    summary: 'A new key or secret; the former one works for the overlap',
    permission: 'clients:write',
    stepUp: true,
    peopleOnly: true,
    params: Id,
    body: Type.Object(
      {
        overlapMinutes: Type.Optional(
          Type.Integer({ minimum: 0, maximum: 10_080, description: 'How long the former one still works; default a day' }),
        ),
        reason: Reason,
      },
      { additionalProperties: false },
    ),
    response: WithSecret,
  }),
  revokeClient: defineOperation({
    id: 'revokeClient',
    method: 'POST',
    path: '/clients/{id}/revoke',
    tag: 'clients',
    summary: 'End a key or client for good: its next request is refused, its event streams end within half a minute',
    rehearsable: true,
    permission: 'clients:write',
    stepUp: true,
    peopleOnly: true,
    params: Id,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: ApiClient,
  }),
}
