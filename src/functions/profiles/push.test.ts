import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { pino } from 'pino'
import { limits } from '#core/limits.ts'
import type { Confirmations } from '#platform/change.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { startPushing } from './push.ts'

const size = 2 * limits.profiles.pushChunk + 7

overBothEngines('telling serving nodes of a profile', (store) => {
  let meters: ProviderRows
  let made = 0

  beforeEach(async () => {
    made += 1
    meters = await insertProvider(store.db, `Meters ${made}`, `00101${made}00`, size)
    await store.db.query('DELETE FROM profile_push')
    await store.db.query('INSERT INTO profile_push (profile_id, provider_id, version, started_at) VALUES ($1, $2, 2, $3)', [
      meters.profileId,
      meters.providerId,
      new Date(store.clock.now()),
    ])
  })

  const log = pino({ level: 'silent' })
  const confirmed = (imsis: readonly string[]): Confirmations => ({ confirmed: imsis.length, failed: 0, notRegistered: 0 })
  const pushing = (worker: string, announce: (imsis: readonly string[]) => Promise<Confirmations>) =>
    startPushing({ db: store.db, clock: store.clock, log, worker, ports: { changes: { announce } as never } })
  const row = async () =>
    (
      await store.db.query<{ told: bigint; confirmed: bigint; finished_at: Date | null; version: number }>(
        'SELECT told, confirmed, finished_at, version FROM profile_push WHERE profile_id = $1',
        [meters.profileId],
      )
    ).rows[0]

  test('every SIM once, in chunks, and then it is done', async () => {
    const chunks: number[] = []
    const all: string[] = []
    await using one = pushing('one', async (imsis) => {
      chunks.push(imsis.length)
      all.push(...imsis)
      return confirmed(imsis)
    })
    await one.settled()
    assert.deepEqual(chunks, [limits.profiles.pushChunk, limits.profiles.pushChunk, 7])
    assert.deepEqual(all, [...meters.imsis])
    const done = await row()
    assert.deepEqual([done?.told, done?.confirmed, done?.finished_at === null], [BigInt(size), BigInt(size), false])
  })

  test('what a process left is taken up by another where it was, once the first is silent for long', async () => {
    const first: string[] = []
    const stopped = pushing('first', async (imsis) => {
      if (first.length > 0) throw new Error('this process ends here')
      first.push(...imsis)
      return confirmed(imsis)
    })
    await stopped.settled()
    await stopped[Symbol.asyncDispose]()
    assert.equal((await row())?.told, BigInt(limits.profiles.pushChunk))
    const second: string[] = []
    await using other = pushing('second', async (imsis) => {
      second.push(...imsis)
      return confirmed(imsis)
    })
    await other.settled()
    assert.deepEqual(second, [], 'the first may still be at it')
    store.clock.advance(130_000)
    await other.settled()
    assert.deepEqual([...first, ...second], [...meters.imsis])
    assert.notEqual((await row())?.finished_at, null)
  })

  test('a version that comes into force meanwhile begins again at the first SIM', async () => {
    const seen: string[] = []
    await using one = pushing('one', async (imsis) => {
      if (seen.length === 0)
        await store.db.query(`UPDATE profile_push SET version = 3, reached = '', told = 0, confirmed = 0, worker = NULL`)
      seen.push(...imsis)
      return confirmed(imsis)
    })
    await one.settled()
    assert.equal(seen.length, limits.profiles.pushChunk + size)
    const done = await row()
    assert.deepEqual([done?.version, done?.told], [3, BigInt(size)])
  })
})
