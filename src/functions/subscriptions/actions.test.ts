import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { approvalsFunction } from '#functions/approvals/index.ts'
import { screeningFunction } from '#functions/screening/index.ts'
import { heldChannel, readAnnouncement, subscriberChannel, toldChannel, writeReport } from '#platform/announcement.ts'
import type { Notice, NoticePort } from '#platform/notice.ts'
import type { PasskeyPort } from '#platform/passkey.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { toJson } from '#store/db.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { subscriptionsFunction } from './index.ts'

const profileBody = {
  apns: [{ name: 'wayfold.iot', pdn: 'IPv4', qci: 9, arpPriority: 8, localBreakout: false, maxUplinkKbps: 128, maxDownlinkKbps: 128 }],
  voice: false,
  sms: false,
  otaSms: true,
  roamingArea: { kind: 'anywhere' },
  imeiLock: true,
  periodicTauSeconds: 0,
  maxUplinkKbps: 128,
  maxDownlinkKbps: 128,
  equivalentPlmns: [],
}

/** Takes whatever is signed: what persons sign is tested elsewhere. */
const passkeys: PasskeyPort = {
  rpId: 'localhost',
  list: async (personId) => [{ id: `key-of-${personId}`, transports: ['internal'] }],
  verify: async (personId) => ({
    credentialId: `key-of-${personId}`,
    publicKey: 'AA',
    authenticatorData: 'AA',
    clientDataJSON: 'AA',
    signature: 'AA',
  }),
}

