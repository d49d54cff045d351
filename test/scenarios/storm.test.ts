import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outageOf, runVirtualOutage } from '#cli/demo/outage.ts'
import { criticalHeld } from '#cli/demo/storm.ts'
import { computeWithoutControl } from '#sim/naive-hss.ts'

describe('a regional outage, in virtual time against the real HSS', () => {
  for (const spreadS of [1, 30]) {
    test(`10,000 devices return within ${spreadS} s at capacity 50/s`, async () => {
      const { result, processedPeak } = await runVirtualOutage(
        outageOf({ devices: 10_000, spreadS, capacityPerSecond: 50, horizonS: 300 }),
        3,
      )
      assert.ok(processedPeak <= 50, `${processedPeak} registrations in one second`)
      assert.equal(result.sticky, 0)
      for (const row of result.storms.filter((each) => each.class === 'critical' && each.mme !== 'random-abating')) {
        assert.ok(row.p95 !== null && row.p95 < 60, JSON.stringify(row))
        if (row.mme === 'plain') assert.equal(row.t3402, 0)
      }
    })
  }

  test('3,000 devices within 30 s: critical ones are back within 20 s, which they are not without control', async () => {
    const outage = outageOf({ devices: 3_000, spreadS: 30, capacityPerSecond: 50, horizonS: 300 })
    const { result } = await runVirtualOutage(outage, 3)
    assert.ok(criticalHeld(result.storms), JSON.stringify(result.storms))
    assert.ok(!criticalHeld(computeWithoutControl(outage, 3).storms))
  })

  test('the same seed gives the same storm', async () => {
    const outage = outageOf({ devices: 500, spreadS: 5, capacityPerSecond: 20, horizonS: 120 })
    const first = await runVirtualOutage(outage, 9)
    const second = await runVirtualOutage(outage, 9)
    assert.deepEqual(first.result.storms, second.result.storms)
  })
})
