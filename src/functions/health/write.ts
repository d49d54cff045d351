import { type Db, toJson } from '#store/db.ts'
import type { Ended } from './attempts.ts'
import type { Member } from './members.ts'

/** Attacks and refusals of one hour. */
export interface HourCount {
  providerId: string
  at: number
  kind: string
  reason: string
  ruleId: string
  plmn: string
  count: number
  lastAt: number
}

/** Attacks on one SIM, or refusals of it, of one day. */
export interface SimCount {
  providerId: string
  kind: 'attack' | 'refused'
  at: number
  reason: string
  imsi: string
  count: number
  lastAt: number
}

/** Another device on an IMSI. */
export interface EquipmentChange {
  imsi: string
  providerId: string
  outcome: 'registered' | 'refused'
  from: string
  to: string
  plmn: string
  count: number
  firstAt: number
  lastAt: number
}

/** Where it is written: the store, or an open transaction of it. */
type Writer = { query: Db['query'] } | { query(sql: string, params?: readonly unknown[]): Promise<unknown> }

/** Rows as one jsonb parameter: a provider that is not on record is left out instead of failing the others. */
const rowsOf = (rows: readonly object[]): [string] => [toJson(rows)]

const time = (column: string): string => `to_timestamp(${column} / 1000.0)`
const day = (column: string): string => `(${time(column)} AT TIME ZONE 'UTC')::date`

export async function writeHours(to: Writer, rows: readonly HourCount[]): Promise<void> {
  await to.query(
    `INSERT INTO health_hour (provider_id, hour, kind, reason, rule_id, visited_plmn, count, last_at)
     SELECT p.id, date_trunc('hour', ${time('v.at')}), v.kind, v.reason, v."ruleId", v.plmn, v.count, ${time('v."lastAt"')}
       FROM jsonb_to_recordset($1) AS v("providerId" uuid, at float8, kind text, reason text, "ruleId" text, plmn text, count int, "lastAt" float8)
       JOIN provider p ON p.id = v."providerId"
     ON CONFLICT (provider_id, hour, kind, reason, rule_id, visited_plmn) DO UPDATE
       SET count = health_hour.count + excluded.count, last_at = greatest(health_hour.last_at, excluded.last_at)`,
    rowsOf(rows),
  )
}

export async function writeSims(to: Writer, rows: readonly SimCount[]): Promise<void> {
  await to.query(
    `INSERT INTO health_sim (provider_id, kind, day, reason, imsi, count, last_at)
     SELECT p.id, v.kind, ${day('v.at')}, v.reason, v.imsi, v.count, ${time('v."lastAt"')}
       FROM jsonb_to_recordset($1) AS v("providerId" uuid, kind text, at float8, reason text, imsi text, count int, "lastAt" float8)
       JOIN provider p ON p.id = v."providerId"
     ON CONFLICT (provider_id, kind, day, reason, imsi) DO UPDATE
       SET count = health_sim.count + excluded.count, last_at = greatest(health_sim.last_at, excluded.last_at)`,
    rowsOf(rows),
  )
}

/** Only of providers with a data-processing agreement. */
export async function writeChanges(to: Writer, rows: readonly EquipmentChange[]): Promise<void> {
  if (rows.length === 0) return
  await to.query(
    `INSERT INTO equipment_change (imsi, day, outcome, to_imei, from_imei, provider_id, visited_plmn, count, first_at, last_at)
     SELECT v.imsi, ${day('v."lastAt"')}, v.outcome, v."to", v."from", p.id, v.plmn, v.count, ${time('v."firstAt"')}, ${time('v."lastAt"')}
       FROM jsonb_to_recordset($1)
         AS v(imsi text, "providerId" uuid, outcome text, "from" text, "to" text, plmn text, count int, "firstAt" float8, "lastAt" float8)
       JOIN provider p ON p.id = v."providerId" AND p.data_processing_agreement IS NOT NULL
     ON CONFLICT (imsi, day, outcome, to_imei) DO UPDATE
       SET count = equipment_change.count + excluded.count, last_at = greatest(equipment_change.last_at, excluded.last_at),
           from_imei = excluded.from_imei, visited_plmn = excluded.visited_plmn`,
    rowsOf(rows),
  )
}

