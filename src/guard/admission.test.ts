import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VirtualClock } from '#core/clock.ts'
import { type Random, seededRandom } from '#core/random.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'
import { percentile } from './admission/records.ts'
import { createAdmission } from './admission.ts'
import type { Admission, AdmissionDecision } from './admission-types.ts'

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

if (process.env.STORM_TABLE) {
  for (const setup of [
    { devices: 3_000, spreadMs: 30_000, capacity: 50, seconds: 120 },
    { devices: 10_000, spreadMs: 1_000, capacity: 50, seconds: 120 },
    { devices: 10_000, spreadMs: 30_000, capacity: 50, seconds: 120 },
    { devices: 10_000, spreadMs: 1_000, capacity: 50, seconds: 120, kinds: ['plain', 'random-abating', 'low-priority-first'] as const },
    { devices: 10_000, spreadMs: 30_000, capacity: 50, seconds: 120, kinds: ['plain', 'random-abating', 'low-priority-first'] as const },
    { devices: 100_000, spreadMs: 1_000, capacity: 500, seconds: 120 },
  ]) {
    const started = performance.now()
    const result = storm(setup)
    console.log(
      setup,
      worstSecond(result.completions),
      result.completions.length,
      'refused ULR',
      result.model.refusedUlrs,
      Math.round(performance.now() - started),
      'ms',
    )
    for (const kind of setup.kinds ?? ['plain'])
      for (const c of ['critical', 'standard', 'deferrable'] as const)
        console.log('  ', kind, c, JSON.stringify(figures(result.devices, c, kind as MmeKind)))
  }
}
