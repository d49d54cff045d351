import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VirtualClock } from '#core/clock.ts'
import { SlidingCounts } from './sliding-counts.ts'

const slots = 5
const slotMs = 100
const keys = 3

/** The same by a list of what happened. */
class Model {
  #events: { key: string; slot: number; amount: number }[] = []
  #order: string[] = []

  add(key: string, slot: number, amount: number): void {
    const isKnown = this.#order.includes(key)
    if (!isKnown && this.#order.length === keys) {
      const gone = this.#order.shift()
      this.#events = this.#events.filter((event) => event.key !== gone)
    }
    this.#order = [...this.#order.filter((other) => other !== key), key]
    this.#events.push({ key, slot, amount })
  }

  sum(key: string, slot: number): number {
    return this.#events.filter((event) => event.key === key && event.slot > slot - slots).reduce((sum, event) => sum + event.amount, 0)
  }
}

test('sums are those of the last slots, whatever was forgotten and taken up again meanwhile', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), amount: fc.integer({ min: 0, max: 9 }), waitMs: fc.nat(400) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const clock = new VirtualClock()
      const counts = new SlidingCounts(clock, slots * slotMs, slots, keys)
      const model = new Model()
      for (const { key, amount, waitMs } of steps) {
        clock.advance(waitMs)
        const slot = Math.floor(clock.monotonicMs() / slotMs)
        if (amount === 0) {
          for (const each of ['a', 'b', 'c', 'd', 'e']) assert.equal(counts.sum(each), model.sum(each, slot), each)
        } else {
          counts.add(key, amount)
          model.add(key, slot, amount)
        }
      }
    }),
  )
})

test('many keys have rows of their own', () => {
  const counts = new SlidingCounts(new VirtualClock(), 1_000, 10, 1_000)
  for (let i = 0; i < 1_000; i++) counts.add(`key ${i}`, i)
  for (let i = 0; i < 1_000; i++) assert.equal(counts.sum(`key ${i}`), i)
})

test('a slot that is full stays full', () => {
  const counts = new SlidingCounts(new VirtualClock(), 1_000, 10, 10)
  counts.add('key', 60_000)
  counts.add('key', 60_000)
  assert.equal(counts.sum('key'), 65_535)
})
