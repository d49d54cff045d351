import { limits } from '#core/limits.ts'
import { againstObjective, type Measured, type ObjectiveState } from '#platform/burn.ts'
import type { ServiceHealth } from '#platform/http/schemas/health.ts'

/** A group that is a service, or a profile that stands for one. */
export interface Service {
  id: string
  kind: 'group' | 'profile'
  name: string
  providerId: string
  target: number | null
  windowS: number
}

type Query = <R>(sql: string, params: readonly unknown[]) => Promise<{ rows: R[] }>

/** Where no objective says another one. */
const usualWindowS = 2_592_000
const usableMs = 30 * 86_400_000

/** Groups that are services and, after them, profiles that SIMs fell back to. */
async function readServices(query: Query, providerId: string): Promise<Service[]> {
  const { rows: groups } = await query<{ id: string; name: string; service: { objective?: number; windowS?: number } }>(
    `SELECT id, name, service FROM sim_group WHERE provider_id = $1 AND service IS NOT NULL ORDER BY name LIMIT ${limits.health.services}`,
    [providerId],
  )
  const { rows: profiles } = await query<{ id: string; name: string }>(
    `SELECT f.id, f.name FROM service_profile f WHERE f.provider_id = $1
        AND EXISTS (SELECT FROM service_availability a WHERE a.service_id = f.id) ORDER BY f.name LIMIT ${limits.health.services}`,
    [providerId],
  )
  return [
    ...groups.map(({ id, name, service }) => ({
      ...{ id, kind: 'group' as const, name, providerId },
      target: typeof service.objective === 'number' ? service.objective : null,
      windowS: typeof service.windowS === 'number' ? service.windowS : usualWindowS,
    })),
    ...profiles.map(({ id, name }) => ({ id, kind: 'profile' as const, name, providerId, target: null, windowS: usualWindowS })),
  ].slice(0, limits.health.services)
}

/** Devices over one window, by the service's id. */
export type Totals = ReadonlyMap<string, { gotIn: number; keptOut: number; refused: number }>

/** Short windows from short steps: each answer reads some dozen rows per service and network. */
function stepFor(windowS: number): number {
  return windowS <= 3_600 ? 300 : windowS <= 172_800 ? 3_600 : 86_400
}

async function totals(query: Query, services: readonly Service[], now: number, windowOf: (service: Service) => number): Promise<Totals> {
  const columns = services.map((service) => {
    const windowS = windowOf(service)
    // The step in which the window begins counts whole: no attempt is lost at its edge.
    return { id: service.id, step: stepFor(windowS), since: now / 1_000 - windowS - stepFor(windowS) }
  })
  const { rows } = await query<{ id: string; got_in: bigint; kept_out: bigint; refused: bigint }>(
    // Service by service along the index: a join of all at once would read the whole table.
    `SELECT v.id, part.got_in, part.kept_out, part.refused
       FROM unnest($1::uuid[], $2::int[], $3::float8[]) AS v(id, step, since), LATERAL (
         SELECT coalesce(sum(a.got_in), 0) AS got_in, coalesce(sum(a.kept_out), 0) AS kept_out, coalesce(sum(a.refused), 0) AS refused
           FROM service_availability a WHERE a.service_id = v.id AND a.step_s = v.step AND a.at > to_timestamp(v.since)) part`,
    [columns.map(({ id }) => id), columns.map(({ step }) => step), columns.map(({ since }) => since)],
  )
  return new Map(
    rows.map((row) => [row.id, { gotIn: Number(row.got_in), keptOut: Number(row.kept_out), refused: Number(row.refused) }] as const),
  )
}

function measured(of: Totals, id: string): Measured {
  const { gotIn = 0, keptOut = 0 } = of.get(id) ?? {}
  return { good: gotIn, asked: gotIn + keptOut }
}

export interface ServiceState extends ObjectiveState {
  service: Service
  totals: { gotIn: number; keptOut: number; refused: number }
  /** Devices that tried within the longest window of the burn alarms. */
  asked: number
}

/** How every service stands against its objective, from what is written: a restart forgets nothing. */
export async function readStates(query: Query, services: readonly Service[], now: number, usualTarget: number): Promise<ServiceState[]> {
  if (services.length === 0) return []
  const whole = await totals(query, services, now, ({ windowS }) => windowS)
  const byWindow = new Map<number, Totals>()
  for (const windowS of [300, 3_600, 21_600]) byWindow.set(windowS, await totals(query, services, now, () => windowS))
  return services.map((service) => {
    const target = service.target ?? usualTarget
    const over = (windowS: number): Measured => measured(byWindow.get(windowS) ?? new Map(), service.id)
    return {
      service,
      totals: whole.get(service.id) ?? { gotIn: 0, keptOut: 0, refused: 0 },
      asked: over(21_600).asked,
      ...againstObjective(target, measured(whole, service.id), over),
    }
  })
}

