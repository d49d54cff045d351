import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { createEventHub, type EventHub } from './event-hub.ts'

const operator = { operator: true } as const

/** A reader that takes what it is given, or, when told, nothing more. */
function reader(
  hub: EventHub,
  options: { lastEventId?: string; audience?: { operator: true } | { providerId: string }; topics?: string[] } = {},
) {
  const got: string[] = []
  const state = { slow: false, ended: false }
  const subscription = hub.subscribe({
    topics: options.topics ?? ['t'],
    audience: options.audience ?? operator,
    lastEventId: options.lastEventId ?? null,
    sink: {
      write(text) {
        got.push(text)
        return !state.slow
      },
      end() {
        state.ended = true
      },
    },
  })
  assert.ok(subscription)
  return { got, state, subscription, data: () => got.flatMap((text) => /data: (.*)\n/.exec(text)?.[1] ?? []) }
}

test('readers get their topics and their audience only', () => {
  const hub = createEventHub({ clock: new VirtualClock(), epoch: 'e' })
  const all = reader(hub)
  const tenant = reader(hub, { audience: { providerId: 'p' } })
  hub.publish('t', 1)
  hub.publish('u', 2)
  hub.publish('t', 3, { providerId: 'p' })
  hub.publish('t', 4, { providerId: 'q' })
  assert.deepEqual(all.data(), ['1'])
  assert.deepEqual(tenant.data(), ['3'])
  assert.equal(hub.wanted({ providerId: 'p' }), true)
  assert.equal(hub.wanted({ providerId: 'q' }), false)
  hub.close()
  assert.equal(all.state.ended, true)
})

test('a returning reader resumes within the ring and is reset past it', () => {
  const hub = createEventHub({ clock: new VirtualClock(), epoch: 'e', ring: 3 })
  reader(hub)
  for (let i = 1; i <= 5; i++) hub.publish('t', i)
  assert.deepEqual(reader(hub, { lastEventId: 'e-3' }).data(), ['4', '5'])
  assert.deepEqual(reader(hub, { lastEventId: 'e-5' }).data(), [])
  assert.deepEqual(reader(hub, { lastEventId: 'e-2' }).data(), ['3', '4', '5'])
  for (const lost of ['e-1', 'f-4', 'e-99', 'nonsense', 'e--1', 'e-1.5']) {
    const late = reader(hub, { lastEventId: lost })
    assert.deepEqual(late.data(), ['{"because":"too long away"}'], lost)
    assert.match(late.got.join(''), /id: e-5\nevent: reset/)
  }
  hub.close()
})

test('what nobody of an audience has listened to is not kept; who says to have been there is reset', () => {
  const hub = createEventHub({ clock: new VirtualClock(), epoch: 'e' })
  let asked = 0
  const payload = { toJSON: () => ++asked }
  hub.publish('t', payload)
  assert.equal(asked, 0, 'it is not even written out')
  assert.deepEqual(reader(hub, { lastEventId: 'e-0' }).data(), ['{"because":"too long away"}'])
  hub.publish('t', payload)
  assert.equal(asked, 1)
  hub.close()
})

test('the ring and the queue of a slow reader are bounded in characters too', () => {
  const hub = createEventHub({ clock: new VirtualClock(), epoch: 'e', characters: 1_000 })
  const slow = reader(hub)
  for (let i = 1; i <= 10; i++) hub.publish('t', 'x'.repeat(300))
  assert.equal(reader(hub, { lastEventId: 'e-8' }).data().length, 2)
  assert.deepEqual(reader(hub, { lastEventId: 'e-2' }).data(), ['{"because":"too long away"}'])
  slow.state.slow = true
  for (let i = 1; i <= 6; i++) hub.publish('t', 'x'.repeat(300))
  slow.state.slow = false
  slow.subscription.onDrain()
  assert.equal(slow.data().at(-1), '{"because":"too slow"}')
  assert.equal(slow.state.ended, true)
  hub.publish('t', 'x'.repeat(2_000))
  assert.deepEqual(reader(hub, { lastEventId: 'e-16' }).data(), ['{"because":"too long away"}'])
  hub.close()
})

test('a slow reader waits in a bounded queue, and one that overruns it is reset and dropped', () => {
  const hub = createEventHub({ clock: new VirtualClock(), epoch: 'e', queuePerSubscriber: 2 })
  const slow = reader(hub)
  const other = reader(hub)
  slow.state.slow = true
  hub.publish('t', 1)
  hub.publish('t', 2)
  hub.publish('t', 3)
  assert.deepEqual(slow.data(), ['1'])
  slow.state.slow = false
  slow.subscription.onDrain()
  assert.deepEqual(slow.data(), ['1', '2', '3'])
  slow.state.slow = true
  for (let i = 4; i <= 9; i++) hub.publish('t', i)
  slow.subscription.onDrain()
  assert.deepEqual(slow.data().slice(3), ['4', '{"because":"too slow"}'])
  assert.equal(slow.state.ended, true)
  assert.equal(hub.readers, 1)
  assert.equal(other.data().length, 9)
  hub.close()
})

test('idle streams get a sign of life; too many readers are refused', () => {
  const clock = new VirtualClock()
  const hub = createEventHub({ clock, epoch: 'e', subscribers: 1 })
  const only = reader(hub)
  clock.advance(31_000)
  assert.equal(only.got.filter((text) => text.startsWith(': still here')).length, 2)
  assert.equal(hub.subscribe({ topics: ['t'], audience: operator, lastEventId: null, sink: { write: () => true, end() {} } }), null)
  only.subscription.close()
  reader(hub)
  hub.close()
})
