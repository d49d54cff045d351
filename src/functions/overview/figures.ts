import type { Action, Reason } from '#guard/verdict.ts'
import { reasons } from '#guard/verdict.ts'
import type { Overview } from '#platform/http/schemas/overview.ts'
import { latencyQuantile } from '#platform/latency.ts'
import type { Ports } from '#platform/ports.ts'
import type { SignalHistory } from '#platform/recorder.ts'
import { seriesFor } from '#platform/signal-counts.ts'

/** What the figures are read from. */
export interface Sources {
  history: SignalHistory
  ports: Readonly<Partial<Ports>>
  targets: { attach: number; latencyMs: number }
  now: number
}

type Load = NonNullable<Overview['load']>

/** Steps of the load chart by window: 150 to 360 points each. */
const stepS = { 300: 2, 3600: 15, 86400: 240 } as const
export type WindowS = keyof typeof stepS
const verdictBuckets = 60
const sparkPoints = 20
const minuteMs = 60_000

export function readouts({ history, ports, targets, now }: Sources, windowS: WindowS): Overview['readouts'] {
  const windowMs = windowS * 1_000
  const { counts } = history
  const load = seriesFor(counts.load, windowMs)
  const minute = counts.load.fine.totals(now, minuteMs)
  const asked = minute.good + minute.bad
  const admission = ports.admission?.snapshot()
  const world = ports.demo?.world() ?? null
  const storm = admission?.storm ?? null
  return {
    registrationsPerSecond: perSecond(counts.load.fine, now, 5),
    capacity: admission?.capacityPerSecond ?? null,
    attachSuccess: asked === 0 ? null : minute.good / asked,
    attachObjective: targets.attach,
    answerP99Ms: latencyQuantile(counts.latency.fine.totals(now, minuteMs), 0.99),
    answerObjectiveMs: targets.latencyMs,
    vectorsToUnproven: load.sum(now, windowMs, 'unproven'),
    vectors: load.sum(now, windowMs, 'vectors'),
    criticalBack: world?.criticalBack ?? storm?.back.critical ?? null,
    criticalTotal: world?.criticalTotal ?? storm?.devices.critical ?? null,
    criticalP95S: world === null ? (storm?.p95.critical ?? null) : world.criticalP95S,
    devicesInT3402: world?.devicesInT3402 ?? null,
  }
}

/** Registrations per second over the last whole seconds: the present one is not over. */
function perSecond(
  series: { buckets(now: number, windowMs: number, count: number, column: 'critical' | 'standard' | 'deferrable'): number[] },
  now: number,
  seconds: number,
): number {
  const total = (['critical', 'standard', 'deferrable'] as const)
    .flatMap((column) => series.buckets(now, (seconds + 1) * 1_000, seconds + 1, column).slice(0, seconds))
    .reduce((sum, count) => sum + count, 0)
  return total / seconds
}

export function loadChart({ history, ports, now }: Sources, windowS: WindowS): Load {
  const step = stepS[windowS]
  const windowMs = windowS * 1_000
  const count = windowS / step
  const series = seriesFor(history.counts.load, windowMs)
  // Steps stand on multiples of the clock: a point that is over does not change any more.
  const end = (Math.floor(now / (step * 1_000)) + 1) * step * 1_000
  const columns = (['critical', 'standard', 'deferrable', 'offered', 'rejected'] as const).map(
    (column) => [column, series.buckets(end - 1, windowMs, count, column)] as const,
  )
  const points = Array.from({ length: count }, (_, i) => ({
    at: end - (count - i) * step * 1_000,
    ...(Object.fromEntries(columns.map(([column, values]) => [column, (values[i] ?? 0) / step])) as Record<
      (typeof columns)[number][0],
      number
    >),
  }))
  const computed = ports.demo?.computed() ?? null
  return {
    stepS: step,
    capacity: ports.admission?.snapshot().capacityPerSecond ?? null,
    points,
    computed:
      computed === null
        ? null
        : { ...computed, points: computed.points.filter(({ at }) => at >= now - windowMs).map((point) => ({ ...point })) },
  }
}

const actions = ['allow', 'hold', 'challenge', 'reject', 'drop', 'sinkhole', 'home-route'] as const satisfies readonly Action[]

/** What was judged, by verdict; the verdicts that did not occur are left out. */
export function verdicts({ history, now }: Sources, windowS: WindowS): Overview['verdicts'] {
  const windowMs = windowS * 1_000
  const series = seriesFor(history.counts.verdicts, windowMs)
  const totals = series.totals(now, windowMs)
  const rows: Overview['verdicts'] = []
  for (const action of actions) {
    for (const reason of reasons) {
      const column = `${action}/${reason}` as const
      const count = totals[column]
      if (count === 0) continue
      rows.push({ reason, action, answer: mostGiven(history, column), count, when: series.buckets(now, windowMs, verdictBuckets, column) })
    }
  }
  return rows.toSorted((a, b) => b.count - a.count)
}

function mostGiven({ counts }: SignalHistory, column: `${Action}/${Reason}`): number | null {
  const codes = counts.answers.peek(column)
  let best: number | null = null
  for (const code of codes?.keys() ?? []) {
    if (best === null || (codes?.peek(code)?.count ?? 0) > (codes?.peek(best)?.count ?? 0)) best = code
  }
  return best
}

/** Partners with their figures, those that need a look first. */
export function partnerFigures({ history, ports, targets, now }: Sources, windowS: WindowS): Overview['partners'] {
  const windowMs = windowS * 1_000
  const links = ports.links?.links() ?? []
  const peers = ports.network?.peers() ?? []
  const rows = (ports.network?.partners() ?? []).map(({ id, name, plmns, realms, via }) => {
    const both = history.counts.partners.peek(id)
    const series = both === undefined ? undefined : seriesFor(both, windowMs)
    const totals = series?.totals(now, windowMs)
    const asked = (totals?.good ?? 0) + (totals?.bad ?? 0)
    const success = totals === undefined || asked === 0 ? null : totals.good / asked
    const own = new Set(realms.map((realm) => realm.toLowerCase()))
    const carriers = peers.filter((peer) => via.includes(peer.id) || peer.realms.some((realm) => own.has(realm.toLowerCase())))
    const isUp = carriers.some((peer) => links.some((link) => link.peerId === peer.id && link.up))
    return {
      id,
      name,
      plmns: [...plmns],
      state: partnerState({
        isUp,
        isWatched: ports.links !== undefined && carriers.length > 0,
        refused: totals?.refused ?? 0,
        success,
        objective: targets.attach,
      }),
      registrationsPerSecond: (totals?.registrations ?? 0) / windowS,
      success,
      p95Ms: totals === undefined ? null : latencyQuantile(totals, 0.95),
      spark: series?.buckets(now, windowMs, sparkPoints, 'registrations') ?? new Array<number>(sparkPoints).fill(0),
    }
  })
  const order = ['refused', 'attention', 'unknown', 'ok']
  return rows.toSorted(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.success ?? 1) - (b.success ?? 1) || a.name.localeCompare(b.name),
  )
}

function partnerState(of: {
  isUp: boolean
  isWatched: boolean
  refused: number
  success: number | null
  objective: number
}): Overview['partners'][number]['state'] {
  if (of.isWatched && !of.isUp) return 'refused'
  if (of.refused > 0 || (of.success !== null && of.success < of.objective)) return 'attention'
  return of.success === null ? 'unknown' : 'ok'
}
