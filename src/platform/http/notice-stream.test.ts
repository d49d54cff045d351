import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { clientsFunction } from '#functions/clients/index.ts'
import { noticesFunction } from '#functions/notices/index.ts'
import type { Notice, NoticeFeed } from '#platform/notice.ts'
import type { Role } from '#platform/permission.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { NoticeStream, splitEventId } from './notice-stream.ts'

describe('notices on the event stream', () => {
  let platform: TestPlatform
  let providerId: string
  let port: number
  before(async () => {
    platform = await startTestPlatform({ functions: [noticesFunction, clientsFunction] })
    providerId = (await insertProvider(platform.store, 'Wayfold', '99970', 1)).providerId
    port = (await platform.http.listen({ host: '127.0.0.1', port: 0 })).port
  })
  after(() => platform[Symbol.asyncDispose]())

  const note = async (id: string, type: Notice['type'] = 'sim.changed', owner: string | null = providerId): Promise<void> => {
    const { notices } = platform.composition.ports
    await platform.store.transaction(async (tx) => notices?.note(tx, { type, providerId: owner, subject: { kind: 'sim', id }, data: {} }))
  }
  const open = async (headers: Record<string, string>, topics = 'notices'): Promise<{ sent: ClientRequest; answer: IncomingMessage }> => {
    const sent = request({ host: '127.0.0.1', port, path: `/api/v1/events?topics=${topics}`, headers }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return { sent, answer }
  }
  /** Reads until that many notices came, then goes away. Returns their subjects and the last id. */
  const read = async (
    { count, lastEventId, topics, role = 'provider-admin' }: { count: number; lastEventId?: string; topics?: string; role?: Role },
    then: () => Promise<void> = async () => {},
  ): Promise<{ subjects: string[]; id: string; text: string }> => {
    const headers = {
      'x-test-as': providerId,
      'x-test-roles': role,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    }
    const { sent, answer } = await open(headers, topics)
    let text = ''
    let isTold = false
    for await (const chunk of answer) {
      text += chunk
      if (!isTold) await then()
      isTold = true
      if ((text.match(/event: notices/g) ?? []).length >= count) break
    }
    sent.destroy()
    const rows = [...text.matchAll(/id: (\S+)\nevent: notices\ndata: (.*)\n/g)]
    return { subjects: rows.map(([, , data = '']) => JSON.parse(data).notice.subject.id), id: rows.at(-1)?.[1] ?? '', text }
  }

  test('a reader that comes back gets all that it missed, however long it was away', async () => {
    await note('before')
    // From the beginning, by a place that is before everything.
    const first = await read({ count: 1, lastEventId: '~0' })
    assert.deepEqual(first.subjects, ['before'])
    for (let i = 0; i < 450; i++) await note(`n${i}`)
    await note('another tenant', 'sim.changed', null)
    const second = await read({ count: 450, lastEventId: first.id })
    assert.deepEqual(
      second.subjects,
      Array.from({ length: 450 }, (_, i) => `n${i}`),
    )
    const third = await read({ count: 1, lastEventId: second.id }, () => note('live'))
    assert.deepEqual(third.subjects, ['live'])
  })

  test('types that the permissions do not cover are left out; with none there is no stream', async () => {
    const newest = await platform.composition.ports.noticeFeed?.newest()
    const seen = await read({ count: 1, lastEventId: `~${newest}`, role: 'provider-viewer' }, async () => {
      await note('hidden', 'client.changed')
      await note('shown')
    })
    assert.deepEqual(seen.subjects, ['shown'])
    const refused = await platform.call('GET', 'events?topics=overview', { as: providerId, roles: ['provider-viewer'] })
    assert.equal(refused.status, 403)
  })

  test('beside other topics each event carries both places, and a lost ring resets only the others', async () => {
    const { text, id } = await read({ count: 1, lastEventId: 'former-process-7~0', topics: 'notices,alarms' })
    assert.match(text, /event: reset/)
    assert.match(id, /^test-\d+~\d+$/)
  })

  test('a stream ends with its key', async () => {
    const made = await platform.call('POST', 'clients', {
      as: providerId,
      roles: ['provider-admin'],
      body: { kind: 'key', name: 'x', scopes: ['sims:read'], reason: 'for the test' },
    })
    const { answer } = await open({ authorization: `Bearer ${made.body.secret}` })
    answer.resume()
    const end = once(answer, 'end')
    const body = { reason: 'for the test' }
    await platform.call('POST', `clients/${made.body.client.id}/revoke`, { as: providerId, roles: ['provider-admin'], body })
    await platform.clock.advanceAsync(31_000)
    await end
  })
})

test('a notice that is placed while a read is under way is read by the next one', async () => {
  let placed = 1
  let tell = (): void => {}
  const written = Promise.withResolvers<string>()
  const feed: NoticeFeed = {
    newest: async () => placed,
    async after(_scope, position) {
      const until = placed
      if (until === 1) {
        placed = 2
        tell()
      }
      const subject = { kind: 'sim', id: 'late' } as const
      const late = { id: 'x', seq: 2, at: 0, type: 'sim.changed', providerId: null, subject, data: {} } as const
      return { notices: position < 2 && until === 2 ? [late] : [], position: until }
    },
    onPlaced(listener) {
      tell = listener
      return () => {}
    },
  }
  const write = (text: string): boolean => {
    written.resolve(text)
    return true
  }
  const stream = new NoticeStream({ feed, scope: { operator: true }, types: ['sim.changed'], place: 0, write, end() {} })
  stream.wake()
  assert.match(await written.promise, /"late"/)
  stream.close()
})

test('a stream whose feed cannot be read ends once', async () => {
  let ends = 0
  const ended = Promise.withResolvers<void>()
  const feed: NoticeFeed = {
    newest: () => Promise.reject(new Error('away')),
    after: () => Promise.reject(new Error('away')),
    onPlaced: () => () => {},
  }
  const end = (): void => {
    ends += 1
    ended.resolve()
  }
  new NoticeStream({ feed, scope: { operator: true }, types: ['sim.changed'], place: null, write: () => true, end }).wake()
  await ended.promise
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(ends, 1)
})

test('ids of both forms are read, and nonsense is no place', () => {
  for (const [id, hub, place] of [
    ['abc-7', 'abc-7', null],
    ['abc-7~12', 'abc-7', 12],
    ['~0', null, 0],
    ['abc-7~', 'abc-7', null],
    ['abc-7~-1', 'abc-7', null],
    ['abc-7~1e9', 'abc-7', null],
    ['abc-7~99999999999999999999', 'abc-7', null],
  ] as const) {
    assert.deepEqual(splitEventId(id), { hub, place }, id)
  }
})
