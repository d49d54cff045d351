import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVirtualWorld, type VirtualWorld } from '#cli/world/virtual.ts'
import { seededRandom } from '#core/random.ts'
import { air, vectorsIn } from '#sim/messages.ts'
import { computeWithoutControl } from '#sim/naive-hss.ts'
import { type OutageResult, type OutageRow, outages, returningDevices, startOutage, watchOutage } from '#sim/outage.ts'

/** An outage against the real HSS, guard and admission control in virtual time; every card checks its vectors. */
async function run(
  outage: OutageRow,
  seed: number,
  besides?: (world: VirtualWorld) => void,
): Promise<{ result: OutageResult; badVectors: number; timeouts: number }> {
  const world = createVirtualWorld({
    sims: outage.devices,
    seed,
    capacityPerSecond: outage.capacityPerSecond,
    keepsJudged: false,
  })
  const returning = returningDevices(outage, world.sims, world.visited, (sim) => world.subjects.of(sim))
  const random = seededRandom(seed)
  const running = startOutage({ outage, seed, clock: world.clock, clockName: 'virtual', random, returning })
  besides?.(world)
  const result = await watchOutage(running, outage, (ms) => world.clock.advanceAsync(ms), undefined, 10_000)
  world.admission.close()
  await world.hss.close()
  const total = (read: (counters: (typeof world.visited.mmes)[number]['counters']) => number): number =>
    world.visited.mmes.reduce((sum, mme) => sum + read(mme.counters), 0)
  return { result, badVectors: total((c) => c.badVectors), timeouts: total((c) => c.timeouts) }
}

const critical = (result: OutageResult) => result.storms.filter((row) => row.class === 'critical')

for (const spreadS of [1, 30]) {
  test(`10,000 devices within ${spreadS} s at 50 a second: critical ones are back in time, and the HSS stays within`, async () => {
    const { result, badVectors, timeouts } = await run({ ...outages.region, spreadS }, 1)
    assert.ok(result.processedPeak <= outages.region.capacityPerSecond, `${result.processedPeak} in a sliding second`)
    assert.equal(badVectors, 0)
    assert.equal(timeouts, 0, 'no answer came too late for its MME')
    assert.equal(result.sticky, 0, 'no cause that sticks')
    for (const row of critical(result)) {
      assert.equal(row.admitted, row.devices)
      if (row.mme === 'random-abating') continue
      assert.equal(row.t3402, 0, `${row.mme}: ${row.t3402} critical devices in T3402`)
      assert.ok(row.p95 !== null && row.p95 < 60, `${row.mme}: p95 ${row.p95} s`)
    }
    for (const row of result.storms) assert.equal(row.admitted, row.devices, `${row.class} ${row.mme} are all back in the end`)
  })
}

test('the story: 3,000 devices within 30 s, and what the same seed does without control', async () => {
  const { result } = await run(outages.story, 1)
  for (const row of critical(result)) {
    if (row.mme === 'random-abating') continue
    assert.ok(row.p95 !== null && row.p95 <= 20, `${row.mme}: p95 ${row.p95} s`)
    assert.equal(row.admitted, row.devices)
  }
  const without = computeWithoutControl(outages.story, 1)
  assert.ok(without.criticalSilent > 10 * Math.max(1, result.criticalSilent), `${without.criticalSilent} silent without control`)
  assert.ok(without.offeredPeak > 3 * outages.story.capacityPerSecond)
})

/** `perSecond` AIRs for critical devices from Estrel, in its own name or in Aurelia's, for two minutes. */
function spoof(world: VirtualWorld, plmn: '001-05' | '001-01', perSecond: number): { vectors: number; asked: number } {
  const score = { vectors: 0, asked: 0 }
  const targets = world.sims.filter((sim) => sim.class === 'critical' && sim.networkId !== 'estrel')
  const [mme] = world.visited.of('estrel')
  const again = (): void => {
    const sim = targets[score.asked++ % targets.length]
    if (sim === undefined || score.asked > 120 * perSecond) return
    mme.transport.request(air(mme.origin(), { imsi: sim.imsi, plmn, drmp: 0 }), 6_000, (reply) => {
      if (reply.ok) score.vectors += vectorsIn(reply.answer)
    })
    world.clock.after(1000 / perSecond, again)
  }
  again()
  return score
}

test('in a storm, requests for critical devices in a false name take nothing from real ones', async () => {
  let score = { vectors: 0, asked: 0 }
  const { result } = await run(outages.story, 1, (world) => {
    score = spoof(world, '001-01', 100)
  })
  assert.ok(score.asked > 10_000)
  assert.equal(score.vectors, 0)
  assert.ok(result.processedPeak <= outages.story.capacityPerSecond)
  for (const row of critical(result)) {
    if (row.mme === 'random-abating') continue
    assert.ok(row.p95 !== null && row.p95 <= 20, `${row.mme}: p95 ${row.p95} s`)
    assert.equal(row.t3402, 0)
  }
})

test('in a storm, a partner that asks in its own name for critical devices that never come does not shut them out', async () => {
  const { result } = await run(outages.story, 1, (world) => {
    spoof(world, '001-05', 100)
  })
  assert.ok(result.processedPeak <= outages.story.capacityPerSecond)
  for (const row of critical(result)) {
    if (row.mme === 'random-abating') continue
    assert.equal(row.t3402, 0, `${row.mme}: ${row.t3402} critical devices in T3402, p95 ${row.p95} s`)
  }
})

test('the same seed gives the same storm', async () => {
  const small = { ...outages.story, devices: 500, capacityPerSecond: 10, horizonS: 300 }
  assert.deepEqual((await run(small, 3)).result.storms, (await run(small, 3)).result.storms)
})
