import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { alertReached, isCutOff, periodOf } from '#domain/rate-plan.ts'
import type { Ports } from '#platform/ports.ts'
import { say } from '#platform/text.ts'
import type { UsageRecord } from '#platform/usage.ts'
import type { Scope, Tx } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { byQuota, type Counted, countRecords, quotaActor, readSims, type SimOnPlan } from './counting.ts'

/** Who is cut off is looked at again: a plan may have been raised, or a SIM moved to another one. */
const reconsiderEveryMs = 60_000

export interface Meter extends AsyncDisposable {
  /** Counts within a scope: what is another tenant's is unknown. One transaction for each chunk. */
  count(records: readonly UsageRecord[], scope: Scope): Promise<Counted>
  /** Lets in who was cut off and is within a plan again; of one plan, or of all. Resolves to how many. */
  reconsider(planId: string | null): Promise<number>
  /** Serving nodes of those that were cut off or let in have been told; for tests and the end. */
  settled(): Promise<void>
}

export interface MeterOptions {
  ledger: Ledger
  clock: Clock
  log: Logger
  ports: Readonly<Partial<Ports>>
}

interface CutOffRow {
  imsi: string
  period_start: Date
  period_end: Date
  total: bigint
}

/** Counts what SIMs use and acts on the thresholds of their plans, whoever brings the records. */
export function createMeter(options: MeterOptions): Meter {
  const { ledger, clock, log, ports } = options
  let telling: Promise<unknown> = Promise.resolve()
  let closed = false
  let timer: Timer | undefined

  /** Told behind the caller's back: a slow partner must not hold up the records. */
  function tell(imsis: readonly string[]): void {
    const { changes } = ports
    if (imsis.length === 0 || changes === undefined) return
    telling = Promise.all([
      telling,
      changes.announce(imsis).catch((error: unknown) => log.warn({ err: error }, 'serving nodes were not told of a quota')),
    ])
  }

  async function count(records: readonly UsageRecord[], scope: Scope): Promise<Counted> {
    const total: Counted = { recorded: 0, duplicates: 0, unknown: [], bytes: 0, cutOff: [], critical: [] }
    for (let from = 0; from < records.length; from += limits.usage.chunk) {
      const chunk = records.slice(from, from + limits.usage.chunk)
      const counted = await ledger.record(
        async (tx, note) => {
          const result = await countRecords(tx, chunk, { now: clock.now(), scope, changes: ports.changes, notices: ports.notices })
          for (const [providerId, sims] of Map.groupBy(result.cutOff, (sim) => sim.provider_id))
            note({ kind: 'usage-cut-off', actor: quotaActor, providerId, body: { sims: sims.map(({ id }) => id) } })
          return result
        },
        { scope, priority: 'job' },
      )
      total.recorded += counted.recorded
      total.duplicates += counted.duplicates
      total.bytes += counted.bytes
      total.unknown.push(...counted.unknown)
      total.cutOff.push(...counted.cutOff)
      total.critical.push(...counted.critical)
      tell(counted.cutOff.map(({ imsi }) => imsi))
      for (const sim of counted.critical) raiseAlarm(ports, sim)
    }
    return total
  }

  async function reconsider(planId: string | null): Promise<number> {
    let after: Place = { end: new Date(clock.now()), imsi: '' }
    let letIn = 0
    for (;;) {
      const step = await ledger.record((tx, note) => reconsiderSome(tx, note, { planId, after, now: clock.now(), ports }), {
        scope: { operator: true },
        priority: 'job',
      })
      tell(step.imsis)
      letIn += step.imsis.length
      if (step.last === null || closed) return letIn
      after = step.last
    }
  }
  const look = (): void => {
    timer = clock.after(reconsiderEveryMs, look)
    telling = Promise.all([
      telling,
      reconsider(null).catch((error: unknown) => log.warn({ err: error }, 'who is cut off is looked at again later')),
    ])
  }
  timer = clock.after(reconsiderEveryMs, look)

  return {
    count,
    reconsider,
    async settled() {
      await telling
    },
    async [Symbol.asyncDispose]() {
      closed = true
      timer?.cancel()
      await telling
    },
  }
}

/** How far a round has come: those whose period ends first come first. */
interface Place {
  end: Date
  imsi: string
}

type Note = Parameters<Parameters<Ledger['record']>[0]>[1]

async function reconsiderSome(
  tx: Tx,
  note: Note,
  { planId, after, now, ports }: { planId: string | null; after: Place; now: number; ports: Readonly<Partial<Ports>> },
): Promise<{ imsis: string[]; last: Place | null }> {
  const { rows } = await tx.query<CutOffRow>(
    `SELECT imsi, period_start, period_end, total FROM usage_counter
      WHERE cut_off_at IS NOT NULL AND (period_end, imsi) > ($1, $2) AND ($3::uuid IS NULL OR plan_id = $3::uuid)
      ORDER BY period_end, imsi LIMIT ${limits.usage.reconsidered}`,
    [after.end, after.imsi, planId],
  )
  const end = rows.at(-1)
  const last = rows.length < limits.usage.reconsidered || end === undefined ? null : { end: end.period_end, imsi: end.imsi }
  const { changes } = ports
  if (rows.length === 0 || changes === undefined) return { imsis: [], last: null }
  const sims = await readSims(
    tx,
    rows.map(({ imsi }) => imsi),
  )
  const free = rows.flatMap((row) => {
    const sim = sims.get(row.imsi)
    return sim === undefined || isStillOver(sim, row, now) ? [] : [{ sim, row }]
  })
  if (free.length === 0) return { imsis: [], last }
  await changes.apply(
    tx,
    { kind: 'lift', reason: 'quota' },
    free.map(({ sim }) => sim.id),
    byQuota({ operator: true }),
  )
  await tx.query(
    `UPDATE usage_counter c SET cut_off_at = NULL, alerted = v.alerted
       FROM unnest($1::text[], $2::timestamptz[], $3::int[]) AS v (imsi, period_start, alerted)
      WHERE c.imsi = v.imsi AND c.period_start = v.period_start`,
    [
      free.map(({ sim }) => sim.imsi),
      free.map(({ row }) => row.period_start),
      free.map(({ sim, row }) => (sim.plan === null ? 0 : alertReached(sim.plan, Number(row.total)))),
    ],
  )
  for (const [providerId, group] of Map.groupBy(free, ({ sim }) => sim.provider_id))
    note({ kind: 'usage-let-in', actor: quotaActor, providerId, body: { sims: group.map(({ sim }) => sim.id) } })
  return { imsis: free.map(({ sim }) => sim.imsi), last }
}

/** By the plan that the SIM is on now, in the period that this plan has now. */
function isStillOver(sim: SimOnPlan, row: CutOffRow, now: number): boolean {
  if (sim.plan === null || sim.class === 'critical') return false
  return periodOf(sim.plan, now).start === row.period_start.getTime() && isCutOff(sim.plan, Number(row.total))
}

/** One alarm for each plan, so that a fleet does not fill the book. */
function raiseAlarm({ alarms }: Readonly<Partial<Ports>>, sim: SimOnPlan): void {
  const params = { plan: sim.plan_name ?? '', imsi: sim.imsi }
  alarms?.raise({
    key: `usage-critical:${sim.plan_id}`,
    kind: 'usage-critical',
    severity: 'major',
    source: 'plans',
    title: say('alarm.usage-critical', params),
    cause: say('alarm.usage-critical.cause', params),
    action: say('alarm.usage-critical.action', params),
    providerId: sim.provider_id,
    imsi: sim.imsi,
  })
}
