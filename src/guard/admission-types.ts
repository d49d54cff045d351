import type { Clock } from '#core/clock.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'
import type { OverloadReport } from './overload-reports.ts'

/** A request that costs capacity: the AIR that opens a registration, or the ULR that completes one. */
export interface AdmissionRequest {
  kind: 'AIR' | 'ULR'
  imsi: string
  class: SubscriptionClass
  /** Origin-Host. */
  peerHost: string
  /** Whose traffic it is: waiting requests of one class are served fairly across partners. Default: `peerHost`. */
  partnerId?: string
  /** The request carried OC-Supported-Features. */
  doic: boolean
  /** Its network is known (by agreement) to give up NAS low priority devices first when it abates; default: at random. */
  lowPriority?: boolean
}

export type AdmissionDecision = { admit: true; heldMs: number } | { admit: false; reason: 'storm' | 'busy' }

export interface AdmissionOptions {
  clock: Clock
  /** Completed registrations that no sliding second may exceed. */
  capacityPerSecond: number
  /** How long a critical request may wait; an MME waits 6 s for its answer. Default 5,000. */
  holdCriticalMs?: number
  /** Waiting requests per class. Default: core/limits. */
  limits?: Partial<AdmissionLimits>
  /** Uniform in [0, 1). */
  random: () => number
  /** First sequence number of overload reports; must exceed every one used before, wall time for one. */
  firstSequence?: bigint
  /** We are the only HSS of our realm: requests routed by realm are reported on too. Default true. */
  onlyHssOfRealm?: boolean
}

export interface AdmissionLimits {
  heldPerClass: number
  countersPerMap: number
  /** A request of these classes waits at most so long. */
  holdStandardMs: number
  holdDeferrableMs: number
  /** Share of starts that a lower class gets while a higher one waits: no class is starved altogether. */
  lowerClassShare: number
  /** Share of starts that partners whose AIRs are never followed by a ULR get together while others wait. */
  unproductiveShare: number
}

export type PerClass = Record<SubscriptionClass, number>

/** One second of one class. `offered`, `admitted`, `rejected`, `held` count openings; `completed` registrations. */
export interface AdmissionSecond {
  /** Wall time, ms, of its start. */
  at: number
  offered: PerClass
  admitted: PerClass
  rejected: PerClass
  held: PerClass
  completed: PerClass
}

export interface AdmissionSnapshot {
  capacityPerSecond: number
  /** Requests that wait now, AIRs and opening ULRs. */
  waiting: PerClass
  /** ULRs of admitted AIRs that wait for their turn. */
  waitingUlrs: number
  inFlight: number
  completedLastSecond: number
  /** Most completions that any sliding second had since the start. */
  peakCompleted: number
  /** Seconds with any traffic within the last hour, oldest first. */
  series: readonly AdmissionSecond[]
  /** Devices that tried since the present or last storm began; null when there was none: 20 held or refused make one. */
  storm: AdmissionStorm | null
}

export interface AdmissionStorm {
  /** Wall time, ms. */
  since: number
  /** null while it lasts. */
  until: number | null
  devices: PerClass
  back: PerClass
  /** Seconds from a device's first attempt to its registration, of those that are back; null where none is. */
  p50: Record<SubscriptionClass, number | null>
  p95: Record<SubscriptionClass, number | null>
}

export interface Admission {
  /**
   * Decides at once where there is room (or none to come), else holds. Every AIR that is let pass reserves the
   * capacity of its ULR, so that ULR is always admitted.
   */
  offer(request: AdmissionRequest, decide: (decision: AdmissionDecision) => void): void
  /** The registration is done: its ULA leaves now. */
  completed(imsi: string): void
  /** An admitted ULR ended otherwise: refused, or the store failed. */
  failed(imsi: string): void
  /** The report for answers to this Origin-Host, where its request carried OC-Supported-Features; null: none. */
  olrFor(peerHost: string): OverloadReport | null
  snapshot(): AdmissionSnapshot
  /** Acts at once; what was admitted stays admitted. */
  setCapacity(capacityPerSecond: number): void
  /** Answers everything that waits with `busy` and stops the timer. */
  close(): void
}