async function readNetworks(
  query: Query,
  services: readonly Service[],
  now: number,
  names: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, ServiceHealth['networks']>> {
  const found = new Map<string, ServiceHealth['networks']>()
  const { rows } = await query<{ id: string; plmn: string; got_in: bigint; kept_out: bigint; last: Date | null }>(
    `SELECT v.id, part.plmn, part.got_in, part.kept_out, part.last
       FROM unnest($1::uuid[]) AS v(id), LATERAL (
         SELECT visited_plmn AS plmn, sum(got_in) AS got_in, sum(kept_out) AS kept_out, max(at) FILTER (WHERE got_in > 0) AS last
           FROM service_availability WHERE service_id = v.id AND step_s = 86400 AND at > to_timestamp($2)
          GROUP BY visited_plmn ORDER BY sum(got_in) + sum(kept_out) DESC LIMIT ${limits.health.networks}) part`,
    [services.map(({ id }) => id), (now - usableMs) / 1_000 - 86_400],
  )
  for (const row of rows) {
    const networks = found.get(row.id) ?? []
    const gotIn = Number(row.got_in)
    const keptOut = Number(row.kept_out)
    if (gotIn + keptOut > 0)
      networks.push({
        ...{ plmn: row.plmn, name: names.get(row.plmn) ?? null, gotIn, keptOut },
        lastGotInAt: row.last?.getTime() ?? null,
        usable: gotIn > 0 && row.plmn !== '',
      })
    found.set(row.id, networks)
  }
  return found
}

const dayMs = 86_400_000
const hourMs = 3_600_000

/** The last 24 hours; an hour without a try is left out. */
async function readHours(query: Query, services: readonly Service[], now: number): Promise<ReadonlyMap<string, ServiceHealth['hours']>> {
  const found = new Map<string, ServiceHealth['hours']>()
  const { rows } = await query<{ id: string; at: Date; got_in: bigint; kept_out: bigint }>(
    `SELECT v.id, part.at, part.got_in, part.kept_out
       FROM unnest($1::uuid[]) AS v(id), LATERAL (
         SELECT at, sum(got_in) AS got_in, sum(kept_out) AS kept_out
           FROM service_availability WHERE service_id = v.id AND step_s = 3600 AND at > to_timestamp($2) GROUP BY at ORDER BY at) part`,
    [services.map(({ id }) => id), (now - dayMs - hourMs) / 1_000],
  )
  for (const row of rows) {
    const hours = found.get(row.id) ?? []
    hours.push({ at: row.at.getTime(), gotIn: Number(row.got_in), keptOut: Number(row.kept_out) })
    found.set(row.id, hours)
  }
  return found
}

/** Services of one provider with everything that a page shows of them, worst first. */
export async function readServiceHealth(
  query: Query,
  { providerId, now, usualTarget, names }: { providerId: string; now: number; usualTarget: number; names: ReadonlyMap<string, string> },
): Promise<ServiceHealth[]> {
  const services = await readServices(query, providerId)
  const states = await readStates(query, services, now, usualTarget)
  const networks = await readNetworks(query, services, now, names)
  const hours = await readHours(query, services, now)
  return states
    .map(({ service, totals: sums, good, budgetLeft, burn, state }) => {
      const { id, kind, name, target, windowS } = service
      const ofService = networks.get(id) ?? []
      return {
        ...{ id, kind, name, target, windowS, ...sums, good, budgetLeft, burn: [...burn], state },
        usableNetworks: ofService.filter(({ usable }) => usable).length,
        networks: ofService,
        hours: hours.get(id) ?? [],
        evidenceAt: hours.get(id)?.at(-1)?.at ?? ofService.reduce<number | null>((at, one) => maxOf(at, one.lastGotInAt), null),
      }
    })
    .toSorted((a, b) => rank(a.state) - rank(b.state) || (a.budgetLeft ?? 2) - (b.budgetLeft ?? 2))
}

const order = ['refused', 'attention', 'unknown', 'ok'] as const

function rank(state: ServiceHealth['state']): number {
  return order.indexOf(state)
}

function maxOf(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
