import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createRefresher, staleAfter } from './refresh.ts'

const names = (topic: string, data: unknown): string[] => staleAfter(topic, data).map((key) => key.join(' '))

test('a notice makes stale what shows its subject, several notices each thing once', () => {
  assert.deepEqual(names('notices', { type: 'job.finished' }), ['jobs', 'job', 'sims'])
  assert.deepEqual(names('notices', { notices: [{ type: 'sim.changed' }, { type: 'sim.imposed' }] }), [
    'sims',
    'sim',
    'timeline',
    'actions',
    'action',
  ])
  assert.ok(names('notices', { notice: { type: 'sim.imei-changed' } }).includes('health'))
  assert.deepEqual(names('approvals', { approval: { id: '1' } }), ['approvals', 'approval'])
  for (const data of [null, 1, {}, { type: 7 }, { type: 'unheard.of' }, { rows: [null] }]) assert.deepEqual(names('notices', data), [])
  assert.deepEqual(names('signals', { rows: [{ type: 'sim.changed' }] }), [])
})

test('every type of notice is known here', () => {
  const source = readFileSync(new URL('../../../src/platform/notice.ts', import.meta.url), 'utf8')
  const types = [...source.matchAll(/^ {2}'([a-z]+\.[a-z-]+)',$/gm)].map((match) => match[1] ?? '')
  assert.ok(types.length > 15)
  assert.deepEqual(
    types.filter((type) => names('notices', { type }).length === 0),
    [],
  )
})

test('however often something changes, it is asked for at the beginning and once after', () => {
  const asked: string[] = []
  const timers: (() => void)[] = []
  const refresh = createRefresher({ everyMs: 1, refresh: (key) => asked.push(key.join()), after: (_ms, run) => timers.push(run) })
  for (let times = 0; times < 100; times++) refresh(['sims'])
  refresh(['jobs'])
  assert.deepEqual(asked, ['sims', 'jobs'])
  for (const run of timers.splice(0)) run()
  assert.deepEqual(asked, ['sims', 'jobs', 'sims'])
  for (const run of timers.splice(0)) run()
  assert.deepEqual(asked, ['sims', 'jobs', 'sims'], 'nothing changed since')
})
