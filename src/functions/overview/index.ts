import type { Timer } from '#core/clock.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import { storeLatency } from '#platform/http/health.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { Overview } from '#platform/http/schemas/overview.ts'
import { loadChart, partnerFigures, readouts, type Sources, verdicts, type WindowS } from './figures.ts'
import { needsYou, verdictOf } from './verdict.ts'

const { getOverview } = operations
const tickMs = 1_000
const shownAlarms = 20

type OverviewContext = FunctionContext<'store' | 'history', never>

/** The answer, its evidence, and what needs a person. Counts nothing itself: it reads what others count. */
export const overviewFunction = defineFunction({
  name: 'overview',
  config: ['attachObjective', 'latencyObjectiveMs'],
  provides: [],
  needs: ['store', 'history'],
  controls: [],
  routes: [getOverview],
  navigation: [{ id: 'overview', path: '/', order: 10 }],
  metrics: [],
  async start(ctx) {
    const { clock } = ctx
    const sourcesNow = (): Sources => ({
      history: ctx.ports.history,
      ports: ctx.optional,
      targets: { attach: ctx.config.attachObjective, latencyMs: ctx.config.latencyObjectiveMs },
      now: clock.now(),
    })
    // null: the store did not answer; undefined: not asked yet.
    let latencyMs: number | null | undefined
    const measure = (): Promise<number | null> => storeLatency(ctx.ports.store, () => clock.monotonicMs())
    let timer: Timer
    let running: Promise<void> = Promise.resolve()
    let isClosed = false
    const tick = (): void => {
      running = measure().then((measured) => {
        latencyMs = measured
        publish(ctx, sourcesNow(), measured)
        if (!isClosed) timer = clock.after(tickMs, tick)
      })
    }
    timer = clock.after(0, tick)
    ctx.serve(getOverview, async ({ query }) => {
      if (latencyMs === undefined) latencyMs = await measure()
      return overviewOf(ctx, sourcesNow(), query.windowS ?? 300, latencyMs)
    })
    return {
      async [Symbol.asyncDispose]() {
        isClosed = true
        timer.cancel()
        await running
      },
    }
  },
})

/** Only while somebody may be looking. */
function publish(ctx: OverviewContext, sources: Sources, latencyMs: number | null): void {
  if (!ctx.events.wanted({ operator: true })) return
  const { at, verdict, readouts: figures } = overviewOf(ctx, sources, 300, latencyMs)
  ctx.events.publish('overview', { at, verdict, readouts: figures })
}

function overviewOf(ctx: OverviewContext, sources: Sources, windowS: WindowS, latencyMs: number | null): Overview {
  const { ports, now } = sources
  const rows = verdicts(sources, windowS)
  const verification = ports.ledgerStatus?.verification() ?? null
  const part = {
    readouts: readouts(sources, windowS),
    verdicts: rows,
    judged: rows.reduce((sum, { count }) => sum + count, 0),
    ledger: { verifiedAt: verification?.at ?? null, ok: verification?.ok ?? null },
    store: { engine: ctx.ports.store.engine, latencyMs },
  }
  return {
    ...part,
    at: now,
    windowS,
    verdict: verdictOf(part),
    load: loadChart(sources, windowS),
    events: (ports.demo?.events() ?? [])
      .filter(({ at }) => at >= now - windowS * 1_000)
      .map(({ at, key, params }) => ({ at, key, params })),
    partners: partnerFigures(sources, windowS),
    alarms: (ports.alarms?.standing() ?? []).slice(0, shownAlarms).map(({ providerId: _providerId, ...alarm }) => alarm),
    controls: ports.controls?.counts() ?? {
      met: 0,
      attested: 0,
      notMet: 0,
      unknown: 0,
      offered: 0,
      notOffered: 0,
      notApplicable: 0,
      total: 0,
    },
    needsYou: needsYou(ports, now),
  }
}
