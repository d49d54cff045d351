import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createIdMaker } from '#core/ids.ts'
import { type Notice, noticeTypes } from '#platform/notice.ts'
import { startTestPlatform } from '#test/platform.ts'
import { silentLog } from '#test/silent-log.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider } from '#test/subscribers.ts'
import { noticesFunction } from './index.ts'
import { placeNotices } from './placing.ts'
import { createNoticeFeed, createNoticePort } from './port.ts'

const about = (providerId: string | null, id: string, type: Notice['type'] = 'sim.changed'): Notice => ({
  type,
  providerId,
  subject: { kind: 'sim', id },
  data: { id },
})

overBothEngines('notices', (store) => {
  let meters: string
  let trackers: string
  before(async () => {
    meters = (await insertProvider(store.db, 'Meters Ltd', '00101100', 1)).providerId
    trackers = (await insertProvider(store.db, 'Trackers Ltd', '00101200', 1)).providerId
  })
  const make = createIdMaker()
  const portOf = () => createNoticePort({ db: store.db, clock: store.clock, log: silentLog, newId: () => make(store.clock.now()) })
  const all = { types: noticeTypes, limit: 100 }

  test('a change and its notice are both there or neither, under a tenant’s role too', async () => {
    const port = portOf()
    const tenant = store.db.asTenant({ providerId: meters })
    await assert.rejects(
      tenant.transaction(async (tx) => {
        await port.note(tx, about(meters, 'undone'))
        throw new Error('undo')
      }),
      /undo/,
    )
    await tenant.transaction((tx) => port.note(tx, about(meters, 'a'), about(meters, 'b')))
    await assert.rejects(
      tenant.transaction((tx) => port.note(tx, about(trackers, 'forged'))),
      /row-level security/,
    )
    await placeNotices(store.db)
    const { notices } = await createNoticeFeed(store.db).after({ operator: true }, 0, all)
    assert.deepEqual(
      notices.map(({ subject }) => subject.id),
      ['a', 'b'],
    )
  })

  test('a tenant reads its own notices, the operator all; types that are not wanted are passed over', async () => {
    const port = portOf()
    const feed = createNoticeFeed(store.db)
    const start = await feed.newest()
    await store.db.transaction((tx) =>
      port.note(tx, about(meters, 'm'), about(trackers, 't'), about(null, 'o'), about(meters, 'j', 'job.started')),
    )
    await placeNotices(store.db)
    const read = async (scope: Parameters<typeof feed.after>[0], types: readonly string[] = noticeTypes) => {
      const { notices, position } = await feed.after(scope, start, { types, limit: 100 })
      assert.equal(position, start + 4, 'it looked at everything')
      return notices.map(({ subject }) => subject.id)
    }
    assert.deepEqual(await read({ providerId: meters }), ['m', 'j'])
    assert.deepEqual(await read({ providerId: trackers }), ['t'])
    assert.deepEqual(await read({ operator: true }), ['m', 't', 'o', 'j'])
    assert.deepEqual(await read({ operator: true }, ['job.started']), ['j'])
    const first = await feed.after({ operator: true }, start, { types: noticeTypes, limit: 1 })
    assert.equal(first.position, start + 1)
  })

  test('a notice that commits late is not missed by who has read a newer one', async (t) => {
    if (store.engine === 'pglite') return t.skip('one connection: transactions do not overlap')
    const port = portOf()
    const feed = createNoticeFeed(store.db)
    const start = await feed.newest()
    const noted = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const slow = store.db.transaction(async (tx) => {
      await port.note(tx, about(null, 'early id, late commit'))
      noted.resolve()
      await go.promise
    })
    await noted.promise
    await store.db.transaction((tx) => port.note(tx, about(null, 'late id, early commit')))
    await placeNotices(store.db)
    const first = await feed.after({ operator: true }, start, all)
    go.resolve()
    await slow
    await placeNotices(store.db)
    const second = await feed.after({ operator: true }, first.position, all)
    assert.deepEqual(
      [...first.notices, ...second.notices].map(({ subject }) => subject.id),
      ['late id, early commit', 'early id, late commit'],
    )
  })

  test('many at once that place give every notice one place, without a gap', async () => {
    const port = portOf()
    const start = await createNoticeFeed(store.db).newest()
    await store.db.transaction((tx) => port.note(tx, ...Array.from({ length: 1_200 }, (_, n) => about(null, `n${n}`))))
    const placed = await Promise.all([1, 2, 3, 4].map(() => placeNotices(store.db)))
    assert.equal(
      placed.reduce((sum, n) => sum + n, 0),
      1_200,
    )
    const { rows } = await store.db.query<{ n: bigint; low: bigint; high: bigint }>(
      'SELECT count(DISTINCT seq) AS n, min(seq) AS low, max(seq) AS high FROM notice WHERE seq > $1',
      [start],
    )
    assert.deepEqual(rows, [{ n: 1_200n, low: BigInt(start + 1), high: BigInt(start + 1_200) }])
  })

  test('what is published is written in the background, in its order', async () => {
    const port = portOf()
    const feed = createNoticeFeed(store.db)
    const start = await feed.newest()
    for (const id of ['1', '2', '3']) port.publish(about(null, id))
    await port.close()
    await placeNotices(store.db)
    const { notices } = await feed.after({ operator: true }, start, all)
    assert.deepEqual(
      notices.map(({ subject }) => subject.id),
      ['1', '2', '3'],
    )
  })
})

describe('the list of notices', () => {
  test('pages in both directions, filters, and shows what the permissions cover', async () => {
    await using platform = await startTestPlatform({ functions: [noticesFunction] })
    const { notices, noticeFeed } = platform.composition.ports
    assert.ok(notices !== undefined && noticeFeed !== undefined)
    const { providerId } = await insertProvider(platform.store, 'Wayfold', '99970', 1)
    const placed = new Promise<void>((resolve) => {
      const stop = noticeFeed.onPlaced(() => {
        stop()
        resolve()
      })
    })
    await platform.store.transaction((tx) =>
      notices.note(
        tx,
        about(providerId, 'one'),
        about(providerId, 'two', 'client.changed'),
        about(null, 'three'),
        about(providerId, 'four'),
      ),
    )
    await placed
    const subjects = async (path: string, roles?: 'provider-viewer' | 'provider-admin') => {
      const answer = await platform.call('GET', path, roles === undefined ? {} : { as: providerId, roles: [roles] })
      assert.equal(answer.status, 200, answer.text)
      return { ...answer.body, ids: answer.body.items.map((item: { subject: { id: string } }) => item.subject.id) }
    }
    assert.deepEqual((await subjects('notices')).ids, ['four', 'three', 'two', 'one'])
    const first = await subjects('notices?sort=seq&limit=3')
    assert.deepEqual([first.ids, first.count], [['one', 'two', 'three'], { value: 4, capped: false }])
    assert.deepEqual((await subjects(`notices?sort=seq&limit=3&cursor=${encodeURIComponent(first.next)}`)).ids, ['four'])
    assert.deepEqual((await subjects('notices?filter=type:client.changed')).ids, ['two'])
    assert.deepEqual((await subjects('notices?filter=subject:four')).ids, ['four'])
    assert.deepEqual((await subjects('notices', 'provider-admin')).ids, ['four', 'two', 'one'])
    assert.deepEqual((await subjects('notices', 'provider-viewer')).ids, ['four', 'one'])
    assert.equal((await platform.call('GET', 'notices?filter=type:nothing')).body.code, 'filter-invalid')
    assert.equal((await platform.call('GET', 'notices', { as: '' })).status, 401)
  })
})
