import { alertReached, isCutOff, periodOf, type RatePlan } from '#domain/rate-plan.ts'
import type { SubscriptionClass } from '#domain/subscription.ts'
import type { ChangeBy, SubscriptionChanges } from '#platform/change.ts'
import type { Notice, NoticePort } from '#platform/notice.ts'
import type { UsageRecord } from '#platform/usage.ts'
import type { Scope, Tx } from '#store/db.ts'

/** What counting needs of its surroundings; ports are read when used. */
export interface Counting {
  now: number
  scope: Scope
  changes: SubscriptionChanges | undefined
  notices: NoticePort | undefined
}

export interface Counted {
  recorded: number
  duplicates: number
  /** IMSIs that are nobody's within the scope. */
  unknown: string[]
  bytes: number
  /** SIMs that were cut off: their serving nodes have to be told. */
  cutOff: SimOnPlan[]
  /** Critical SIMs beyond the end of their plan: never cut off, a person has to know. */
  critical: SimOnPlan[]
}

export interface SimOnPlan {
  id: string
  imsi: string
  provider_id: string
  class: SubscriptionClass
  plan_id: string | null
  plan_name: string | null
  plan: RatePlan | null
}

interface CounterRow {
  imsi: string
  period_start: Date
  period_end: Date
  total: bigint
  alerted: number
  cut_off_at: Date | null
}

/** Who imposes: the name of the control, never a person's id. */
export const quotaActor = 'quota'

/**
 * Counts one chunk in the caller's transaction: each (source, reference) of a provider once, in the period in which the
 * record began. Then acts on the thresholds of the running period.
 */
export async function countRecords(tx: Tx, records: readonly UsageRecord[], counting: Counting): Promise<Counted> {
  const sims = await readSims(tx, [...new Set(records.map(({ imsi }) => imsi))])
  const known = records.filter(({ imsi }) => sims.has(imsi))
  const fresh = await onlyNew(tx, known, sims, counting.now)
  const counters = await addUp(tx, fresh, sims, counting.now)
  const acted = await actOnThresholds(tx, counters, sims, counting)
  return {
    recorded: fresh.length,
    duplicates: known.length - fresh.length,
    unknown: [...new Set(records.flatMap(({ imsi }) => (sims.has(imsi) ? [] : [imsi])))],
    bytes: fresh.reduce((sum, { bytesUp, bytesDown }) => sum + bytesUp + bytesDown, 0),
    ...acted,
  }
}

type Sims = ReadonlyMap<string, SimOnPlan>

export async function readSims(tx: Pick<Tx, 'query'>, imsis: readonly string[]): Promise<Sims> {
  const { rows } = await tx.query<SimOnPlan>(
    `SELECT s.id, s.imsi, s.provider_id, s.class, s.plan_id, p.name AS plan_name, p.body AS plan
       FROM subscription s LEFT JOIN rate_plan p ON p.id = s.plan_id WHERE s.imsi = ANY ($1::text[])`,
    [imsis],
  )
  return new Map(rows.map((row) => [row.imsi, row]))
}

const keyOf = (providerId: string, { source, reference }: UsageRecord): string => `${providerId} ${source}\u0000${reference}`

/** The records that did not count before, of a repeated one the first. */
async function onlyNew(tx: Tx, records: readonly UsageRecord[], sims: Sims, now: number): Promise<UsageRecord[]> {
  const byKey = new Map<string, { record: UsageRecord; providerId: string }>()
  for (const record of records) {
    const providerId = sims.get(record.imsi)?.provider_id ?? ''
    const key = keyOf(providerId, record)
    if (!byKey.has(key)) byKey.set(key, { record, providerId })
  }
  const rows = [...byKey.values()]
  const { rows: inserted } = await tx.query<{ provider_id: string; source: string; reference: string }>(
    `INSERT INTO usage_record (provider_id, source, reference, at)
     SELECT provider_id, source, reference, $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v (provider_id, source, reference)
      ORDER BY provider_id, source, reference
     ON CONFLICT DO NOTHING RETURNING provider_id, source, reference`,
    [
      rows.map(({ providerId }) => providerId),
      rows.map(({ record }) => record.source),
      rows.map(({ record }) => record.reference),
      new Date(now),
    ],
  )
  return inserted.flatMap(({ provider_id: providerId, source, reference }) => {
    const found = byKey.get(`${providerId} ${source}\u0000${reference}`)
    return found === undefined ? [] : [found.record]
  })
}

