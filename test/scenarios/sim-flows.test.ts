import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVirtualWorld, type VirtualWorld } from '#cli/world/virtual.ts'
import { type FlowContext, FlowStage, runFlow } from '#sim/flow.ts'
import { legitimateFlows, runDayTraffic } from '#sim/traffic.ts'

/** The legitimate flows with the time that they take: silence of ten days, hops each minute. */

/** One hand turns the clock: by what the story asks for, else a little, until the story is over. */
async function tell<T>(world: VirtualWorld, story: (context: FlowContext) => Promise<T>): Promise<T> {
  const asked: { ms: number; resolve: () => void }[] = []
  const running = story({
    clock: world.clock,
    visited: world.visited,
    subjects: world.subjects,
    transportOf: (peerId) => world.network.transport(peerId),
    advance: (ms) => new Promise((resolve) => asked.push({ ms, resolve })),
  })
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  running.then(end, end)
  while (!isOver) {
    const next = asked.shift()
    await world.clock.advanceAsync(next?.ms ?? 20)
    next?.resolve()
  }
  return running
}

test('every legitimate flow passes, days and all', async () => {
  const world = createVirtualWorld({ sims: 1_000, seed: 1, capacityPerSecond: 500 })
  for (const row of legitimateFlows) {
    if (row.needsSocket === true) continue
    const startedAt = world.clock.now()
    const result = await tell(world, (context) => runFlow(row, context))
    assert.ok(result.passed, `${row.name}: ${result.detail}`)
    if (row.name === 'psm-silence') assert.ok(world.clock.now() - startedAt >= 20 * 86_400_000)
  }
  world.admission.close()
  await world.hss.close()
})

test('a day of plain traffic over every network: nothing is refused, and nothing alerts', async () => {
  const world = createVirtualWorld({ sims: 300, seed: 2, capacityPerSecond: 500 })
  const actors = world.sims.map((sim) => ({ sim, subject: world.subjects.of(sim), mme: world.visited.serving(sim) }))
  const { attaches, refused } = await tell(world, (context) => runDayTraffic(new FlowStage(context), actors))
  assert.equal(attaches, 300)
  assert.deepEqual(refused, [])
  assert.deepEqual(
    world.judged
      .filter(({ exchange }) => exchange.verdict.alert || exchange.verdict.action !== 'allow')
      .map(({ exchange }) => exchange.verdict.ruleId),
    [],
  )
  world.admission.close()
  await world.hss.close()
})

test('flow names are unique and each names its clause', () => {
  assert.equal(new Set(legitimateFlows.map((row) => row.name)).size, legitimateFlows.length)
  for (const row of legitimateFlows) assert.ok(row.spec.length > 3 && row.title.length > 10)
})
