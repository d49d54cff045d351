import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { type SubscriptionClass, subscriptionClasses } from '#domain/subscription.ts'
import { Attempts } from './admission/attempts.ts'
import { perClass, Records } from './admission/records.ts'
import { Reservations } from './admission/reservations.ts'
import { SlidingWindow } from './admission/sliding-window.ts'
import { type Waiting, WaitingLine } from './admission/waiting-line.ts'
import type {
  Admission,
  AdmissionDecision,
  AdmissionLimits,
  AdmissionOptions,
  AdmissionRequest,
  AdmissionSnapshot,
} from './admission-types.ts'
import { createOverloadController, type OverloadController, type OverloadReport } from './overload-reports.ts'

/** A second and a little: who counts with another clock, rounded, must not find one too many. */
const windowMs = 1_002
/** A ULR whose caller never said how it ended gives its place back after this long. */
const inFlightMs = 10_000
/** The answer would come after the MME has given up (6 s). */
const ulrWaitMs = 5_500
const wheelMs = 20
/** T3411 with its jitter, and the way back. */
const criticalReturnMs = 15_000

const admittedAtOnce: AdmissionDecision = { admit: true, heldMs: 0 }

const defaultLimits: AdmissionLimits = {
  heldPerClass: limits.guard.heldPerClass,
  countersPerMap: limits.guard.countersPerMap,
  holdStandardMs: 2_000,
  holdDeferrableMs: 500,
  lowerClassShare: 0.05,
  unproductiveShare: 0.1,
}

interface WaitingUlr {
  readonly request: AdmissionRequest
  readonly decide: (decision: AdmissionDecision) => void
  readonly since: number
}

interface InFlight {
  readonly imsi: string
  readonly class: SubscriptionClass
  readonly at: number
  done: boolean
}

/**
 * Admission by class against a capacity in completed registrations per sliding second (one AIR and its ULR each).
 *
 * Two gates. The first lets at most `capacity` registrations open per second, critical ones first; what does not fit
 * waits for a few seconds, since a refused device comes back only after 10 s and after the fifth time only after 12
 * minutes (T3411, T3402: TS 24.301 §10.2). The second lets a ULR through only while completions of the last second and
 * ULRs under way are together fewer than the capacity: that is why no sliding second can hold more.
 */
class AdmissionControl implements Admission {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #limits: AdmissionLimits
  readonly #hold: Record<SubscriptionClass, number>
  #capacity: number

