import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { createEndToEndIds, createOutstanding } from './pending.ts'

interface Sent {
  name: string
}

const ids = { hopByHop: 5, endToEnd: 6, code: 318, application: 16_777_251 }

function bench() {
  const clock = new VirtualClock()
  const late: string[] = []
  const outstanding = createOutstanding<Sent>({ clock, firstHopByHop: 0xffff_fffe, onTimeout: (sent) => late.push(sent.name) })
  return { clock, late, outstanding }
}

test('an answer must match every identifier', () => {
  const { outstanding } = bench()
  outstanding.add(ids, { name: 'a' }, 1000)
  assert.equal(outstanding.find({ ...ids, hopByHop: 4 }), 'unsolicited')
  assert.equal(outstanding.find({ ...ids, endToEnd: 7 }), 'end-to-end')
  assert.equal(outstanding.find({ ...ids, code: 316 }), 'command')
  assert.equal(outstanding.find({ ...ids, application: 0 }), 'application')
  assert.deepEqual(outstanding.find(ids), { name: 'a' })
  outstanding.settle(5)
  assert.equal(outstanding.find(ids), 'unsolicited', 'a second answer finds nothing')
})

test('timeouts come when due, whatever the order of the deadlines, and by one timer', () => {
  const { clock, late, outstanding } = bench()
  outstanding.add({ ...ids, hopByHop: 1 }, { name: 'slow' }, 6000)
  outstanding.add({ ...ids, hopByHop: 2 }, { name: 'fast' }, 1000)
  outstanding.add({ ...ids, hopByHop: 3 }, { name: 'answered' }, 500)
  outstanding.settle(3)
  clock.advance(999)
  assert.deepEqual(late, [])
  clock.advance(1)
  assert.deepEqual(late, ['fast'])
  clock.advance(5000)
  assert.deepEqual(late, ['fast', 'slow'])
  assert.equal(outstanding.size, 0)
})

test('hop-by-hop identifiers wrap and skip those in use', () => {
  const { outstanding } = bench()
  assert.equal(outstanding.nextHopByHop(), 0xffff_ffff)
  outstanding.add({ ...ids, hopByHop: 0 }, { name: 'a' }, 1000)
  assert.equal(outstanding.nextHopByHop(), 1)
})

test('a lost connection gives everything back and leaves no timer that fires', () => {
  const { clock, late, outstanding } = bench()
  outstanding.add(ids, { name: 'a' }, 1000)
  assert.deepEqual(outstanding.drain(), [{ name: 'a' }])
  clock.advance(10_000)
  assert.deepEqual(late, [])
})

test('end-to-end identifiers start with 12 bits of the time, then count', () => {
  const next = createEndToEndIds(0x1abc_d123 * 1000, () => 0.5)
  assert.equal(next(), 0x1238_0001)
  assert.equal(next(), 0x1238_0002)
  const wrapping = createEndToEndIds(0x001 * 1000, () => 0xf_ffff / 0x10_0000)
  assert.equal(wrapping(), 0x0010_0000)
})
