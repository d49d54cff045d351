import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createVirtualWorld, type VirtualWorld } from '#cli/world/virtual.ts'
import { attachAt, authenticateAt } from '#sim/encounter.ts'
import { air } from '#sim/messages.ts'
import type { Actor } from '#sim/subjects.ts'
import { ask } from '#sim/transport.ts'
import { turnUntil } from './turn.ts'

async function attached(world: VirtualWorld, wanted: Parameters<VirtualWorld['subjects']['take']>[0] = {}): Promise<Actor> {
  const actor = world.subjects.take(wanted)
  const outcome = await turnUntil(world.clock, attachAt(actor.mme, actor.subject))
  assert.deepEqual(outcome, { accepted: true })
  return actor
}

/** Changes what the store says of a subscription, and tells the HSS as a change notification does. */
function change(world: VirtualWorld, imsi: string, what: object): void {
  const row = world.store.rows.get(imsi)
  assert.ok(row !== undefined)
  world.store.rows.set(imsi, { ...row, ...what })
  world.hss.changed(imsi)
}

const commandsAt = (actor: Actor) => actor.mme.received.filter((each) => each.imsi === actor.subject.imsi).map((each) => each.command)

describe('what changes in the store reaches the serving MME', () => {
  test('many at once are told and counted without going through the cache', async () => {
    const world = createVirtualWorld({ sims: 600, seed: 1, capacityPerSecond: 1_000 })
    const actor = await attached(world, { class: 'standard', network: 'fennmark' })
    const inMemory = world.hss.cachedSubscribers
    const imsis = [...world.store.rows.keys()].slice(0, 255)
    const all = [...imsis.filter((imsi) => imsi !== actor.subject.imsi), actor.subject.imsi]
    const told = await turnUntil(world.clock, world.hss.tell(all))
    assert.deepEqual(
      told
        .filter(({ outcome }) => outcome !== 'not-registered')
        .map(({ imsi, outcome, operation, resultCode }) => [imsi, outcome, operation, resultCode]),
      [[actor.subject.imsi, 'confirmed', 'IDR', 2001]],
    )
    assert.equal(told.length, all.length)
    assert.equal(world.hss.cachedSubscribers, inMemory)
    world.store.isDown = true
    const lost = await turnUntil(world.clock, world.hss.tell([actor.subject.imsi]))
    assert.deepEqual(
      lost.map(({ outcome }) => outcome),
      ['failed'],
    )
  })

  test('a suspension by IDR with barring, and the next attempt is refused softly', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const actor = await attached(world, { class: 'standard' })
    change(world, actor.subject.imsi, { intended: 'suspended' })
    await world.clock.advanceAsync(1000)
    assert.deepEqual(commandsAt(actor), ['IDR'])
    const again = await turnUntil(world.clock, authenticateAt(actor.mme, actor.subject))
    assert.deepEqual(again, { ok: false, result: { code: 4181, experimental: true } })
  })

  test('a retirement by CLR', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const actor = await attached(world, { class: 'standard' })
    change(world, actor.subject.imsi, { intended: 'retired' })
    await world.clock.advanceAsync(1000)
    assert.deepEqual(commandsAt(actor), ['CLR'])
    assert.equal(actor.mme.contexts.has(actor.subject.imsi), false)
  })

  test('a profile that loses an APN by DSR and IDR', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const actor = world.subjects.take({ class: 'standard' })
    const row = world.store.rows.get(actor.subject.imsi)
    assert.ok(row !== undefined)
    const [first] = row.profile.apns
    world.store.rows.set(row.imsi, { ...row, profile: { ...row.profile, apns: [first, { ...first, name: 'second.iot' }] } })
    assert.deepEqual(await turnUntil(world.clock, attachAt(actor.mme, actor.subject)), { accepted: true })
    change(world, row.imsi, { profile: row.profile, registration: world.store.rows.get(row.imsi)?.registration })
    await world.clock.advanceAsync(1000)
    assert.deepEqual(commandsAt(actor), ['DSR', 'IDR'])
  })

  test('many changes at once are paced to the rate that the partner agreed to', async () => {
    const world = createVirtualWorld({
      sims: 2000,
      seed: 1,
      capacityPerSecond: 1000,
      partners: (rows) => rows.map((row) => ({ ...row, agreedRate: 10 })),
    })
    const actors: Actor[] = []
    for (let i = 0; i < 40; i++) actors.push(await attached(world, { network: 'fennmark' }))
    for (const actor of actors) change(world, actor.subject.imsi, { class: 'deferrable' })
    await world.clock.advanceAsync(10_000)
    const times = actors
      .flatMap((actor) =>
        actor.mme.received.filter((each) => each.imsi === actor.subject.imsi && each.command === 'IDR').map((each) => each.at),
      )
      .sort((a, b) => a - b)
    assert.equal(times.length, 40)
    for (const at of times) assert.ok(times.filter((each) => each > at - 1000 && each <= at).length <= 10)
  })
})

