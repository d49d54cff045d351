import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createVirtualWorld } from '#cli/world/virtual.ts'
import { runAttack } from '#sim/attack.ts'
import { attacks } from '#sim/attacks.ts'
import { runFlow } from '#sim/flow.ts'
import { legitimateFlows } from '#sim/traffic.ts'
import { turnUntil } from './turn.ts'

/** The real HSS and guard, in virtual time. What needs a connection of its own runs over sockets (live.test.ts). */
for (const critical of [false, true]) {
  describe(`attacks on ${critical ? 'critical' : 'ordinary'} devices`, () => {
    const world = createVirtualWorld({ sims: 3000, seed: 7, capacityPerSecond: 1000 })
    for (const row of attacks.filter((attack) => attack.needsSocket !== true)) {
      test(`${row.name}: ${row.claims}`, async () => {
        const from = world.judged.length
        const attack = runAttack(row, {
          clock: world.clock,
          visited: world.visited,
          subjects: world.subjects,
          transportOf: (id) => world.network.transport(id),
          critical,
          advance: (ms) => world.clock.advanceAsync(ms),
        })
        const outcome = await turnUntil(world.clock, attack)
        assert.ok(outcome.refused, JSON.stringify(outcome))
        assert.ok(outcome.vectors <= (row.bound ?? 0))
        const rules = new Set(world.judged.slice(from).map((judged) => judged.exchange.verdict.ruleId))
        assert.ok(
          row.expectedRules.some((rule) => rules.has(rule)),
          `expected ${row.expectedRules.join(' or ')}, saw ${[...rules].join(', ')}`,
        )
      })
    }
  })
}

describe('the guard is what refuses', () => {
  test('with its rule in shadow the forged location update passes, and the verdict says which rule would have refused', async () => {
    const world = createVirtualWorld({ sims: 1000, seed: 7, capacityPerSecond: 1000 })
    const row = attacks.find((attack) => attack.name === 'forged-ulr')
    assert.ok(row !== undefined)
    world.modes.set('s6a-network-not-of-partner', 'shadow')
    const context = {
      clock: world.clock,
      visited: world.visited,
      subjects: world.subjects,
      transportOf: (id: string) => world.network.transport(id),
      critical: false,
    }
    const outcome = await turnUntil(world.clock, runAttack(row, context))
    assert.equal(outcome.refused, false)
    assert.ok(world.judged.some((judged) => judged.exchange.verdict.shadow.some((entry) => entry.ruleId === 's6a-network-not-of-partner')))
  })
})

describe('legitimate flows pass', () => {
  const world = createVirtualWorld({ sims: 3000, seed: 11, capacityPerSecond: 1000 })
  for (const row of legitimateFlows.filter((flow) => flow.needsSocket !== true)) {
    test(row.title, async () => {
      const flow = runFlow(row, {
        clock: world.clock,
        visited: world.visited,
        subjects: world.subjects,
        transportOf: (id) => world.network.transport(id),
        advance: (ms) => world.clock.advanceAsync(ms),
      })
      const result = await turnUntil(world.clock, flow)
      assert.ok(result.passed, result.detail)
    })
  }
})
