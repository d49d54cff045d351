import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { defineOperation } from '../operation.ts'
import { Id, Time, Words } from './common.ts'

const pages = ['sims'] as const

export const SavedView = Type.Object(
  {
    id: Type.String(),
    page: Words(pages),
    name: Type.String(),
    query: Type.String({ description: 'What stands behind the question mark of the page’s address' }),
    createdAt: Time,
  },
  { title: 'SavedView' },
)
export type SavedView = Static<typeof SavedView>

const closed = { additionalProperties: false }

export const savedViewOperations = {
  listSavedViews: defineOperation({
    id: 'listSavedViews',
    method: 'GET',
    path: '/saved-views',
    tag: 'sims',
    summary: 'Views of a page that one has kept for oneself',
    permission: 'sims:read',
    query: Type.Object({ page: Words(pages) }, closed),
    response: Type.Object({ items: Type.Array(SavedView) }),
  }),
  createSavedView: defineOperation({
    id: 'createSavedView',
    method: 'POST',
    path: '/saved-views',
    tag: 'sims',
    summary: 'Keep a view under a name; the same name replaces it',
    permission: 'sims:read',
    status: 201,
    body: Type.Object(
      {
        page: Words(pages),
        name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\p{Cc}]+$' }),
        query: Type.String({ maxLength: limits.http.filterChars * 2 }),
      },
      closed,
    ),
    response: SavedView,
  }),
  deleteSavedView: defineOperation({
    id: 'deleteSavedView',
    method: 'DELETE',
    path: '/saved-views/{id}',
    tag: 'sims',
    summary: 'Forget a view',
    permission: 'sims:read',
    params: Id,
  }),
} as const
