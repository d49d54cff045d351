import type { Clock, Timer } from '#core/clock.ts'
import type { Random } from '#core/random.ts'
import { causeRow, type EmmCause } from './causes.ts'

/**
 * A device at NAS level (TS 24.301 §5.5.1.2): it tries to attach, counts its attempts, and waits by the timers of the
 * table. Timing only; authentication is the card's and the MME's.
 */

/** Milliseconds. A home network sets none of these over S6a. */
export const nasTimers = {
  /** How long an attach attempt may take (TS 24.301 §10.2). */
  t3410Ms: 15_000,
  /** Pause after each of the first four failures. */
  t3411Ms: 10_000,
  attempts: 5,
  /** Silence after the fifth. */
  t3402Ms: 12 * 60_000,
  /** Back-off that a congested MME draws: uniform between the two (TS 24.008 §11.2.2 lets it randomise). */
  t3346MinMs: 15 * 60_000,
  t3346MaxMs: 30 * 60_000,
  /** T3411 and T3402 are drawn within this share of their value, either side. */
  jitter: 0.1,
  /** How long an MME waits for the HSS. */
  mmeAnswerTimeoutMs: 6_000,
} as const

export type NasTimers = { readonly [name in keyof typeof nasTimers]: number }

/** What an attach attempt came to. */
export type AttachOutcome = { accepted: true } | { accepted: false; cause: EmmCause; t3346Ms?: number }

/** Starts one attempt; `done` is called once, or never (T3410 then ends the attempt). */
export type AttachAttempt = (done: (outcome: AttachOutcome) => void) => void

export type DeviceState = 'idle' | 'attaching' | 'registered' | 'waiting-t3411' | 'waiting-t3402' | 'waiting-t3346' | 'stopped'

export interface DeviceOptions {
  clock: Clock
  random: Random
  timers?: NasTimers
  attempt: AttachAttempt
  /** Called once when it is registered. */
  onRegistered?(device: Device): void
}

export class Device {
  readonly #options: DeviceOptions
  readonly #timers: NasTimers
  #state: DeviceState = 'idle'
  #timer: Timer | null = null
  #attemptCounter = 0
  #attempts = 0
  #attemptId = 0
  #firstAttemptMs: number | null = null
  #registeredMs: number | null = null
  #fellIntoT3402 = false
  #fellIntoT3346 = false
  #lastCause: EmmCause | null = null

  constructor(options: DeviceOptions) {
    this.#options = options
    this.#timers = options.timers ?? nasTimers
  }

  get state(): DeviceState {
    return this.#state
  }

  /** Attach Requests sent. */
  get attempts(): number {
    return this.#attempts
  }

  /** Whether it ever fell into the long silence. */
  get fellIntoT3402(): boolean {
    return this.#fellIntoT3402
  }

  get fellIntoT3346(): boolean {
    return this.#fellIntoT3346
  }

  /** Of the last reject. */
  get lastCause(): EmmCause | null {
    return this.#lastCause
  }

  /** Monotonic ms of its first attempt; null before. */
  get firstAttemptMs(): number | null {
    return this.#firstAttemptMs
  }

  /** Seconds from its first attempt to its registration; null while not registered, which counts as infinite. */
  get secondsToAdmission(): number | null {
    if (this.#firstAttemptMs === null || this.#registeredMs === null) return null
    return (this.#registeredMs - this.#firstAttemptMs) / 1000
  }

  /** Switches it on after `delayMs`. */
  start(delayMs = 0): void {
    this.#wait('idle', delayMs, () => this.#tryToAttach())
  }

  /** Takes it out of the run; nothing happens any more. */
  stop(): void {
    this.#timer?.cancel()
    this.#attemptId += 1
    if (this.#state !== 'registered') this.#state = 'stopped'
  }

  #tryToAttach(): void {
    const { clock, attempt } = this.#options
    const id = ++this.#attemptId
    this.#attempts += 1
    this.#firstAttemptMs ??= clock.monotonicMs()
    this.#wait('attaching', this.#timers.t3410Ms, () => {
      if (id === this.#attemptId) this.#failed()
    })
    attempt((outcome) => {
      if (id !== this.#attemptId || this.#state !== 'attaching') return
      if (outcome.accepted) this.#registered()
      else this.#rejected(outcome)
    })
  }

  #registered(): void {
    this.#timer?.cancel()
    this.#state = 'registered'
    this.#attemptCounter = 0
    this.#registeredMs = this.#options.clock.monotonicMs()
    this.#options.onRegistered?.(this)
  }

  #rejected(outcome: Extract<AttachOutcome, { accepted: false }>): void {
    this.#lastCause = outcome.cause
    const { reaction } = causeRow(outcome.cause)
    switch (reaction) {
      case 'try-again':
        this.#failed()
        break
      case 'back-off':
        this.#backOff(outcome.t3346Ms ?? this.#timers.t3346MinMs)
        break
      case 'dead-until-power-cycle':
      case 'network-forbidden':
      case 'goes-elsewhere':
        this.stop()
    }
  }

  /** TS 24.301 §5.5.1.2.6: T3411 up to the fifth failure, then T3402 and the counter starts again. */
  #failed(): void {
    this.#attemptId += 1
    this.#attemptCounter += 1
    if (this.#attemptCounter < this.#timers.attempts) {
      this.#wait('waiting-t3411', this.#drawn(this.#timers.t3411Ms), () => this.#tryToAttach())
      return
    }
    this.#attemptCounter = 0
    this.#fellIntoT3402 = true
    this.#wait('waiting-t3402', this.#drawn(this.#timers.t3402Ms), () => this.#tryToAttach())
  }

  /** TS 24.301 §5.5.1.2.5, cause 22: the attempt counter is reset and T3346 runs. */
  #backOff(t3346Ms: number): void {
    this.#attemptCounter = 0
    this.#fellIntoT3346 = true
    this.#wait('waiting-t3346', t3346Ms, () => this.#tryToAttach())
  }

  #drawn(ms: number): number {
    const { jitter } = this.#timers
    return ms * (1 - jitter + 2 * jitter * this.#options.random.next())
  }

  #wait(state: DeviceState, ms: number, then: () => void): void {
    this.#timer?.cancel()
    this.#state = state
    this.#timer = this.#options.clock.after(ms, then)
  }
}
