import { limits } from '#core/limits.ts'
import type { Reason } from '#guard/verdict.ts'
import type { Health } from '#platform/http/schemas/health.ts'
import type { TenantDb } from '#store/db.ts'
import { isWeakRat } from './radio.ts'

/** One provider over one window. Each query reads rolled-up rows along an index, and counts no further than a cap. */
export interface Asked {
  db: TenantDb
  providerId: string
  now: number
  windowS: number
  /** Names of networks by PLMN. */
  names: ReadonlyMap<string, string>
}

const cap = limits.http.cappedCount
const dayS = 86_400

interface HourRow {
  kind: string
  reason: string
  rule_id: string
  visited_plmn: string
  count: bigint
  last_at: Date
}

const since = ({ now, windowS }: Asked): Date => new Date(now - windowS * 1_000)
/** Hours that lie in the window, the one in which it begins included. */
const sinceHour = (asked: Asked): Date => new Date(Math.floor(since(asked).getTime() / 3_600_000) * 3_600_000)

function counted(value: number): { value: number; capped: boolean } {
  return value > cap ? { value: cap, capped: true } : { value, capped: false }
}

export async function readAttacks(asked: Asked): Promise<Pick<Health, 'attacks' | 'refused'>> {
  const { db, providerId, names } = asked
  const { rows } = await db.query<HourRow>(
    `SELECT kind, reason, rule_id, visited_plmn, sum(count) AS count, max(last_at) AS last_at
       FROM health_hour WHERE provider_id = $1 AND hour >= $2 GROUP BY kind, reason, rule_id, visited_plmn`,
    [providerId, sinceHour(asked)],
  )
  const attacks = rows.filter(({ kind }) => kind !== 'refused')
  const refusals = rows.filter(({ kind }) => kind === 'refused')
  const total = (of: readonly HourRow[]): number => of.reduce((sum, { count }) => sum + Number(count), 0)
  const byReason = await Promise.all(
    grouped(refusals, ({ reason }) => reason)
      .toSorted((a, b) => total(b) - total(a))
      .slice(0, limits.health.listed)
      .map(async (of) => {
        const reason = of[0].reason as Reason
        return { reason, devices: await countSims(asked, 'refused', reason), messages: total(of), lastAt: newest(of) ?? 0 }
      }),
  )
  return {
    attacks: {
      refused: total(attacks.filter(({ kind }) => kind === 'attack')),
      passed: total(attacks.filter(({ kind }) => kind === 'attack-passed')),
      sims: await countSims(asked, 'attack', null),
      byRule: grouped(attacks, ({ rule_id: ruleId }) => ruleId)
        .map((of) => ({
          ruleId: of[0].rule_id,
          reason: of[0].reason as Reason,
          refused: total(of.filter(({ kind }) => kind === 'attack')),
          passed: total(of.filter(({ kind }) => kind === 'attack-passed')),
          lastAt: newest(of) ?? 0,
        }))
        .toSorted((a, b) => b.passed - a.passed || b.refused - a.refused)
        .slice(0, limits.health.listed),
      byNetwork: grouped(attacks, ({ visited_plmn: plmn }) => plmn)
        .map((of) => ({ plmn: of[0].visited_plmn, name: names.get(of[0].visited_plmn) ?? null, count: total(of) }))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, limits.health.listed),
      overTime: await attacksOverTime(asked),
      evidenceAt: newest(attacks),
    },
    refused: { devices: await countSims(asked, 'refused', null), byReason, evidenceAt: newest(refusals) },
  }
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group === undefined) groups.set(keyOf(row), [row])
    else group.push(row)
  }
  return [...groups.values()]
}

function newest(rows: readonly HourRow[]): number | null {
  return rows.length === 0 ? null : Math.max(...rows.map(({ last_at: at }) => at.getTime()))
}

/** Different SIMs: a day's rows stand in the order of reason and IMSI. */
async function countSims(asked: Asked, kind: 'attack' | 'refused', reason: string | null): Promise<{ value: number; capped: boolean }> {
  const { db, providerId } = asked
  const { rows } = await db.query<{ sims: bigint; looked: bigint }>(
    `SELECT count(DISTINCT imsi) AS sims, count(*) AS looked FROM (
       SELECT imsi FROM health_sim
        WHERE provider_id = $1 AND kind = $2 AND day >= ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::text IS NULL OR reason = $4) AND last_at >= $3
        LIMIT ${cap + 1}) AS part`,
    [providerId, kind, since(asked), reason],
  )
  const sims = Number(rows[0]?.sims ?? 0n)
  return Number(rows[0]?.looked ?? 0n) > cap ? { value: sims, capped: true } : counted(sims)
}

