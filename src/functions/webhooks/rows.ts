import { OperationError } from '#core/errors.ts'
import type { Delivery, Webhook } from '#platform/http/schemas/webhooks.ts'
import type { NoticeType } from '#platform/notice.ts'
import { isUuid } from '#platform/page.ts'
import type { TenantDb, Tx } from '#store/db.ts'

export interface WebhookRow {
  id: string
  provider_id: string | null
  url: string
  description: string
  types: NoticeType[]
  state: 'active' | 'paused' | 'disabled'
  position: bigint
  former_until: Date | null
  created_at: Date
  succeeded_at: Date | null
  failed_at: Date | null
  disabled_because: string | null
  version: number
  waiting: bigint
}

/** Without the secrets, which no role of the portal may read. */
const select = `SELECT w.id, w.provider_id, w.url, w.description, w.types, w.state, w.position, w.former_until, w.created_at, w.succeeded_at,
    w.failed_at, w.disabled_because, w.version,
    (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS waiting
  FROM webhook w`

export async function selectWebhooks(db: TenantDb): Promise<WebhookRow[]> {
  return (await db.query<WebhookRow>(`${select} ORDER BY w.id DESC`)).rows
}

/** Throws `webhook-unknown` (404) where this tenant has none of that id. */
export async function selectWebhook(db: TenantDb | Tx, id: string, lock = false): Promise<WebhookRow> {
  if (isUuid(id)) {
    const { rows } = await db.query<WebhookRow>(`${select} WHERE w.id = $1${lock ? ' FOR UPDATE OF w' : ''}`, [id])
    if (rows[0] !== undefined) return rows[0]
  }
  throw new OperationError('webhook-unknown', 404, `there is no webhook ${id}`)
}

export function webhookView(row: WebhookRow, now: number): Webhook {
  const rotating = row.former_until !== null && row.former_until.getTime() > now
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    types: row.types,
    state: row.state,
    organisation: row.provider_id,
    disabledBecause: row.disabled_because,
    waiting: Number(row.waiting),
    formerSecretUntil: rotating ? (row.former_until?.getTime() ?? null) : null,
    createdAt: row.created_at.getTime(),
    succeededAt: row.succeeded_at?.getTime() ?? null,
    failedAt: row.failed_at?.getTime() ?? null,
    version: row.version,
  }
}

export interface DeliveryRow {
  id: string
  notice_id: string
  type: NoticeType
  state: Delivery['state']
  attempts: number
  created_at: Date
  next_at: Date
  last_at: Date | null
  status: number | null
  took_ms: number | null
  answer: string | null
  problem: string | null
}

export function deliveryView(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    noticeId: row.notice_id,
    type: row.type,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at.getTime(),
    nextAt: row.state === 'waiting' ? row.next_at.getTime() : null,
    lastAt: row.last_at?.getTime() ?? null,
    status: row.status,
    tookMs: row.took_ms,
    answer: row.answer,
    problem: row.problem,
  }
}