/** The device of each SIM as its registration says; without an agreement no IMEI is kept, and what was kept goes. */
export async function writeSeen(to: Writer, rows: readonly Member[], isProven: (member: Member) => boolean): Promise<void> {
  if (rows.length === 0) return
  await to.query(
    `INSERT INTO equipment_seen (imsi, provider_id, imei, software_version, rat_type, visited_plmn, network_proven, first_at, seen_at)
     SELECT v.imsi, v."providerId", v.imei, v.version, v."ratType", v.plmn, v.proven, ${time('v.at')}, ${time('v.at')}
       FROM jsonb_to_recordset($1)
         AS v(imsi text, "providerId" uuid, imei text, version text, "ratType" int, plmn text, proven boolean, agreed boolean, at float8)
     ON CONFLICT (imsi) DO UPDATE
       SET provider_id = excluded.provider_id, imei = excluded.imei, software_version = excluded.software_version,
           rat_type = excluded.rat_type, visited_plmn = excluded.visited_plmn, network_proven = excluded.network_proven,
           seen_at = excluded.seen_at,
           first_at = CASE WHEN equipment_seen.imei IS DISTINCT FROM excluded.imei THEN excluded.first_at ELSE equipment_seen.first_at END`,
    rowsOf(
      rows.map((member) => ({
        imsi: member.imsi,
        providerId: member.providerId,
        // A ULR without Terminal-Information says nothing of the device: what was seen before stands.
        imei: member.hasAgreement ? (member.imei ?? member.formerImei) : null,
        version: member.hasAgreement ? member.softwareVersion : null,
        ratType: member.ratType,
        plmn: member.plmn,
        proven: isProven(member),
        at: member.registeredAt,
      })),
    ),
  )
}

const stepsS = [300, 3_600, 86_400] as const

/** Adds to every step at once. `services`: where the SIM of that IMSI counts, and whose it is. */
export async function writeAvailability(
  to: Writer,
  ended: readonly Ended[],
  services: (imsi: string) => { providerId: string; serviceIds: readonly string[] } | undefined,
): Promise<void> {
  const rows = new Map<
    string,
    { providerId: string; serviceId: string; step: number; at: number; plmn: string } & Record<Ended['how'], number>
  >()
  for (const { imsi, at, plmn, how } of ended) {
    const found = services(imsi)
    if (found === undefined) continue
    for (const serviceId of found.serviceIds) {
      for (const step of stepsS) {
        const begin = Math.floor(at / (step * 1_000)) * step * 1_000
        const key = `${serviceId} ${step} ${begin} ${plmn}`
        const row = rows.get(key) ?? { providerId: found.providerId, serviceId, step, at: begin, plmn, gotIn: 0, keptOut: 0, refused: 0 }
        row[how] += 1
        rows.set(key, row)
      }
    }
  }
  if (rows.size === 0) return
  await to.query(
    `INSERT INTO service_availability (service_id, step_s, at, visited_plmn, provider_id, got_in, kept_out, refused)
     SELECT v."serviceId", v.step, ${time('v.at')}, v.plmn, v."providerId", v."gotIn", v."keptOut", v.refused
       FROM jsonb_to_recordset($1)
         AS v("serviceId" uuid, step int, at float8, plmn text, "providerId" uuid, "gotIn" int, "keptOut" int, refused int)
     ON CONFLICT (service_id, step_s, at, visited_plmn) DO UPDATE
       SET got_in = service_availability.got_in + excluded.got_in, kept_out = service_availability.kept_out + excluded.kept_out,
           refused = service_availability.refused + excluded.refused`,
    rowsOf([...rows.values()]),
  )
}