/** Every hour of the window, or every day of a long one, so that quiet ones show as such. */
async function attacksOverTime(asked: Asked): Promise<{ at: number; count: number }[]> {
  const { db, providerId, now, windowS } = asked
  const step = windowS > 2 * dayS ? 'day' : 'hour'
  const { rows } = await db.query<{ at: Date; count: bigint }>(
    `SELECT date_trunc('${step}', hour, 'UTC') AS at, sum(count) AS count
       FROM health_hour WHERE provider_id = $1 AND hour >= $2 AND kind <> 'refused' GROUP BY 1 ORDER BY 1`,
    [providerId, sinceHour(asked)],
  )
  const found = new Map(rows.map((row) => [row.at.getTime(), Number(row.count)]))
  const stepMs = step === 'day' ? dayS * 1_000 : 3_600_000
  const first = Math.floor((now - windowS * 1_000) / stepMs) * stepMs
  const steps = Math.floor((now - first) / stepMs) + 1
  return Array.from({ length: steps }, (_, index) => ({ at: first + index * stepMs, count: found.get(first + index * stepMs) ?? 0 }))
}

export async function readEquipment(asked: Asked, hasAgreement: boolean): Promise<Health['equipment']> {
  const { db, providerId } = asked
  const none = { value: 0, capped: false }
  if (!hasAgreement) return { state: 'no-agreement', observed: none, changed: none, recent: [], evidenceAt: null }
  const { rows: seen } = await db.query<{ count: bigint; at: Date | null }>(
    `SELECT count(*) AS count, max(seen_at) AS at FROM (
       SELECT imei, seen_at FROM equipment_seen WHERE provider_id = $1 AND imei IS NOT NULL LIMIT ${cap + 1}) AS part`,
    [providerId],
  )
  const { rows: changed } = await db.query<{ count: bigint }>(
    `SELECT count(DISTINCT imsi) AS count FROM (
       SELECT imsi FROM equipment_change WHERE provider_id = $1 AND last_at >= $2 ORDER BY last_at DESC LIMIT ${cap + 1}) AS part`,
    [providerId, since(asked)],
  )
  const { rows: recent } = await db.query<{
    imsi: string
    from_imei: string
    to_imei: string
    outcome: 'registered' | 'refused'
    visited_plmn: string
    count: number
    last_at: Date
  }>(
    `SELECT imsi, from_imei, to_imei, outcome, visited_plmn, count, last_at
       FROM equipment_change WHERE provider_id = $1 AND last_at >= $2 ORDER BY last_at DESC LIMIT ${limits.health.listed}`,
    [providerId, since(asked)],
  )
  return {
    state: 'watched',
    observed: counted(Number(seen[0]?.count ?? 0n)),
    changed: counted(Number(changed[0]?.count ?? 0n)),
    recent: recent.map((row) => ({
      imsi: row.imsi,
      from: row.from_imei,
      to: row.to_imei,
      outcome: row.outcome,
      visitedPlmn: row.visited_plmn,
      times: row.count,
      lastAt: row.last_at.getTime(),
    })),
    evidenceAt: seen[0]?.at?.getTime() ?? null,
  }
}

/** Devices as they last registered, by the radio that they used. */
export async function readRadio({ db, providerId }: Asked): Promise<Health['radio']> {
  const { rows: types } = await db.query<{ rat_type: number | null }>(
    // One step along the index per type, however many rows each has.
    `WITH RECURSIVE type AS (
       (SELECT rat_type FROM equipment_seen WHERE provider_id = $1 AND rat_type IS NOT NULL ORDER BY rat_type LIMIT 1)
       UNION ALL
       SELECT (SELECT e.rat_type FROM equipment_seen e WHERE e.provider_id = $1 AND e.rat_type > type.rat_type ORDER BY e.rat_type LIMIT 1)
         FROM type WHERE type.rat_type IS NOT NULL
     ) SELECT rat_type FROM type WHERE rat_type IS NOT NULL`,
    [providerId],
  )
  const countOf = async (ratType: number | null): Promise<number> => {
    const condition = ratType === null ? 'rat_type IS NULL' : 'rat_type = $2'
    const { rows } = await db.query<{ count: bigint }>(
      `SELECT count(*) AS count FROM (SELECT FROM equipment_seen WHERE provider_id = $1 AND ${condition} LIMIT ${cap + 1}) AS part`,
      ratType === null ? [providerId] : [providerId, ratType],
    )
    return Number(rows[0]?.count ?? 0n)
  }
  const byType: { ratType: number; weak: boolean; sims: number }[] = []
  for (const { rat_type: ratType } of types) {
    if (ratType !== null) byType.push({ ratType, weak: isWeakRat(ratType), sims: await countOf(ratType) })
  }
  const weak = byType.filter((row) => row.weak).reduce((sum, { sims }) => sum + sims, 0)
  return { weak: counted(weak), byType: byType.map((row) => ({ ...row, sims: counted(row.sims) })), unsaid: counted(await countOf(null)) }
}
