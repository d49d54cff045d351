import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AttackContext, runAttack } from '#sim/attack.ts'
import { attacks } from '#sim/attacks.ts'
import { runFlow } from '#sim/flow.ts'
import { runLoad } from '#sim/load.ts'
import { legitimateFlows } from '#sim/traffic.ts'
import { openSocketHome, type SocketHome } from './sim-home.fixture.ts'

/** The simulated world against the real HSS over sockets: what is legitimate passes, what is an attack gains nothing. */

let stage: SocketHome

before(async () => {
  stage = await openSocketHome({ sims: 3_000 })
})

after(() => stage.close())

test('every network connects, one of them in TLS', () => {
  const links = stage.world.peerIds.map((id) => ({ id, state: stage.world.stateOf(id), tls: stage.world.node(id).links()[0]?.tls }))
  assert.equal(links.length, 10)
  for (const { id, state, tls } of links) assert.deepEqual([state, tls], ['open', id === 'dra1.castrel'], id)
})

test('every legitimate flow passes over sockets', async () => {
  for (const row of legitimateFlows) {
    const { clock, visited, subjects, world } = stage
    const result = await runFlow(row, { clock, visited, subjects, transportOf: (id) => world.transportOf(id) })
    assert.ok(result.passed, `${row.name}: ${result.detail}`)
  }
})

for (const critical of [false, true]) {
  test(`every attack over sockets is refused by one of its rules${critical ? ', critical devices too' : ''}`, async () => {
    for (const row of attacks) {
      const { clock, visited, subjects, world, at, rules } = stage
      const context: AttackContext = { clock, visited, subjects, transportOf: (id) => world.transportOf(id), critical, rawAt: at }
      const from = rules.length
      const outcome = await runAttack(row, context)
      assert.ok(outcome.refused, `${row.name}: ${JSON.stringify(outcome)}`)
      assert.ok(outcome.vectors <= (row.bound ?? 0), `${row.name} got ${outcome.vectors} vectors`)
      const decided = rules.slice(from)
      assert.ok(
        row.expectedRules.some((rule) => decided.includes(rule)),
        `${row.name}: decided by ${[...new Set(decided)].join(', ')}, expected ${row.expectedRules.join(' or ')}`,
      )
    }
  })
}

test('the load generator registers SIMs over its own line, and each is accepted', async () => {
  const { at, clock } = stage
  const result = await runLoad({ target: at, clock, operation: 'attach', total: 300, window: 32, ratePerSecond: 1_000 })
  assert.deepEqual(result.byResult, { '2001': 600 })
  assert.equal(result.timeouts, 0)
})
