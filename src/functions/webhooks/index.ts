import { lookup } from 'node:dns/promises'
import type { Vault } from '#crypto/vault.ts'
import type { AlarmPort } from '#platform/alarm.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { decodeCursor, encodeCursor, isUuid, pageLimit } from '#platform/page.ts'
import { say } from '#platform/text.ts'
import { hostOf, type Resolve } from './address.ts'
import { Delivering, wantedChannel } from './delivering.ts'
import { type DeliveryRow, deliveryView, selectWebhook, selectWebhooks, webhookView } from './rows.ts'
import { Webhooks } from './service.ts'

const { listWebhooks, getWebhook, createWebhook, updateWebhook, rotateWebhook, deleteWebhook, testWebhook, replayWebhook, listDeliveries } =
  operations

interface Own {
  vault: Vault
  resolve?: Resolve
  random?: () => number
}

type Context = FunctionContext<'store' | 'ledger' | 'notices' | 'noticeFeed', never>

const systemResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/** Notices sent to the systems of those they concern: signed, tried again for a day, kept in a log. */
export function webhooksFunction(own: Own) {
  return defineFunction({
    name: 'webhooks',
    config: ['webhookLoopback'],
    needs: ['store', 'ledger', 'notices', 'noticeFeed'],
    provides: [],
    controls: [],
    routes: [
      listWebhooks,
      getWebhook,
      createWebhook,
      updateWebhook,
      rotateWebhook,
      deleteWebhook,
      testWebhook,
      replayWebhook,
      listDeliveries,
    ],
    navigation: [],
    metrics: [],
    start: (ctx) => start(ctx, own),
  })
}

async function start(ctx: Context, { vault, resolve = systemResolve, random = Math.random }: Own): Promise<AsyncDisposable> {
  const { clock, log, config } = ctx
  const { store: db, ledger, noticeFeed: feed } = ctx.ports
  const newId = (): string => ctx.newId()
  const common = { clock, vault, resolve, allowLoopback: config.webhookLoopback, feed, newId }
  const webhooks = new Webhooks({ ...common, ledger })
  const delivering = new Delivering({
    ...common,
    db,
    log,
    random,
    version: ctx.optional.installation?.version ?? '0',
    onGone: (id) => tellGone(ctx, id),
  })
  const stopWanted = await db.listen(
    wantedChannel,
    () => delivering.wake(),
    () => delivering.wake(),
  )
  const thenDeliver = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done
    await db.notify(wantedChannel, '')
    return result
  }
  ctx.serve(listWebhooks, async ({ db: tenant }) => {
    const items = (await selectWebhooks(tenant)).map((row) => webhookView(row, clock.now()))
    return { items, next: null, count: { value: items.length, capped: false } }
  })
  ctx.serve(getWebhook, async ({ db: tenant, params, setVersion }) => {
    const webhook = webhookView(await selectWebhook(tenant, params.id), clock.now())
    setVersion(webhook.version)
    return webhook
  })
  ctx.serve(createWebhook, (call) => webhooks.create(call))
  ctx.serve(updateWebhook, async (call) => {
    const webhook = await thenDeliver(webhooks.update(call))
    if (webhook.state === 'active') ctx.optional.alarms?.clear(alarmKey(webhook.id), call.identity?.name ?? 'webhooks')
    return webhook
  })
  ctx.serve(rotateWebhook, (call) => webhooks.rotate(call))
  ctx.serve(deleteWebhook, async (call) => {
    await webhooks.delete(call)
    if (!call.isRehearsal) ctx.optional.alarms?.clear(alarmKey(call.params.id), call.identity?.name ?? 'webhooks')
  })
  ctx.serve(testWebhook, (call) => thenDeliver(webhooks.test(call)))
  ctx.serve(replayWebhook, (call) => thenDeliver(webhooks.replay(call)))
  ctx.serve(listDeliveries, listOf)
  return {
    async [Symbol.asyncDispose]() {
      await stopWanted()
      await delivering.close()
    },
  }
}

const alarmKey = (webhookId: string): string => `webhook-disabled:${webhookId}`

/** Whoever should have heard cannot: it rings, and the other ways out are told. */
async function tellGone({ ports, optional }: Context, webhookId: string): Promise<void> {
  const { rows } = await ports.store.query<{ provider_id: string | null; url: string; disabled_because: string | null }>(
    'SELECT provider_id, url, disabled_because FROM webhook WHERE id = $1',
    [webhookId],
    { priority: 'job' },
  )
  const [row] = rows
  if (row === undefined) return
  const host = hostOf(new URL(row.url))
  const alarms: AlarmPort | undefined = optional.alarms
  alarms?.raise({
    key: alarmKey(webhookId),
    kind: 'webhook-disabled',
    severity: 'minor',
    source: 'webhooks',
    title: say('alarm.webhook-disabled', { host }),
    cause: say('alarm.webhook-disabled.cause', { host, problem: row.disabled_because ?? '' }),
    action: say('alarm.webhook-disabled.action'),
    providerId: row.provider_id,
  })
  const subject = { kind: 'webhook', id: webhookId } as const
  ports.notices.publish({ type: 'webhook.disabled', providerId: row.provider_id, subject, data: { because: row.disabled_because } })
}

async function listOf({ db, params, query }: Call<typeof listDeliveries>) {
  await selectWebhook(db, params.id)
  const limit = pageLimit(query.limit)
  const before = decodeCursor(query.cursor, 1)?.[0]
  const { rows } = await db.query<DeliveryRow>(
    `SELECT * FROM webhook_delivery WHERE webhook_id = $1 AND ($2::uuid IS NULL OR id < $2::uuid) AND ($3::text IS NULL OR state = $3)
      ORDER BY id DESC LIMIT $4`,
    [params.id, typeof before === 'string' && isUuid(before) ? before : null, query.state ?? null, limit + 1],
  )
  const { rows: counted } = await db.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM (SELECT FROM webhook_delivery WHERE webhook_id = $1 AND ($2::text IS NULL OR state = $2) LIMIT 1001) AS counted`,
    [params.id, query.state ?? null],
  )
  const n = Number(counted[0]?.n ?? 0)
  const items = rows.slice(0, limit).map(deliveryView)
  return {
    items,
    next: rows.length > limit ? encodeCursor([items.at(-1)?.id ?? null]) : null,
    count: { value: Math.min(n, 1_000), capped: n > 1_000 },
  }
}
