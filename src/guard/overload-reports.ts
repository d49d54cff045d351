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
  random: () => number
  firstSequence: bigint
  onlyHssOfRealm: boolean
}

/** Requests are counted over this span before a reduction is computed. */
const spanMs = 3_000
const criticalSeenMs = 60_000
/** A client that abates at random cannot see our classes: what it gives up gets the long timer (TS 24.301 §5.5.1.2.5). */
const randomLimit = { withCritical: 5, withoutCritical: 30 } as const
const mostReduction = 90
/** Of the share of deferrable devices behind a client that gives up NAS low priority first, so much is asked for. */
const ofDeferrable = 0.9

interface Host {
  doic: boolean
  lowPriority: boolean
  criticalAt: number
  report: (OverloadReport & { until: number }) | null
  evaluatedAt: number
  meter: Meter
}

/** Offers of the running span and rates of the last whole one. */
class Meter {
  #since = 0
  #all = 0
  #deferrable = 0
  perSecond = 0
  deferrableShare = 0

  note(isDeferrable: boolean, now: number): void {
    this.roll(now)
    this.#all += 1
    if (isDeferrable) this.#deferrable += 1
  }

  roll(now: number): void {
    const elapsed = now - this.#since
    if (elapsed < spanMs) return
    const isStale = elapsed >= spanMs * 2
    this.perSecond = isStale ? 0 : (this.#all * 1_000) / elapsed
    this.deferrableShare = isStale || this.#all === 0 ? 0 : this.#deferrable / this.#all
    this.#since = now
    this.#all = 0
    this.#deferrable = 0
  }
}

/**
 * The reporting node of RFC 7683, by the loss algorithm. A client sees neither our classes nor our queue, so the
 * reduction asked of it never reaches the critical devices behind it: at most the deferrable share where it gives up
 * low priority first, and a few percent where it chooses at random.
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

  /** Percent by which all clients together send too much; what they hold back already is counted in. */
  const excess = (host: Host): number => {
    const kept = 1 - (host.report?.reduction ?? 0) / 100
    const unabated = total.perSecond + host.meter.perSecond * (1 / kept - 1)
    return unabated <= 0 ? 0 : Math.max(0, 100 * (1 - options.capacityPerSecond() / unabated))
  }

  const evaluate = (host: Host, now: number): void => {
    if (now - host.evaluatedAt < 1_000) return
    host.evaluatedAt = now
    total.roll(now)
    host.meter.roll(now)
    const reduction = Math.floor(Math.min(excess(host), limitOf(host, now), mostReduction))
    const current = host.report
    if (reduction < 1) {
      if (current === null) return
      if (current.validitySeconds > 0) host.report = { ...makeReport(0, 0, now), until: current.until }
      else if (now >= current.until) host.report = null
      return
    }
    const isStale = current === null || current.validitySeconds === 0 || current.until - now < current.validitySeconds * 500
    if (isStale || Math.abs(current.reduction - reduction) >= 5) {
      host.report = makeReport(reduction, 10 + Math.floor(options.random() * 11), now)
    }
  }

  return {
    note(offer, now) {
      total.note(offer.class === 'deferrable', now)
      if (!offer.doic) return
      let host = hosts.get(offer.peerHost)
      if (host === undefined) {
        host = { doic: true, lowPriority: false, criticalAt: Number.NEGATIVE_INFINITY, report: null, evaluatedAt: 0, meter: new Meter() }
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

function limitOf(host: Host, now: number): number {
  if (!host.lowPriority) return now - host.criticalAt < criticalSeenMs ? randomLimit.withCritical : randomLimit.withoutCritical
  // What it holds back is deferrable: put it back before taking the share.
  const abated = (host.report?.reduction ?? 0) / 100
  const share = abated + (1 - abated) * host.meter.deferrableShare
  return 100 * share * ofDeferrable
}
