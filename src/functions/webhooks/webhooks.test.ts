import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createVault } from '#crypto/vault.ts'
import { noticesFunction } from '#functions/notices/index.ts'
import type { Notice } from '#platform/notice.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { attemptsAtMost, waitAfter } from './backoff.ts'
import { webhooksFunction } from './index.ts'

const vault = createVault(Buffer.alloc(32, 9))
const reason = 'for the test'

interface Received {
  headers: IncomingHttpHeaders
  body: string
}

interface Receiver {
  url: string
  /** How it answers; a test sets it. */
  answer(response: ServerResponse): unknown
  received: Received[]
  /** Resolves when that many have come since the beginning. */
  until(count: number): Promise<void>
  close(): void
}

/** A receiver of webhooks on this machine, which answers as it is told. */
async function openReceiver(): Promise<Receiver> {
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      receiver.received.push({ headers: request.headers, body })
      receiver.answer(response)
      for (const wake of waiting.splice(0)) wake()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    answer: (response) => response.end('thanks'),
    received: [],
    async until(count) {
      while (receiver.received.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}

describe('webhooks', () => {
  let platform: TestPlatform
  let receiver: Receiver
  let providerId: string
  let otherId: string
  let addresses: string[]
  const raised: { key: string; providerId?: string | null }[] = []
  before(async () => {
    receiver = await openReceiver()
    const resolve = async () => addresses
    platform = await startTestPlatform({
      functions: [noticesFunction, webhooksFunction({ vault, resolve, random: () => 0.5 })],
      base: { alarms: { raise: (report) => void raised.push(report), clear: () => {}, standing: () => [] } },
      config: { webhookLoopback: true },
    })
    providerId = (await insertProvider(platform.store, 'Wayfold', '99970', 1)).providerId
    otherId = (await insertProvider(platform.store, 'Northmere', '99971', 1)).providerId
  })
  beforeEach(() => {
    addresses = ['8.8.8.8']
    receiver.answer = (response) => response.end('thanks')
  })
  after(async () => {
    receiver.close()
    await platform[Symbol.asyncDispose]()
  })

  const asAdmin = () => ({ as: providerId, roles: ['provider-admin'] as const })
  const create = (body: object = {}) =>
    platform.call('POST', 'webhooks', { ...asAdmin(), body: { url: receiver.url, types: ['sim.changed'], reason, ...body } })
  const note = async (id: string, type: Notice['type'] = 'sim.changed', owner: string | null = providerId): Promise<void> => {
    const { notices } = platform.composition.ports
    await platform.store.transaction(async (tx) => notices?.note(tx, { type, providerId: owner, subject: { kind: 'sim', id }, data: {} }))
  }
  const remove = async (id: string): Promise<void> => {
    assert.equal((await platform.call('DELETE', `webhooks/${id}?reason=for+the+test`, asAdmin())).status, 204)
  }
  /** Reads the log until its newest delivery is as wanted: what was sent is written just after it was answered. */
  const delivery = async (id: string, state: string, attempts: number) => {
    for (;;) {
      const { body } = await platform.call('GET', `webhooks/${id}/deliveries`, asAdmin())
      const [newest] = body.items
      if (newest?.state === state && newest.attempts === attempts && newest.lastAt !== null) return newest
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  test('a notice arrives signed, once, with its own id, and stands in the log', async () => {
    const { webhook, secret } = (await create()).body
    const start = receiver.received.length
    await note('elsewhere', 'sim.changed', otherId)
    await note('unwanted', 'job.started')
    await note('s1')
    await receiver.until(start + 1)
    const [got] = receiver.received.slice(start)
    assert.ok(got !== undefined)
    const body = JSON.parse(got.body)
    assert.deepEqual([body.type, body.subject.id, body.organisation], ['sim.changed', 's1', providerId])
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = got.headers
    assert.deepEqual([id, timestamp], [body.id, String(Math.floor(platform.clock.now() / 1_000))])
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    assert.equal(signature, `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${got.body}`).digest('base64')}`)
    const logged = await delivery(webhook.id, 'delivered', 1)
    assert.deepEqual([logged.status, logged.answer, logged.problem, logged.noticeId], [200, 'thanks', null, id])
    assert.equal(receiver.received.length, start + 1)
    await remove(webhook.id)
  })

  test('what is refused is tried again, later and later, with the same id; then it is taken', async () => {
    const { webhook } = (await create()).body
    const start = receiver.received.length
    receiver.answer = (response) => response.writeHead(503).end('later\u0007please')
    await note('retry')
    await receiver.until(start + 1)
    const first = await delivery(webhook.id, 'waiting', 1)
    assert.deepEqual([first.status, first.answer, first.nextAt - first.lastAt], [503, 'later please', 5_000])
    await platform.clock.advanceAsync(4_000)
    assert.equal(receiver.received.length, start + 1)
    receiver.answer = (response) => response.writeHead(302, { location: receiver.url }).end()
    await platform.clock.advanceAsync(2_000)
    await receiver.until(start + 2)
    const second = await delivery(webhook.id, 'waiting', 2)
    assert.deepEqual([second.problem, second.nextAt - second.lastAt], ['redirect: not followed', 30_000])
    receiver.answer = (response) => response.end()
    await platform.clock.advanceAsync(32_000)
    await receiver.until(start + 3)
    await delivery(webhook.id, 'delivered', 3)
    const ids = receiver.received.slice(start).map(({ headers }) => headers['webhook-id'])
    assert.equal(new Set(ids).size, 1)
    await remove(webhook.id)
  })

  test('after a day without success it is disabled, and rings; resumed, it goes on where it stopped', async () => {
    const { webhook } = (await create()).body
    const start = receiver.received.length
    receiver.answer = (response) => response.writeHead(500).end()
    await note('lost')
    for (let attempt = 1; attempt <= attemptsAtMost; attempt++) {
      await receiver.until(start + attempt)
      await delivery(webhook.id, attempt === attemptsAtMost ? 'failed' : 'waiting', attempt)
      await platform.clock.advanceAsync(waitAfter(attempt, 1) ?? 0)
      await platform.clock.advanceAsync(2_000)
    }
    while (!raised.some(({ key }) => key === `webhook-disabled:${webhook.id}`)) await new Promise((resolve) => setImmediate(resolve))
    const seen = await platform.call('GET', `webhooks/${webhook.id}`, asAdmin())
    assert.deepEqual([seen.body.state, seen.body.disabledBecause], ['disabled', 'status: 500'])
    await note('meanwhile')
    receiver.answer = (response) => response.end()
    const body = { state: 'active', reason }
    const headers = { 'if-match': String(seen.headers.etag) }
    assert.equal((await platform.call('PATCH', `webhooks/${webhook.id}`, { ...asAdmin(), body, headers })).body.state, 'active')
    await receiver.until(start + attemptsAtMost + 1)
    assert.equal(JSON.parse(receiver.received.at(-1)?.body ?? '').subject.id, 'meanwhile')
    await delivery(webhook.id, 'delivered', 1)
    await remove(webhook.id)
  })

  test('addresses inside are refused at creation, and again when the name is turned later (DNS rebinding)', async () => {
    for (const [url, resolved] of [
      ['https://hooks.example.com/', ['10.0.0.5']],
      ['https://hooks.example.com/', ['8.8.8.8', '::ffff:169.254.169.254']],
      ['https://hooks.example.com/', []],
      ['https://[fd00::1]/', []],
      ['http://hooks.example.com/', ['8.8.8.8']],
      ['http://169.254.169.254/', []],
    ] as const) {
      addresses = [...resolved]
      const refused = await create({ url })
      assert.deepEqual([refused.status, refused.body.code], [422, 'webhook-address'], url)
    }
    addresses = ['8.8.8.8']
    const { webhook } = (await create({ url: 'https://hooks.example.com/' })).body
    addresses = ['127.0.0.1', '192.168.0.1']
    await note('rebound')
    const tried = await delivery(webhook.id, 'waiting', 1)
    assert.match(tried.problem, /^address: .*192\.168\.0\.1/)
    await remove(webhook.id)
  })

  test('rotated, both secrets sign for a day', async () => {
    const { webhook, secret } = (await create()).body
    const rotated = await platform.call('POST', `webhooks/${webhook.id}/rotate`, { ...asAdmin(), body: { reason } })
    assert.notEqual(rotated.body.secret, secret)
    const signatures = async (id: string) => {
      const start = receiver.received.length
      await note(id)
      await receiver.until(start + 1)
      return String(receiver.received[start]?.headers['webhook-signature']).split(' ')
    }
    assert.equal((await signatures('both')).length, 2)
    await platform.clock.advanceAsync(86_400_001)
    assert.equal((await signatures('one')).length, 1)
    await remove(webhook.id)
  })

  test('a test goes to that webhook only; a replay repeats the id; since a time, everything comes again', async () => {
    const { webhook } = (await create()).body
    const start = receiver.received.length
    const tested = await platform.call('POST', `webhooks/${webhook.id}/test`, asAdmin())
    assert.equal(tested.status, 202, tested.text)
    await receiver.until(start + 1)
    assert.equal(JSON.parse(receiver.received[start]?.body ?? '').type, 'webhook.test')
    platform.clock.advance(1)
    const since = platform.clock.now()
    await note('x')
    await note('y')
    await receiver.until(start + 3)
    const { id, noticeId } = await delivery(webhook.id, 'delivered', 1)
    await platform.call('POST', `webhooks/${webhook.id}/replay`, { ...asAdmin(), body: { deliveryId: id } })
    await receiver.until(start + 4)
    assert.equal(receiver.received[start + 3]?.headers['webhook-id'], noticeId)
    const again = await platform.call('POST', `webhooks/${webhook.id}/replay`, { ...asAdmin(), body: { since } })
    assert.deepEqual(again.body.queued, { value: 2, capped: false })
    await receiver.until(start + 6)
    assert.deepEqual(
      receiver.received.slice(start + 4).map(({ body }) => JSON.parse(body).subject.id),
      ['x', 'y'],
    )
    await remove(webhook.id)
  })

  test('another tenant’s webhooks do not exist; secrets are in nobody’s reach and stand sealed', async () => {
    const { webhook, secret } = (await create()).body
    const other = { as: otherId, roles: ['provider-admin'] as const }
    for (const [method, path, body] of [
      ['GET', `webhooks/${webhook.id}`, undefined],
      ['GET', `webhooks/${webhook.id}/deliveries`, undefined],
      ['POST', `webhooks/${webhook.id}/rotate`, { reason }],
      ['POST', `webhooks/${webhook.id}/test`, undefined],
      ['DELETE', `webhooks/${webhook.id}?reason=for+the+test`, undefined],
    ] as const) {
      assert.equal(
        (await platform.call(method, path, { ...other, ...(body === undefined ? {} : { body }) })).status,
        404,
        `${method} ${path}`,
      )
    }
    assert.deepEqual((await platform.call('GET', 'webhooks', other)).body.items, [])
    await assert.rejects(platform.store.asTenant({ providerId }).query('SELECT secret FROM webhook'), { code: '42501' })
    const { rows } = await platform.store.query<{ secret: Buffer }>('SELECT secret FROM webhook WHERE id = $1', [webhook.id])
    assert.ok(rows[0]?.secret.includes(Buffer.from(secret)) === false)
    const viewer = await platform.call('POST', 'webhooks', { as: providerId, roles: ['provider-viewer'], body: {} })
    assert.equal(viewer.body.code, 'not-allowed')
    await remove(webhook.id)
  })

  test('what was queued when the process was killed is sent by the next one', async () => {
    const { webhook } = (await create()).body
    receiver.answer = () => {}
    const start = receiver.received.length
    await note('survivor')
    await receiver.until(start + 1)
    // The receiver has it and never answers: the old process is as good as dead, its claim runs out.
    receiver.answer = (response) => response.end()
    const { feed, run } = await successor(platform)
    assert.ok((await feed.newest()) > 0)
    platform.clock.advance(61_000)
    await run(webhook.id)
    assert.equal(receiver.received.length >= start + 2, true)
    assert.equal(receiver.received[start + 1]?.headers['webhook-id'], receiver.received[start]?.headers['webhook-id'])
    await remove(webhook.id)
  })
})

/** Another process over the same store, as far as one delivery needs it. */
async function successor(platform: TestPlatform) {
  const { createNoticeFeed } = await import('#functions/notices/port.ts')
  const { attemptNext } = await import('./attempts.ts')
  const options = {
    db: platform.store,
    clock: platform.clock,
    vault,
    resolve: async () => [],
    allowLoopback: true,
    random: () => 0.5,
    version: 'next',
    signal: new AbortController().signal,
  }
  return { feed: createNoticeFeed(platform.store), run: (id: string) => attemptNext(id, options) }
}

test('attempts spread over a day, none at the same moment as its neighbour', () => {
  const waits = Array.from({ length: attemptsAtMost - 1 }, (_, n) => waitAfter(n + 1, 0.5) ?? 0)
  const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000
  assert.ok(hours > 23 && hours < 25, String(hours))
  assert.equal(waitAfter(attemptsAtMost, 0.5), null)
  assert.deepEqual([waitAfter(1, 0), waitAfter(1, 1)], [4_000, 6_000])
})
