import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { VirtualClock } from '#core/clock.ts'
import { type Random, seededRandom } from '#core/random.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'
import { percentile } from './admission/records.ts'
import { createAdmission } from './admission.ts'
import type { Admission, AdmissionDecision, AdmissionRequest } from './admission-types.ts'

/** TS 24.301 §10.2, and what an MME waits for an answer. */
const t3411 = 10_000
const t3402 = 720_000
const mmeTimeout = 6_000

type MmeKind = 'plain' | 'random-abating' | 'low-priority-first'

interface Device {
  imsi: string
  class: SubscriptionClass
  kind: MmeKind
  partner: string
  firstAt: number
  tries: number
  backAt: number | null
  t3402: number
  t3346: number
}

interface StormSetup {
  devices: number
  spreadMs: number
  capacity: number
  seconds: number
  kinds?: readonly [MmeKind, ...MmeKind[]]
  seed?: number
}

interface StormResult {
  devices: Device[]
  completions: number[]
  admission: Admission
}

/** Most timestamps within any half-open span of a second. */
function worstSecond(times: readonly number[]): number {
  let worst = 0
  let from = 0
  times.forEach((time, i) => {
    while (time - (times[from] ?? 0) >= 1_000) from += 1
    worst = Math.max(worst, i - from + 1)
  })
  return worst
}

/** A small model of devices behind MMEs; `sim/` has the whole one. */
class StormModel {
  readonly clock = new VirtualClock()
  readonly random: Random
  readonly admission: Admission
  readonly completions: number[] = []
  readonly olr = new Map<string, { reduction: number; until: number; sequence: bigint }>()
  readonly lowShare = new Map<string, number>()
  refusedUlrs = 0

  constructor(capacity: number, seed: number) {
    this.random = seededRandom(seed)
    const admissionRandom = this.random.fork('admission')
    this.admission = createAdmission({ clock: this.clock, capacityPerSecond: capacity, random: () => admissionRandom.next() })
  }

  now(): number {
    return this.clock.monotonicMs()
  }

  jitter(ms: number): number {
    return ms * (0.9 + 0.2 * this.random.next())
  }

  start(device: Device, afterMs: number): void {
    this.clock.after(afterMs, () => {
      device.firstAt = this.now()
      this.attempt(device)
    })
  }

  attempt(device: Device): void {
    device.tries += 1
    if (this.abates(device)) {
      device.t3346 += 1
      this.clock.after((15 + 15 * this.random.next()) * 60_000, () => this.attempt(device))
      return
    }
    this.ask(device, 'AIR', () => {
      this.clock.after(200 + 1_000 * this.random.next(), () =>
        this.ask(device, 'ULR', () => {
          this.clock.after(1 + 5 * this.random.next(), () => {
            device.backAt = this.now()
            this.completions.push(this.now())
            this.admission.completed(device.imsi)
          })
        }),
      )
    })
  }

  ask(device: Device, kind: 'AIR' | 'ULR', onAdmit: () => void): void {
    let isOpen = true
    const timer = this.clock.after(mmeTimeout, () => {
      isOpen = false
      this.again(device)
    })
    const isDoic = device.kind !== 'plain'
    const request = {
      kind,
      imsi: device.imsi,
      class: device.class,
      peerHost: `mme.${device.partner}`,
      partnerId: device.partner,
      doic: isDoic,
      lowPriority: device.kind === 'low-priority-first',
    } as const
    this.admission.offer(request, (decision) => {
      if (kind === 'ULR' && !decision.admit) this.refusedUlrs += 1
      if (!isOpen) {
        if (kind === 'ULR' && decision.admit) this.admission.failed(device.imsi)
        return
      }
      timer.cancel()
      if (isDoic) this.readOlr(`mme.${device.partner}`)
      if (decision.admit) onAdmit()
      else this.again(device)
    })
  }

  readOlr(host: string): void {
    const report = this.admission.olrFor(host)
    const known = this.olr.get(host)
    if (report === null || (known !== undefined && report.sequence <= known.sequence)) return
    this.olr.set(host, { reduction: report.reduction, until: this.now() + report.validitySeconds * 1_000, sequence: report.sequence })
  }

