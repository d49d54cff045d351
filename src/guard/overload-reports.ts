import { LruMap } from '#core/lru.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'

/** One OC-OLR (RFC 7683 §7.3), as the controller decides it. */
export interface OverloadReport {
  /** Rises with every change, also across restarts (RFC 7683 §7.4). */
  sequence: bigint
  /** Percent of the traffic that the client would otherwise send. */
  reduction: number
  /** 0 ends the condition (RFC 7683 §7.5). */
  validitySeconds: number
  reportTypes: readonly ('host' | 'realm')[]
}

export interface OverloadController {
  /** One request that would open a registration, and whether its client understands reports. Times: monotonic ms. */
  note(offer: { peerHost: string; class: SubscriptionClass; doic: boolean; lowPriority?: boolean }, now: number): void
  reportFor(peerHost: string, now: number): OverloadReport | null
}

export interface OverloadOptions {
  capacityPerSecond: () => number
  /** True while critical devices wait or were refused: nothing is asked of anybody that could hit one of them. */
  criticalWaits: () => boolean
  random: () => number
  firstSequence: bigint
  onlyHssOfRealm: boolean
}

/** A figure stands for at least so long and so many requests, or for the longer span. */
const span = { ms: 1_000, requests: 20, longestMs: 5_000 } as const
const evaluateEveryMs = 500
/** A client counts as one with critical devices behind it until none has come for so long. */
const criticalSeenMs = 60_000
/**
 * A client that abates at random cannot see our classes, and what it gives up gets the long timer of 15 to 30 minutes
 * (T3346: TS 24.301 §5.3.9); one that gives up NAS low priority first harms nobody else up to their share.
 */
const most = { randomWithCritical: 5, random: 30, lowPriorityFirst: 40 } as const
const ofDeferrable = 75
/** Long enough to matter, short enough not to outlast the wave that it answers (T3411 is 10 s). */
const validity = { least: 4, spread: 5 } as const

interface Host {
  lowPriority: boolean
  criticalAt: number
  report: (OverloadReport & { until: number }) | null
  evaluatedAt: number
  meter: Meter
}

/** Rate and share of deferrable devices of the last whole span; the share is the lesser of the last two. */
class Meter {
  #since = 0
  #all = 0
  #deferrable = 0
  #formerShare = 0
  #share = 0
  perSecond = 0

  get deferrableShare(): number {
    return Math.min(this.#share, this.#formerShare)
  }

  note(isDeferrable: boolean, now: number): void {
    this.roll(now)
    this.#all += 1
    if (isDeferrable) this.#deferrable += 1
  }

  roll(now: number): void {
    const elapsed = now - this.#since
    if (elapsed < span.ms || (this.#all < span.requests && elapsed < span.longestMs)) return
    const isStale = elapsed > span.longestMs * 2
    this.perSecond = isStale ? 0 : (this.#all * 1_000) / elapsed
    this.#formerShare = isStale ? 0 : this.#share
    this.#share = isStale || this.#all === 0 ? 0 : this.#deferrable / this.#all
    this.#since = now
    this.#all = 0
    this.#deferrable = 0
  }
}

/**
 * The reporting node of RFC 7683, by the loss algorithm. A client sees neither our classes nor our queue, so what is
 * asked of it must not reach the critical devices behind it: a part of the deferrable share that still arrives where
 * it gives up low priority first, a few percent where it chooses at random, and nothing while critical devices wait.
 */
export function createOverloadController(options: OverloadOptions): OverloadController {
  const hosts = new LruMap<string, Host>(4_096)
  const total = new Meter()
  let sequence = options.firstSequence
  const reportTypes: OverloadReport['reportTypes'] = options.onlyHssOfRealm ? ['host', 'realm'] : ['host']

  const makeReport = (reduction: number, validitySeconds: number, now: number) => {
    sequence += 1n
    return { sequence, reduction, validitySeconds, reportTypes, until: now + validitySeconds * 1_000 }
  }

  /** Percent by which all clients together send too much; what this one holds back already is counted in. */
  const excess = (host: Host): number => {
    const kept = 1 - (host.report?.reduction ?? 0) / 100
    const unabated = total.perSecond + host.meter.perSecond * (1 / kept - 1)
    return unabated <= 0 ? 0 : Math.max(0, 100 * (1 - options.capacityPerSecond() / unabated))
  }

  const evaluate = (host: Host, now: number): void => {
    const current = host.report
    if (current !== null && current.validitySeconds === 0 && now >= current.until) host.report = null
    if (now - host.evaluatedAt < evaluateEveryMs) return
    host.evaluatedAt = now
    total.roll(now)
    host.meter.roll(now)
    const reduction = options.criticalWaits() ? 0 : Math.floor(Math.min(excess(host), limitOf(host, now)))
    if (reduction < 1) {
      // Told until the former report would have ended by itself (RFC 7683 §7.5).
      if (current !== null && current.validitySeconds > 0)
        host.report = now < current.until ? { ...makeReport(0, 0, now), until: current.until } : null
      return
    }
    const isOld = current === null || current.validitySeconds === 0 || current.until - now < current.validitySeconds * 500
    if (isOld || Math.abs(current.reduction - reduction) >= 2) {
      host.report = makeReport(reduction, validity.least + Math.floor(options.random() * validity.spread), now)
    }
  }

  return {
    note(offer, now) {
      total.note(offer.class === 'deferrable', now)
      if (!offer.doic) return
      let host = hosts.get(offer.peerHost)
      if (host === undefined) {
        host = { lowPriority: false, criticalAt: now, report: null, evaluatedAt: 0, meter: new Meter() }
        hosts.set(offer.peerHost, host)
      }
      host.lowPriority = offer.lowPriority === true
      if (offer.class === 'critical') host.criticalAt = now
      host.meter.note(offer.class === 'deferrable', now)
    },
    reportFor(peerHost, now) {
      const host = hosts.get(peerHost)
      if (host === undefined) return null
      evaluate(host, now)
      if (host.report === null) return null
      const { until: _, ...report } = host.report
      return report
    },
  }
}

/**
 * Of the share that arrives, abatement taken off already, a part: always less than what the client sees itself, and 0
 * as soon as no deferrable device comes any more.
 */
function limitOf(host: Host, now: number): number {
  if (host.lowPriority) return Math.min(most.lowPriorityFirst, host.meter.deferrableShare * ofDeferrable)
  return now - host.criticalAt < criticalSeenMs ? most.randomWithCritical : most.random
}
