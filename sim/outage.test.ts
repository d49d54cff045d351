import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computeWithoutControl } from './naive-hss.ts'
import { outages, type StormRow } from './outage.ts'
import { mmeKinds, trafficClasses } from './world.ts'

const small = { ...outages.region, devices: 3_000, horizonS: 1_800 }

function total(rows: readonly StormRow[], member: 'devices' | 'admitted' | 't3402'): number {
  return rows.reduce((sum, row) => sum + row[member], 0)
}

test('without admission control the storm is a sawtooth: five tries, twelve minutes of silence, the next tooth', () => {
  const { storms, series, offeredPeak, computed } = computeWithoutControl(small, 1)
  assert.ok(computed)
  assert.equal(offeredPeak, 3_000, 'all of them in the first second')
  const sum = (from: number, to: number): number => series.offered.slice(from, to).reduce((a, b) => a + b, 0)
  assert.ok(sum(0, 90) > 4 * 2_000, 'several tries of most devices in the first minute and a half')
  assert.equal(sum(120, 640), 0, 'silence while T3402 runs')
  assert.ok(sum(640, 900) > 2_000, 'the next tooth')
  assert.ok(total(storms, 't3402') > 0.8 * small.devices, `${total(storms, 't3402')} of ${small.devices} fell silent`)
  const critical = storms.filter((row) => row.class === 'critical')
  assert.ok(total(critical, 't3402') > 0.8 * total(critical, 'devices'), 'critical ones as much as any')
})

test('the same seed gives the same run, another seed another one', () => {
  const first = computeWithoutControl(small, 1)
  assert.deepEqual(computeWithoutControl(small, 1), first)
  assert.notDeepEqual(computeWithoutControl(small, 2).storms, first.storms)
})

test('an outage within capacity troubles nobody', () => {
  const result = computeWithoutControl({ ...small, devices: 500, spreadS: 30, capacityPerSecond: 50 }, 1)
  assert.equal(total(result.storms, 'admitted'), 500)
  assert.equal(total(result.storms, 't3402'), 0)
  assert.ok(result.processedPeak <= 60)
  for (const row of result.storms) assert.ok(row.max !== null && row.max < 6)
})

test('the printed shares of the outage are those of its devices', () => {
  for (const outage of [outages.story, outages.region]) {
    const { storms } = computeWithoutControl({ ...outage, horizonS: 1 }, 1)
    for (const name of trafficClasses) {
      const devices = total(
        storms.filter((row) => row.class === name),
        'devices',
      )
      assert.equal(devices, (outage.classes[name] / 100) * outage.devices)
      for (const kind of mmeKinds) {
        const row = storms.find((each) => each.class === name && each.mme === kind)
        assert.equal(row?.devices, (devices * outage.kinds[kind]) / 100)
      }
    }
  }
})

test('an outage cut short leaves the rest infinite', () => {
  const { storms } = computeWithoutControl({ ...small, horizonS: 60 }, 1)
  for (const row of storms) assert.equal(row.max, null)
})
