import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { NoticeFeed, NoticeType, PlacedNotice } from '#platform/notice.ts'
import type { Db, Tx } from '#store/db.ts'

/** What a receiver reads. The same octets at each attempt and replay. */
export function bodyOf({ id, seq, at, type, providerId, subject, data }: Omit<PlacedNotice, 'seq'> & { seq: number | null }): string {
  return JSON.stringify({ id, seq, type, at, organisation: providerId, subject, data })
}

export interface NewDelivery {
  noticeId: string
  type: NoticeType
  body: string
}

export async function insertDeliveries(
  tx: Tx,
  webhook: { id: string; provider_id: string | null },
  deliveries: readonly NewDelivery[],
  { ids, at }: { ids: readonly string[]; at: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO webhook_delivery (id, provider_id, webhook_id, notice_id, type, body, created_at, next_at)
     SELECT id, $1, $2, notice_id, type, body, $3, $3
       FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[]) AS d (id, notice_id, type, body)`,
    [
      webhook.provider_id,
      webhook.id,
      at,
      ids,
      deliveries.map(({ noticeId }) => noticeId),
      deliveries.map(({ type }) => type),
      deliveries.map(({ body }) => body),
    ],
  )
}

interface Behind {
  id: string
  provider_id: string | null
  types: NoticeType[]
  position: bigint
  waiting: bigint
}

/**
 * Moves new notices into the queues of the webhooks that want them: the rows and the webhook's position in one
 * transaction, so that a process that is killed queues none twice and leaves none out. A queue that is full keeps its
 * place among the notices and goes on when it has room. Returns how many were queued.
 */
export async function queueNotices({
  db,
  clock,
  feed,
  newId,
}: {
  db: Db
  clock: Clock
  feed: NoticeFeed
  newId(): string
}): Promise<number> {
  const newest = await feed.newest()
  const { rows } = await db.query<Behind>(
    `SELECT w.id, w.provider_id, w.types, w.position,
       (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS waiting
     FROM webhook w WHERE w.state = 'active' AND w.position < $1`,
    [newest],
    { priority: 'job' },
  )
  let queued = 0
  for (const webhook of rows) {
    const room = Math.min(limits.notices.perRead, limits.webhooks.waiting - Number(webhook.waiting))
    if (room <= 0) continue
    const scope = webhook.provider_id === null ? ({ operator: true } as const) : { providerId: webhook.provider_id }
    const { notices, position } = await feed.after(scope, Number(webhook.position), { types: webhook.types, limit: room })
    const deliveries = notices.map((notice) => ({ noticeId: notice.id, type: notice.type, body: bodyOf(notice) }))
    queued += await db.transaction(
      async (tx) => {
        // Another process, or a person who rewound it, was quicker: it is read anew at the next turn.
        const { affected } = await tx.query('UPDATE webhook SET position = $3 WHERE id = $1 AND position = $2', [
          webhook.id,
          webhook.position,
          position,
        ])
        if (affected === 0) return 1
        if (deliveries.length > 0)
          await insertDeliveries(tx, webhook, deliveries, { ids: deliveries.map(() => newId()), at: new Date(clock.now()) })
        return position < newest ? Math.max(1, deliveries.length) : deliveries.length
      },
      { priority: 'job' },
    )
  }
  return queued
}