describe('changes of single SIMs', () => {
  let platform: TestPlatform
  let wayfold: ProviderRows
  let meters: ProviderRows
  let next = 0
  const told: string[] = []
  const published: Notice[] = []
  const [ann, bob] = [randomUUID(), randomUUID()]
  const as = (person: string, more: object = {}) => ({
    as: wayfold.providerId,
    roles: ['provider-manager'] as const,
    headers: { 'x-test-person': person, ...more },
  })
  const fresh = async (ofClass = 'standard'): Promise<string> => {
    const imsi = wayfold.imsis[next++] ?? ''
    await platform.store.query('UPDATE subscription SET class = $2 WHERE imsi = $1', [imsi, ofClass])
    return imsi
  }
  /** Settles when the action stands in this state; it does not sleep, but asks the database, which takes its turns. */
  const actionIn = async (id: string, state: string) => {
    for (let i = 0; i < 1_000; i++) {
      const { body } = await platform.call('GET', `actions/${id}`, as(ann))
      if (body.state === state) return body
    }
    assert.fail(`the action never was ${state}`)
  }

  before(async () => {
    const notices: NoticePort = { note: async () => {}, publish: (notice) => void published.push(notice) }
    const expectedNext = () => ({ from: 1, to: 1_767_268_900_000, because: 'T3402' })
    platform = await startTestPlatform({
      functions: [screeningFunction, recorderFunction, approvalsFunction, subscriptionsFunction],
      base: { passkeys, hss: { stickyCauseOf: () => null, expectedNext } as never, notices },
    })
    const { store } = platform
    wayfold = await insertProvider(store, 'Wayfold', '9997000001', 60)
    meters = await insertProvider(store, 'Meters', '9997000002', 2)
    await store.query('UPDATE service_profile SET body = $1', [toJson(profileBody)])
    for (const [id, name] of [
      [ann, 'Ann'],
      [bob, 'Bob'],
    ]) {
      await store.query("INSERT INTO person (id, provider_id, name, roles) VALUES ($1, $2, $3, '{provider-manager}')", [
        id,
        wayfold.providerId,
        name,
      ])
    }
    // The network half: every node that serves somebody answers.
    await store.listen(subscriberChannel, (payload) => {
      const { id, tell, imsis } = readAnnouncement(payload)
      if (id === null || !tell) return
      told.push(...imsis)
      const results = imsis.map(
        (imsi) => ({ imsi, outcome: 'confirmed', operation: 'IDR', resultCode: 2001, at: platform.clock.now() }) as const,
      )
      void store.notify(toldChannel, writeReport({ id, told: results }))
    })
  })
  beforeEach(() => {
    told.length = 0
    published.length = 0
  })
  after(() => platform[Symbol.asyncDispose]())

  test('a dry run says what would happen and changes nothing', async () => {
    const imsi = await fresh()
    const { status, body } = await platform.call('POST', `sims/${imsi}/state?dryRun=true`, {
      ...as(ann),
      body: { to: 'suspended', reason: 'sold the van' },
    })
    assert.deepEqual([status, body.outcome, body.action], [202, 'previewed', null])
    assert.deepEqual(body.preview.changes, [{ kind: 'state', from: 'active', to: 'suspended' }])
    assert.deepEqual(
      body.preview.effects.map(({ key }: { key: string }) => key),
      ['sim.effect.refused-next', 'sim.effect.not-sticky'],
    )
    assert.equal((await platform.call('GET', `sims/${imsi}`, as(ann))).body.intended, 'active')
    const retired = await platform.call('POST', `sims/${imsi}/state?dryRun=true`, { ...as(ann), body: { to: 'retired', reason: 'over' } })
    assert.ok(retired.body.preview.effects.some(({ key }: { key: string }) => key === 'sim.effect.sticky'))
  })

  test('a change is an action that can be looked up: committed, told, confirmed with its code and time', async () => {
    const imsi = await fresh()
    const { status, body } = await platform.call('POST', `sims/${imsi}/state`, {
      ...as(ann),
      body: { to: 'suspended', reason: 'sold the van' },
    })
    assert.deepEqual([status, body.outcome], [202, 'accepted'])
    const action = await actionIn(body.action.id, 'done')
    assert.deepEqual(action.told, { outcome: 'confirmed', operation: 'IDR', resultCode: 2001, at: platform.clock.now() })
    assert.deepEqual([action.actor, action.actorName, action.reason], [ann, 'Ann', 'sold the van'])
    assert.deepEqual(told, [imsi])
    assert.deepEqual(
      published.map(({ type, data }) => [type, data.outcome, data.action]),
      [['sim.confirmed', 'confirmed', action.id]],
    )
    const list = await platform.call('GET', `actions?imsi=${imsi}`, as(ann))
    assert.deepEqual(list.body.items, [action])
    const [entry] = (await platform.call('GET', `sims/${imsi}/timeline`, as(ann))).body.items
    assert.deepEqual(
      [entry.key, entry.lane, entry.byName, entry.params.from, entry.params.to, entry.params.reason, entry.params.address],
      ['timeline.sim-state', 'people', 'Ann', 'active', 'suspended', 'sold the van', '127.0.0.1'],
    )
    const again = await platform.call('POST', `sims/${imsi}/state`, { ...as(ann), body: { to: 'suspended', reason: 'twice' } })
    assert.deepEqual([again.body.outcome, again.body.action], ['unchanged', null])
    const wrong = await platform.call('POST', `sims/${imsi}/state`, { ...as(ann), body: { to: 'inventory', reason: 'back' } })
    assert.deepEqual([wrong.status, wrong.body.code], [409, 'transition-not-allowed'])
  })

  test('of several things all are done or none, by whoever saw the last version', async () => {
    const imsi = await fresh()
    const seen = await platform.call('GET', `sims/${imsi}`, as(ann))
    const etag = String(seen.headers.etag)
    const patch = (body: object, headers: object) => platform.call('PATCH', `sims/${imsi}`, { ...as(ann, headers), body })
    assert.equal((await patch({ reason: 'name it', label: 'Pump 7' }, {})).status, 428)
    const bad = await patch({ reason: 'name it', label: 'Pump 7', profileId: randomUUID() }, { 'if-match': etag })
    assert.deepEqual([bad.status, bad.body.code], [409, 'profile-unknown'])
    assert.equal((await platform.call('GET', `sims/${imsi}`, as(ann))).body.label, null)
    const done = await patch({ reason: 'name it', label: 'Pump 7', class: 'deferrable', hssPartition: 'long-lived' }, { 'if-match': etag })
    assert.deepEqual([done.status, done.body.preview.changes.length], [202, 3])
    const now = (await platform.call('GET', `sims/${imsi}`, as(ann))).body
    assert.deepEqual([now.label, now.class, now.hssPartition, now.version], ['Pump 7', 'deferrable', 'long-lived', 4])
    const late = await patch({ reason: 'name it', label: 'Pump 8' }, { 'if-match': etag })
    assert.deepEqual([late.status, late.body.code], [412, 'version-changed'])
    await actionIn(done.body.action.id, 'done')
  })

  test('what serving nodes do not hold is done at once, and nobody is told', async () => {
    const imsi = await fresh()
    const { body } = await platform.call('POST', `sims/${imsi}/hold`, { ...as(ann), body: { reason: 'under investigation' } })
    const action = await actionIn(body.action.id, 'done')
    assert.deepEqual([action.told, told], [null, []])
    const held = (await platform.call('GET', `sims/${imsi}`, as(ann))).body
    assert.deepEqual([held.held, held.canConnect.because.key, held.effective.because], [true, 'held', 'held'])
  })

  test('a critical SIM: the second person’s approval does it, in the name of both', async () => {
    const imsi = await fresh('critical')
    const asked = await platform.call('POST', `sims/${imsi}/state`, { ...as(ann), body: { to: 'suspended', reason: 'stolen' } })
    assert.deepEqual([asked.status, asked.body.outcome, asked.body.action.state], [202, 'waiting', 'waiting'])
    assert.equal((await platform.call('GET', `sims/${imsi}`, as(ann))).body.intended, 'active')
    const decide = (person: string) =>
      platform.call('POST', `approvals/${asked.body.approvalId}/decision`, {
        ...as(person),
        body: { decision: 'approve', reason: 'agreed', response: {} },
      })
    assert.equal((await decide(ann)).status, 403)
    assert.equal((await decide(bob)).status, 200)
    await platform.clock.advanceAsync(5_000)
    await actionIn(asked.body.action.id, 'done')
    assert.equal((await platform.call('GET', `sims/${imsi}`, as(ann))).body.intended, 'suspended')
    assert.deepEqual(told, [imsi])
    const [entry] = (await platform.call('GET', `sims/${imsi}/timeline`, as(ann))).body.items
    assert.deepEqual([entry.by, entry.params.reason], [ann, 'stolen'])
  })

  test('class away from critical waits for a second person too, whatever else is asked along with it', async () => {
    const imsi = await fresh('critical')
    const answer = await platform.call('PATCH', `sims/${imsi}`, {
      ...as(ann, { 'if-match': '*' }),
      body: { reason: 'no longer so', class: 'standard', label: 'x' },
    })
    assert.deepEqual([answer.body.outcome, answer.body.preview.needed], ['waiting', 2])
    await platform.call('POST', `approvals/${answer.body.approvalId}/withdraw`, { ...as(ann), body: { reason: 'changed my mind' } })
    await actionIn(answer.body.action.id, 'dropped')
    assert.equal((await platform.call('GET', `sims/${imsi}`, as(ann))).body.label, null)
  })

  test('who tries while held asks a person once; a release lets the next attempt in', async () => {
    const imsi = await fresh()
    await platform.call('POST', `sims/${imsi}/hold`, { ...as(ann), body: { reason: 'under investigation' } })
    for (let i = 0; i < 3; i++) await platform.store.notify(heldChannel, imsi)
    const waiting = async () => (await platform.call('GET', `approvals?filter=kind:release-hold`, as(bob))).body.items
    let open = await waiting()
    for (let i = 0; i < 1_000 && open.length === 0; i++) open = await waiting()
    await platform.store.notify(heldChannel, imsi)
    await platform.call('GET', `sims/${imsi}`, as(ann))
    assert.deepEqual(
      (await waiting()).map((each: { imsi: string }) => each.imsi),
      [imsi],
    )
    const decision = { decision: 'approve', reason: 'it is ours', response: {} }
    assert.equal((await platform.call('POST', `approvals/${open[0].id}/decision`, { ...as(bob), body: decision })).status, 200)
    await platform.clock.advanceAsync(5_000)
    const [action] = (await platform.call('GET', `actions?imsi=${imsi}`, as(ann))).body.items
    await actionIn(action.id, 'done')
    const now = (await platform.call('GET', `sims/${imsi}`, as(ann))).body
    assert.deepEqual([now.held, now.canConnect.value], [false, true])
  })

  test('a release by hand takes back what asked for it; clients cannot', async () => {
    const imsi = await fresh()
    await platform.call('POST', `sims/${imsi}/hold`, { ...as(ann), body: { reason: 'under investigation' } })
    await platform.store.notify(heldChannel, imsi)
    const waiting = async () =>
      (await platform.call('GET', `actions?imsi=${imsi}`, as(ann))).body.items.filter((each: { state: string }) => each.state === 'waiting')
    let open = await waiting()
    for (let i = 0; i < 1_000 && open.length === 0; i++) open = await waiting()
    const release = { body: { reason: 'it is ours' } }
    const client = await platform.call('POST', `sims/${imsi}/release`, { ...as(ann, { 'x-test-kind': 'client' }), ...release })
    assert.equal(client.status, 403)
    const stale = await platform.call('POST', `sims/${imsi}/release`, { ...as(ann, { 'x-test-proof-age-ms': '9999999' }), ...release })
    assert.equal(stale.body.code, 'step-up-needed')
    assert.equal((await platform.call('POST', `sims/${imsi}/release`, { ...as(ann), ...release })).status, 202)
    await actionIn(open[0].id, 'dropped')
    assert.equal((await platform.call('GET', `approvals/${open[0].approvalId}`, as(bob))).body.state, 'withdrawn')
  })

  test('another tenant’s SIMs and actions are not there', async () => {
    const imsi = await fresh()
    const { body } = await platform.call('POST', `sims/${imsi}/imei-lock`, {
      ...as(ann),
      body: { imei: '00101700042170', reason: 'new module' },
    })
    const stranger = { as: meters.providerId, roles: ['provider-admin'] as const }
    assert.equal((await platform.call('GET', `actions/${body.action.id}`, stranger)).body.code, 'action-unknown')
    assert.deepEqual((await platform.call('GET', 'actions', stranger)).body.items, [])
    for (const path of ['state', 'hold', 'release', 'imei-lock', 'bar', 'lift']) {
      const what = { state: { to: 'active' }, 'imei-lock': { imei: null }, lift: { what: 'quota' } }[path] ?? {}
      const answer = await platform.call('POST', `sims/${imsi}/${path}`, { ...stranger, body: { ...what, reason: 'mine now' } })
      assert.equal(answer.body.code, 'sim-unknown', path)
      const viewer = await platform.call('POST', `sims/${imsi}/${path}`, {
        ...as(ann),
        roles: ['provider-viewer'],
        body: { ...what, reason: 'may I' },
      })
      assert.equal(viewer.status, 403, path)
    }
  })

  test('views are kept for oneself', async () => {
    const view = { page: 'sims', name: 'North', query: 'filter=group%3Anorth' }
    const made = await platform.call('POST', 'saved-views', { ...as(ann), body: view })
    assert.equal(made.status, 201)
    await platform.call('POST', 'saved-views', { ...as(ann), body: { ...view, name: 'north', query: 'filter=x' } })
    const mine = await platform.call('GET', 'saved-views?page=sims', as(ann))
    assert.deepEqual(
      mine.body.items.map((each: { query: string }) => each.query),
      ['filter=x'],
    )
    assert.deepEqual((await platform.call('GET', 'saved-views?page=sims', as(bob))).body.items, [])
    const [{ id }] = mine.body.items
    assert.equal((await platform.call('DELETE', `saved-views/${id}`, as(bob))).body.code, 'view-unknown')
    assert.equal((await platform.call('DELETE', `saved-views/${id}`, as(ann))).status, 204)
  })
})
