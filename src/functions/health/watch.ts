import type { AlarmPort } from '#platform/alarm.ts'
import { burnAlarms, isOver } from '#platform/burn.ts'
import { say } from '#platform/text.ts'
import type { Db } from '#store/db.ts'
import { readStates, type Service, type ServiceState } from './availability.ts'

const source = 'health'
const keyPrefix = 'service:'
/** Services that one statement asks about. */
const chunk = 100
/** Fewer devices than this do not make an alarm: one that is out of coverage is no outage. */
const leastAsked = 10

/** Alarms of services that burn their budget too fast, and per provider how many stand under their objective. */
export interface AvailabilityWatch {
  /** Looks at every service that has an objective. */
  look(now: number): Promise<void>
  below(providerId: string): number
}

export function createAvailabilityWatch(store: Db, alarms: () => AlarmPort | undefined): AvailabilityWatch {
  let below = new Map<string, number>()
  return {
    async look(now) {
      const found = new Map<string, number>()
      const standing = new Set<string>()
      let after = '00000000-0000-0000-0000-000000000000'
      for (;;) {
        const services = await readPart(store, after)
        for (const state of await readStates(jobQuery(store), services, now, 1)) {
          const { providerId } = state.service
          if (state.state === 'refused' || state.state === 'attention') found.set(providerId, (found.get(providerId) ?? 0) + 1)
          if (raise(state, alarms())) standing.add(keyPrefix + state.service.id)
        }
        after = services.at(-1)?.id ?? after
        if (services.length < chunk) break
      }
      for (const { key, source: by } of alarms()?.standing() ?? []) {
        if (by === source && key.startsWith(keyPrefix) && !standing.has(key)) alarms()?.clear(key, source)
      }
      below = found
    },
    below: (providerId) => below.get(providerId) ?? 0,
  }
}

function jobQuery(store: Db) {
  return <R>(sql: string, params: readonly unknown[]) => store.query<R>(sql, params, { priority: 'job' })
}

async function readPart(store: Db, after: string): Promise<Service[]> {
  const { rows } = await store.query<{ id: string; name: string; provider_id: string; service: { objective?: number; windowS?: number } }>(
    `SELECT id, name, provider_id, service FROM sim_group WHERE id > $1 AND service IS NOT NULL ORDER BY id LIMIT ${chunk}`,
    [after],
    { priority: 'job' },
  )
  return rows.map(({ id, name, provider_id: providerId, service }) => ({
    ...{ id, kind: 'group' as const, name, providerId },
    target: service.objective ?? null,
    windowS: service.windowS ?? 2_592_000,
  }))
}

/** True while the alarm stands. */
function raise({ service, asked, burn, good }: ServiceState, alarms: AlarmPort | undefined): boolean {
  const over = service.target === null || asked < leastAsked ? undefined : burnAlarms.find((one) => isOver(burn, one))
  if (over === undefined) return false
  const params = { service: service.name, good, target: service.target }
  const isStanding = alarms?.standing().some(({ key }) => key === keyPrefix + service.id) === true
  if (!isStanding)
    alarms?.raise({
      key: keyPrefix + service.id,
      kind: 'service-availability',
      severity: over.severity,
      source,
      title: say('alarm.service-availability', params),
      cause: say('alarm.service-availability.cause', params),
      action: say('alarm.service-availability.action', params),
      providerId: service.providerId,
    })
  return true
}