  abates(device: Device): boolean {
    const olr = this.olr.get(`mme.${device.partner}`)
    // What an MME sees of low priority among the last 200 or so.
    const before = this.lowShare.get(device.partner) ?? 0.5
    this.lowShare.set(device.partner, before + ((device.class === 'deferrable' ? 1 : 0) - before) / 200)
    if (device.kind === 'plain' || olr === undefined || this.now() > olr.until) return false
    const share = olr.reduction / 100
    if (device.kind === 'random-abating') return this.random.next() < share
    const low = this.lowShare.get(device.partner) ?? 0.5
    return this.random.next() < (device.class === 'deferrable' ? share / low : (share - low) / (1 - low))
  }

  again(device: Device): void {
    if (device.tries % 5 !== 0) this.clock.after(this.jitter(t3411), () => this.attempt(device))
    else {
      device.t3402 += 1
      this.clock.after(this.jitter(t3402), () => this.attempt(device))
    }
  }
}

function storm(setup: StormSetup): StormResult & { model: StormModel } {
  const model = new StormModel(setup.capacity, setup.seed ?? 7)
  const kinds = setup.kinds ?? ['plain']
  const devices = Array.from({ length: setup.devices }, (_, i): Device => {
    const tenth = i % 10
    const kind = kinds[Math.floor(i / 10) % kinds.length] ?? 'plain'
    const ofClass = tenth === 0 ? 'critical' : tenth < 5 ? 'standard' : 'deferrable'
    const partner = `${kind}.${Math.floor(i / 10) % 3}`
    return { imsi: `99970${i}`, class: ofClass, kind, partner, firstAt: 0, tries: 0, backAt: null, t3402: 0, t3346: 0 }
  })
  for (const device of devices) model.start(device, model.random.next() * setup.spreadMs)
  model.clock.advance(setup.seconds * 1_000)
  return { devices, completions: model.completions, admission: model.admission, model }
}

function figures(devices: readonly Device[], ofClass: SubscriptionClass, kind: MmeKind = 'plain') {
  const those = devices.filter((device) => device.class === ofClass && device.kind === kind)
  const seconds = those.map((device) => (device.backAt === null ? Number.POSITIVE_INFINITY : (device.backAt - device.firstAt) / 1_000))
  return {
    count: those.length,
    p50: percentile(seconds, 0.5) ?? 0,
    p95: percentile(seconds, 0.95) ?? 0,
    max: Math.max(0, ...seconds),
    t3402: those.filter((device) => device.t3402 > 0).length,
    t3346: those.filter((device) => device.t3346 > 0).length,
  }
}

describe('a region comes back', () => {
  test('3,000 devices within 30 s at 50 a second: every critical one is back within 20 s', () => {
    const { devices, completions, model } = storm({ devices: 3_000, spreadMs: 30_000, capacity: 50, seconds: 120 })
    const critical = figures(devices, 'critical')
    assert.ok(critical.p95 <= 20 && Number.isFinite(critical.max), JSON.stringify(critical))
    assert.equal(critical.t3402, 0)
    assert.ok(worstSecond(completions) <= 50)
    assert.equal(model.refusedUlrs, 0)
  })

  for (const spreadMs of [1_000, 30_000]) {
    test(`10,000 devices within ${spreadMs / 1_000} s at 50 a second: no critical one falls into T3402`, () => {
      const { devices, completions, model } = storm({ devices: 10_000, spreadMs, capacity: 50, seconds: 120 })
      const critical = figures(devices, 'critical')
      assert.equal(critical.t3402, 0)
      assert.ok(critical.p95 < 60 && Number.isFinite(critical.max), JSON.stringify(critical))
      assert.ok(worstSecond(completions) <= 50)
      assert.ok(completions.length > 2_200, `capacity is used: ${completions.length}`)
      assert.equal(model.refusedUlrs, 0)
      assert.equal(model.admission.snapshot().peakCompleted, worstSecond(completions))
    })

    test(`with MMEs of every kind, ${spreadMs / 1_000} s: overload reports cost no critical device behind those that choose by priority`, () => {
      const kinds = ['plain', 'random-abating', 'low-priority-first'] as const
      const { devices, completions, model } = storm({ devices: 10_000, spreadMs, capacity: 50, seconds: 120, kinds })
      for (const kind of ['plain', 'low-priority-first'] as const) {
        const critical = figures(devices, 'critical', kind)
        assert.deepEqual([critical.t3402, critical.t3346], [0, 0], kind)
        assert.ok(critical.p95 < 60)
      }
      const random = figures(devices, 'critical', 'random-abating')
      assert.ok(random.t3346 <= random.count * 0.1, `at random: ${random.t3346} of ${random.count}`)
      assert.ok(figures(devices, 'deferrable', 'low-priority-first').t3346 > 300, 'the reports do relieve')
      assert.ok(worstSecond(completions) <= 50)
      assert.equal(model.refusedUlrs, 0)
    })
  }

  test('other seeds tell the same story', () => {
    for (const seed of [1, 2, 3]) {
      const { devices, completions } = storm({ devices: 10_000, spreadMs: 1_000, capacity: 50, seconds: 80, seed })
      assert.equal(figures(devices, 'critical').t3402, 0, `seed ${seed}`)
      assert.ok(worstSecond(completions) <= 50)
    }
  })
})

