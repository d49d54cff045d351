import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Vault } from '#crypto/vault.ts'
import type { Call } from '#platform/http/route.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { Delivery, Webhook } from '#platform/http/schemas/webhooks.ts'
import { type NoticeFeed, type NoticeType, noticeTypesFor } from '#platform/notice.ts'
import type { Identity } from '#platform/session.ts'
import type { Tx } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { checkUrl, type Resolve, vettedAddresses } from './address.ts'
import { bodyOf, insertDeliveries } from './queue.ts'
import { type DeliveryRow, deliveryView, selectWebhook, type WebhookRow, webhookView } from './rows.ts'
import { makeSecret } from './signature.ts'

const overlapMs = 86_400_000

interface Options {
  clock: Clock
  ledger: Ledger
  feed: NoticeFeed
  vault: Vault
  resolve: Resolve
  allowLoopback: boolean
  newId(): string
}

type Asked = Pick<Call, 'db' | 'identity' | 'address' | 'isRehearsal'>
interface Entry {
  webhook: Pick<WebhookRow, 'id' | 'provider_id'>
  what: string
  body?: object
}

/** Makes, changes and ends webhooks, and puts deliveries back into their queues: each with its row in the ledger. */
export class Webhooks {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  get #now(): number {
    return this.#options.clock.now()
  }

  async create(call: Call<typeof operations.createWebhook>): Promise<{ webhook: Webhook; secret: string }> {
    const { body, identity } = call
    const url = await this.#vetted(body.url)
    checkTypes(identity, body.types)
    const { vault, feed, newId } = this.#options
    const id = newId()
    const secret = makeSecret()
    const position = await feed.newest()
    const providerId = identity?.providerId ?? null
    const by = identity?.personId ?? 'nobody'
    return await this.#change(call, async (tx) => {
      await checkRoom(tx, providerId)
      await tx.query(
        `INSERT INTO webhook (id, provider_id, url, description, types, position, secret, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          id,
          providerId,
          url,
          body.description ?? '',
          body.types,
          position,
          vault.seal('webhook-secret', id, Buffer.from(secret)),
          by,
          new Date(this.#now),
        ],
      )
      const row = await selectWebhook(tx, id)
      const entry = { host: new URL(url).host, types: body.types, reason: body.reason }
      return { result: { webhook: webhookView(row, this.#now), secret }, entry: { webhook: row, what: 'created', body: entry } }
    })
  }

  async update(call: Call<typeof operations.updateWebhook>): Promise<Webhook> {
    const { body, params, identity } = call
    const url = body.url === undefined ? null : await this.#vetted(body.url)
    return await this.#change(call, async (tx) => {
      const row = await selectWebhook(tx, params.id, true)
      call.checkVersion(row.version)
      checkTypes(
        identity,
        (body.types ?? []).filter((type) => !row.types.includes(type)),
      )
      const state = body.state ?? row.state
      await tx.query(
        `UPDATE webhook SET url = $2, description = $3, types = $4, state = $5, version = version + 1,
           disabled_because = CASE WHEN $5 = 'active' THEN NULL ELSE disabled_because END WHERE id = $1`,
        [row.id, url ?? row.url, body.description ?? row.description, body.types ?? row.types, state],
      )
      // What waits is tried at once, and has its day again.
      if (state === 'active' && row.state !== 'active')
        await tx.query("UPDATE webhook_delivery SET attempts = 0, next_at = $2 WHERE webhook_id = $1 AND state = 'waiting'", [
          row.id,
          new Date(this.#now),
        ])
      const changed = webhookView(await selectWebhook(tx, row.id), this.#now)
      call.setVersion(changed.version)
      const entry = { host: new URL(changed.url).host, types: changed.types, state, reason: body.reason }
      return { result: changed, entry: { webhook: row, what: 'changed', body: entry } }
    })
  }

  async rotate(call: Call<typeof operations.rotateWebhook>): Promise<{ webhook: Webhook; secret: string }> {
    const { body, params } = call
    return await this.#change(call, async (tx) => {
      const row = await selectWebhook(tx, params.id, true)
      const secret = makeSecret()
      const sealed = this.#options.vault.seal('webhook-secret', row.id, Buffer.from(secret))
      await tx.query('SELECT set_config($1, $2, true)', ['role', 'none'])
      // The former secret is in nobody's reach: it is moved by the store's own right, in the row that the tenant's right found.
      await tx.query('UPDATE webhook SET former_secret = secret, former_until = $2, secret = $3, version = version + 1 WHERE id = $1', [
        row.id,
        new Date(this.#now + overlapMs),
        sealed,
      ])
      const webhook = webhookView(await selectWebhook(tx, row.id), this.#now)
      return { result: { webhook, secret }, entry: { webhook: row, what: 'rotated', body: { reason: body.reason } } }
    })
  }

  async delete(call: Call<typeof operations.deleteWebhook>): Promise<void> {
    await this.#change(call, async (tx) => {
      const row = await selectWebhook(tx, call.params.id, true)
      await tx.query('DELETE FROM webhook WHERE id = $1', [row.id])
      return { result: undefined, entry: { webhook: row, what: 'deleted', body: { reason: call.query.reason } } }
    })
  }

  async test(call: Call<typeof operations.testWebhook>): Promise<Delivery> {
    const id = this.#options.newId()
    return await this.#change(call, async (tx) => {
      const row = await selectWebhook(tx, call.params.id)
      const subject = { kind: 'webhook', id: row.id } as const
      const data = { by: call.identity?.name ?? '' }
      const notice = { id, seq: null, at: this.#now, type: 'webhook.test', providerId: row.provider_id, subject, data } as const
      const delivery = await this.#queue(tx, row, { noticeId: id, type: 'webhook.test', body: bodyOf(notice) })
      return { result: delivery, entry: { webhook: row, what: 'tested' } }
    })
  }

  async replay(call: Call<typeof operations.replayWebhook>): Promise<{ queued: { value: number; capped: boolean } }> {
    const { body, params } = call
    return await this.#change(call, async (tx) => {
      const row = await selectWebhook(tx, params.id, true)
      if ('deliveryId' in body) {
        const { rows } = await tx.query<{ notice_id: string; type: NoticeType; body: string }>(
          'SELECT notice_id, type, body FROM webhook_delivery WHERE webhook_id = $1 AND id::text = $2',
          [row.id, body.deliveryId],
        )
        const [old] = rows
        if (old === undefined) throw new OperationError('delivery-unknown', 404, 'there is no such delivery, or it is no longer kept')
        await this.#queue(tx, row, { noticeId: old.notice_id, type: old.type, body: old.body })
        return { result: { queued: { value: 1, capped: false } }, entry: { webhook: row, what: 'replayed', body } }
      }
      const { rows } = await tx.query<{ first: bigint | null; n: bigint }>(
        `SELECT min(seq) AS first, count(*) AS n FROM (SELECT seq FROM notice WHERE at >= $1 AND seq <= $2 AND type = ANY ($3::text[])
           ORDER BY seq LIMIT ${limits.http.cappedCount + 1}) AS since`,
        [new Date(body.since), row.position, row.types],
      )
      const { first = null, n = 0n } = rows[0] ?? {}
      if (first !== null) await tx.query('UPDATE webhook SET position = $2 WHERE id = $1', [row.id, first - 1n])
      const cap = limits.http.cappedCount
      const queued = { value: Math.min(Number(n), cap), capped: Number(n) > cap }
      return { result: { queued }, entry: { webhook: row, what: 'replayed', body } }
    })
  }

  async #queue(tx: Tx, row: WebhookRow, delivery: { noticeId: string; type: NoticeType; body: string }): Promise<Delivery> {
    if (Number(row.waiting) >= limits.webhooks.waiting + limits.webhooks.byHand) {
      throw new OperationError('webhook-queue-full', 409, 'too many deliveries of this webhook wait already')
    }
    const id = this.#options.newId()
    await insertDeliveries(tx, row, [delivery], { ids: [id], at: new Date(this.#now) })
    const { rows } = await tx.query<DeliveryRow>('SELECT * FROM webhook_delivery WHERE id = $1', [id])
    if (rows[0] === undefined) throw new Error('a delivery was written and is not there')
    return deliveryView(rows[0])
  }

  async #vetted(text: string): Promise<string> {
    const { allowLoopback, resolve } = this.#options
    const url = checkUrl(text, allowLoopback)
    await vettedAddresses(url, resolve, allowLoopback)
    return url.href
  }

  #change<T>(call: Asked, run: (tx: Tx) => Promise<{ result: T; entry: Entry }>): Promise<T> {
    return this.#options.ledger.record(
      async (tx, write) => {
        const { result, entry } = await run(tx)
        const { webhook, what, body } = entry
        write({
          kind: `webhook-${what}`,
          actor: call.identity?.personId ?? 'nobody',
          providerId: webhook.provider_id,
          body: { webhookId: webhook.id, ...body, address: call.address },
        })
        return result
      },
      { scope: call.db.scope, rehearsal: call.isRehearsal },
    )
  }
}

/** Nobody sends elsewhere what they may not read themselves. */
function checkTypes(identity: Identity | null, types: readonly NoticeType[]): void {
  const allowed = noticeTypesFor(identity?.permissions ?? [])
  const refused = types.filter((type) => !allowed.includes(type))
  if (refused.length > 0)
    throw new OperationError('types-refused', 403, `you may not read notices of type ${refused.join(', ')}`, { refused })
}

async function checkRoom(tx: Tx, providerId: string | null): Promise<void> {
  const { affected } = await tx.query('SELECT id FROM webhook WHERE provider_id IS NOT DISTINCT FROM $1', [providerId])
  if (affected >= limits.webhooks.perOrganisation) {
    throw new OperationError('too-many-webhooks', 409, `an organisation has at most ${limits.webhooks.perOrganisation} webhooks`)
  }
}
