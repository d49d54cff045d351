import type { Notice, PlacedNotice } from '#platform/notice.ts'
import { type Tx, toJson } from '#store/db.ts'

/** Characters of one notice's data, as JSON: past it is a fault of whoever notes. */
const dataChars = 16_384

export interface NoticeDraft extends Notice {
  id: string
  at: Date
}

export interface NoticeRow {
  id: string
  seq: bigint
  provider_id: string | null
  type: string
  subject_kind: string
  subject_id: string
  data: Record<string, unknown>
  at: Date
}

/** One statement, whatever the number. */
export async function insertNotices(tx: Tx, drafts: readonly NoticeDraft[]): Promise<void> {
  const data = drafts.map((draft) => toJson(draft.data))
  if (data.some((text) => text.length > dataChars)) throw new Error(`a notice carries more than ${dataChars} characters`)
  await tx.query(
    `INSERT INTO notice (id, provider_id, type, subject_kind, subject_id, data, at)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])`,
    [
      drafts.map(({ id }) => id),
      drafts.map(({ providerId }) => providerId),
      drafts.map(({ type }) => type),
      drafts.map(({ subject }) => subject.kind),
      drafts.map(({ subject }) => subject.id),
      data,
      drafts.map(({ at }) => at),
    ],
  )
}

export const noticeColumns = 'id, seq, provider_id, type, subject_kind, subject_id, data, at'

export function noticeOf(row: NoticeRow): PlacedNotice {
  return {
    id: row.id,
    seq: Number(row.seq),
    at: row.at.getTime(),
    type: row.type as Notice['type'],
    providerId: row.provider_id,
    subject: { kind: row.subject_kind as Notice['subject']['kind'], id: row.subject_id },
    data: row.data,
  }
}
