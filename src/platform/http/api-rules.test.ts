import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { defineFunction } from '#platform/function.ts'
import { decodeCursor, encodeCursor } from '#platform/page.ts'
import type { ClientPort } from '#platform/session.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import type { RuleView } from './schemas/network.ts'
import { operations } from './schemas/operations.ts'

/** What the handlers of the probe did, and what they wait for. */
interface Seen {
  runs: number
  gate: Promise<void>
  fault: Error | null
}

const rule: RuleView = {
  id: '',
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

const probe = (seen: Seen) =>
  defineFunction({
    name: 'probe',
    config: [],
    provides: [],
    needs: [],
    controls: [],
    routes: [operations.setRuleMode, operations.listNotices, operations.deletePeer, operations.getSim],
    navigation: [],
    metrics: [],
    async start(ctx) {
      ctx.serve(operations.setRuleMode, async ({ params, body, setVersion }) => {
        seen.runs += 1
        await seen.gate
        if (seen.fault !== null) throw seen.fault
        setVersion(seen.runs)
        return { ...rule, id: params.id, says: body.reason, decided: seen.runs }
      })
      ctx.serve(operations.deletePeer, () => {
        seen.runs += 1
      })
      ctx.serve(operations.listNotices, ({ query }) => ({
        items: [],
        next: encodeCursor([Number(decodeCursor(query.cursor, 1)?.[0] ?? 0) + 1]),
        count: { value: 0, capped: false },
      }))
      ctx.serve(operations.getSim, () => {
        throw new OperationError('sim-unknown', 404, 'there is no such SIM')
      })
      return { async [Symbol.asyncDispose]() {} }
    },
  })

describe('Idempotency-Key', () => {
  const seen: Seen = { runs: 0, gate: Promise.resolve(), fault: null }
  let platform: TestPlatform
  before(async () => {
    platform = await startTestPlatform({ functions: [probe(seen)] })
  })
  after(() => platform[Symbol.asyncDispose]())
  const send = (key: string, options: { as?: string; person?: string; body?: object; path?: string } = {}, at = platform) =>
    at.call('PATCH', options.path ?? 'rules/r1', {
      as: options.as ?? 'operator',
      body: options.body ?? { mode: 'off', reason: 'a reason' },
      headers: { 'idempotency-key': key, ...(options.person === undefined ? {} : { 'x-test-person': options.person }) },
    })

  test('the same request again gets the same answer and does nothing', async () => {
    const first = await send('one')
    assert.equal(first.headers['idempotency-replayed'], undefined)
    const again = await send('"one"')
    assert.equal(again.headers['idempotency-replayed'], 'true')
    assert.deepEqual([again.status, again.text, again.headers.etag], [200, first.text, first.headers.etag])
    assert.match(String(again.headers['content-type']), /^application\/json/)
    const removed = await platform.call('DELETE', 'peers/p', { headers: { 'idempotency-key': 'gone' } })
    const removedAgain = await platform.call('DELETE', 'peers/p', { headers: { 'idempotency-key': 'gone' } })
    assert.deepEqual([removed.status, removedAgain.status, removedAgain.text], [204, 204, ''])
    assert.equal(seen.runs, 2)
  })

  test('another request under a used key is refused; a refusal is an answer too', async () => {
    const had = seen.runs
    await send('two')
    for (const other of [{ body: { mode: 'off', reason: 'another' } }, { path: 'rules/r2' }]) {
      const refused = await send('two', other)
      assert.deepEqual([refused.status, refused.body.code], [422, 'idempotency-mismatch'])
    }
    seen.fault = new OperationError('rule-unknown', 404, 'there is no such rule')
    assert.equal((await send('three')).status, 404)
    seen.fault = null
    const again = await send('three')
    assert.deepEqual([again.status, again.body.code, again.headers['idempotency-replayed']], [404, 'rule-unknown', 'true'])
    assert.equal(seen.runs, had + 2)
  })

  test('what is refused before it is carried out keeps no key; nor does a store that was away', async () => {
    assert.equal((await send('four', { body: { mode: 'off' } })).status, 400)
    assert.equal((await send('four')).status, 200)
    seen.fault = new OperationError('store-unavailable', 503, 'the store is unavailable')
    assert.equal((await send('five')).status, 503)
    seen.fault = null
    assert.equal((await send('five')).status, 200)
    for (const key of ['', 'with space', 'ü', 'x'.repeat(256)]) {
      assert.equal((await send(key)).body.code, 'idempotency-key-invalid', key)
    }
  })

  test('a commit whose end was not seen is never carried out again', async () => {
    seen.fault = new OperationError('store-unavailable', 503, 'the store is unavailable', { outcome: 'unknown' })
    assert.equal((await send('six')).status, 503)
    seen.fault = null
    const had = seen.runs
    const again = await send('six')
    assert.deepEqual([again.status, again.body.code], [409, 'idempotency-unfinished'])
    assert.equal(seen.runs, had)
  })

  test('while the first is under way the second waits its turn', async () => {
    const gate = Promise.withResolvers<void>()
    seen.gate = gate.promise
    const had = seen.runs
    const first = send('seven')
    while (seen.runs === had) await new Promise((resolve) => setImmediate(resolve))
    const second = await send('seven')
    assert.deepEqual([second.status, second.body.code, second.headers['retry-after']], [409, 'idempotency-running', '1'])
    gate.resolve()
    seen.gate = Promise.resolve()
    assert.equal((await first).status, 200)
    assert.equal((await send('seven')).headers['idempotency-replayed'], 'true')
  })

  test('a key of another tenant, person or kind of asker is another key', async () => {
    const { providerId } = await insertProvider(platform.store, 'Wayfold', '99970', 1)
    const had = seen.runs
    const secretAnswer = await send('shared', { body: { mode: 'off', reason: 'mine alone' } })
    // The role is the operator's on purpose: only tenant and person tell them apart here.
    for (const other of [{ as: providerId }, { person: 'somebody else' }]) {
      const answer = await send('shared', { ...other, body: { mode: 'off', reason: 'theirs' } })
      assert.deepEqual([answer.status, answer.body.says, answer.headers['idempotency-replayed']], [200, 'theirs', undefined])
    }
    assert.equal((await send('shared', { body: { mode: 'off', reason: 'mine alone' } })).text, secretAnswer.text)
    assert.equal(seen.runs, had + 3)
  })

  test('stored answers are sealed, and kept for a day', async () => {
    await send('eight', { body: { mode: 'off', reason: 'nobody reads this' } })
    const { rows } = await platform.store.query<{ text: string }>("SELECT encode(answer, 'escape') AS text FROM idempotent_request")
    assert.ok(rows.length > 3 && rows.every(({ text }) => !String(text).includes('nobody reads')))
    const had = seen.runs
    platform.clock.advance(limits.http.idempotencyMs + 1)
    assert.equal((await send('eight', { body: { mode: 'off', reason: 'a new day' } })).status, 200)
    assert.equal(seen.runs, had + 1)
  })

  test('after a restart answers are repeated, and what was cut off is not carried out twice', async () => {
    const secret = Buffer.alloc(32, 7)
    const after: Seen = { runs: 0, gate: Promise.resolve(), fault: null }
    await using before = await startTestPlatform({ functions: [probe(after)], http: { secret } })
    const done = await send('done', {}, before)
    const never = Promise.withResolvers<void>()
    after.gate = never.promise
    const cut = send('cut', {}, before)
    while (after.runs < 2) await new Promise((resolve) => setImmediate(resolve))
    // A new process over the same store, while the old one hangs for ever in the middle of the second request.
    await using next = await startTestPlatform({ functions: [probe(after)], http: { secret }, store: before.store })
    const repeated = await send('done', {}, next)
    assert.deepEqual([repeated.text, repeated.headers['idempotency-replayed']], [done.text, 'true'])
    assert.equal((await send('cut', {}, next)).body.code, 'idempotency-running', 'it may still be under way elsewhere')
    next.clock.advance(limits.http.idempotencyRunMs + 1)
    assert.equal((await send('cut', {}, next)).body.code, 'idempotency-unfinished')
    assert.equal(after.runs, 2)
    never.resolve()
    await cut
  })
})

describe('cursors', () => {
  let platform: TestPlatform
  let providerId: string
  before(async () => {
    platform = await startTestPlatform({ functions: [probe({ runs: 0, gate: Promise.resolve(), fault: null })] })
    providerId = (await insertProvider(platform.store, 'Wayfold', '99970', 1)).providerId
  })
  after(() => platform[Symbol.asyncDispose]())

  test('the next page stands in the body and as a link', async () => {
    const first = await platform.call('GET', 'notices?limit=5&filter=type:sim.changed')
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? ''
    assert.equal(new URL(next, 'http://localhost').searchParams.get('cursor'), first.body.next)
    const second = await platform.call('GET', next)
    assert.equal(second.status, 200)
    assert.equal(decodeCursor(second.body.next.split('.')[0], 1)?.[0], 2)
  })

  test('one that was made up, or is of another list, filter or tenant, is refused', async () => {
    const cursor = (await platform.call('GET', 'notices?filter=type:sim.changed')).body.next
    const as = { as: providerId, roles: ['provider-viewer'] as const }
    const plain = encodeCursor([999])
    for (const [path, options] of [
      [`notices?filter=type:sim.changed&cursor=${plain}`, {}],
      [`notices?filter=type:sim.changed&cursor=${plain}.${cursor.split('.')[1]}`, {}],
      [`notices?filter=type:sim.changed&cursor=${cursor.slice(0, -1)}!`, {}],
      [`notices?filter=type:sim.changed&cursor=.`, {}],
      [`notices?filter=type:sim.changed&cursor=%00`, {}],
      [`notices?filter=type:job.started&cursor=${cursor}`, {}],
      [`notices?sort=seq&filter=type:sim.changed&cursor=${cursor}`, {}],
      [`notices?cursor=${cursor}`, {}],
      [`notices?filter=type:sim.changed&cursor=${cursor}`, as],
    ] as const) {
      const refused = await platform.call('GET', path, options)
      assert.deepEqual([refused.status, refused.body.code], [400, 'cursor-invalid'], path)
    }
    assert.equal((await platform.call('GET', `notices?limit=1&filter=type:sim.changed&cursor=${cursor}`)).status, 200)
  })
})

describe('rates', () => {
  const clients: ClientPort = {
    identify: async (bearer) => ({
      kind: 'client',
      personId: bearer,
      name: bearer,
      roles: ['operator-client'],
      permissions: ['sims:read'],
      providerId: null,
      sessionKey: null,
      authenticatedAt: null,
      factors: [],
      mustEnrol: null,
    }),
    grant: async () => ({ error: 'invalid_client', description: '' }),
  }

  test('every answer says what is left; past it 429 says when to come back', async () => {
    await using platform = await startTestPlatform({
      functions: [probe({ runs: 0, gate: Promise.resolve(), fault: null })],
      base: { clients },
      http: { requestsPerMinute: 7, clientPerMinute: 2 },
    })
    const of = (bearer: string) => platform.call('GET', 'sims/1', { as: '', headers: { authorization: `Bearer ${bearer}` } })
    const first = await of('a')
    assert.equal(first.status, 404)
    assert.equal(first.headers['ratelimit-policy'], '"address";q=7;w=60, "client";q=2;w=60')
    assert.match(String(first.headers.ratelimit), /^"address";r=6;t=\d+, "client";r=1;t=\d+$/)
    await of('a')
    const refused = await of('a')
    assert.deepEqual([refused.status, refused.body.code, refused.body.limit], [429, 'too-many-requests', 'client'])
    assert.ok(Number(refused.headers['retry-after']) >= 1)
    assert.equal((await of('b')).status, 404, 'another client has its own')
    assert.match(String((await platform.call('GET', '/healthz')).headers.ratelimit), /"address";r=2/)
    assert.match(String((await platform.call('GET', 'nothing-here')).headers.ratelimit), /"address";r=1/)
    await of('c')
    const everyone = await platform.call('GET', 'sims/1')
    assert.deepEqual([everyone.status, everyone.body.limit], [429, 'address'])
  })
})
