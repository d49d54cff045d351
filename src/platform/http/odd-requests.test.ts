import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { pino } from 'pino'
import { OperationError } from '#core/errors.ts'
import { defineFunction } from '#platform/function.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import type { RuleView } from './schemas/network.ts'
import { operations } from './schemas/operations.ts'

const rule: RuleView = {
  id: 'r1',
  interface: 'S6a',
  operations: [],
  when: '',
  action: 'reject',
  reason: 'busy',
  alert: false,
  says: '',
  spec: '',
  control: '',
  requirementIds: [],
  mode: 'off',
  defaultMode: 'off',
  changedBy: null,
  changedAt: null,
  changeReason: null,
  decided: 0,
  wouldHave: 0,
  lastAt: null,
}

/** Answers with more than it should, says where a request came from, and fails with a text that is made to look like a line of the log. */
const probe = defineFunction({
  name: 'probe',
  config: [],
  provides: [],
  needs: [],
  controls: [],
  routes: [
    operations.setRuleMode,
    operations.listNotices,
    operations.getSim,
    operations.exportUsage,
    operations.downloadJobTemplate,
    operations.getApprovalReceipt,
    operations.acknowledgeAlarm,
  ],
  navigation: [],
  metrics: [],
  async start(ctx) {
    ctx.serve(operations.setRuleMode, () => ({ ...rule, sealedKey: 'of the inside' }))
    ctx.serve(operations.listNotices, () => ({ items: [], next: null, count: { value: 0, capped: false } }))
    ctx.serve(operations.getSim, ({ address }) => {
      throw new OperationError('address', 409, address)
    })
    ctx.serve(operations.exportUsage, () => 'a,b\r\n')
    ctx.serve(operations.downloadJobTemplate, () => 'a,b\r\n')
    ctx.serve(operations.getApprovalReceipt, () => '{}')
    ctx.serve(operations.acknowledgeAlarm, () => {
      throw new Error('cause of the fault\n{"level":30,"msg":"all is well"}')
    })
    return { async [Symbol.asyncDispose]() {} }
  },
})

const json = { 'content-type': 'application/json' }

const loggedLines = (): { lines: Record<string, unknown>[]; log: pino.Logger } => {
  const lines: Record<string, unknown>[] = []
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    for (const line of String(chunk).trimEnd().split('\n')) lines.push(JSON.parse(line) as Record<string, unknown>)
    done()
  }
  return { lines, log: pino({ level: 'info' }, new Writable({ write })) }
}