describe('answers that stick are given only where the store positively knows', () => {
  test('a store that is down: no 5001, no vectors, and service goes on when it is back', async () => {
    const world = createVirtualWorld({ sims: 300, seed: 1, capacityPerSecond: 1000 })
    world.store.isDown = true
    for (let i = 0; i < 50; i++) {
      const actor = world.subjects.take({})
      await turnUntil(world.clock, authenticateAt(actor.mme, actor.subject))
    }
    assert.equal(world.judged.length >= 50, true)
    for (const judged of world.judged) {
      assert.equal(judged.resultCode, 4181)
      assert.equal(judged.exchange.vectors, 0)
    }
    world.store.isDown = false
    await attached(world)
  })

  test('a store that goes down between the vector and the registration answers 5012 and keeps the old registration', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const actor = world.subjects.take({})
    assert.ok((await turnUntil(world.clock, authenticateAt(actor.mme, actor.subject))).ok)
    world.store.isDown = true
    const { updateAt } = await import('#sim/encounter.ts')
    const outcome = await turnUntil(world.clock, updateAt(actor.mme, actor.subject))
    assert.deepEqual(outcome, { ok: false, result: { code: 5012, experimental: false } })
    assert.equal(world.hss.peek(actor.subject.imsi)?.registration, null)
  })

  test('an IMSI of ours that does not exist is 5001', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const actor = world.subjects.take({})
    world.store.rows.delete(actor.subject.imsi)
    const outcome = await turnUntil(world.clock, authenticateAt(actor.mme, actor.subject))
    assert.deepEqual(outcome, { ok: false, result: { code: 5001, experimental: true } })
  })
})

describe('what a refusal tells', () => {
  test('a message in the name of another network gets the same answer whether or not there is such a subscriber', async () => {
    const world = createVirtualWorld({ sims: 300, seed: 1, capacityPerSecond: 100 })
    const actor = await attached(world, { class: 'critical', network: 'aurelia' })
    const [estrel] = world.visited.of('estrel')
    const answers = [actor.subject.imsi, '999709999999999'].map(async (imsi) => {
      const request = air(estrel.origin({ session: () => 'mme9.epc.mnc005.mcc001.3gppnetwork.org;1;1' }), { imsi, plmn: '001-01' })
      const reply = await turnUntil(world.clock, ask(estrel.transport, request))
      assert.ok(reply.ok)
      return reply.answer.avps
    })
    const [present, absent] = await Promise.all(answers)
    assert.deepEqual(present, absent)
  })
})

describe('a locked IMEI', () => {
  test('binds at the first attach, refuses another device, accepts another software version and an absent IMEI', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const actor = await attached(world, { class: 'standard' })
    assert.equal(world.store.rows.get(actor.subject.imsi)?.lockedImei, actor.subject.imei)
    const tryAs = (over: object) => turnUntil(world.clock, attachAt(actor.mme, { ...actor.subject, ...over }))
    assert.deepEqual(await tryAs({ softwareVersion: '77' }), { accepted: true })
    assert.equal((await tryAs({ imei: '99000000000017' })).accepted, false)
    const { imei: _imei, ...absent } = actor.subject
    assert.deepEqual(await turnUntil(world.clock, attachAt(actor.mme, absent)), { accepted: true })
  })
})

describe('sequence numbers', () => {
  test('two HSS processes never share SEQ: without the lease vectors are refused as temporarily unavailable', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100, holdsLease: false })
    const actor = world.subjects.take({})
    const outcome = await turnUntil(world.clock, authenticateAt(actor.mme, actor.subject))
    assert.deepEqual(outcome, { ok: false, result: { code: 4181, experimental: true } })
  })
})