  readonly #starts = new SlidingWindow(windowMs)
  readonly #completions = new SlidingWindow(windowMs)
  readonly #lines: Record<SubscriptionClass, WaitingLine> = {
    critical: new WaitingLine(),
    standard: new WaitingLine(),
    deferrable: new WaitingLine(),
  }
  readonly #byDevice = new Map<string, Waiting>()
  readonly #wheel = new Map<number, Waiting[]>()
  #wheelAt: number
  #ulrs: WaitingUlr[] = []
  #ulrHead = 0
  readonly #inFlight = new Map<string, InFlight[]>()
  #inFlightOrder: InFlight[] = []
  #inFlightHead = 0
  #inFlightCount = 0

  readonly #attempts: Attempts
  readonly #reservations: Reservations
  readonly #records: Records
  readonly #overload: OverloadController
  #lowerCredit = 0
  #unproductiveCredit = 0
  #criticalRefusedAt = Number.NEGATIVE_INFINITY
  #peak = 0
  #timer: Timer | null = null
  #timerAt = Number.POSITIVE_INFINITY
  #pumping = false
  #closed = false

  constructor(options: AdmissionOptions) {
    this.#clock = options.clock
    this.#random = options.random
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#capacity = Math.max(1, Math.floor(options.capacityPerSecond))
    this.#hold = {
      critical: options.holdCriticalMs ?? 5_000,
      standard: this.#limits.holdStandardMs,
      deferrable: this.#limits.holdDeferrableMs,
    }
    this.#attempts = new Attempts(this.#limits.countersPerMap)
    this.#reservations = new Reservations(this.#limits.countersPerMap)
    this.#records = new Records(options.clock)
    this.#wheelAt = Math.floor(options.clock.monotonicMs() / wheelMs)
    this.#overload = createOverloadController({
      capacityPerSecond: () => this.#capacity,
      random: options.random,
      criticalWaits: () => this.#criticalWaits(),
      // A thousand changes a millisecond fit between two wall times.
      firstSequence: options.firstSequence ?? BigInt(Math.floor(options.clock.now())) << 10n,
      onlyHssOfRealm: options.onlyHssOfRealm ?? true,
    })
  }

  offer(request: AdmissionRequest, decide: (decision: AdmissionDecision) => void): void {
    if (this.#closed) {
      decide({ admit: false, reason: 'busy' })
      return
    }
    const now = this.#clock.monotonicMs()
    const partner = request.partnerId ?? request.peerHost
    if (request.kind === 'ULR' && this.#reservations.takeUlr(request.imsi, partner, now)) {
      if (this.#passUlrAtOnce(request, now)) {
        decide(admittedAtOnce)
        return
      }
      this.#queueUlr(request, decide, now)
      this.#pump()
    } else if (request.kind === 'AIR' && this.#reservations.coversAir(request.imsi, partner, now)) {
      decide(admittedAtOnce)
    } else this.#open(request, partner, decide, now)
  }

  completed(imsi: string): void {
    const now = this.#clock.monotonicMs()
    const entry = this.#land(imsi)
    this.#completions.add(now)
    this.#peak = Math.max(this.#peak, this.#completions.count(now))
    const attempt = this.#attempts.finish(imsi)
    if (attempt !== undefined) this.#records.back(attempt, now)
    this.#records.count('completed', entry?.class ?? attempt?.class ?? 'standard')
    this.#pump()
  }

  failed(imsi: string): void {
    if (this.#land(imsi) !== undefined) this.#pump()
  }

  olrFor(peerHost: string): OverloadReport | null {
    return this.#overload.reportFor(peerHost, this.#clock.monotonicMs())
  }

  snapshot(): AdmissionSnapshot {
    const waiting = perClass()
    for (const name of subscriptionClasses) waiting[name] = this.#lines[name].size
    return {
      capacityPerSecond: this.#capacity,
      waiting,
      waitingUlrs: this.#ulrs.length - this.#ulrHead,
      inFlight: this.#inFlightCount,
      completedLastSecond: this.#completions.count(this.#clock.monotonicMs()),
      peakCompleted: this.#peak,
      series: this.#records.series(),
      storm: this.#records.storm(),
    }
  }

  setCapacity(capacityPerSecond: number): void {
    this.#capacity = Math.max(1, Math.floor(capacityPerSecond))
    this.#pump()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = null
    for (const name of subscriptionClasses) for (const waiting of [...this.#lines[name].all()]) this.#refuse(waiting, 'busy')
    for (const { decide } of this.#ulrs.slice(this.#ulrHead)) decide({ admit: false, reason: 'busy' })
    this.#ulrs = []
    this.#ulrHead = 0
  }

  /** A request that opens a registration. */
  #open(request: AdmissionRequest, partner: string, decide: (decision: AdmissionDecision) => void, now: number): void {
    const attempt = this.#attempts.note(request.imsi, request.class, now)
    this.#overload.note(request, now)
    this.#records.count('offered', request.class)
    this.#records.tried(attempt)
    if (request.kind === 'AIR' && this.#passOpeningAtOnce(request, partner, now)) {
      decide(admittedAtOnce)
      return
    }
    const line = this.#lines[request.class]
    const device = `${request.imsi} ${request.peerHost}`
    const older = this.#byDevice.get(device)
    // The MME gave up on the older one and asks again.
    if (older !== undefined) this.#refuse(older, 'busy')
    if (line.size >= this.#limits.heldPerClass) {
      this.#records.count('rejected', request.class)
      this.#records.trouble()
      decide({ admit: false, reason: 'busy' })
      return
    }
    const urgency = Math.min(5, attempt.tries)
    const { firm, waitMs } = this.#patience(request.class, urgency)
    const waiting: Waiting = { request, decide, partner, since: now, deadline: now + waitMs, urgency, firm, done: false }
    line.push(waiting)
    this.#byDevice.set(device, waiting)
    this.#pump()
    if (waiting.done) return
    this.#records.trouble()
    this.#records.tried(attempt)
    if (waitMs <= 0) this.#refuse(waiting, 'storm')
    else {
      this.#records.count('held', request.class)
      this.#putOnWheel(waiting)
      this.#arm()
    }
  }

  /**
   * How long a request may wait. One that cannot be served in time anyway is refused at a random moment of the same
   * span: so its next tries, 10 s later, come spread out rather than all at once, and find room.
   */
  #patience(ofClass: SubscriptionClass, urgency: number): { firm: boolean; waitMs: number } {
    const hold = this.#hold[ofClass]
    let ahead = this.#lines[ofClass].ahead(urgency)
    for (const name of subscriptionClasses) {
      if (name === ofClass) break
      ahead += this.#lines[name].ahead(1)
    }
    const firm = (ahead * windowMs) / this.#capacity < hold * 0.95
    return { firm, waitMs: firm ? hold : Math.floor(this.#random() * hold) }
  }

  /**
   * The usual case, in which nobody waits: the same as to queue it and to let it through, without the queue. False where
   * it must take its turn.
   */
  #passOpeningAtOnce(request: AdmissionRequest, partner: string, now: number): boolean {
    if (this.#byDevice.size > 0 || this.#limits.heldPerClass < 1) return false
    if (this.#starts.count(now) >= this.#capacity || this.#ulrs.length - this.#ulrHead > this.#capacity / 2) return false
    this.#reservations.ripen(now)
    if (this.#unproductiveCredit >= 1 && !this.#reservations.isProductive(partner)) this.#unproductiveCredit -= 1
    if (request.class === 'critical') this.#lowerCredit = Math.min(1, this.#lowerCredit + this.#limits.lowerClassShare)
    else if (this.#lowerCredit >= 1) this.#lowerCredit -= 1
    this.#starts.add(now)
    this.#records.count('admitted', request.class)
    this.#reservations.reserve(request.imsi, partner, now)
    return true
  }

  /** Likewise for a ULR that no other one is before. */
  #passUlrAtOnce(request: AdmissionRequest, now: number): boolean {
    if (this.#ulrs.length > this.#ulrHead || !this.#hasRoomToComplete(now)) return false
    this.#takeOff(request, now)
    return true
  }

  #queueUlr(request: AdmissionRequest, decide: (decision: AdmissionDecision) => void, since: number): void {
    this.#ulrs.push({ request, decide, since })
  }

  /** Lets pass whatever there is room for, then sets the timer for the next change. Re-entered, it goes round again. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (!this.#closed && (this.#passUlr() || this.#passOpening())) {
        // Each step may change what the next one may do.
      }
    } finally {
      this.#pumping = false
    }
    if (!this.#closed) this.#arm()
  }

  #passUlr(): boolean {
    const next = this.#ulrs[this.#ulrHead]
    if (next === undefined) return false
    const now = this.#clock.monotonicMs()
    const isLate = now - next.since > ulrWaitMs
    if (!isLate && !this.#hasRoomToComplete(now)) return false
    this.#ulrHead += 1
    if (this.#ulrHead > 1_024 && this.#ulrHead * 2 > this.#ulrs.length) {
      this.#ulrs = this.#ulrs.slice(this.#ulrHead)
      this.#ulrHead = 0
    }
    if (isLate) next.decide({ admit: false, reason: 'busy' })
    else {
      this.#takeOff(next.request, now)
      next.decide({ admit: true, heldMs: Math.floor(now - next.since) })
    }
    return true
  }

  #passOpening(): boolean {
    const now = this.#clock.monotonicMs()
    if (this.#starts.count(now) >= this.#capacity) return false
    // ULRs queue up where they complete slowly: open no more until they are through.
    if (this.#ulrs.length - this.#ulrHead > this.#capacity / 2) return false
    const waiting = this.#choose(now)
    if (waiting === undefined) return false
    this.#byDevice.delete(`${waiting.request.imsi} ${waiting.request.peerHost}`)
    this.#starts.add(now)
    this.#records.count('admitted', waiting.request.class)
    if (waiting.request.kind === 'ULR') this.#queueUlr(waiting.request, waiting.decide, waiting.since)
    else {
      this.#reservations.reserve(waiting.request.imsi, waiting.partner, now)
      // What passes at once was not held, however long its own judgement took.
      waiting.decide({ admit: true, heldMs: Math.floor(now - waiting.since) })
    }
    return true
  }

  /**
   * Critical first, but a small share goes to lower classes. Partners whose AIRs lead nowhere stand behind everybody
   * else, but for a share of their own: asking for critical IMSIs in a storm does not open the gate.
   */
  #choose(now: number): Waiting | undefined {
    this.#reservations.ripen(now)
    const isProductive = (partner: string) => this.#reservations.isProductive(partner)
    const others = (partner: string) => !isProductive(partner)
    if (this.#unproductiveCredit >= 1) {
      const waiting = this.#fromLines(others)
      if (waiting !== undefined) {
        this.#unproductiveCredit -= 1
        return waiting
      }
    }
    const waiting = this.#fromLines(isProductive)
    if (waiting === undefined) return this.#fromLines(others)
    if (subscriptionClasses.some((name) => this.#lines[name].hasAny(others))) {
      this.#unproductiveCredit = Math.min(1, this.#unproductiveCredit + this.#limits.unproductiveShare)
    }
    return waiting
  }

  #fromLines(accepts: (partner: string) => boolean): Waiting | undefined {
    const { critical, standard, deferrable } = this.#lines
    if (this.#lowerCredit >= 1) {
      const lower = standard.shift(accepts) ?? deferrable.shift(accepts)
      if (lower !== undefined) {
        this.#lowerCredit -= 1
        return lower
      }
    }
    const first = critical.shift(accepts)
    if (first !== undefined) {
      this.#lowerCredit = Math.min(1, this.#lowerCredit + this.#limits.lowerClassShare)
      return first
    }
    return standard.shift(accepts) ?? deferrable.shift(accepts)
  }

  #refuse(waiting: Waiting, reason: 'storm' | 'busy'): void {
    if (waiting.done) return
    const { request } = waiting
    this.#lines[request.class].finish(waiting)
    this.#byDevice.delete(`${request.imsi} ${request.peerHost}`)
    this.#records.count('rejected', request.class)
    this.#records.trouble()
    if (request.class === 'critical') this.#criticalRefusedAt = this.#clock.monotonicMs()
    waiting.decide({ admit: false, reason })
  }

  /** More critical devices than a second takes wait here, or were refused and will be back within T3411. */
  #criticalWaits(): boolean {
    return this.#lines.critical.size > this.#capacity || this.#clock.monotonicMs() - this.#criticalRefusedAt < criticalReturnMs
  }

  #hasRoomToComplete(now: number): boolean {
    this.#forgetLost(now)
    return this.#completions.count(now) + this.#inFlightCount < this.#capacity
  }

  #takeOff(request: AdmissionRequest, at: number): void {
    const entry: InFlight = { imsi: request.imsi, class: request.class, at, done: false }
    const same = this.#inFlight.get(request.imsi)
    if (same === undefined) this.#inFlight.set(request.imsi, [entry])
    else same.push(entry)
    this.#inFlightOrder.push(entry)
    this.#inFlightCount += 1
  }

  #land(imsi: string): InFlight | undefined {
    const same = this.#inFlight.get(imsi)
    const entry = same?.shift()
    if (same?.length === 0) this.#inFlight.delete(imsi)
    if (entry === undefined) return undefined
    entry.done = true
    this.#inFlightCount -= 1
    return entry
  }

  #forgetLost(now: number): void {
    for (;;) {
      const oldest = this.#inFlightOrder[this.#inFlightHead]
      if (oldest === undefined || (!oldest.done && now - oldest.at <= inFlightMs)) break
      this.#inFlightHead += 1
      if (!oldest.done) this.#land(oldest.imsi)
    }
    if (this.#inFlightHead > 1_024 && this.#inFlightHead * 2 > this.#inFlightOrder.length) {
      this.#inFlightOrder = this.#inFlightOrder.slice(this.#inFlightHead)
      this.#inFlightHead = 0
    }
  }

  #putOnWheel(waiting: Waiting): void {
    const slot = Math.ceil(waiting.deadline / wheelMs)
    const entries = this.#wheel.get(slot)
    if (entries === undefined) this.#wheel.set(slot, [waiting])
    else entries.push(waiting)
  }

  #turnWheel(now: number): void {
    const until = Math.floor(now / wheelMs)
    if (this.#wheel.size === 0) this.#wheelAt = until
    for (; this.#wheelAt <= until; this.#wheelAt++) {
      const due = this.#wheel.get(this.#wheelAt)
      if (due === undefined) continue
      this.#wheel.delete(this.#wheelAt)
      for (const waiting of due) this.#refuse(waiting, 'storm')
    }
  }

  /** One timer, for the earliest moment at which something can change by itself. */
  #arm(): void {
    const at = this.#nextChange()
    if (at >= this.#timerAt) return
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer = this.#clock.after(Math.max(0, at - this.#clock.monotonicMs()), () => this.#wake())
  }

  #wake(): void {
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#pump()
    this.#turnWheel(this.#clock.monotonicMs())
    this.#arm()
  }

  #nextChange(): number {
    const now = this.#clock.monotonicMs()
    const ulr = this.#ulrs[this.#ulrHead]
    const isWaiting = subscriptionClasses.some((name) => this.#lines[name].size > 0)
    if (ulr === undefined && !isWaiting) return Number.POSITIVE_INFINITY
    let at = Number.POSITIVE_INFINITY
    if (isWaiting)
      at = Math.min(at, (this.#wheelAt + 1) * wheelMs, this.#starts.count(now) >= this.#capacity ? this.#starts.nextExpiry() : at)
    if (ulr !== undefined) {
      const lost = this.#inFlightOrder[this.#inFlightHead]
      at = Math.min(at, ulr.since + ulrWaitMs + 1, this.#completions.nextExpiry(), lost === undefined ? at : lost.at + inFlightMs + 1)
    }
    return Math.max(at, now)
  }
}

export function createAdmission(options: AdmissionOptions): Admission {
  return new AdmissionControl(options)
}
