import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import pino from 'pino'
import type { Notice } from '#platform/notice.ts'
import type { SignalEvent } from '#platform/ports.ts'
import { type Db, toJson } from '#store/db.ts'
import { defaultRetention, runRetention } from '#store/retention.ts'
import { silentLog } from '#test/silent-log.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { attemptMs } from './attempts.ts'
import { readServiceHealth } from './availability.ts'
import { type Collector, createCollector } from './collector.ts'
import { listSeenDevices } from './devices.ts'
import { forgetDevices, readDue, renewDue } from './due.ts'
import { directory, eventOf, partnerId } from './event.fixture.ts'
import { readProviders } from './providers.ts'
import { type Asked, readAttacks, readEquipment, readRadio } from './read.ts'
import { readWaiting } from './waiting.ts'
import { createAvailabilityWatch } from './watch.ts'

const day = 86_400_000
const names = new Map([['001-01', 'Aurelia']])

overBothEngines('health', (store) => {
  let meters: ProviderRows
  let trackers: ProviderRows
  let collector: Collector
  const published: Notice[] = []
  const group = randomUUID()
  const imsi = (index: number): string => meters.imsis[index] ?? ''
  const note = (over: Partial<SignalEvent>): void =>
    collector.note(eventOf({ at: store.clock.now(), providerId: meters.providerId, partnerId, imsi: imsi(0), ...over }))
  const asked = (providerId = meters.providerId): Asked => {
    return { db: store.db.asTenant({ providerId }), providerId, now: store.clock.now(), windowS: 86_400, names }
  }
  const register = async (of: string, imei: string | null, over: { version?: string; ratType?: number } = {}): Promise<void> => {
    await store.db.query(
      `INSERT INTO registration (imsi, mme_host, mme_realm, visited_plmn, partner_id, registered_at, imei, imeisv, rat_type)
       VALUES ($1, 'mme', 'realm', '001-01', $2, $3, $4, $5, $6)
       ON CONFLICT (imsi) DO UPDATE SET registered_at = excluded.registered_at, imei = excluded.imei, imeisv = excluded.imeisv, rat_type = excluded.rat_type`,
      [of, partnerId, new Date(store.clock.now()), imei, over.version ?? null, over.ratType ?? 1004],
    )
    note({ imsi: of })
    await collector.flush()
    store.clock.advance(attemptMs)
  }

  before(async () => {
    meters = await insertProvider(store.db, 'Meters', '99970001', 12)
    trackers = await insertProvider(store.db, 'Trackers', '99970002', 3)
    await store.db.query('UPDATE provider SET data_processing_agreement = $2 WHERE id = $1', [
      meters.providerId,
      toJson({ signedAt: 1, reference: 'DPA 1' }),
    ])
    collector = newCollector(store.db)
  })
  after(() => collector?.close())

  function newCollector(db: Db): Collector {
    const notices = { publish: (notice: Notice) => void published.push(notice), note: async () => {} }
    return createCollector({
      ...{ store: db, network: directory, own: '999-70', clock: store.clock },
      log: pino({ level: 'silent' }),
      notices: () => notices,
    })
  }

  test('attacks are counted by rule, claimed network and SIM; what passed stands apart', async () => {
    const forged = { action: 'reject', reason: 'forged-network', ruleId: 'rule-network', alert: true } as const
    for (const index of [1, 1, 2]) note({ ...forged, imsi: imsi(index) })
    note({ ...forged, imsi: imsi(3), visitedPlmn: '001-99' })
    note({ alert: true, imsi: imsi(3), shadow: [{ ruleId: 'rule-sequence', action: 'reject', reason: 'out-of-sequence' }] })
    await collector.flush()
    const { attacks, refused } = await readAttacks(asked())
    assert.deepEqual([attacks.refused, attacks.passed, attacks.sims], [4, 1, { value: 3, capped: false }])
    assert.deepEqual(
      attacks.byRule.map((row) => [row.ruleId, row.refused, row.passed]),
      [
        ['rule-sequence', 0, 1],
        ['rule-network', 4, 0],
      ],
    )
    assert.deepEqual(attacks.byNetwork, [
      { plmn: '001-01', name: 'Aurelia', count: 4 },
      { plmn: '', name: null, count: 1 },
    ])
    assert.equal(attacks.overTime.length, 25)
    assert.equal(attacks.overTime.at(-1)?.count, 5)
    assert.equal(attacks.evidenceAt, store.clock.now())
    assert.deepEqual(refused, { devices: { value: 0, capped: false }, byReason: [], evidenceAt: null })
  })

  test('refused devices stand with their reason: devices, not messages', async () => {
    for (let times = 0; times < 5; times++) note({ imsi: imsi(4), action: 'reject', reason: 'suspended', ruleId: 'r' })
    note({ imsi: imsi(5), action: 'reject', reason: 'imei-lock', ruleId: 'r' })
    await collector.flush()
    const { refused } = await readAttacks(asked())
    assert.deepEqual(refused.devices, { value: 2, capped: false })
    assert.deepEqual(
      refused.byReason.map(({ reason, devices, messages }) => [reason, devices.value, messages]),
      [
        ['suspended', 1, 5],
        ['imei-lock', 1, 1],
      ],
    )
  })

  test('another provider sees nothing of it, whatever it asks for', async () => {
    const foreign: Asked = { ...asked(), db: store.db.asTenant({ providerId: trackers.providerId }) }
    const { attacks, refused } = await readAttacks(foreign)
    assert.deepEqual([attacks.refused, attacks.sims.value, refused.devices.value], [0, 0, 0])
    const own = await readProviders(foreign.db, store.clock.now(), 86_400, () => 0)
    assert.deepEqual(
      own.map(({ provider, state }) => [provider.name, state]),
      [['Trackers', 'unknown']],
    )
    const all = await readProviders(store.db.asTenant({ operator: true }), store.clock.now(), 86_400, () => 0)
    assert.deepEqual(
      all.map(({ provider, state, passed }) => [provider.name, state, passed]),
      [
        ['Meters', 'refused', 1],
        ['Trackers', 'unknown', 0],
      ],
    )
  })

  test('another device is a change; another software version or no IMEI is none', async () => {
    await register(imsi(6), '35693803564380', { version: '01' })
    await register(imsi(6), '35693803564380', { version: '02' })
    await register(imsi(6), null)
    assert.deepEqual((await readEquipment(asked(), true)).recent, [])
    await register(imsi(6), '35693803564399')
    const { recent, changed, observed } = await readEquipment(asked(), true)
    assert.deepEqual(
      recent.map(({ imsi: of, from, to, outcome, times }) => [of, from, to, outcome, times]),
      [[imsi(6), '35693803564380', '35693803564399', 'registered', 1]],
    )
    assert.deepEqual([changed.value, observed.value], [1, 1])
    assert.deepEqual(
      published.map(({ type, providerId, data }) => [type, providerId, data.to]),
      [['sim.imei-changed', meters.providerId, '35693803564399']],
    )
  })

  test('a device that the IMEI lock kept out is seen by the facts of the verdict', async () => {
    const facts = [
      { name: 'IMEI', value: '35693803564399', source: 'claimed' },
      { name: 'locked IMEI', value: '35693803564380', source: 'state' },
    ] as const
    for (let times = 0; times < 3; times++) note({ imsi: imsi(7), action: 'reject', reason: 'imei-lock', facts })
    await collector.flush()
    const { recent } = await readEquipment(asked(), true)
    const found = recent.find((row) => row.imsi === imsi(7))
    assert.deepEqual([found?.outcome, found?.times, found?.from], ['refused', 3, '35693803564380'])
  })

  test('without an agreement no IMEI is kept, though radio and network are', async () => {
    const [own = ''] = trackers.imsis
    for (const imei of ['35693803564380', '35693803564399']) {
      await register(own, imei, { ratType: 1001 })
      note({ imsi: own, providerId: trackers.providerId })
      await collector.flush()
      store.clock.advance(attemptMs)
    }
    const { rows } = await store.db.query('SELECT imei, visited_plmn FROM equipment_seen WHERE imsi = $1', [own])
    assert.deepEqual(rows, [{ imei: null, visited_plmn: '001-01' }])
    const of = asked(trackers.providerId)
    assert.equal((await readEquipment(of, false)).state, 'no-agreement')
    assert.deepEqual(await readRadio(of), {
      weak: { value: 1, capped: false },
      byType: [{ ratType: 1001, weak: true, sims: { value: 1, capped: false } }],
      unsaid: { value: 0, capped: false },
    })
  })

  test('what was observed together says how sure each part is', async () => {
    const page = await listSeenDevices({ ...asked(), weak: false })
    const [device] = page.items
    assert.deepEqual([device?.imsi, device?.imei], [imsi(6), '35693803564399'])
    assert.deepEqual(device?.assurance, { imsi: 'proven', network: 'proven', imei: 'claimed', eid: 'absent' })
    await store.db.query('UPDATE subscription SET locked_imei = $2 WHERE imsi = $1', [imsi(6), '35693803564399'])
    const [bound] = (await listSeenDevices({ ...asked(), weak: false })).items
    assert.equal(bound?.assurance.imei, 'on-record')
    assert.deepEqual((await listSeenDevices({ ...asked(), weak: true })).items, [])
  })

  test('where the agreement ends, what was kept of devices goes', async () => {
    await store.db.query('UPDATE provider SET data_processing_agreement = NULL WHERE id = $1', [meters.providerId])
    assert.ok((await forgetDevices(store.db)) >= 3)
    const { rows } = await store.db.query('SELECT FROM equipment_seen WHERE imei IS NOT NULL')
    assert.equal(rows.length, 0)
    assert.equal((await store.db.query('SELECT FROM equipment_change')).rows.length, 0)
  })

  test('a service is measured by its devices, over its subtree, against its objective', async () => {
    const leaf = randomUUID()
    await store.db.query('INSERT INTO sim_group (id, provider_id, name, service) VALUES ($1, $2, $3, $4)', [
      group,
      meters.providerId,
      'Meters of the city',
      toJson({ objective: 0.9, windowS: 2_592_000 }),
    ])
    await store.db.query('INSERT INTO sim_group (id, provider_id, parent_id, name) VALUES ($1, $2, $3, $4)', [
      leaf,
      meters.providerId,
      group,
      'North',
    ])
    await store.db.query('UPDATE subscription SET group_id = $1 WHERE provider_id = $2', [leaf, meters.providerId])
    for (const index of [0, 1, 2]) note({ imsi: imsi(index) })
    // One retries and gets in; one does not; one is suspended: that is no unavailability.
    note({ imsi: imsi(3), action: 'reject', reason: 'storm' })
    note({ imsi: imsi(3) })
    note({ imsi: imsi(4), action: 'reject', reason: 'busy', visitedPlmn: '001-02' })
    note({ imsi: imsi(5), action: 'reject', reason: 'suspended' })
    store.clock.advance(attemptMs)
    await collector.flush()
    const found = await serviceHealth()
    const service = found.find(({ id }) => id === group)
    assert.deepEqual([service?.gotIn, service?.keptOut, service?.refused, service?.good], [4, 1, 1, 0.8])
    assert.equal(service?.state, 'attention')
    assert.deepEqual(
      service?.networks.map(({ plmn, gotIn, keptOut, usable }) => [plmn, gotIn, keptOut, usable]),
      [
        ['001-01', 4, 0, true],
        ['001-02', 0, 1, false],
      ],
    )
    assert.equal(service?.usableNetworks, 1)
    assert.ok(
      found.some(({ kind, id }) => kind === 'profile' && id === meters.profileId),
      'before, they counted for their profile',
    )
  })

  test('a restart keeps what was counted', async () => {
    await collector.close()
    collector = newCollector(store.db)
    assert.equal((await serviceHealth()).find(({ id }) => id === group)?.gotIn, 4)
  })

  test('a budget that burns too fast raises an alarm, which goes with its cause', async () => {
    const standing = new Map<string, { key: string; source: string; providerId?: string | null }>()
    const alarms = {
      raise: (report: { key: string; source: string; providerId?: string | null }) => void standing.set(report.key, report),
      clear: (key: string) => void standing.delete(key),
      standing: () => [...standing.values()] as never,
    }
    const watch = createAvailabilityWatch(store.db, () => alarms)
    await watch.look(store.clock.now())
    assert.equal(standing.size, 0, 'too few devices')
    assert.equal(watch.below(meters.providerId), 1)
    await store.db.query('UPDATE sim_group SET service = $2 WHERE id = $1', [group, toJson({ objective: 0.99, windowS: 2_592_000 })])
    for (let round = 0; round < 2; round++) {
      for (const of of meters.imsis) note({ imsi: of, action: 'reject', reason: 'store-unavailable' })
      store.clock.advance(attemptMs)
      await collector.flush()
    }
    await watch.look(store.clock.now())
    assert.deepEqual(
      [...standing.values()].map(({ key, providerId }) => [key, providerId]),
      [[`service:${group}`, meters.providerId]],
    )
    store.clock.advance(7 * 3_600_000)
    for (const of of meters.imsis) note({ imsi: of })
    await collector.flush()
    await watch.look(store.clock.now())
    assert.equal(standing.size, 0)
  })

  test('accreditations of the batches in use run out at whose cards they are, the operator’s batches too', async () => {
    await store.db.query('UPDATE card_batch SET accreditation = $2, provider_id = NULL WHERE id = $1', [
      meters.batchId,
      toJson({ scheme: 'SAS-UP', reference: 'x', validUntil: store.clock.now() + 10 * day }),
    ])
    await renewDue(store.db, store.clock.now())
    const due = await readDue(asked().db, meters.providerId, store.clock.now(), false)
    assert.deepEqual(
      due.map(({ kind, state, name }) => [kind, state, name]),
      [['card-batch', 'attention', 'Test supplier']],
    )
    const [none] = await readDue(asked(trackers.providerId).db, trackers.providerId, store.clock.now(), false)
    assert.deepEqual([none?.state, none?.dueAt], ['unknown', null])
  })

  test('API clients that end soon are due, to who may see clients', async () => {
    for (const [name, ends, revoked] of [
      ['ends soon', 5 * day, null],
      ['ends later', 300 * day, null],
      ['revoked', 5 * day, new Date()],
    ] as const)
      await store.db.query(
        `INSERT INTO api_client (id, provider_id, kind, name, scopes, created_by, created_at, expires_at, revoked_at)
         VALUES ($1, $2, 'key', $3, '{}', 'x', $4, $5, $6)`,
        [randomUUID(), meters.providerId, name, new Date(store.clock.now()), new Date(store.clock.now() + ends), revoked],
      )
    const clients = async (sees: boolean): Promise<string[]> =>
      (await readDue(asked().db, meters.providerId, store.clock.now(), sees)).flatMap(({ kind, name }) => (kind === 'client' ? [name] : []))
    assert.deepEqual(await clients(true), ['ends soon'])
    assert.deepEqual(await clients(false), [])
  })

  test('what waits for a person is counted by kind', async () => {
    await store.db.query('UPDATE subscription SET hold_next_attach = true WHERE imsi = ANY($1)', [meters.imsis.slice(0, 2)])
    await store.db.query(
      `INSERT INTO usage_counter (imsi, period_start, provider_id, period_end, alerted, changed_at) VALUES ($1, $2, $3, $4, 80, $2)`,
      [imsi(0), new Date(store.clock.now()), meters.providerId, new Date(store.clock.now() + day)],
    )
    const waiting = await readWaiting(asked().db, meters.providerId, store.clock.now())
    assert.deepEqual(
      waiting.map(({ kind, count }) => [kind, count.value]),
      [
        ['held', 2],
        ['approvals', 0],
        ['quotas', 1],
      ],
    )
    const other = await readWaiting(asked(trackers.providerId).db, trackers.providerId, store.clock.now())
    assert.ok(other.every(({ count }) => count.value === 0))
  })

  test('counts grow old and go', async () => {
    const removed = await runRetention(store.db, store.clock.now() + 500 * day, defaultRetention, silentLog)
    for (const table of ['health_hour', 'health_sim', 'equipment_seen', 'service_availability']) assert.ok((removed[table] ?? 0) > 0, table)
  })

  function serviceHealth() {
    const { db } = asked()
    const query = <R>(sql: string, params: readonly unknown[]) => db.query<R>(sql, params)
    return readServiceHealth(query, { providerId: meters.providerId, now: store.clock.now(), usualTarget: 0.99, names })
  }
})