describe('requests that no honest client sends, and what every answer says', () => {
  const { lines, log } = loggedLines()
  let platform: TestPlatform
  let port: number
  before(async () => {
    platform = await startTestPlatform({ functions: [probe], http: { log } })
    port = (await platform.http.listen({ host: '127.0.0.1', port: 0 })).port
  })
  after(() => platform[Symbol.asyncDispose]())

  /** Octets as they are; everything that comes back until the server ends the connection. */
  async function raw(text: string): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port })
    socket.write(text)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    await once(socket, 'close')
    return answer
  }

  test('no request hides in the body of another: lengths that contradict each other are refused', async () => {
    const hidden = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const begin = 'POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n'
    for (const headers of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
      'Content-Length: 5\r\nContent-Length: 50\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
      'Transfer-Encoding : chunked\r\n',
      'Content-Length: 5\nTransfer-Encoding: chunked\r\n',
    ]) {
      const answer = await raw(`${begin}${headers}\r\n0\r\n\r\n${hidden}`)
      assert.match(answer, /^HTTP\/1\.1 400 /, headers)
      assert.equal(answer.split('HTTP/1.1 ').length, 2, `one answer: ${headers}`)
    }
    assert.match(await raw(hidden), /^HTTP\/1\.1 200 /)
  })

  test('methods that no operation has are refused, and nothing comes back as it was sent', async () => {
    for (const method of ['TRACE', 'TRACK', 'CONNECT', 'PROPFIND', 'DEBUG']) {
      const answer = await raw(`${method} / HTTP/1.1\r\nHost: localhost\r\nX-Probe: come-back\r\nConnection: close\r\n\r\n`)
      assert.doesNotMatch(answer, /come-back/, method)
      assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/, method)
    }
  })

  test('a parameter twice, one that nobody named, and a body in the address are refused', async () => {
    for (const query of ['limit=1&limit=2', 'admin=true', 'limit[]=1', 'limit=1&providerId=x'])
      assert.equal((await platform.call('GET', `notices?${query}`)).body.code, 'request-invalid', query)
    assert.equal((await platform.call('GET', 'notices?limit=1')).status, 200)
    const elsewhere = await platform.call('PATCH', 'rules/r1?mode=off&reason=because', { body: {} })
    assert.equal(elsewhere.body.code, 'request-invalid')
  })

  test('types are not guessed: a number as text, a list for a word, null for a text', async () => {
    for (const body of [
      { mode: ['off'], reason: 'a reason' },
      { mode: 'off', reason: null },
      { mode: 'off', reason: 123 },
      [],
      'off',
      null,
    ])
      assert.equal(
        (await platform.call('PATCH', 'rules/r1', { body: JSON.stringify(body), headers: json })).status,
        400,
        JSON.stringify(body),
      )
  })

  test('nothing of a body reaches the prototype of anything', async () => {
    for (const body of [
      '{"mode":"off","reason":"a reason","__proto__":{"polluted":true}}',
      '{"mode":"off","reason":"a reason","constructor":{"prototype":{"polluted":true}}}',
      '{"__proto__":{"mode":"off","reason":"a reason"}}',
    ])
      assert.equal((await platform.call('PATCH', 'rules/r1', { body, headers: json })).status, 400, body)
    assert.equal(({} as { polluted?: boolean }).polluted, undefined)
  })

  test('of what a function returns only what its operation names is sent', async () => {
    const answer = await platform.call('PATCH', 'rules/r1', { body: { mode: 'off', reason: 'a reason' } })
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.body.id, 'r1')
    assert.doesNotMatch(answer.text, /sealedKey|of the inside/)
  })

  test('no answer is lent to another origin, leads elsewhere or lists a folder, and each says its type', async () => {
    const headers = { origin: 'https://attacker.example' }
    for (const path of ['/', '/healthz', '/metrics', '/assets/', '/assets', '/api/v1/', '/api/v1/openapi.json', '/api/v1/notices', '/x']) {
      const answer = await platform.call('GET', path, { headers })
      assert.equal(answer.headers['access-control-allow-origin'], undefined, path)
      assert.ok(answer.status < 300 || answer.status >= 400, `${path} leads elsewhere`)
      assert.match(String(answer.headers['content-type']), /^(application\/(problem\+)?json|text\/\w+;.*charset=utf-8)/, path)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff', path)
      if (path.startsWith('/api/') || path === '/') assert.equal(answer.headers['cache-control'], 'no-store', path)
      if (path === '/assets/') assert.equal(answer.status, 404, path)
    }
    const asked = await platform.http.app.inject({
      method: 'OPTIONS',
      url: '/api/v1/notices',
      headers: { ...headers, host: 'localhost', 'access-control-request-method': 'GET' },
    })
    assert.ok(asked.statusCode >= 400)
    assert.equal(asked.headers['access-control-allow-origin'], undefined)
  })

  test('what is downloaded is saved, under a name of ours, and never shown as a page', async () => {
    for (const [path, name] of [
      ['plans/x/usage.csv', 'usage-x.csv'],
      ['jobs/templates/sims.csv', 'sims.csv'],
      ['approvals/%22%0d%0aSet-Cookie:%20a=b/receipt', 'receipt-___Set-Cookie__a_b.json'],
    ] as const) {
      const answer = await platform.call('GET', path)
      assert.equal(answer.status, 200, `${path} ${answer.text}`)
      assert.equal(answer.headers['content-disposition'], `attachment; filename="${name}"`)
      assert.equal(answer.headers['set-cookie'], undefined)
    }
    assert.equal((await platform.call('GET', 'jobs/templates/other.csv')).status, 400)
  })

  test('a fault of ours is in the log with its cause, on one line, whatever it says', async () => {
    const had = lines.length
    assert.equal((await platform.call('POST', 'alarms/1/acknowledge', { body: { note: '' } })).status, 500)
    const [line, ...others] = lines.slice(had)
    assert.deepEqual([line?.msg, line?.level, others.length], ['a request failed', 50, 0])
    assert.match(JSON.stringify(line?.err), /cause of the fault/)
    assert.equal(typeof line?.time, 'number')
  })

  test('who is refused again and again is counted each time and logged once a minute', async () => {
    platform.clock.advance(60_000)
    const had = lines.length
    const odd = { 'sec-fetch-site': 'cross-site' }
    for (let n = 0; n < 3; n += 1) assert.equal((await platform.call('GET', 'notices', { headers: odd })).status, 403)
    assert.equal((await platform.call('GET', 'notices', { as: '' })).status, 401)
    assert.deepEqual(
      lines.slice(had).map(({ status, address, msg }) => [status, address, msg]),
      [403, 401].map((status) => [status, '127.0.0.1', 'requests of this address are refused']),
    )
    platform.clock.advance(60_000)
    await platform.call('GET', 'notices', { headers: odd })
    assert.equal(lines.length, had + 3)
    assert.match((await platform.call('GET', '/metrics')).text, /simward_requests_refused_total\{status="403"\} 4/)
  })
})

test('of X-Forwarded-For the last address counts behind a proxy, and none without one', async () => {
  const from = async (behindProxy: boolean, forwarded: string): Promise<string> => {
    await using platform = await startTestPlatform({ functions: [probe], http: { behindProxy } })
    return (await platform.call('GET', 'sims/1', { headers: { 'x-forwarded-for': forwarded } })).body.detail
  }
  assert.equal(await from(false, '203.0.113.7'), '127.0.0.1')
  assert.equal(await from(true, '203.0.113.7'), '203.0.113.7')
  assert.equal(await from(true, '192.0.2.66, 10.0.0.1, 203.0.113.7'), '203.0.113.7', 'what a caller sends itself stands before it')
})
