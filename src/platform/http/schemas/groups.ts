import { type Static, Type } from 'typebox'
import { defineOperation } from '../operation.ts'
import { Count, Id, Name, Nullable, Reason, Words } from './common.ts'

const Service = Type.Object(
  {
    objective: Type.Number({ minimum: 0.5, maximum: 0.99999, description: 'Share of attach attempts that should succeed' }),
    windowS: Type.Integer({ minimum: 3600, maximum: 31_536_000, description: 'Over which time, in seconds' }),
  },
  { title: 'ServiceObjective', additionalProperties: false },
)

const CardUse = Type.Union([Words(['iot', 'handset']), Type.Null()], { description: 'For which UICCs it is (CLP.14 §5.1); null: any' })

export const Group = Type.Object(
  {
    id: Type.String(),
    providerId: Type.String(),
    parentId: Nullable(Type.String()),
    name: Type.String(),
    service: Type.Union([Service, Type.Null()], { description: 'Its objective where the group is a service; null: only a folder' }),
    cardUse: CardUse,
    sims: Count,
    version: Type.Integer({ description: 'Its ETag' }),
  },
  { title: 'Group' },
)
export type Group = Static<typeof Group>

const ParentId = Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { description: 'Below which group; null: at the top' })

export const groupOperations = {
  listGroups: defineOperation({
    id: 'listGroups',
    method: 'GET',
    path: '/groups',
    tag: 'sims',
    summary: 'The whole tree of a provider’s groups of SIMs; somebody of the operator says whose',
    permission: 'sims:read',
    query: Type.Object({ provider: Type.Optional(Type.String({ maxLength: 64 })) }, { additionalProperties: false }),
    response: Type.Object({
      items: Type.Array(Group, { description: 'Each group after the one that it is in' }),
      most: Type.Integer({ description: 'How many groups a provider can have' }),
      depth: Type.Integer({ description: 'How deep they can be nested' }),
    }),
  }),
  createGroup: defineOperation({
    id: 'createGroup',
    method: 'POST',
    path: '/groups',
    tag: 'sims',
    summary: 'Make a group',
    permission: 'sims:write',
    status: 201,
    body: Type.Object(
      {
        provider: Type.Optional(Type.String({ maxLength: 64, description: 'Whose; needed where somebody of the operator asks' })),
        parentId: Type.Optional(ParentId),
        name: Name,
        service: Type.Optional(Nullable(Service)),
        cardUse: Type.Optional(CardUse),
        reason: Type.Optional(Reason),
      },
      { additionalProperties: false },
    ),
    response: Group,
  }),
  getGroup: defineOperation({
    id: 'getGroup',
    method: 'GET',
    path: '/groups/{id}',
    tag: 'sims',
    summary: 'One group, and how many SIMs are in it and below it',
    permission: 'sims:read',
    versioned: true,
    params: Id,
    response: Type.Object({ group: Group, below: Count }),
  }),
  changeGroup: defineOperation({
    id: 'changeGroup',
    method: 'PATCH',
    path: '/groups/{id}',
    tag: 'sims',
    summary: 'Rename or move a group, or say whether it is a service',
    permission: 'sims:write',
    versioned: true,
    params: Id,
    body: Type.Object(
      {
        name: Type.Optional(Name),
        parentId: Type.Optional(ParentId),
        service: Type.Optional(Nullable(Service)),
        cardUse: Type.Optional(CardUse),
        reason: Type.Optional(Reason),
      },
      { additionalProperties: false },
    ),
    response: Group,
  }),
  deleteGroup: defineOperation({
    id: 'deleteGroup',
    method: 'DELETE',
    path: '/groups/{id}',
    tag: 'sims',
    summary: 'Remove a group that holds neither SIMs nor other groups',
    rehearsable: true,
    permission: 'sims:write',
    versioned: true,
    params: Id,
    query: Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
  }),
}
