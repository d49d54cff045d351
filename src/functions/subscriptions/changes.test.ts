import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { SubscriptionClass } from '#domain/subscription.ts'
import { readAnnouncement, subscriberChannel, toldChannel, writeProgress, writeReport } from '#platform/announcement.ts'
import type { ChangeBy, ChangeOutcome, SubscriptionChange, SubscriptionChanges } from '#platform/change.ts'
import type { Notice } from '#platform/notice.ts'
import { toJson } from '#store/db.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { createAnnouncer } from './announcer.ts'
import { createChanges } from './changes.ts'

overBothEngines('changes of subscriptions', (store) => {
  let wayfold: ProviderRows
  let meters: ProviderRows
  let changes: SubscriptionChanges
  let next = 0
  const notices: Notice[] = []
  const [ann, bob] = [randomUUID(), randomUUID()]

  before(async () => {
    wayfold = await insertProvider(store.db, 'Wayfold', '9997000001', 400)
    meters = await insertProvider(store.db, 'Meters', '9997000002', 2)
    for (const id of [ann, bob]) {
      await store.db.query("INSERT INTO person (id, provider_id, name, roles) VALUES ($1::uuid, $2, $1::uuid::text, '{provider-admin}')", [
        id,
        wayfold.providerId,
      ])
    }
    const announcer = await createAnnouncer({ db: store.db, clock: store.clock, newId: randomUUID })
    const notes = { note: async (_: unknown, ...all: readonly Notice[]) => void notices.push(...all), publish: () => {} }
    changes = createChanges({ clock: store.clock, announcer, notices: () => notes })
  })

  const by = (over: Partial<ChangeBy> = {}): ChangeBy => ({
    actor: ann,
    scope: { providerId: wayfold.providerId },
    reason: 'a test',
    approvals: [],
    address: null,
    ...over,
  })
  const row = async (id: string) => (await store.db.query('SELECT * FROM subscription WHERE id = $1', [id])).rows[0]
  const apply = (change: SubscriptionChange, ids: readonly string[], who = by()): Promise<ChangeOutcome[]> =>
    store.db.asTenant(who.scope).transaction((tx) => changes.apply(tx, change, ids, who))
  const check = (change: SubscriptionChange, ids: readonly string[], who = by()): Promise<ChangeOutcome[]> =>
    store.db.asTenant(who.scope).transaction((tx) => changes.check(tx, change, ids, who))
  /** A SIM that no other test has touched. */
  const fresh = async (ofClass: SubscriptionClass = 'standard'): Promise<{ id: string; imsi: string }> => {
    const imsi = wayfold.imsis[next++] ?? ''
    const { rows } = await store.db.query<{ id: string }>('UPDATE subscription SET class = $2 WHERE imsi = $1 RETURNING id', [
      imsi,
      ofClass,
    ])
    return { id: rows[0]?.id ?? '', imsi }
  }
  const one = async (change: SubscriptionChange, id: string, who = by()): Promise<string> => {
    const [outcome] = await apply(change, [id], who)
    return outcome?.outcome === 'refused' ? outcome.code : (outcome?.outcome ?? '')
  }

  test('what is held is let in by a person; a program alone is refused, whichever way it asks', async () => {
    const { id } = await fresh()
    const program = by({ actor: randomUUID() })
    assert.equal(await one({ kind: 'hold', held: true }, id, program), 'changed')
    assert.equal(await one({ kind: 'hold', held: false }, id, program), 'people-only')
    assert.equal(await one({ kind: 'lift', reason: 'held' }, id, program), 'people-only')
    assert.equal(await one({ kind: 'hold', held: false }, id, { ...program, approvals: [bob] }), 'changed')
    assert.equal(await one({ kind: 'hold', held: true }, id), 'changed')
    assert.equal(await one({ kind: 'lift', reason: 'held' }, id), 'changed')
    notices.splice(0)
  })

  test('a change is checked without being made, then made, and says so to caches and customers', async () => {
    const { id, imsi } = await fresh()
    const heard: string[] = []
    const heardOne = Promise.withResolvers<void>()
    const stop = await store.db.listen(subscriberChannel, (payload) => {
      heard.push(payload)
      heardOne.resolve()
    })
    assert.deepEqual(await check({ kind: 'state', to: 'suspended' }, [id]), [{ id, imsi, outcome: 'changed' }])
    assert.equal((await row(id))?.intended, 'active')
    assert.deepEqual(await apply({ kind: 'state', to: 'suspended' }, [id]), [{ id, imsi, outcome: 'changed' }])
    await heardOne.promise
    await stop()
    assert.deepEqual(heard.map(readAnnouncement), [{ id: null, tell: false, imsis: [imsi] }])
    const now = await row(id)
    assert.deepEqual([now?.intended, now?.version], ['suspended', 2])
    assert.deepEqual(
      notices.splice(0).map(({ type, data }) => [type, data.from, data.to]),
      [['sim.state-changed', 'active', 'suspended']],
    )
    assert.equal(await one({ kind: 'state', to: 'suspended' }, id), 'unchanged')
    assert.equal((await row(id))?.version, 2)
    assert.deepEqual(notices, [])
  })

  test('only the steps of the life cycle are taken, and nothing leads back from the end', async () => {
    const { id } = await fresh()
    assert.equal(await one({ kind: 'state', to: 'inventory' }, id), 'transition-not-allowed')
    assert.equal(await one({ kind: 'state', to: 'retired' }, id), 'changed')
    assert.equal(await one({ kind: 'state', to: 'active' }, id), 'transition-not-allowed')
    assert.equal(await one({ kind: 'label', label: 'gone' }, id), 'sim-retired')
  })

  test('a critical SIM loses service by two persons, whoever asks', async () => {
    const { id } = await fresh('critical')
    const other = { kind: 'impose', reason: 'abuse', expiresAt: null, note: 'seen' } as const
    for (const change of [
      { kind: 'state', to: 'suspended' },
      { kind: 'state', to: 'retired' },
      { kind: 'class', to: 'standard' },
      { kind: 'hold', held: true },
      other,
    ] as const) {
      assert.equal(await one(change, id), 'needs-approval', change.kind)
      assert.equal(await one(change, id, by({ approvals: [ann] })), 'needs-approval', 'the same person twice')
    }
    assert.equal(await one({ kind: 'profile', profileId: meters.profileId }, id), 'profile-unknown')
    assert.equal(await one({ kind: 'state', to: 'suspended' }, id, by({ actor: 'some-job', approvals: [bob] })), 'needs-approval')
    assert.equal(await one({ kind: 'state', to: 'suspended' }, id, by({ approvals: [bob] })), 'changed')
    assert.equal((await row(id))?.intended, 'suspended')
  })

  test('a control that cuts off by itself needs an agreement with the provider', async () => {
    const { id } = await fresh()
    const abuse = { kind: 'impose', reason: 'abuse', expiresAt: null, note: 'seen' } as const
    const control = by({ actor: 'anomaly', scope: { operator: true } })
    assert.equal(await one(abuse, id, control), 'gate-refuses')
    assert.equal(await one(abuse, id), 'changed', 'a person answers for it')
    await store.db.query('UPDATE provider SET data_processing_agreement = $2 WHERE id = $1', [
      wayfold.providerId,
      toJson({ signedAt: 1, reference: 'D-1' }),
    ])
    assert.equal(await one({ ...abuse, note: 'again' }, id, control), 'changed')
    const { imposed } = (await row(id)) as { imposed: { by: string; note: string }[] }
    assert.deepEqual(
      imposed.map((entry) => [entry.by, entry.note]),
      [['anomaly', 'again']],
      'one entry a reason',
    )
    assert.equal(await one({ kind: 'lift', reason: 'abuse' }, id), 'changed')
    assert.deepEqual((await row(id))?.imposed, [])
  })

  test('what is imposed for another device goes when somebody says which device it is', async () => {
    const { id } = await fresh()
    const imposed = [
      { reason: 'imei-lock', by: 'imei-lock', since: 1, expiresAt: null, note: '' },
      { reason: 'quota', by: 'quota', since: 1, expiresAt: null, note: '' },
    ]
    await store.db.query("UPDATE subscription SET imposed = $2, locked_imei = '00101700042170' WHERE id = $1", [id, toJson(imposed)])
    assert.equal(await one({ kind: 'imei-lock', imei: '0010170004217' }, id), 'imei-invalid')
    assert.equal(await one({ kind: 'imei-lock', imei: '00101799318806' }, id), 'changed')
    assert.deepEqual(await row(id).then((now) => [now?.locked_imei, now?.imposed]), ['00101799318806', imposed.slice(1)])
    assert.equal(await one({ kind: 'imei-lock', imei: null }, id), 'changed')
    assert.equal((await row(id))?.locked_imei, null)
  })

  test('the operator alone bars and lifts its barring', async () => {
    const { id } = await fresh()
    const bar = { kind: 'impose', reason: 'operator-barring', expiresAt: null, note: '' } as const
    const operator = by({ scope: { operator: true } })
    assert.equal(await one(bar, id), 'operator-only')
    assert.equal(await one(bar, id, operator), 'changed')
    assert.equal(await one({ kind: 'lift', reason: 'operator-barring' }, id), 'operator-only')
    assert.equal(await one({ kind: 'lift', reason: 'operator-barring' }, id, operator), 'changed')
  })

  test('profiles and groups for handsets refuse IoT cards', async () => {
    const { id } = await fresh()
    const [group, profile] = [randomUUID(), randomUUID()]
    await store.db.query("INSERT INTO sim_group (id, provider_id, name, card_use) VALUES ($1, $2, 'Phones', 'handset')", [
      group,
      wayfold.providerId,
    ])
    await store.db.query("INSERT INTO service_profile (id, provider_id, name, body, card_use) VALUES ($1, $2, 'Phones', '{}', 'handset')", [
      profile,
      wayfold.providerId,
    ])
    assert.equal(await one({ kind: 'group', groupId: group }, id), 'card-use-differs')
    assert.equal(await one({ kind: 'profile', profileId: profile }, id), 'card-use-differs')
    await store.db.query("UPDATE card SET use = 'handset' WHERE iccid = '8999' || (SELECT imsi FROM subscription WHERE id = $1)", [id])
    assert.equal(await one({ kind: 'group', groupId: group }, id), 'changed')
    assert.equal(await one({ kind: 'profile', profileId: profile }, id), 'changed')
    assert.equal(await one({ kind: 'group', groupId: null }, id), 'changed')
  })

  test('labels and partitions are names', async () => {
    const { id } = await fresh()
    for (const label of ['', ' x', 'a\u0000b', 'x'.repeat(121)]) assert.equal(await one({ kind: 'label', label }, id), 'label-invalid')
    assert.equal(await one({ kind: 'label', label: 'Pump 7, north' }, id), 'changed')
    assert.equal(await one({ kind: 'partition', hssPartition: 'Long Lived' }, id), 'partition-invalid')
    assert.equal(await one({ kind: 'partition', hssPartition: 'long-lived' }, id), 'changed')
    const now = await row(id)
    assert.deepEqual([now?.label, now?.hss_partition, now?.version], ['Pump 7, north', 'long-lived', 3])
  })

  test('another tenant’s SIMs do not exist, and stand in the order in which they were asked for', async () => {
    const { rows } = await store.db.query<{ id: string }>('SELECT id FROM subscription WHERE imsi = $1', [meters.imsis[0]])
    const foreign = rows[0]?.id ?? ''
    const [mine, second] = [await fresh(), await fresh()]
    const outcomes = await apply({ kind: 'label', label: 'x' }, [second.id, foreign, 'nonsense', mine.id])
    assert.deepEqual(
      outcomes.map((each) => (each.outcome === 'refused' ? each.code : each.outcome)),
      ['changed', 'sim-unknown', 'sim-unknown', 'changed'],
    )
    assert.equal((await row(foreign))?.label, null)
  })

  test('a thousand at most, in few statements', async () => {
    const ids = Array.from({ length: 1_001 }, () => randomUUID())
    await assert.rejects(check({ kind: 'label', label: 'x' }, ids))
    const { rows } = await store.db.query<{ id: string }>('SELECT id FROM subscription WHERE imsi = ANY($1::text[])', [
      wayfold.imsis.slice(100),
    ])
    let statements = 0
    await store.db.transaction(async (tx) => {
      const counting: typeof tx = {
        ...tx,
        query(...all) {
          statements += 1
          return tx.query(...all)
        },
      }
      await changes.apply(
        counting,
        { kind: 'state', to: 'suspended' },
        rows.map(({ id }) => id),
        by(),
      )
    })
    assert.ok(statements <= 4, String(statements))
  })

  test('what serving nodes made of it is counted from the reports; silence counts as failed', async () => {
    const imsis = wayfold.imsis.slice(0, 300)
    const stop = await store.db.listen(subscriberChannel, (payload) => {
      const { id, imsis: part } = readAnnouncement(payload)
      if (id === null) return
      if (part.length < 256) {
        // Begun, and never heard of again.
        void store.db.notify(toldChannel, writeProgress([id]))
        return
      }
      const told = part.map((imsi, i) =>
        i === 0
          ? ({ imsi, outcome: 'confirmed', operation: 'IDR', resultCode: 2001, at: 10 } as const)
          : ({ imsi, outcome: 'not-registered', operation: null, resultCode: null, at: 12 } as const),
      )
      void store.db.notify(toldChannel, writeReport({ id, told }))
    })
    const reported = Promise.withResolvers<void>()
    const stopHearing = await store.db.listen(toldChannel, (payload) => {
      if (payload.includes('!')) reported.resolve()
    })
    const announced = changes.announce(imsis)
    await reported.promise
    await store.clock.advanceAsync(14_000)
    await store.clock.advanceAsync(16_000)
    await stopHearing()
    assert.deepEqual(await announced, { confirmed: 1, failed: 44, notRegistered: 255 })
    assert.deepEqual(await changes.announce(imsis, { kind: 'label', label: 'x' }), { confirmed: 0, failed: 0, notRegistered: 300 })
    await stop()
  })
})
