import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { CheckContext } from '#platform/control.ts'
import { toJson } from '#store/db.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { healthControls } from './controls.ts'

overBothEngines('controls of health', (store) => {
  let provider: ProviderRows
  const serviceId = randomUUID()
  const statusOf = async (id: string, ports: CheckContext['ports'] = { store: store.db }): Promise<string> => {
    const control = healthControls.find((one) => one.id === id)
    const result = await control?.check({ now: store.clock.now(), ports, config: () => undefined })
    return `${result?.status} ${result?.because.key}`
  }
  const measure = (gotIn: number, keptOut: number): Promise<unknown> =>
    store.db.query(
      `INSERT INTO service_availability (service_id, step_s, at, visited_plmn, provider_id, got_in, kept_out, refused)
       SELECT $1, step, $2, '001-01', $3, $4, $5, 0 FROM unnest(ARRAY[300, 86400]) AS v(step)
       ON CONFLICT (service_id, step_s, at, visited_plmn) DO UPDATE SET got_in = excluded.got_in, kept_out = excluded.kept_out`,
      [serviceId, new Date(store.clock.now()), provider.providerId, gotIn, keptOut],
    )

  before(async () => {
    provider = await insertProvider(store.db, 'Meters', '99970001', 2)
  })

  test('where nothing was seen, nothing is known', async () => {
    assert.equal(await statusOf('security-health'), 'unknown control.security-health.nothing')
    assert.equal(await statusOf('service-availability'), 'unknown control.service-availability.no-service')
    assert.equal(await statusOf('usable-networks'), 'unknown control.usable-networks.nothing')
    assert.equal(await statusOf('equipment-watch'), 'unknown control.equipment-watch.no-agreement')
    for (const { id } of healthControls) assert.match(await statusOf(id, {}), /^unknown/, id)
  })

  test('services are met where they reach their objective, and not met where one does not', async () => {
    await store.db.query('INSERT INTO sim_group (id, provider_id, name, service) VALUES ($1, $2, $3, $4)', [
      serviceId,
      provider.providerId,
      'Gas',
      toJson({ objective: 0.9, windowS: 2_592_000 }),
    ])
    assert.equal(await statusOf('service-availability'), 'unknown control.service-availability.nothing')
    await measure(95, 5)
    assert.equal(await statusOf('service-availability'), 'met control.service-availability.measured')
    assert.equal(await statusOf('usable-networks'), 'met control.usable-networks.seen')
    assert.equal(await statusOf('security-health'), 'met control.security-health.counted')
    await measure(80, 20)
    assert.equal(await statusOf('service-availability'), 'not-met control.service-availability.below')
  })

  test('devices are watched where a provider has agreed', async () => {
    await store.db.query('UPDATE provider SET data_processing_agreement = $2 WHERE id = $1', [
      provider.providerId,
      toJson({ signedAt: 1, reference: 'x' }),
    ])
    assert.equal(await statusOf('equipment-watch'), 'unknown control.equipment-watch.nothing')
    await store.db.query(
      `INSERT INTO equipment_seen (imsi, provider_id, imei, visited_plmn, network_proven, first_at, seen_at)
       VALUES ($1, $2, '35693803564380', '001-01', true, $3, $3)`,
      [provider.imsis[0], provider.providerId, new Date(store.clock.now())],
    )
    assert.equal(await statusOf('equipment-watch'), 'met control.equipment-watch.seen')
  })
})
