import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLive, type EventStream } from './live.ts'

function setUp() {
  const listeners = new Map<string, (event: { data?: string }) => void>()
  const time = { now: 1000 }
  const stream: EventStream = { addEventListener: (type, listener) => listeners.set(type, listener), close() {} }
  const live = createLive({ open: () => stream, now: () => time.now })
  const send = (type: string, data?: unknown): void => listeners.get(type)?.(data === undefined ? {} : { data: JSON.stringify(data) })
  return { live, time, send, listeners }
}

test('how far behind is counted on the clock of the server, from the newest row', () => {
  const { live, time, send } = setUp()
  assert.equal(live.state().status, 'connecting')
  live.setClock(501_000)
  send('overview', { at: 501_000 })
  assert.deepEqual(live.state(), { status: 'live', offsetMs: 500_000, behindMs: 0, heardAt: 1000 })
  time.now = 3000
  send('signals', { rows: [{ at: 1 }, { at: 502_600 }] })
  assert.equal(live.state().behindMs, 400)
})

test('a broken stream does not look live; one that never came is still connecting', () => {
  const { live, send } = setUp()
  send('error')
  assert.equal(live.state().status, 'connecting')
  send('open')
  assert.equal(live.state().status, 'live')
  send('error')
  assert.equal(live.state().status, 'lost')
  send('alarms', { alarm: {} })
  assert.equal(live.state().status, 'live')
})

test('listeners hear their topic until they leave; bad data does no harm', () => {
  const { live, send, listeners } = setUp()
  const heard: unknown[] = []
  const leave = live.on('signals', (data) => heard.push(data))
  send('signals', { id: 1 })
  listeners.get('signals')?.({ data: '{"half' })
  send('alarms', { id: 2 })
  leave()
  send('signals', { id: 3 })
  assert.deepEqual(heard, [{ id: 1 }, null])
})
