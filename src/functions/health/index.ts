import type { Timer } from '#core/clock.ts'
import { defineFunction } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { providerFor } from '#platform/http/tenant.ts'
import { isStoreUnavailable } from '#store/db.ts'
import { readServiceHealth } from './availability.ts'
import { createCollector } from './collector.ts'
import { healthControls } from './controls.ts'
import { listSeenDevices } from './devices.ts'
import { forgetDevices, readDue, renewDue } from './due.ts'
import { networkNames } from './networks.ts'
import { readProviders } from './providers.ts'
import { type Asked, readAttacks, readEquipment, readRadio } from './read.ts'
import { readWaiting } from './waiting.ts'
import { createAvailabilityWatch } from './watch.ts'

const { getHealth, listProviderHealth, listServiceHealth, listSeenDevices: listDevices } = operations
const watchEveryMs = 60_000
const renewEveryMs = 900_000
const usualWindowS = 86_400

/** What a provider is shown of its security and of the availability of its services; the operator sees every provider. */
export const healthFunction = defineFunction({
  name: 'health',
  config: ['plmn', 'attachObjective'],
  provides: [],
  needs: ['store', 'history', 'network'],
  controls: healthControls,
  routes: [getHealth, listProviderHealth, listServiceHealth, listDevices],
  navigation: [{ id: 'health', path: '/health', order: 40 }],
  metrics: [
    { name: 'simward_health_dropped_total', kind: 'counter', help: 'Counts of health left out because too many waited', labels: [] },
  ],
  async start(ctx) {
    const { store, history, network } = ctx.ports
    const { clock, log, config } = ctx
    const collector = createCollector({ store, network, clock, log, own: config.plmn, notices: () => ctx.optional.notices })
    const stop = history.onSignal((event) => collector.note(event))
    const watch = createAvailabilityWatch(store, () => ctx.optional.alarms)
    const inBackground = startBackground(ctx, [
      { everyMs: watchEveryMs, run: () => watch.look(clock.now()) },
      {
        everyMs: renewEveryMs,
        async run() {
          await renewDue(store, clock.now())
          await forgetDevices(store)
        },
      },
    ])
    ctx.metrics.collect('simward_health_dropped_total', () => [{ labels: {}, value: collector.dropped() }])

    const names = (): ReadonlyMap<string, string> => networkNames(network)
    ctx.serve(getHealth, async (call: Call<typeof getHealth>) => {
      await collector.flush()
      const { db, query, identity } = call
      const provider = await readProvider(call, query.providerId)
      const asked: Asked = { db, providerId: provider.id, now: clock.now(), windowS: query.windowS ?? usualWindowS, names: names() }
      return {
        at: asked.now,
        provider: { id: provider.id, name: provider.name },
        windowS: asked.windowS,
        ...(await readAttacks(asked)),
        equipment: await readEquipment(asked, provider.agreed),
        radio: await readRadio(asked),
        due: await readDue(db, provider.id, asked.now, identity?.permissions.includes('clients:read') === true),
        waiting: await readWaiting(db, provider.id, asked.now),
      }
    })
    ctx.serve(listProviderHealth, async ({ db, query }) => {
      const items = await readProviders(db, clock.now(), query.windowS ?? usualWindowS, watch.below)
      return { items, count: { value: items.length, capped: false } }
    })
    ctx.serve(listServiceHealth, async (call: Call<typeof listServiceHealth>) => {
      await collector.flush()
      const { db, query } = call
      const { id: providerId } = await readProvider(call, query.providerId)
      const now = clock.now()
      const asked = { providerId, now, usualTarget: config.attachObjective, names: names() }
      const items = await readServiceHealth((sql, params) => db.query(sql, params), asked)
      return { at: now, items, count: { value: items.length, capped: false } }
    })
    ctx.serve(listDevices, async (call: Call<typeof listDevices>) => {
      const { db, query } = call
      const { id: providerId } = await readProvider(call, query.providerId)
      const { providerId: _providerId, weak = false, ...page } = query
      return await listSeenDevices({ db, providerId, weak, names: names(), ...page })
    })
    return {
      async [Symbol.asyncDispose]() {
        stop()
        await inBackground.close()
        await collector.close()
      },
    }
  },
})

interface Task {
  everyMs: number
  run(): Promise<void>
}

/** Each task at once and then again and again; a store that is away is met by the next round. */
function startBackground({ clock, log }: Pick<Parameters<typeof healthFunction.start>[0], 'clock' | 'log'>, tasks: readonly Task[]) {
  const timers = new Map<Task, Timer>()
  const running = new Set<Promise<void>>()
  let isClosed = false
  const round = (task: Task): void => {
    const run = task
      .run()
      .catch((error: unknown) => {
        if (!isStoreUnavailable(error)) log.warn({ err: error }, 'a round of health failed')
      })
      .finally(() => {
        running.delete(run)
        if (!isClosed)
          timers.set(
            task,
            clock.after(task.everyMs, () => round(task)),
          )
      })
    running.add(run)
  }
  for (const task of tasks) round(task)
  return {
    async close() {
      isClosed = true
      for (const timer of timers.values()) timer.cancel()
      await Promise.all(running)
    },
  }
}

/** The asker's own provider, or the one that the operator names. */
async function readProvider(
  call: Pick<Call, 'identity' | 'db'>,
  asked: string | undefined,
): Promise<{ id: string; name: string; agreed: boolean }> {
  const id = await providerFor(call, asked)
  const { rows } = await call.db.query<{ name: string; agreed: boolean }>(
    'SELECT name, data_processing_agreement IS NOT NULL AS agreed FROM provider WHERE id = $1',
    [id],
  )
  return { id, name: rows[0]?.name ?? '', agreed: rows[0]?.agreed ?? false }
}
