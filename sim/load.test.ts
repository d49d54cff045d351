import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#core/clock.ts'
import { createDiameterNode } from '#links/diameter/node.ts'
import type { DiameterNode } from '#links/diameter/types.ts'
import { answerTo, decode, type Message } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { generateSim, imsiAt } from './cards.ts'
import { type LoadOptions, runLoad } from './load.ts'
import { createLoadTemplate, readAnswer } from './load-template.ts'
import { home, peers } from './world.ts'

const base = { 'Origin-Host': home.hssHost, 'Origin-Realm': home.realm, 'Auth-Session-State': 1 }

/** A home node that counts what it is asked and answers by `answer`. */
function homeNode(answer: (request: Message) => Message | null): { node: DiameterNode; seen: Message[] } {
  const seen: Message[] = []
  const node = createDiameterNode({
    identity: home.hssHost,
    realm: home.realm,
    productName: 'home',
    originStateId: 1,
    applications: [{ vendor: 10415, id: 16_777_251 }],
    clock: systemClock,
    dictionary: diameter,
    peers: () => peers,
    onRequest(request, _link, respond) {
      seen.push(request)
      respond(answer(request))
    },
  })
  return { node, seen }
}

function success(request: Message): Message | null {
  if (request.command !== 'AIR' && request.command !== 'ULR') return null
  return answerTo(request, { ...base, 'Result-Code': 2001 })
}

async function load(answer: (request: Message) => Message | null, options: Omit<LoadOptions, 'target' | 'clock'>) {
  const { node, seen } = homeNode(answer)
  try {
    const target = await node.listen({ port: 0 })
    return { result: await runLoad({ ...options, target, clock: systemClock }), seen }
  } finally {
    await node.close()
  }
}

const imsiIn = (message: Message): string => (message.avps as { 'User-Name'?: string })['User-Name'] ?? ''

test('every request is about another SIM, carries another Session-Id, and is answered', async () => {
  const { result, seen } = await load(success, { operation: 'AIR', total: 2_000, window: 64 })
  assert.equal(result.sent, 2_000)
  assert.equal(result.answered, 2_000)
  assert.deepEqual(result.byResult, { '2001': 2_000 })
  assert.equal(result.timeouts, 0)
  assert.ok(!result.interrupted && result.perSecond > 0 && result.latencyMs.p50 > 0)
  assert.equal(new Set(seen.map(imsiIn)).size, 2_000)
  assert.equal(new Set(seen.map((message) => (message.avps as { 'Session-Id': string })['Session-Id'])).size, 2_000)
  assert.equal(imsiIn(seen[0] as Message), imsiAt(0))
})

test('an attach is an AIR and then the ULR of the same SIM; a refused AIR has none', async () => {
  const refused = imsiAt(3)
  const { result, seen } = await load(
    (request) => {
      if (request.command !== 'AIR' || request.avps['User-Name'] !== refused) return success(request)
      return answerTo(request, { ...base, 'Experimental-Result': { 'Vendor-Id': 10415, 'Experimental-Result-Code': 5001 } })
    },
    { operation: 'attach', total: 50, window: 8 },
  )
  assert.deepEqual(result.byResult, { '2001': 98, e5001: 1 })
  const ulrs = seen.filter((message) => message.command === 'ULR').map(imsiIn)
  assert.equal(ulrs.length, 49)
  assert.ok(!ulrs.includes(refused))
})

test('the rate is kept', async () => {
  const { result } = await load(success, { operation: 'AIR', total: 60, ratePerSecond: 300 })
  assert.ok(result.seconds >= 0.18, `${result.seconds} s for 60 requests at 300 a second`)
})

test('a peer that the operator does not list is told so', async () => {
  const stranger = { identity: 'mme1.epc.mnc099.mcc001.3gppnetwork.org', realm: 'epc.mnc099.mcc001.3gppnetwork.org', plmn: '001-99' }
  await assert.rejects(load(success, { operation: 'AIR', total: 1, peer: stranger }), /was not accepted as a peer/)
})

test('a patched copy is the message that the codec would have made', () => {
  const template = createLoadTemplate('ULR', { identity: 'mme01.example', realm: 'example', plmn: '001-01' })
  const message = decode(diameter, template.make(generateSim(7, 1).imsi, 0x0102_0003, 42))
  assert.ok(message.command === 'ULR')
  assert.equal(message.avps['User-Name'], generateSim(7, 1).imsi)
  assert.equal(message.avps['Session-Id'], 'mme01.example;1;0000000042')
  assert.equal(message.hopByHop, 0x0102_0003)
  assert.equal(message.endToEnd, 42)
  assert.equal(readAnswer(template.make('999700000000001', 1, 1)), null)
})