async function addUp(tx: Tx, records: readonly UsageRecord[], sims: Sims, now: number): Promise<CounterRow[]> {
  const sums = new Map<string, { sim: SimOnPlan; start: number; end: number; up: number; down: number }>()
  for (const record of records) {
    const sim = sims.get(record.imsi)
    if (sim === undefined) continue
    const { start, end } = periodOf(sim.plan, record.from)
    const key = `${sim.imsi} ${start}`
    const sum = sums.get(key) ?? { sim, start, end, up: 0, down: 0 }
    sums.set(key, { ...sum, up: sum.up + record.bytesUp, down: sum.down + record.bytesDown })
  }
  const rows = [...sums.values()]
  if (rows.length === 0) return []
  const column = <T>(read: (row: (typeof rows)[number]) => T): T[] => rows.map(read)
  // Always in one order, so that two imports of the same SIMs wait for each other and do not lock each other out.
  const result = await tx.query<CounterRow>(
    `INSERT INTO usage_counter AS c (imsi, period_start, period_end, provider_id, plan_id, bytes_up, bytes_down, total, changed_at)
     SELECT imsi, period_start, period_end, provider_id, plan_id, up, down, up + down, $8
       FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::uuid[], $5::uuid[], $6::int8[], $7::int8[])
         AS v (imsi, period_start, period_end, provider_id, plan_id, up, down)
      ORDER BY imsi, period_start
     ON CONFLICT (imsi, period_start) DO UPDATE SET bytes_up = c.bytes_up + excluded.bytes_up, bytes_down = c.bytes_down + excluded.bytes_down,
       total = c.total + excluded.total, plan_id = excluded.plan_id, period_end = excluded.period_end, changed_at = excluded.changed_at
     RETURNING imsi, period_start, period_end, total, alerted, cut_off_at`,
    [
      column(({ sim }) => sim.imsi),
      column(({ start }) => new Date(start)),
      column(({ end }) => new Date(end)),
      column(({ sim }) => sim.provider_id),
      column(({ sim }) => sim.plan_id),
      column(({ up }) => up),
      column(({ down }) => down),
      new Date(now),
    ],
  )
  return result.rows
}

interface Crossing {
  sim: SimOnPlan
  counter: CounterRow
  alerted: number
  isOver: boolean
}

/** What crossed a threshold in a period that still runs. Who is over already, or was told, is not told again. */
function crossingsOf(counters: readonly CounterRow[], sims: Sims, now: number): Crossing[] {
  return counters.flatMap((counter): Crossing[] => {
    const sim = sims.get(counter.imsi)
    if (sim === undefined || sim.plan === null || counter.period_end.getTime() <= now) return []
    const bytes = Number(counter.total)
    const isOver = isCutOff(sim.plan, bytes)
    // A critical SIM stays on the network: that it is over is told once, as a threshold of its own.
    const reached = alertReached(sim.plan, bytes)
    const alerted = isOver && sim.class === 'critical' ? Math.max(reached, sim.plan.cutOffPercent ?? 0) : reached
    const crossed = alerted > counter.alerted || (isOver && sim.class !== 'critical' && counter.cut_off_at === null)
    return crossed ? [{ sim, counter, alerted: Math.max(alerted, counter.alerted), isOver }] : []
  })
}

async function actOnThresholds(
  tx: Tx,
  counters: readonly CounterRow[],
  sims: Sims,
  counting: Counting,
): Promise<Pick<Counted, 'cutOff' | 'critical'>> {
  const crossings = crossingsOf(counters, sims, counting.now)
  if (crossings.length === 0) return { cutOff: [], critical: [] }
  const over = crossings.filter(({ isOver }) => isOver)
  const stopped = await cutOff(
    tx,
    over.filter(({ sim }) => sim.class !== 'critical'),
    counting,
  )
  const cut = new Set(stopped.map(({ sim }) => sim.imsi))
  await tx.query(
    `UPDATE usage_counter c SET alerted = v.alerted, cut_off_at = coalesce(c.cut_off_at, v.cut_off_at)
       FROM unnest($1::text[], $2::timestamptz[], $3::int[], $4::timestamptz[]) AS v (imsi, period_start, alerted, cut_off_at)
      WHERE c.imsi = v.imsi AND c.period_start = v.period_start`,
    [
      crossings.map(({ sim }) => sim.imsi),
      crossings.map(({ counter }) => counter.period_start),
      crossings.map(({ alerted }) => alerted),
      crossings.map(({ sim }) => (cut.has(sim.imsi) ? new Date(counting.now) : null)),
    ],
  )
  await counting.notices?.note(tx, ...crossings.map((crossing) => noticeOf(crossing, cut.has(crossing.sim.imsi))))
  return {
    cutOff: stopped.map(({ sim }) => sim),
    critical: over.filter(({ sim, alerted, counter }) => sim.class === 'critical' && alerted > counter.alerted).map(({ sim }) => sim),
  }
}

/** Until the period ends; the one way by which subscriptions change asks the gate once more. */
async function cutOff(tx: Tx, over: readonly Crossing[], { changes, scope }: Counting): Promise<Crossing[]> {
  if (changes === undefined) return []
  const byEnd = Map.groupBy(over, ({ counter }) => counter.period_end.getTime())
  const stopped: Crossing[] = []
  for (const [expiresAt, group] of byEnd) {
    const outcomes = await changes.apply(
      tx,
      { kind: 'impose', reason: 'quota', expiresAt, note: 'its rate plan is used up' },
      group.map(({ sim }) => sim.id),
      byQuota(scope),
    )
    const done = new Set(outcomes.flatMap(({ id, outcome }) => (outcome === 'changed' || outcome === 'unchanged' ? [id] : [])))
    stopped.push(...group.filter(({ sim }) => done.has(sim.id)))
  }
  return stopped
}

export function byQuota(scope: Scope): ChangeBy {
  return { actor: quotaActor, scope, reason: 'thresholds of its rate plan', approvals: [], address: null }
}

function noticeOf({ sim, counter, alerted }: Crossing, isCut: boolean): Notice {
  return {
    type: isCut ? 'usage.cut-off' : 'usage.alert',
    providerId: sim.provider_id,
    subject: { kind: 'sim', id: sim.id },
    data: {
      imsi: sim.imsi,
      planId: sim.plan_id,
      percent: alerted,
      bytes: Number(counter.total),
      includedBytes: sim.plan?.includedBytes ?? null,
      periodEnd: counter.period_end.getTime(),
    },
  }
}