const asked = (kind: 'AIR' | 'ULR', imsi: string, rest: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  kind,
  imsi,
  class: 'standard',
  peerHost: 'mme.a',
  doic: false,
  ...rest,
})

function admissionAt(capacityPerSecond: number, rest: Partial<Parameters<typeof createAdmission>[0]> = {}) {
  const clock = new VirtualClock()
  const random = seededRandom(3)
  const admission = createAdmission({ clock, capacityPerSecond, random: () => random.next(), ...rest })
  const decisions = new Map<string, AdmissionDecision>()
  const offer = (request: AdmissionRequest, name = request.imsi) => admission.offer(request, (decision) => decisions.set(name, decision))
  return { clock, admission, decisions, offer }
}

test('no sliding second ever completes more than the capacity, whatever comes, however long it takes, and every ULR of an admitted AIR passes', () => {
  const arrival = fc.record({
    atMs: fc.integer({ min: 0, max: 6_000 }),
    ofClass: fc.constantFrom('critical' as const, 'standard' as const, 'deferrable' as const),
    kind: fc.constantFrom('AIR' as const, 'AIR' as const, 'ULR' as const),
    partner: fc.constantFrom('a', 'b', 'c'),
    ulrAfterMs: fc.integer({ min: 0, max: 3_000 }),
    serviceMs: fc.integer({ min: 0, max: 400 }),
    fate: fc.constantFrom('completes', 'completes', 'completes', 'fails', 'vanishes'),
  })
  const property = fc.property(fc.array(arrival, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (arrivals, capacity) => {
    const { clock, admission } = admissionAt(capacity)
    const completions: number[] = []
    const decided = new Set<string>()
    let lateUlrs = 0
    const settle = (imsi: string, { fate, serviceMs }: (typeof arrivals)[number]) => {
      clock.after(serviceMs, () => {
        if (fate === 'fails') admission.failed(imsi)
        else if (fate === 'completes') {
          completions.push(clock.monotonicMs())
          admission.completed(imsi)
        }
      })
    }
    arrivals.forEach((row, i) => {
      const imsi = `${i}`
      const common = { imsi, class: row.ofClass, peerHost: `mme.${row.partner}`, doic: false }
      clock.after(row.atMs, () =>
        admission.offer({ kind: row.kind, ...common }, (decision) => {
          assert.ok(!decided.has(imsi), 'decided once')
          decided.add(imsi)
          if (!decision.admit) return
          assert.ok(decision.heldMs <= (row.kind === 'AIR' ? 5_020 : 11_000))
          if (row.kind === 'ULR') settle(imsi, row)
          else {
            clock.after(row.ulrAfterMs, () =>
              admission.offer({ kind: 'ULR', ...common }, (second) => {
                if (second.admit) settle(imsi, row)
                else lateUlrs += 1
              }),
            )
          }
        }),
      )
    })
    clock.advance(60_000)
    assert.equal(decided.size, arrivals.length, 'everything is decided')
    assert.ok(worstSecond(completions) <= capacity, `${worstSecond(completions)} in a second of ${capacity}`)
    if (arrivals.every(({ fate }) => fate !== 'vanishes')) assert.equal(lateUlrs, 0)
    admission.close()
  })
  fc.assert(property, { numRuns: 150 })
})

test('with room the decision is made before offer returns', () => {
  const { decisions, offer } = admissionAt(2)
  offer(asked('AIR', '1'))
  assert.deepEqual(decisions.get('1'), { admit: true, heldMs: 0 })
})

test('what passes at once was not held, even where the clock moves on in fractions meanwhile', () => {
  let now = 0
  const clock = { now: () => now, monotonicMs: () => (now += 0.01), after: () => ({ cancel() {} }) }
  const admission = createAdmission({ clock, capacityPerSecond: 10, random: () => 0 })
  const held: AdmissionDecision[] = []
  for (const kind of ['AIR', 'ULR'] as const) admission.offer(asked(kind, '1'), (decision) => held.push(decision))
  admission.offer(asked('ULR', '2'), (decision) => held.push(decision))
  assert.deepEqual(
    held,
    Array.from({ length: 3 }, () => ({ admit: true, heldMs: 0 })),
  )
  admission.close()
})

test('a critical request is held for up to 5 s, a standard one for 2 s, a deferrable one hardly', () => {
  const { clock, decisions, offer } = admissionAt(1)
  offer(asked('AIR', '0'))
  offer(asked('AIR', 'd', { class: 'deferrable' }))
  offer(asked('AIR', 's'))
  for (const imsi of ['c1', 'c2', 'c3', 'c4']) offer(asked('AIR', imsi, { class: 'critical' }))
  clock.advance(600)
  assert.deepEqual(decisions.get('d'), { admit: false, reason: 'storm' })
  clock.advance(4_500)
  for (const imsi of ['c1', 'c2', 'c3', 'c4']) assert.equal(decisions.get(imsi)?.admit, true, imsi)
  assert.deepEqual(decisions.get('s'), { admit: false, reason: 'storm' })
  const held = decisions.get('c4')
  assert.ok(held?.admit === true && held.heldMs <= 5_000)
})

test('who has tried more often goes first: it is nearer to T3402', () => {
  const { clock, decisions, offer } = admissionAt(1)
  const critical = { class: 'critical' } as const
  offer(asked('AIR', 'old', critical))
  clock.advance(2_000)
  for (let i = 0; i < 3; i++) {
    offer(asked('AIR', 'filler', { peerHost: `mme.${i}`, partnerId: 'p' }), `filler ${i}`)
    clock.advance(100)
  }
  // The old one's ULR never came: its next tries count.
  clock.advance(14_000)
  offer(asked('AIR', 'x', critical))
  offer(asked('AIR', 'new', critical))
  offer(asked('AIR', 'old', critical))
  clock.advance(1_100)
  assert.equal(decisions.get('old')?.admit, true)
  assert.equal(decisions.has('new'), false)
})

test('a resynchronisation is part of the same registration; a loop of AIRs is not', () => {
  const { decisions, offer } = admissionAt(1)
  offer(asked('AIR', '1'), 'first')
  offer(asked('AIR', '1'), 'resynchronisation')
  offer(asked('AIR', '1'), 'again')
  offer(asked('AIR', '1'), 'loop')
  assert.deepEqual([...decisions.keys()], ['first', 'resynchronisation', 'again'])
})

test('a newer request of the same node replaces the one that waits; one of another node does not', () => {
  const { decisions, offer } = admissionAt(1)
  offer(asked('AIR', '0'))
  offer(asked('AIR', '1', { class: 'critical' }), 'first')
  offer(asked('AIR', '1', { class: 'critical', peerHost: 'mme.thief' }), 'thief')
  assert.equal(decisions.has('first'), false)
  offer(asked('AIR', '1', { class: 'critical' }), 'second')
  assert.deepEqual(decisions.get('first'), { admit: false, reason: 'busy' })
  assert.equal(decisions.has('second'), false)
})

test('queues are bounded, and closing answers all that waits', () => {
  const { admission, decisions, offer } = admissionAt(1, { limits: { heldPerClass: 3 } })
  for (let i = 0; i < 6; i++) offer(asked('AIR', `${i}`, { class: 'critical' }))
  assert.deepEqual(decisions.get('4'), { admit: false, reason: 'busy' })
  admission.close()
  assert.equal(decisions.size, 6)
  assert.deepEqual(decisions.get('1'), { admit: false, reason: 'busy' })
  offer(asked('AIR', '9'))
  assert.deepEqual(decisions.get('9'), { admit: false, reason: 'busy' })
})

test('a ULR that failed, or was never heard of again, gives its place back', () => {
  const { clock, admission, decisions, offer } = admissionAt(1)
  offer(asked('ULR', '1'))
  clock.advance(1_100)
  offer(asked('ULR', '2', { class: 'critical' }))
  assert.equal(decisions.has('2'), false, 'one is under way')
  admission.failed('1')
  assert.equal(decisions.get('2')?.admit, true)
  clock.advance(10_100)
  offer(asked('ULR', '3'))
  assert.equal(decisions.get('3')?.admit, true, 'the second was lost')
})

test('a changed capacity acts at once', () => {
  const { admission, decisions, offer } = admissionAt(1)
  offer(asked('AIR', '1'))
  offer(asked('AIR', '2', { class: 'critical' }))
  assert.equal(decisions.has('2'), false)
  admission.setCapacity(10)
  assert.equal(decisions.get('2')?.admit, true)
})

test('critical devices that never end do not starve the others', () => {
  const { clock, admission } = admissionAt(20)
  const admitted = { critical: 0, standard: 0 }
  for (let ms = 0; ms < 20_000; ms += 10) {
    clock.advance(10)
    for (const ofClass of ['critical', 'standard'] as const) {
      const imsi = `${ofClass}${ms}`
      admission.offer(asked('AIR', imsi, { class: ofClass }), (decision) => {
        if (!decision.admit) return
        admitted[ofClass] += 1
        admission.offer(asked('ULR', imsi, { class: ofClass }), (second) => second.admit && admission.completed(imsi))
      })
    }
  }
  assert.ok(admitted.standard >= 15, JSON.stringify(admitted))
  assert.ok(admitted.critical > admitted.standard * 10)
})

test('a partner that asks for critical IMSIs in a storm does not shut out the real ones', () => {
  const model = new StormModel(50, 11)
  const real = Array.from(
    { length: 600 },
    (_, i): Device => ({
      imsi: `99970${i}`,
      class: 'critical',
      kind: 'plain',
      partner: 'real',
      firstAt: 0,
      tries: 0,
      backAt: null,
      t3402: 0,
      t3346: 0,
    }),
  )
  for (const device of real) model.start(device, 5_000 + model.random.next() * 1_000)
  const thief = { vectors: 0 }
  const spoof = (i: number): void => {
    const request = asked('AIR', `99971${i}`, { class: 'critical', peerHost: 'mme.thief', partnerId: 'thief' })
    model.admission.offer(request, (decision) => {
      if (decision.admit) thief.vectors += 1
    })
    model.clock.after(5, () => spoof(i + 1))
  }
  spoof(0)
  model.clock.advance(90_000)
  const critical = figures(real, 'critical')
  assert.equal(critical.t3402, 0, JSON.stringify(critical))
  assert.ok(critical.p95 < 40, JSON.stringify(critical))
  assert.ok(worstSecond(model.completions) <= 50)
})

test('AIRs that lead nowhere stand behind everybody else, whatever class they claim', () => {
  const { clock, admission } = admissionAt(20)
  const admitted = { real: 0, thief: 0 }
  const offer = (imsi: string, partnerId: 'real' | 'thief', ofClass: SubscriptionClass, then: () => void) =>
    admission.offer(asked('AIR', imsi, { class: ofClass, partnerId, peerHost: `mme.${partnerId}` }), (decision) => {
      if (!decision.admit) return
      if (clock.monotonicMs() > 10_000) admitted[partnerId] += 1
      then()
    })
  for (let ms = 0; ms < 40_000; ms += 10) {
    clock.advance(10)
    offer(`t${ms}`, 'thief', 'critical', () => {})
    offer(`r${ms}`, 'real', 'standard', () =>
      admission.offer(
        asked('ULR', `r${ms}`, { partnerId: 'real', peerHost: 'mme.real' }),
        (second) => second.admit && admission.completed(`r${ms}`),
      ),
    )
  }
  assert.ok(admitted.thief < admitted.real * 0.15, JSON.stringify(admitted))
  assert.ok(admitted.thief > 0, 'a share is left, or nobody could ever prove himself again')
})

test('the snapshot tells the storm: who came, who is back, and how long it took', () => {
  const { devices, admission, completions } = storm({ devices: 3_000, spreadMs: 1_000, capacity: 50, seconds: 40 })
  const snapshot = admission.snapshot()
  assert.ok(snapshot.storm !== null && snapshot.storm.until === null)
  assert.ok(snapshot.storm.devices.critical >= 250 && snapshot.storm.devices.critical <= 300)
  assert.ok(snapshot.storm.back.critical === snapshot.storm.devices.critical)
  assert.ok((snapshot.storm.p95.critical ?? 99) < 20)
  const sum = (what: 'offered' | 'completed' | 'admitted' | 'rejected') =>
    snapshot.series.reduce((total, second) => total + second[what].critical + second[what].standard + second[what].deferrable, 0)
  assert.equal(sum('completed'), completions.length)
  assert.equal(sum('completed'), devices.filter(({ backAt }) => backAt !== null).length)
  assert.ok(sum('offered') >= sum('admitted') + sum('rejected'))
  assert.ok(snapshot.series.every((second, i) => i === 0 || second.at > (snapshot.series[i - 1]?.at ?? 0)))
})

describe('overload reports', () => {
  const flood = (
    rest: Partial<AdmissionRequest>,
    deferrableTenths: number,
    criticalTenths: number,
    seconds: number,
    perSecond = 100,
    capacity = 50,
  ) => {
    const { clock, admission } = admissionAt(capacity, { firstSequence: 1_000n })
    const reports: NonNullable<ReturnType<Admission['olrFor']>>[] = []
    let n = 0
    const run = (rate: number, forSeconds: number) => {
      for (let i = 0; i < rate * forSeconds; i++) {
        clock.advance(1_000 / rate)
        n += 1
        const tenth = n % 10
        const ofClass = tenth < criticalTenths ? 'critical' : tenth >= 10 - deferrableTenths ? 'deferrable' : 'standard'
        admission.offer(asked('AIR', `${n}`, { class: ofClass, doic: true, ...rest }), () => {})
        const report = admission.olrFor('mme.a')
        if (report !== null) reports.push(report)
      }
    }
    run(perSecond, seconds)
    return { clock, admission, reports, run }
  }

  test('none while there is room, none for a client that did not say that it understands them', () => {
    assert.equal(flood({}, 5, 1, 10, 20).reports.length, 0)
    assert.equal(flood({ doic: false }, 5, 1, 10).reports.length, 0)
  })

  test('at random: a few percent while critical devices are behind it, more where there are none', () => {
    const withCritical = flood({}, 5, 1, 10).reports
    assert.ok(withCritical.length > 0 && withCritical.every(({ reduction }) => reduction <= 5))
    assert.ok(
      flood({}, 5, 0, 10).reports.every(({ reduction }) => reduction <= 5),
      'not known yet',
    )
    const without = flood({}, 5, 0, 70).reports
    assert.ok(Math.max(...without.map(({ reduction }) => reduction)) > 20)
    assert.ok(without.every(({ reduction }) => reduction <= 30))
  })

  test('low priority first: a part of the deferrable share, and no more than is too much', () => {
    const { reports } = flood({ lowPriority: true }, 4, 1, 10)
    const last = reports.at(-1)
    assert.ok(last !== undefined && last.reduction > 15 && last.reduction < 40)
    assert.ok(flood({ lowPriority: true }, 0, 1, 10).reports.length === 0, 'nobody to give up')
  })

  test('nothing is asked while critical devices wait', () => {
    assert.equal(flood({ lowPriority: true }, 2, 8, 10).reports.length, 0)
  })

  test('sequence numbers rise with every change, from the first one given; validity is drawn', () => {
    const { reports } = flood({}, 5, 0, 40)
    const changes = new Map(reports.map((report) => [report.sequence, report]))
    const sequences = [...changes.keys()]
    assert.ok((sequences[0] ?? 0n) > 1_000n)
    assert.ok(sequences.every((sequence, i) => i === 0 || sequence > (sequences[i - 1] ?? 0n)))
    const validities = new Set([...changes.values()].map(({ validitySeconds }) => validitySeconds))
    assert.ok(validities.size > 2 && [...validities].every((seconds) => seconds >= 4 && seconds <= 8))
    assert.deepEqual(reports[0]?.reportTypes, ['host', 'realm'])
  })

  test('the end is said: validity 0 with a new number, then nothing', () => {
    const { reports, run, admission, clock } = flood({}, 5, 0, 10)
    const before = reports.at(-1)?.sequence ?? 0n
    reports.length = 0
    run(10, 12)
    const end = reports.find(({ validitySeconds }) => validitySeconds === 0)
    assert.ok(end !== undefined && end.sequence > before && end.reduction === 0)
    clock.advance(10_000)
    assert.equal(admission.olrFor('mme.a'), null)
  })

  test('without the realm to itself only the host is reported on', () => {
    const { clock, admission } = admissionAt(1, { onlyHssOfRealm: false })
    for (let i = 0; i < 300; i++) {
      clock.advance(10)
      admission.offer(asked('AIR', `${i}`, { doic: true, class: 'deferrable' }), () => {})
    }
    assert.deepEqual(admission.olrFor('mme.a')?.reportTypes, ['host'])
  })
})
