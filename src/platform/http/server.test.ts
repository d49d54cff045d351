import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { defineFunction } from '#platform/function.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { operations } from './schemas/operations.ts'

/** Serves a few operations so that the server around them can be tested. */
const probe = defineFunction({
  name: 'probe',
  config: [],
  provides: [],
  needs: ['store'],
  controls: [],
  routes: [operations.acknowledgeAlarm, operations.getSim, operations.listRules],
  navigation: [],
  metrics: [{ name: 'simward_probe_total', kind: 'counter', help: 'Probes', labels: [] }],
  async start(ctx) {
    ctx.metrics.collect('simward_probe_total', () => [{ labels: {}, value: 7 }])
    ctx.serve(operations.acknowledgeAlarm, () => {
      throw new OperationError('alarm-unknown', 404, 'there is no such alarm', { asked: 'x' })
    })
    ctx.serve(operations.getSim, async ({ db }) => {
      const { rows } = await db.query<{ role: string }>('SELECT current_user AS role')
      throw new OperationError('role', 409, rows[0]?.role ?? '')
    })
    ctx.serve(operations.listRules, () => {
      throw new Error('secret of the inside')
    })
    return { async [Symbol.asyncDispose]() {} }
  },
})

describe('http server', () => {
  let platform: TestPlatform
  let portal: string
  before(async () => {
    portal = await mkdtemp(join(tmpdir(), 'simward-portal-'))
    platform = await startTestPlatform({
      functions: [probe],
      http: { portalDirectory: portal, requestsPerMinute: 1_000, signInPerMinute: 3 },
    })
  })
  after(async () => {
    await platform[Symbol.asyncDispose]()
    await rm(portal, { recursive: true })
  })

  test('the policy allows no inline code, and each answer has a nonce of its own', async () => {
    const first = await platform.call('GET', '/')
    const second = await platform.call('GET', '/')
    const policy = String(first.headers['content-security-policy'])
    assert.doesNotMatch(policy, /unsafe/)
    for (const part of ["default-src 'none'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self'"])
      assert.ok(policy.includes(part), part)
    const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1]
    assert.equal(/style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1], nonce)
    assert.match(nonce ?? '', /^[A-Za-z0-9+/]{22}==$/)
    assert.notEqual(String(second.headers['content-security-policy']), policy)
    assert.equal(first.headers['x-content-type-options'], 'nosniff')
    assert.equal(first.headers['x-frame-options'], 'DENY')
    assert.equal(first.headers['referrer-policy'], 'no-referrer')
  })

  test('until the portal is built a page says so and asks again; then the page has the nonce of its answer', async () => {
    const waiting = await platform.call('GET', '/')
    assert.match(waiting.text, /being built/)
    assert.match(waiting.text, /http-equiv="refresh"/)
    assert.doesNotMatch(waiting.text, /<script/)
    await writeFile(join(portal, 'index.html'), '<script nonce="__CSP_NONCE__"></script><meta nonce="__CSP_NONCE__">')
    await writeFile(join(portal, 'icon.svg'), '<svg/>')
    for (const path of ['/', '/sims/0190', '/signalling?filter=op%3AULR']) {
      const page = await platform.call('GET', path, { headers: { accept: 'text/html' } })
      const nonce = /'nonce-([^']+)'/.exec(String(page.headers['content-security-policy']))?.[1]
      assert.equal(page.text, `<script nonce="${nonce}"></script><meta nonce="${nonce}">`, path)
    }
    assert.equal((await platform.call('GET', '/icon.svg')).text, '<svg/>')
    assert.equal((await platform.call('GET', '/api/v1/nothing', { headers: { accept: 'text/html' } })).status, 404)
  })

  test('no file outside the portal is served', async () => {
    for (const path of [
      '/assets/../../../etc/passwd',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/%252e%252e%252fpackage.json',
      '/.env',
    ]) {
      const answer = await platform.call('GET', path)
      assert.ok(answer.status >= 400 || /being built|nonce/.test(answer.text), `${path} ${answer.status}`)
      assert.doesNotMatch(answer.text, /root:|"dependencies"/)
    }
  })

  test('another host name is refused before anything is looked at (DNS rebinding)', async () => {
    for (const host of ['attacker.example', 'localhost.attacker.example:8480', '127.0.0.1.nip.example', 'localhost@attacker.example']) {
      const answer = await platform.call('GET', 'rules', { headers: { host } })
      assert.ok(answer.status === 421 || answer.status === 400, `${host} ${answer.status}`)
    }
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:9000', '[::1]:8480']) {
      assert.equal((await platform.call('GET', '/healthz', { headers: { host } })).status, 200, host)
    }
  })

  test('a request that another site makes is refused', async () => {
    const post = (headers: Record<string, string>) => platform.call('POST', 'alarms/1/acknowledge', { body: { note: 'x' }, headers })
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://attacker.example' },
      { origin: 'null' },
      { origin: 'http://localhost:9999', 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await post(headers as Record<string, string>)
      assert.equal(answer.status, 403, JSON.stringify(headers))
      assert.equal(answer.body.code, 'cross-site')
    }
    assert.equal((await post({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8480' })).status, 404)
    assert.equal((await post({})).status, 404, 'a program without a browser sends neither')
    assert.equal((await platform.call('GET', 'rules', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403)
  })

  test('a form of another site cannot even be read: only JSON is', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const answer = await platform.call('POST', 'alarms/1/acknowledge', { body: '{"note":"x"}', headers: { 'content-type': type } })
      assert.equal(answer.status, 415, type)
    }
  })

  test('errors are problem documents and a fault of ours says nothing of the inside', async () => {
    const known = await platform.call('POST', 'alarms/1/acknowledge', { body: { note: 'x' } })
    assert.equal(known.headers['content-type'], 'application/problem+json')
    assert.deepEqual(known.body, {
      type: 'urn:simward:problem:alarm-unknown',
      title: 'Not found',
      status: 404,
      detail: 'there is no such alarm',
      code: 'alarm-unknown',
      asked: 'x',
    })
    const fault = await platform.call('GET', 'rules')
    assert.equal(fault.status, 500)
    assert.doesNotMatch(fault.text, /secret/)
    const invalid = await platform.call('POST', 'alarms/1/acknowledge', { body: { note: 3, more: 1 } })
    assert.equal(invalid.status, 400)
    assert.equal(invalid.body.code, 'request-invalid')
    assert.ok(invalid.body.faults.length > 0)
  })

  test('a body that is too large, or no JSON, costs its sender an error', async () => {
    const large = await platform.call('POST', 'alarms/1/acknowledge', { body: { note: 'x'.repeat(1_100_000) } })
    assert.equal(large.status, 413)
    const broken = await platform.call('POST', 'alarms/1/acknowledge', {
      body: '{"note":',
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(broken.status, 400)
  })

  test('a stranger is turned away before the body is judged; a person without the permission by name of it', async () => {
    const stranger = await platform.call('POST', 'alarms/1/acknowledge', { as: '', body: { wrong: true } })
    assert.equal(stranger.status, 401)
    const auditor = await platform.call('POST', 'alarms/1/acknowledge', { roles: ['auditor'], body: { note: 'x' } })
    assert.equal(auditor.status, 403)
    assert.match(auditor.body.detail, /alarms:write/)
  })

  test('a route gets a database role that cannot bypass tenancy', async () => {
    const provider = '01900000-0000-7000-8000-000000000001'
    assert.equal((await platform.call('GET', 'sims/1')).body.detail, 'simward_operator')
    assert.equal((await platform.call('GET', 'sims/1', { as: provider, roles: ['provider-viewer'] })).body.detail, 'simward_tenant')
  })

  test('what belongs to the demo is not there outside it; what nobody serves says so', async () => {
    assert.equal((await platform.call('GET', 'demo/story', { roles: ['demo'] })).body.code, 'demo-only')
    assert.equal((await platform.call('GET', 'overview')).body.code, 'not-running')
  })

  test('sign-in has a rate of its own', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) {
      const body = { name: 'a', password: 'b', code: '123456' }
      statuses.push((await platform.call('POST', 'sign-in/password', { as: '', body })).status)
    }
    assert.deepEqual(statuses, [503, 503, 503, 429, 429])
  })

  test('metrics answer to loopback, health to everyone who knows our name', async () => {
    assert.match((await platform.call('GET', '/metrics', { as: '' })).text, /simward_probe_total 7/)
    const health = await platform.call('GET', '/healthz', { as: '' })
    assert.equal(health.body.status, 'ok')
    assert.equal(health.body.store.engine, 'pglite')
  })

  test('the document lists every operation', async () => {
    const document = (await platform.call('GET', 'openapi.json')).body
    assert.equal(document.openapi, '3.1.0')
    const ids = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    )
    assert.deepEqual(ids.toSorted(), Object.keys(operations).toSorted())
  })

  test('events come over a real socket, and a reader that comes back gets what it missed', async () => {
    const { url, port } = await platform.http.listen({ host: '127.0.0.1', port: 0 })
    assert.equal(url, `http://127.0.0.1:${port}`)
    const read = async (lastEventId: string | null, until: RegExp): Promise<string> => {
      const headers = { 'x-test-as': 'operator', ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) }
      const sent = request({ host: '127.0.0.1', port, path: '/api/v1/events?topics=alarms', headers }).end()
      const [answer] = await once(sent, 'response')
      assert.match(String(answer.headers['content-type']), /text\/event-stream/)
      assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/)
      let text = ''
      for await (const chunk of answer) {
        text += chunk
        if (until.test(text)) break
        if (/retry/.test(text) && lastEventId === null && !/alarm/.test(text)) platform.events.publish('alarms', { alarm: 1 })
      }
      sent.destroy()
      return text
    }
    const first = await read(null, /"alarm":1/)
    const id = /id: (test-\d+)\nevent: alarms/.exec(first)?.[1] ?? ''
    platform.events.publish('alarms', { alarm: 2 })
    platform.events.publish('signals', { other: true })
    const second = await read(id, /"alarm":2/)
    assert.doesNotMatch(second, /"alarm":1/)
    assert.doesNotMatch(second, /other/)
    assert.match(await read('former-process-3', /event: reset/), /too long away/)
    assert.equal((await platform.call('GET', 'events?topics=nothing')).body.code, 'topic-unknown')
  })
})

