import { Readable } from 'node:stream'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { periodOf, type RatePlan } from '#domain/rate-plan.ts'
import type { Call } from '#platform/http/route.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { SimUsage, TopRow } from '#platform/http/schemas/plans.ts'
import { isUuid } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'
import { csvLine } from './csv.ts'
import { bodyView, type PlanRow, readPlan } from './plans.ts'

type Operations = typeof operations

interface CounterRow {
  imsi: string
  label: string | null
  class: string
  bytes_up: bigint
  bytes_down: bigint
  total: bigint
  cut_off_at: Date | null
  changed_at: Date
}

/** Those that used most first, from `after` on. */
async function readTop(
  db: TenantDb,
  plan: PlanRow,
  { now, limit, after }: { now: number; limit: number; after?: { total: bigint; imsi: string } },
): Promise<CounterRow[]> {
  const { rows } = await db.query<CounterRow>(
    `SELECT c.imsi, s.label, s.class, c.bytes_up, c.bytes_down, c.total, c.cut_off_at, c.changed_at
       FROM usage_counter c JOIN subscription s ON s.imsi = c.imsi
      WHERE c.provider_id = $1 AND c.plan_id = $2 AND c.period_start = $3
        AND ($4::int8 IS NULL OR c.total < $4::int8 OR (c.total = $4::int8 AND c.imsi > $5))
      ORDER BY c.total DESC, c.imsi LIMIT ${limit}`,
    [plan.provider_id, plan.id, new Date(periodOf(plan.body, now).start), after?.total ?? null, after?.imsi ?? ''],
  )
  return rows
}

export async function topUsage({ db, params, query }: Call<Operations['listTopUsage']>, now: number): Promise<{ items: TopRow[] }> {
  const plan = await readPlan(db, params.id)
  const rows = await readTop(db, plan, { now, limit: query.limit ?? 20 })
  return {
    items: rows.map((row) => ({
      imsi: row.imsi,
      label: row.label,
      class: row.class,
      bytesUp: Number(row.bytes_up),
      bytesDown: Number(row.bytes_down),
      percent: percentOf(plan.body, row.total),
      cutOffAt: row.cut_off_at?.getTime() ?? null,
      changedAt: row.changed_at.getTime(),
    })),
  }
}

function percentOf({ includedBytes }: RatePlan, total: bigint): number {
  return Number((total * 1_000n) / BigInt(includedBytes)) / 10
}

/** Read in pages as the client takes it. */
export async function usageFile({ db, params }: Call<Operations['exportUsage']>, now: number): Promise<Readable> {
  const plan = await readPlan(db, params.id)
  return Readable.from(fileLines(db, plan, now))
}

async function* fileLines(db: TenantDb, plan: PlanRow, now: number): AsyncGenerator<string> {
  const { start, end } = periodOf(plan.body, now)
  yield csvLine(['imsi', 'label', 'class', 'bytes_up', 'bytes_down', 'percent', 'cut_off_at', 'period_start', 'period_end'])
  const [from, to] = [new Date(start).toISOString(), new Date(end).toISOString()]
  let after: { total: bigint; imsi: string } | undefined
  for (let sent = 0; sent < limits.usage.exportRows; ) {
    const rows = await readTop(db, plan, { now, limit: limits.usage.chunk, ...(after === undefined ? {} : { after }) })
    for (const row of rows)
      yield csvLine([
        row.imsi,
        row.label,
        row.class,
        String(row.bytes_up),
        String(row.bytes_down),
        percentOf(plan.body, row.total),
        row.cut_off_at?.toISOString() ?? null,
        from,
        to,
      ])
    const last = rows.at(-1)
    if (rows.length < limits.usage.chunk || last === undefined) return
    after = last
    sent += rows.length
  }
}

interface SimRow {
  imsi: string
  plan_id: string | null
  plan_name: string | null
  plan: RatePlan | null
}

interface PeriodRow {
  period_start: Date
  period_end: Date
  bytes_up: bigint
  bytes_down: bigint
  total: bigint
  alerted: number
  cut_off_at: Date | null
  changed_at: Date
}

const periodsShown = 13

export async function simUsage({ db, params }: Call<Operations['getSimUsage']>, now: number): Promise<SimUsage> {
  const { id } = params
  const column = /^\d{6,15}$/.test(id) ? 'imsi' : 'id'
  const found =
    column === 'imsi' || isUuid(id)
      ? await db.query<SimRow>(
          `SELECT s.imsi, s.plan_id, p.name AS plan_name, p.body AS plan
             FROM subscription s LEFT JOIN rate_plan p ON p.id = s.plan_id WHERE s.${column} = $1`,
          [id],
        )
      : { rows: [] }
  const [sim] = found.rows
  if (sim === undefined) throw new OperationError('sim-unknown', 404, `there is no SIM ${id.slice(0, 64)}`)
  const { start, end } = periodOf(sim.plan, now)
  const { rows } = await db.query<PeriodRow>(
    `SELECT period_start, period_end, bytes_up, bytes_down, total, alerted, cut_off_at, changed_at
       FROM usage_counter WHERE imsi = $1 ORDER BY period_start DESC LIMIT ${periodsShown}`,
    [sim.imsi],
  )
  const current = rows.find((row) => row.period_start.getTime() === start)
  return {
    plan: sim.plan === null || sim.plan_id === null ? null : { id: sim.plan_id, name: sim.plan_name ?? '', ...bodyView(sim.plan) },
    periodStart: start,
    periodEnd: end,
    bytesUp: Number(current?.bytes_up ?? 0n),
    bytesDown: Number(current?.bytes_down ?? 0n),
    alertedPercent: current?.alerted ?? 0,
    cutOffAt: current?.cut_off_at?.getTime() ?? null,
    changedAt: current?.changed_at.getTime() ?? null,
    past: rows
      .filter((row) => row !== current)
      .map((row) => ({ periodStart: row.period_start.getTime(), periodEnd: row.period_end.getTime(), bytes: Number(row.total) })),
  }
}
