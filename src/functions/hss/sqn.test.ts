import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { confirmSeq, IndSlots, initialSeq, raiseSeq, takeSeq, toSqn } from './sqn.ts'

test('SEQ is never issued twice, whatever the mix of grants, confirmations, resynchronisations and restarts', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant('resync' as const), seq: fc.bigInt(0n, 500n) }),
    fc.record({ do: fc.constant('crash' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 32 }), (steps, block) => {
      let durable = 0n
      let state = initialSeq(durable)
      const issued = new Set<bigint>()
      for (const s of steps) {
        if (s.do === 'crash') state = initialSeq(durable)
        else if (s.do === 'resync') raiseSeq(state, toSqn(s.seq, 3, 5), 5)
        else {
          const grant = takeSeq(state, s.count, block, 5)
          assert.ok(grant.ok)
          if (grant.reserve !== null) {
            durable = grant.reserve
            confirmSeq(state, grant.reserve)
          }
          for (let i = 0n; i < BigInt(s.count); i++) {
            assert.ok(!issued.has(grant.first + i), `SEQ ${grant.first + i} twice`)
            assert.ok(grant.first + i <= durable, 'issued beyond what is durable')
            issued.add(grant.first + i)
          }
        }
      }
    }),
  )
})

test('a block covers later requests without a write', () => {
  const state = initialSeq(0n)
  const first = takeSeq(state, 1, 8, 5)
  assert.deepEqual(first, { ok: true, first: 1n, reserve: 8n })
  confirmSeq(state, 8n)
  assert.deepEqual(takeSeq(state, 5, 8, 5), { ok: true, first: 2n, reserve: null })
})

test('two requests before the first is confirmed reserve upwards, not twice the same', () => {
  const state = initialSeq(0n)
  assert.deepEqual(takeSeq(state, 1, 1, 5), { ok: true, first: 1n, reserve: 1n })
  assert.deepEqual(takeSeq(state, 1, 1, 5), { ok: true, first: 2n, reserve: 2n })
})

test('a resynchronisation only raises', () => {
  const state = initialSeq(100n)
  assert.equal(raiseSeq(state, toSqn(40n, 0, 5), 5), false)
  assert.equal(state.next, 101n)
  assert.equal(raiseSeq(state, toSqn(900n, 31, 5), 5), true)
  assert.deepEqual(takeSeq(state, 1, 1, 5), { ok: true, first: 901n, reserve: 901n })
})

test('the end of 48 bits is refused, not wrapped', () => {
  const state = initialSeq((1n << 43n) - 2n)
  assert.equal(takeSeq(state, 1, 1, 5).ok, true)
  assert.deepEqual(takeSeq(state, 1, 1, 5), { ok: false, why: 'exhausted' })
})

test('IND belongs to the node', () => {
  const slots = new IndSlots(['mme1'])
  assert.deepEqual(slots.slotOf('mme1'), { slot: 0, added: false })
  assert.deepEqual(slots.slotOf('mme2'), { slot: 1, added: true })
  assert.deepEqual(slots.slotOf('mme2'), { slot: 1, added: false })
  assert.equal(toSqn(1n, 33, 5), 33n)
})
