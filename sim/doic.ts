import type { Clock } from '#core/clock.ts'
import type { Random } from '#core/random.ts'
import type { MmeKind } from './world.ts'

/**
 * The reacting node of DOIC (RFC 7683 §5) as an MME plays it: the decision is taken once per attach, before its AIR,
 * because a registration is an AIR and its ULR (TS 23.401 §4.3.7.4.2 has the MME refuse at NAS level).
 */

/** An OC-OLR as received. */
export interface OverloadReport {
  sequence: bigint
  /** 0 host, 1 realm (RFC 7683 §7.6). */
  reportType: number
  /** Percent. */
  reduction: number
  /** Default 30 s (RFC 7683 §7.5); 0 ends the report. */
  validitySeconds: number
}

export interface DoicClient {
  /** Whether requests carry OC-Supported-Features. */
  readonly announces: boolean
  /** Takes a report from `reporter` (the answer's Origin-Host). An older or equal sequence number changes nothing. */
  learn(reporter: string, report: OverloadReport): void
  /** The reduction in force, percent: of host and realm reports the greater, since an attach needs both kinds of request. */
  readonly reduction: number
  /** Whether an attach may go to the HSS. Counts it as an arrival. */
  admits(nasLowPriority: boolean): boolean
}

interface Held {
  sequence: bigint
  reduction: number
  untilMs: number
}

/** RFC 7683 §7.5: a longer validity is not a report. */
const longestValiditySeconds = 86_400

export function createDoicClient(kind: MmeKind, clock: Clock, random: Random): DoicClient {
  const reports = new Map<string, Held>()
  const mix = createMix()

  const reduction = (): number => {
    const now = clock.monotonicMs()
    let greatest = 0
    for (const held of reports.values()) if (held.untilMs > now) greatest = Math.max(greatest, held.reduction)
    return greatest
  }

  return {
    announces: kind !== 'plain',
    learn(reporter, report) {
      if (kind === 'plain' || report.validitySeconds > longestValiditySeconds || report.reduction > 100) return
      const key = `${report.reportType} ${reporter}`
      const held = reports.get(key)
      if (held !== undefined && report.sequence <= held.sequence) return
      const untilMs = clock.monotonicMs() + report.validitySeconds * 1000
      reports.set(key, { sequence: report.sequence, reduction: report.reduction, untilMs })
    },
    get reduction() {
      return reduction()
    },
    admits(nasLowPriority) {
      mix.add(nasLowPriority)
      const share = kind === 'plain' ? 0 : reduction() / 100
      if (share === 0) return true
      const abated = kind === 'random-abating' ? share : mix.abatedShare(share, nasLowPriority)
      return random.next() >= abated
    },
  }
}

interface Mix {
  add(nasLowPriority: boolean): void
  /** With which probability one of this kind is abated, so that `share` of all arrivals is, low priority first. */
  abatedShare(share: number, nasLowPriority: boolean): number
}

/** How many of the latest arrivals were low priority: an exponential mean over about 200 of them. */
function createMix(): Mix {
  let low = 0.5
  return {
    add(nasLowPriority) {
      low += ((nasLowPriority ? 1 : 0) - low) / 200
    },
    abatedShare(share, nasLowPriority) {
      if (nasLowPriority) return low === 0 ? 1 : Math.min(1, share / low)
      return low >= 1 ? 0 : Math.max(0, (share - low) / (1 - low))
    },
  }
}
