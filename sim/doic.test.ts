import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { createDoicClient, type OverloadReport } from './doic.ts'
import type { MmeKind } from './world.ts'

const report = (over: Partial<OverloadReport> = {}): OverloadReport => ({
  sequence: 1n,
  reportType: 0,
  reduction: 30,
  validitySeconds: 30,
  ...over,
})

function client(kind: MmeKind) {
  const clock = new VirtualClock()
  return { clock, doic: createDoicClient(kind, clock, seededRandom(7)) }
}

/** Share abated of low-priority and other attaches, half of each. */
function abated(doic: ReturnType<typeof createDoicClient>): { low: number; other: number } {
  const count = { low: 0, other: 0 }
  for (let i = 0; i < 4000; i++) {
    if (!doic.admits(true)) count.low += 1
    if (!doic.admits(false)) count.other += 1
  }
  return { low: count.low / 4000, other: count.other / 4000 }
}

test('a plain MME announces nothing and abates nothing', () => {
  const { doic } = client('plain')
  doic.learn('hss', report({ reduction: 100 }))
  assert.ok(!doic.announces)
  assert.deepEqual(abated(doic), { low: 0, other: 0 })
})

test('a random-abating MME hits every class alike', () => {
  const { doic } = client('random-abating')
  doic.learn('hss', report({ reduction: 30 }))
  const { low, other } = abated(doic)
  assert.ok(Math.abs(low - 0.3) < 0.03 && Math.abs(other - 0.3) < 0.03, `${low} ${other}`)
})

test('low priority first: others are touched only when all low priority is already abated', () => {
  const { doic } = client('low-priority-first')
  doic.learn('hss', report({ reduction: 30 }))
  const some = abated(doic)
  assert.ok(Math.abs(some.low - 0.6) < 0.04, `${some.low}`)
  assert.equal(some.other, 0)
  doic.learn('hss', report({ sequence: 2n, reduction: 70 }))
  const more = abated(doic)
  assert.ok(more.low > 0.99)
  assert.ok(Math.abs(more.other - 0.4) < 0.05, `${more.other}`)
})

test('a report ends with its validity, with validity 0, and is not replaced by an older one', () => {
  const { clock, doic } = client('random-abating')
  doic.learn('hss', report({ sequence: 5n, reduction: 40 }))
  doic.learn('hss', report({ sequence: 4n, reduction: 90 }))
  assert.equal(doic.reduction, 40)
  clock.advance(29_999)
  assert.equal(doic.reduction, 40)
  clock.advance(1)
  assert.equal(doic.reduction, 0)
  doic.learn('hss', report({ sequence: 6n, reduction: 50 }))
  doic.learn('hss', report({ sequence: 7n, reduction: 50, validitySeconds: 0 }))
  assert.equal(doic.reduction, 0)
})

test('of a host and a realm report the greater holds; one of another reporter is kept apart', () => {
  const { doic } = client('random-abating')
  doic.learn('hss', report({ reduction: 10 }))
  doic.learn('hss', report({ reportType: 1, reduction: 20 }))
  doic.learn('other', report({ sequence: 1n, reduction: 15 }))
  assert.equal(doic.reduction, 20)
})