test('an event stream ends with its session', async () => {
  await using platform = await startTestPlatform({ functions: [] })
  const { port } = await platform.http.listen({ host: '127.0.0.1', port: 0 })
  const open = async (session: string): Promise<IncomingMessage> => {
    const headers = { 'x-test-as': 'operator', 'x-test-session': session }
    const [answer] = (await once(request({ host: '127.0.0.1', port, path: '/api/v1/events', headers }).end(), 'response')) as [
      IncomingMessage,
    ]
    answer.resume()
    return answer
  }
  const ended = await open('ended')
  const alive = await open('alive')
  const end = once(ended, 'end')
  await platform.clock.advanceAsync(31_000)
  await end
  assert.equal(alive.readableEnded, false)
  assert.equal(platform.events.readers, 1)
  alive.destroy()
})

test('metrics behind a proxy, or with a token, want the token', async () => {
  await using platform = await startTestPlatform({ functions: [], http: { metricsToken: 'long enough to be one' } })
  assert.equal((await platform.call('GET', '/metrics')).status, 401)
  assert.equal((await platform.call('GET', '/metrics', { headers: { authorization: 'Bearer wrong' } })).status, 401)
  assert.equal((await platform.call('GET', '/metrics', { headers: { authorization: 'Bearer long enough to be one' } })).status, 200)
})

test('outside loopback nothing is spoken in the clear, and the demo not at all', async () => {
  const refusal = async (http: object): Promise<string> => {
    await using platform = await startTestPlatform({ functions: [], http })
    return await platform.http.listen({ host: '192.0.2.1', port: 0 }).then(
      () => 'listens',
      (error: Error) => error.message,
    )
  }
  assert.match(await refusal({ mode: 'demo', behindProxy: true, publicOrigin: 'https://simward.example' }), /this machine only/)
  assert.match(await refusal({}), /SIMWARD_HTTP_TLS_CERT/)
  assert.match(await refusal({ behindProxy: true }), /SIMWARD_HTTP_ORIGIN/)
  assert.match(await refusal({ behindProxy: true, publicOrigin: 'https://simward.example' }), /EADDRNOTAVAIL/)
})
