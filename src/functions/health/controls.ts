import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'

const dayMs = 86_400_000
const base = { ruleIds: [], maxAgeMs: 600_000 }

export const healthControls: readonly ControlDefinition[] = [
  {
    ...base,
    maxAgeMs: 86_400_000,
    id: 'security-health',
    title: say('control.security-health'),
    wholeFor: ['clp14:5.8.2-04'],
    partOf: [],
    how: 'Judged messages are counted by provider as they happen: attacks on its SIMs, devices refused and why, devices that changed, weak radio, what runs out. From metadata of signalling alone, whatever the payload.',
    limits: 'Counted since this installation runs; what another core network sees is not in it.',
    check: checkHealth,
  },
  {
    ...base,
    id: 'service-availability',
    title: say('control.service-availability'),
    wholeFor: ['clp14:3.4-01'],
    partOf: ['clp14:3.4.4-02'],
    how: 'Devices that got in, of all that tried, per service, against the objective of the service, with an alarm when the budget burns too fast.',
    limits: 'Signalling of the home network: the user plane, and coverage where no device tried, are not seen.',
    check: checkAvailability,
  },
  {
    ...base,
    maxAgeMs: 30 * dayMs,
    id: 'usable-networks',
    title: say('control.usable-networks'),
    wholeFor: ['clp14:3.4.7-01'],
    partOf: [],
    how: 'Per service the visited networks where its devices got in within 30 days, with the share that did.',
    limits: 'A network that no device tried counts as unusable.',
    check: checkNetworks,
  },
  {
    ...base,
    id: 'equipment-watch',
    title: say('control.equipment-watch'),
    wholeFor: [],
    partOf: ['clp14:3.1-02', 'clp14:3.1-03'],
    how: 'The device, card and network of each IMSI are kept as last observed, each with how sure it is; another device on an IMSI shows within seconds. Only for providers with a data-processing agreement.',
    limits: 'An IMEI is what the device says of itself.',
    check: checkEquipment,
  },
]

async function rowOf<R>({ ports }: CheckContext, sql: string): Promise<R | undefined> {
  const result = await ports.store?.query<R>(sql, [], { priority: 'portal' })
  return result?.rows[0]
}

const nothing = (key: string): CheckResult => ({ status: 'unknown', because: say(key), evidenceAt: null, sourceClass: null })

async function checkHealth(context: CheckContext): Promise<CheckResult> {
  const row = await rowOf<{ at: Date | null }>(
    context,
    `SELECT greatest((SELECT max(hour) FROM health_hour), (SELECT max(at) FROM service_availability WHERE step_s = 300)) AS at`,
  )
  if (row === undefined || row.at === null) return nothing('control.security-health.nothing')
  return observed('control.security-health.counted', row.at.getTime())
}

const since = ({ now }: CheckContext, days: number): string => `to_timestamp(${Math.floor(now / 1_000) - days * 86_400})`

async function checkAvailability(context: CheckContext): Promise<CheckResult> {
  const row = await rowOf<{ services: bigint; measured: bigint; below: bigint; at: Date | null }>(
    context,
    `SELECT count(*) AS services, count(good) AS measured, count(*) FILTER (WHERE good < objective) AS below, max(at) AS at FROM (
       SELECT (g.service->>'objective')::float8 AS objective, max(a.at) AS at,
              sum(a.got_in)::float8 / nullif(sum(a.got_in) + sum(a.kept_out), 0) AS good
         FROM (SELECT id, service FROM sim_group WHERE service IS NOT NULL LIMIT 500) g
         LEFT JOIN service_availability a ON a.service_id = g.id AND a.step_s = 86400 AND a.at > ${since(context, 31)}
        GROUP BY g.id, g.service) AS one`,
  )
  if (row === undefined || row.services === 0n) return nothing('control.service-availability.no-service')
  const params = { services: Number(row.services), measured: Number(row.measured), below: Number(row.below) }
  if (row.below > 0n) return { ...observed('control.service-availability.below', context.now, params), status: 'not-met' }
  if (row.at === null || row.measured === 0n) return nothing('control.service-availability.nothing')
  return observed('control.service-availability.measured', context.now, params)
}

async function checkNetworks(context: CheckContext): Promise<CheckResult> {
  const row = await rowOf<{ networks: bigint; at: Date | null }>(
    context,
    `SELECT count(DISTINCT visited_plmn) AS networks, max(at) AS at FROM service_availability
      WHERE step_s = 86400 AND at > ${since(context, 30)} AND got_in > 0 AND visited_plmn <> ''`,
  )
  const networks = Number(row?.networks ?? 0n)
  if (networks === 0 || row === undefined || row.at === null) return nothing('control.usable-networks.nothing')
  return observed('control.usable-networks.seen', row.at.getTime(), { networks })
}

async function checkEquipment(context: CheckContext): Promise<CheckResult> {
  const row = await rowOf<{ agreed: boolean; at: Date | null }>(
    context,
    `SELECT EXISTS (SELECT FROM provider WHERE data_processing_agreement IS NOT NULL) AS agreed,
            (SELECT max(seen_at) FROM equipment_seen) AS at`,
  )
  if (row === undefined || !row.agreed) return nothing('control.equipment-watch.no-agreement')
  if (row.at === null) return nothing('control.equipment-watch.nothing')
  return observed('control.equipment-watch.seen', row.at.getTime())
}

function observed(key: string, evidenceAt: number, params: Record<string, number> = {}): CheckResult {
  return { status: 'met', because: say(key, params), evidenceAt, sourceClass: 'observed-in-line' }
}
