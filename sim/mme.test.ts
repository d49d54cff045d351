import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '#protocols/diameter/codec.ts'
import type { AttachOutcome } from './device.ts'
import { idr, rsr } from './messages.ts'
import type { Mme, Subject } from './mme.ts'
import { createStage } from './stage.fixture.ts'
import { home } from './world.ts'

function attach(mme: Mme, subject: Subject): AttachOutcome | 'pending' {
  let outcome: AttachOutcome | 'pending' = 'pending'
  mme.attach(subject, (result) => {
    outcome = result
  })
  return outcome
}

test('every SIM of the world attaches where it is, MILENAGE and TUAK, with vectors that its card accepts', () => {
  const { sims, visited, subject, hss } = createStage()
  for (const sim of sims) assert.deepEqual(attach(visited.serving(sim), subject(sim.index)), { accepted: true }, sim.imsi)
  assert.equal(hss.registrations.size, sims.length)
  assert.deepEqual(new Set(sims.map((sim) => sim.algorithm)), new Set(['MILENAGE', 'TUAK']))
  for (const mme of visited.mmes) assert.equal(mme.counters.badVectors, 0)
})

test('a device that moves is cancelled at its former MME', () => {
  const { visited, subject } = createStage()
  const [aurelia] = visited.of('aurelia')
  const [brenn] = visited.of('brenn')
  attach(aurelia, subject(0))
  attach(brenn, subject(0))
  assert.ok(!aurelia.contexts.has(subject(0).imsi))
  assert.ok(brenn.contexts.has(subject(0).imsi))
  assert.deepEqual(
    aurelia.received.map(({ command }) => command),
    ['CLR'],
  )
})

test('a card ahead of the home network resynchronises once and then attaches', () => {
  const { visited, subject } = createStage()
  const [mme] = visited.of('aurelia')
  // A first SEQ is fresh in an IND that the card has not met, whatever the others hold: fill them all.
  for (let ind = 0; ind < 32; ind++) subject(1).usim?.setSqn(900 * 32 + ind)
  assert.deepEqual(attach(mme, subject(1)), { accepted: true })
  assert.equal(mme.counters.resynchronisations, 1)
  assert.equal(mme.counters.airs, 2)
})

test('no answer within six seconds is a network failure', () => {
  const { clock, network, visited, subject } = createStage()
  network.onRequest(() => {})
  const [mme] = visited.of('aurelia')
  let outcome: AttachOutcome | undefined
  mme.attach(subject(0), (result) => {
    outcome = result
  })
  clock.advance(5_999)
  assert.equal(outcome, undefined)
  clock.advance(1)
  assert.deepEqual(outcome, { accepted: false, cause: 17 })
})

test('an overload report makes a DOIC client refuse attaches with a back-off of 15 to 30 minutes', () => {
  const { network, visited, subject } = createStage()
  const announced: [string, boolean][] = []
  const withReport = { 'OC-Sequence-Number': 1n, 'OC-Report-Type': 0, 'OC-Reduction-Percentage': 100, 'OC-Validity-Duration': 30 }
  network.onRequest((request, _peer, respond) => {
    if (request.command !== 'AIR') return respond(null)
    const base = { 'Origin-Host': home.hssHost, 'Origin-Realm': home.realm, 'Auth-Session-State': 1, 'Result-Code': 5012 }
    announced.push([request.avps['Origin-Realm'], request.avps['OC-Supported-Features'] !== undefined])
    respond(answerTo(request, { ...base, 'OC-OLR': withReport }))
  })
  const [plain] = visited.of('aurelia')
  const [random] = visited.of('brenn')
  assert.deepEqual(attach(random, subject(0)), { accepted: false, cause: 17 })
  const second = attach(random, subject(0))
  assert.ok(second !== 'pending' && !second.accepted && second.cause === 22)
  assert.ok((second.t3346Ms ?? 0) >= 900_000 && (second.t3346Ms ?? 0) <= 1_800_000)
  assert.equal(random.counters.abated, 1)
  attach(plain, subject(0))
  attach(plain, subject(0))
  assert.equal(plain.counters.abated, 0)
  for (const [realm, announces] of announced) assert.equal(announces, realm.includes('mnc002'))
})

test('the MME answers what the home network asks: location, a device handed over, one it does not know, a reset', () => {
  const { network, visited, subject } = createStage()
  const [mme] = visited.of('aurelia')
  attach(mme, subject(0))
  const origin = { host: home.hssHost, realm: home.realm, destinationHost: mme.host, destinationRealm: 'x', session: () => 's;1;1' }
  const askIdr = (imsi: string) => {
    let answer: unknown
    network.request('mme01.aurelia', idr(origin, imsi, 12), 6_000, (reply) => {
      answer = reply.ok ? reply.answer.avps : reply.why
    })
    return answer as Record<string, unknown>
  }
  const present = askIdr(subject(0).imsi)
  assert.equal(present['Result-Code'], 2001)
  assert.deepEqual(present['EPS-User-State'], { 'MME-User-State': { 'User-State': 2 } })
  assert.ok(present['EPS-Location-Information'] !== undefined)
  mme.handOver(subject(0).imsi)
  assert.deepEqual(askIdr(subject(0).imsi)['EPS-User-State'], { 'MME-User-State': { 'User-State': 0 } })
  assert.deepEqual(askIdr('999700999999999')['Experimental-Result'], { 'Vendor-Id': 10415, 'Experimental-Result-Code': 5001 })
  network.request('mme01.aurelia', rsr(origin, ['99970']), 6_000, () => {})
  assert.equal(mme.contexts.get(subject(0).imsi)?.restorationNeeded, true)
})
