import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { causeOf, type EmmCause, emmCauses } from './causes.ts'
import { type AttachOutcome, Device, nasTimers } from './device.ts'

interface Run {
  clock: VirtualClock
  device: Device
  /** Seconds at which attempts were made. */
  at: number[]
}

function run(outcome: (attempt: number) => AttachOutcome | 'silence', timers = { ...nasTimers, jitter: 0 }): Run {
  const clock = new VirtualClock()
  const at: number[] = []
  const device = new Device({
    clock,
    random: seededRandom(1),
    timers,
    attempt(done) {
      at.push(clock.monotonicMs() / 1000)
      const result = outcome(at.length)
      if (result !== 'silence') done(result)
    },
  })
  device.start()
  return { clock, device, at }
}

const refused = (cause: EmmCause): AttachOutcome => ({ accepted: false, cause })

test('five tries ten seconds apart, then twelve minutes of silence, then again', () => {
  const { clock, device, at } = run(() => refused(17))
  clock.advance(41_000)
  assert.deepEqual(at, [0, 10, 20, 30, 40])
  assert.equal(device.state, 'waiting-t3402')
  clock.advance(12 * 60_000 + 20_000)
  assert.deepEqual(at.slice(5), [760, 770, 780])
  assert.ok(device.fellIntoT3402)
  assert.ok(!device.fellIntoT3346)
})

test('time to admission counts from the first attempt, not from the last', () => {
  const { clock, device } = run((attempt) => (attempt < 4 ? refused(17) : { accepted: true }))
  clock.advance(60_000)
  assert.equal(device.state, 'registered')
  assert.equal(device.secondsToAdmission, 30)
  assert.equal(device.attempts, 4)
  assert.ok(!device.fellIntoT3402)
})

test('an attempt that nobody answers ends with T3410 and counts', () => {
  const { clock, at } = run(() => 'silence')
  clock.advance(60_000)
  assert.deepEqual(at, [0, 25, 50])
})

test('an answer after T3410 is too late for that attempt', () => {
  const clock = new VirtualClock()
  const pending: ((outcome: AttachOutcome) => void)[] = []
  const device = new Device({ clock, random: seededRandom(1), attempt: (done) => pending.push(done) })
  device.start()
  clock.advance(16_000)
  pending[0]?.({ accepted: true })
  assert.equal(device.state, 'waiting-t3411')
})

test('congestion hands the device the timer of the network, and resets its counter', () => {
  const { clock, device, at } = run((attempt) => (attempt === 2 ? { accepted: false, cause: 22, t3346Ms: 900_000 } : refused(17)))
  clock.advance(10_000 + 900_000 + 40_000)
  assert.deepEqual(at, [0, 10, 910, 920, 930, 940, 950])
  assert.ok(device.fellIntoT3346)
})

test('T3411 and T3402 are spread by ten percent either side', () => {
  const { clock, at } = run(() => refused(17), { ...nasTimers })
  clock.advance(14 * 60_000)
  const gaps = at.slice(1).map((second, i) => second - (at[i] ?? 0))
  for (const gap of gaps.slice(0, 4)) assert.ok(gap >= 9 && gap <= 11, `${gap}`)
  assert.ok((gaps[4] ?? 0) >= 648 && (gaps[4] ?? 0) <= 792)
  assert.notEqual(gaps[0], gaps[1])
})

test('sticky causes and those that send it elsewhere end its attempts', () => {
  for (const { cause, reaction } of emmCauses) {
    if (reaction === 'try-again' || reaction === 'back-off') continue
    const { clock, device, at } = run(() => refused(cause))
    clock.advance(3_600_000)
    assert.equal(at.length, 1, `cause ${cause}`)
    assert.equal(device.state, 'stopped')
    assert.equal(device.secondsToAdmission, null)
  }
})

test('3004 does not mean "wait": one MME makes a severe failure of it, the others a retry', () => {
  const busy = { code: 3004, experimental: false }
  assert.deepEqual(
    (['open5gs', 'magma', 'cisco'] as const).map((vendor) => causeOf(vendor, busy)),
    [42, 17, 17],
  )
})

test('5012 and 4181 are a retry on every MME; 5001 and 5004 differ by where they stand', () => {
  for (const vendor of ['open5gs', 'magma', 'cisco'] as const) {
    assert.equal(causeOf(vendor, { code: 5012, experimental: false }), 17)
    assert.equal(causeOf(vendor, { code: 4181, experimental: true }), 17)
    assert.equal(causeOf(vendor, 'timeout'), 17)
    assert.equal(causeOf(vendor, { code: 5001, experimental: true }), 8)
    assert.equal(causeOf(vendor, { code: 5001, experimental: false }), 17)
  }
})
