import { sql } from 'kysely'
import { limits } from '#core/limits.ts'
import { type FilterFields, parseFilter } from '#platform/filter.ts'
import { filterSql } from '#platform/filter-sql.ts'
import type { Call } from '#platform/http/route.ts'
import type { NoticeView } from '#platform/http/schemas/notices.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import { noticeTypes, noticeTypesFor, type PlacedNotice } from '#platform/notice.ts'
import { decodeCursor, encodeCursor, type Page, pageLimit } from '#platform/page.ts'
import { type NoticeRow, noticeOf } from './rows.ts'

/** What notices can be asked for. */
const fields: FilterFields<never> = {
  type: { type: 'text', column: 'type', words: noticeTypes },
  subject: { type: 'text', column: 'subject_id' },
  kind: { type: 'text', column: 'subject_kind' },
  seq: { type: 'number', column: 'seq' },
  at: { type: 'age', column: 'at' },
}

function noticeView({ id, seq, at, type, providerId, subject, data }: PlacedNotice): NoticeView {
  return { id, seq, at, type, organisation: providerId, subject, data }
}

/** A page by place. What the asker's permissions do not cover is left out. */
export async function listNotices(call: Call<typeof operations.listNotices>, now: number): Promise<Page<NoticeView>> {
  const { query, db, identity } = call
  const isForward = query.sort === 'seq'
  const limit = pageLimit(query.limit)
  const from = decodeCursor(query.cursor, 1)?.[0]
  const where = [
    sql`seq IS NOT NULL`,
    sql`type = ANY (${noticeTypesFor(identity?.permissions ?? [])}::text[])`,
    filterSql(parseFilter(query.filter ?? '', fields), fields, now),
  ]
  const condition = sql.join(where, sql` and `)
  const page = typeof from !== 'number' ? sql`true` : isForward ? sql`seq > ${from}` : sql`seq < ${from}`
  const order = isForward ? sql`seq` : sql`seq DESC`
  const { rows } = await sql<NoticeRow>`SELECT id, seq, provider_id, type, subject_kind, subject_id, data, at FROM notice
    WHERE ${condition} and ${page} ORDER BY ${order} LIMIT ${limit + 1}`.execute(db.kysely)
  const cap = limits.http.cappedCount
  const counted = await sql<{ n: bigint }>`SELECT count(*) AS n FROM (
    SELECT FROM notice WHERE ${condition} LIMIT ${cap + 1}) AS counted`.execute(db.kysely)
  const value = Number(counted.rows[0]?.n ?? 0)
  const items = rows.slice(0, limit).map((row) => noticeView(noticeOf(row)))
  const last = items.at(-1)
  return {
    items,
    next: rows.length > limit && last !== undefined ? encodeCursor([last.seq]) : null,
    count: { value: Math.min(value, cap), capped: value > cap },
  }
}
