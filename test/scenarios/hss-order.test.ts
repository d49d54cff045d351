import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createVirtualWorld, type VirtualWorld } from '#cli/world/virtual.ts'
import type { Message } from '#protocols/diameter/codec.ts'
import { batchRow, type SimCard } from '#sim/cards.ts'
import { attachAt, authenticateAt } from '#sim/encounter.ts'
import { air, isSuccess } from '#sim/messages.ts'
import type { Mme } from '#sim/mme.ts'
import { subjectOf } from '#sim/visited.ts'
import { turnUntil } from './turn.ts'

/** The sequence numbers of an answer, as the card reads them from AUTN. */
function sqnsIn(sim: SimCard, answer: Message): number[] {
  const { usim } = subjectOf(sim)
  assert.ok(usim !== null && answer.command === 'AIA' && isSuccess(answer))
  return (answer.avps['Authentication-Info']?.['E-UTRAN-Vector'] ?? []).map((vector) => {
    const accepted = usim.authenticate(vector.RAND, vector.AUTN)
    assert.ok(accepted.ok)
    return accepted.sqn
  })
}

/** Asks for a vector; its answer is added to `answers` when it comes. */
function askFor(mme: Mme, sim: SimCard, answers: Message[]): void {
  mme.transport.request(air(mme.origin(), { imsi: sim.imsi, plmn: mme.plmn }), 6_000, (reply) => {
    assert.ok(reply.ok)
    answers.push(reply.answer)
  })
}

const seqOf = (sim: SimCard, sqn: number): number => Math.floor(sqn / 2 ** batchRow(sim.batchId).parameters.indBits)

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0))
}

/** Says that something of the subscription changed, as a notification does. */
function changed(world: VirtualWorld, imsi: string): void {
  const row = world.store.rows.get(imsi)
  assert.ok(row !== undefined)
  world.store.rows.set(imsi, { ...row })
  world.hss.changed(imsi)
}

describe('sequence numbers leave in the order in which they rise', () => {
  test('two requests of one node at once, the first of which has to wait for the store', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const { sim, subject } = world.subjects.take({ network: 'aurelia' })
    // A block is open after this one, and the next network is new: its first AIR is written down, the second need not be.
    assert.ok((await turnUntil(world.clock, authenticateAt(world.visited.of('aurelia')[0], subject))).ok)
    const answers: Message[] = []
    const [mme] = world.visited.of('brenn')
    for (let i = 0; i < 4; i++) askFor(mme, sim, answers)
    await world.clock.advanceAsync(100)
    assert.equal(answers.length, 4)
    const sqns = answers.flatMap((answer) => sqnsIn(sim, answer))
    assert.ok(isRising(sqns), `${sqns}`)
  })

  test('a network that got vectors is on record before they leave', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const { sim, subject } = world.subjects.take({ network: 'aurelia' })
    assert.ok((await turnUntil(world.clock, authenticateAt(world.visited.of('aurelia')[0], subject))).ok)
    const [mme] = world.visited.of('brenn')
    const onRecord: boolean[] = []
    for (let i = 0; i < 3; i++) {
      mme.transport.request(air(mme.origin(), { imsi: sim.imsi, plmn: mme.plmn }), 6_000, () => {
        onRecord.push(world.store.rows.get(sim.imsi)?.givenTo.includes(mme.plmn) === true)
      })
    }
    await world.clock.advanceAsync(100)
    assert.deepEqual(onRecord, [true, true, true])
  })

  test('where that could not be written the next request tries again', async () => {
    const world = createVirtualWorld({ sims: 100, seed: 1, capacityPerSecond: 100 })
    const { subject } = world.subjects.take({ network: 'aurelia' })
    assert.ok((await turnUntil(world.clock, authenticateAt(world.visited.of('aurelia')[0], subject))).ok)
    const [mme] = world.visited.of('brenn')
    world.store.isDown = true
    assert.equal((await turnUntil(world.clock, authenticateAt(mme, subject))).ok, false)
    world.store.isDown = false
    assert.ok((await turnUntil(world.clock, authenticateAt(mme, subject))).ok)
    assert.ok(world.store.rows.get(subject.imsi)?.givenTo.includes(mme.plmn))
  })
})

describe('a subscription that changes while one of its requests is held', () => {
  /** One registration a second, and that one is taken: whatever comes now is held. */
  async function storm() {
    const world = createVirtualWorld({ sims: 1_000, seed: 1, capacityPerSecond: 1 })
    const { sim, subject, mme } = world.subjects.take({ class: 'critical', network: 'aurelia' })
    const asked: Message[] = []
    askFor(mme, sim, asked)
    await world.clock.advanceAsync(0)
    assert.equal(asked.length, 1)
    return { world, sim, subject, mme, asked }
  }

  test('never gets a SEQ twice, nor one out of order', async () => {
    const { world, sim, mme, asked } = await storm()
    const [other] = world.visited.of('brenn')
    for (let i = 0; i < 6; i++) {
      askFor(i % 2 === 0 ? mme : other, sim, asked)
      changed(world, sim.imsi)
      await world.clock.advanceAsync(700)
    }
    await world.clock.advanceAsync(6_000)
    const seqs = asked.filter(isSuccess).flatMap((answer) => sqnsIn(sim, answer).map((sqn) => seqOf(sim, sqn)))
    assert.ok(seqs.length > 3)
    assert.ok(isRising(seqs), `${seqs}`)
  })

  test('is registered where its answer says', async () => {
    const { world, subject, mme } = await storm()
    const attached = attachAt(mme, subject)
    for (let i = 0; i < 30; i++) {
      changed(world, subject.imsi)
      await world.clock.advanceAsync(100)
    }
    assert.deepEqual(await turnUntil(world.clock, attached), { accepted: true })
    assert.equal(world.hss.peek(subject.imsi)?.registration?.mmeHost, mme.host)
    assert.equal(world.store.rows.get(subject.imsi)?.registration?.mmeHost, mme.host)
  })
})
