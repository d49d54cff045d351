import { type Static, Type } from 'typebox'
import { noticeTypes } from '../../notice.ts'
import { defineOperation } from '../operation.ts'
import { FilterText, Nullable, Page, PageQuery, Time, Words } from './common.ts'

export const NoticeType = Words(noticeTypes, { description: 'What happened' })

export const NoticeView = Type.Object(
  {
    id: Type.String({ description: 'The same in the list, on the event stream and in every delivery of a webhook' }),
    seq: Type.Integer({ description: 'Its place in the order of all notices; a later notice has a higher one' }),
    at: Time,
    type: NoticeType,
    organisation: Nullable(Type.String({ description: 'Id of the provider; null: the operator’s own' })),
    subject: Type.Object({ kind: Type.String(), id: Type.String() }),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'Depends on the type' }),
  },
  { title: 'Notice' },
)
export type NoticeView = Static<typeof NoticeView>

const sorts = ['-seq', 'seq'] as const

export const noticeOperations = {
  listNotices: defineOperation({
    id: 'listNotices',
    method: 'GET',
    path: '/notices',
    tag: 'notices',
    summary: 'What happened, newest first or (sort=seq) in its order; fields: type, subject, kind, seq, at',
    permission: 'any',
    query: Type.Object({ filter: FilterText, ...PageQuery, sort: Type.Optional(Words(sorts)) }, { additionalProperties: false }),
    response: Page(NoticeView),
  }),
}
