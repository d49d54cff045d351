import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { createEventLimiter, type LinkEvent } from './events.ts'

test('a flood of one kind from one peer is cut to 20 a second, counted, and leaves the others alone', () => {
  const clock = new VirtualClock()
  const seen: LinkEvent[] = []
  const emit = createEventLimiter(clock, (event) => seen.push(event))
  for (let i = 0; i < 1000; i++) emit({ kind: 'unsolicited-answer', command: 318, endToEnd: i }, 'bad', 'bad.example')
  emit({ kind: 'unsolicited-answer', command: 318, endToEnd: 1 }, 'good', 'good.example')
  emit({ kind: 'overflow', what: 'pending' }, 'bad', 'bad.example')
  assert.equal(seen.length, 22)
  clock.advance(1000)
  emit({ kind: 'unsolicited-answer', command: 318, endToEnd: 1 }, 'bad', 'bad.example')
  assert.equal(seen.at(-1)?.suppressed, 980)
  for (let i = 0; i < 100; i++) emit({ kind: 'peer-down', cause: 'connection-lost' }, 'bad', 'bad.example')
  assert.equal(seen.filter((event) => event.kind === 'peer-down').length, 100)
})
