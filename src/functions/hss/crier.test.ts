import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { heldChannel, readReport, type Told, toldChannel, writeAnnouncement } from '#platform/announcement.ts'
import { Crier } from './crier.ts'

function crier(over: { mayTell?: boolean; answer?: (imsis: readonly string[]) => Promise<readonly Told[]> } = {}) {
  const clock = new VirtualClock()
  const sent: { channel: string; payload: string }[] = []
  const forgotten: string[] = []
  const told: (readonly string[])[] = []
  const answers: (() => void)[] = []
  const results = (imsis: readonly string[]): Told[] =>
    imsis.map((imsi) => ({ imsi, outcome: 'confirmed', operation: 'IDR', resultCode: 2001, at: clock.now() }))
  const one = new Crier({
    clock,
    notify: async (channel, payload) => void sent.push({ channel, payload }),
    forget: (imsis) => void forgotten.push(...imsis),
    tell(imsis) {
      told.push(imsis)
      return new Promise((resolve) => answers.push(() => resolve(results(imsis))))
    },
    mayTell: () => over.mayTell ?? true,
  })
  return { clock, sent, forgotten, told, answers, one }
}

const announcement = (id: string, imsi = '999700000000001') => writeAnnouncement({ id, tell: true, imsis: [imsi] })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what changed is forgotten at once; the process that registers tells, says that it is at it, and reports', async () => {
  const { clock, sent, forgotten, told, answers, one } = crier()
  one.hear(writeAnnouncement({ id: null, tell: false, imsis: ['999700000000009'] }))
  assert.deepEqual([forgotten, told, sent], [['999700000000009'], [], []])
  one.hear(announcement('a'))
  assert.deepEqual(told, [['999700000000001']])
  clock.advance(11_000)
  assert.deepEqual(
    sent.map(({ payload }) => readReport(payload)),
    Array.from({ length: 3 }, () => ({ underWay: ['a'] })),
  )
  answers[0]?.()
  await turn()
  const report = readReport(sent.at(-1)?.payload ?? '')
  assert.ok('told' in report && report.id === 'a' && report.told[0]?.outcome === 'confirmed')
  clock.advance(11_000)
  assert.equal(sent.length, 4, 'nothing is under way any more')
})

test('a process that does not register forgets, and leaves the telling to the one that does', () => {
  const { forgotten, told, sent, one } = crier({ mayTell: false })
  one.hear(announcement('a'))
  assert.deepEqual([forgotten, told, sent], [['999700000000001'], [], []])
})

test('so many are told at once, the others follow; the queue has an end', async () => {
  const { told, answers, one, sent } = crier()
  const total = limits.hss.announcementsAtOnce + limits.hss.announcements + 3
  for (let i = 0; i < total; i++) one.hear(announcement(`a${i}`))
  assert.equal(told.length, limits.hss.announcementsAtOnce)
  const known = new Set(sent.map(({ payload }) => payload))
  assert.equal(known.has(`a${total - 1}`), false, 'who is not taken in is not promised anything')
  answers[0]?.()
  await turn()
  assert.equal(told.length, limits.hss.announcementsAtOnce + 1)
})

test('a held device that tries again and again is told of once a minute', () => {
  const { clock, sent, one } = crier()
  for (let i = 0; i < 5; i++) one.heldTried('999700000000001')
  one.heldTried('999700000000002')
  clock.advance(60_000)
  one.heldTried('999700000000001')
  assert.deepEqual(
    sent.map(({ channel, payload }) => [channel, payload.at(-1)]),
    [
      [heldChannel, '1'],
      [heldChannel, '2'],
      [heldChannel, '1'],
    ],
  )
  assert.notEqual(heldChannel, toldChannel)
})
