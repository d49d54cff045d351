import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { plmnToBytes } from '#core/bcd.ts'
import { VirtualClock } from '#core/clock.ts'
import type { PeerRow } from '#links/diameter/types.ts'
import { answerTo, peekHeader, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { Message, MessageOf } from '#protocols/diameter/message.ts'
import { relayBench, relayIdentity, relayRealm, relayRow, withoutFreeDiameter } from './freediameter.ts'

const home = 'epc.mnc001.mcc001.3gppnetwork.org'
const abroad = 'epc.mnc099.mcc999.3gppnetwork.org'
const hss = { host: `hss.${home}`, realm: home }
const mme = { host: `mme1.${abroad}`, realm: abroad }

const vector = { RAND: Buffer.alloc(16, 1), XRES: Buffer.alloc(8, 2), AUTN: Buffer.alloc(16, 3), KASME: Buffer.alloc(32, 4) }

function authenticationRequest(subscriber: number, more: { host?: string; realm?: string } = {}): MessageOf<'AIR'> {
  return requestOf(diameter, 'AIR', {
    'Session-Id': `${mme.host};1;${subscriber}`,
    'Auth-Session-State': 1,
    'Origin-Host': mme.host,
    'Origin-Realm': mme.realm,
    'Destination-Realm': more.realm ?? home,
    ...(more.host === undefined ? {} : { 'Destination-Host': more.host }),
    'User-Name': `00101${String(subscriber).padStart(10, '0')}`,
    'Visited-PLMN-Id': plmnToBytes('999-99'),
    'Requested-EUTRAN-Authentication-Info': { 'Number-Of-Requested-Vectors': 1, 'Immediate-Response-Preferred': 1 },
  })
}

function authenticationAnswer(request: MessageOf<'AIR'>): Message {
  return answerTo(request, {
    'Result-Code': 2001,
    'Auth-Session-State': 1,
    'Origin-Host': hss.host,
    'Origin-Realm': hss.realm,
    'Authentication-Info': { 'E-UTRAN-Vector': [vector] },
  })
}

/** MME - relay - HSS, all open. The relay connects to the HSS; the MME connects to the relay. */
async function chain(t: TestContext, tls: boolean, watchdogS?: number) {
  const bench = relayBench(t)
  const transport: PeerRow['transport'] = tls ? 'tls' : 'tcp'
  const requests: MessageOf<'AIR'>[] = []
  const server = bench.node(hss.host, home, [relayRow([abroad], { transport })], {
    onRequest(request, _link, respond) {
      if (request.command !== 'AIR') return respond(null)
      requests.push(request)
      respond(authenticationAnswer(request))
    },
  })
  const at = await server.node.listen({ port: 0, tls })
  const relay = await bench.relay(
    [
      { identity: hss.host, tls, connectTo: at },
      { identity: mme.host, tls },
    ],
    watchdogS,
  )
  await relay.untilOpen(hss.host)
  const connectTo = { host: relay.host, port: tls ? relay.tlsPort : relay.port }
  const client = bench.node(mme.host, abroad, [relayRow([home], { transport, connectTo })], {
    onRequest(request, _link, respond) {
      if (request.command !== 'CLR') return respond(null)
      respond(answerTo(request, { 'Result-Code': 2001, 'Auth-Session-State': 1, 'Origin-Host': mme.host, 'Origin-Realm': abroad }))
    },
  })
  await client.until('peer-up')
  await relay.untilOpen(mme.host)
  return { bench, server, client, relay, requests }
}

for (const tls of [false, true]) {
  test(`freeDiameter relays AIR and CLR between our nodes over ${tls ? 'TLS' : 'TCP'}`, { skip: withoutFreeDiameter }, async (t) => {
    const { server, client, requests } = await chain(t, tls)
    assert.equal(server.node.links()[0]?.tls, tls)
    assert.equal(client.node.links()[0]?.tls, tls)
    const count = 200
    const to = { realm: home }
    const results = await Promise.all(
      Array.from({ length: count }, (_, i) => client.node.request(authenticationRequest(i + 1, i % 2 === 0 ? {} : { host: hss.host }), to)),
    )
    for (const result of results) {
      assert.ok(result.ok)
      assert.ok(result.answer.command === 'AIA')
      assert.equal(result.answer.avps['Origin-Host'], hss.host)
      assert.deepEqual(result.answer.avps['Authentication-Info']?.['E-UTRAN-Vector']?.[0]?.RAND, vector.RAND)
    }
    assert.equal(requests.length, count)
    assert.deepEqual(requests[0]?.avps['Route-Record'], [mme.host], 'the relay says where the request came from')
    const cancelled = await server.node.request(
      requestOf(diameter, 'CLR', {
        'Session-Id': `${hss.host};1;1`,
        'Auth-Session-State': 1,
        'Origin-Host': hss.host,
        'Origin-Realm': home,
        'Destination-Host': mme.host,
        'Destination-Realm': abroad,
        'User-Name': '001010000000001',
        'Cancellation-Type': 0,
      }),
      { host: mme.host, realm: abroad },
    )
    assert.ok(cancelled.ok)
    assert.equal(cancelled.answer.command, 'CLA')
    for (const { events } of [server, client]) {
      assert.deepEqual(
        events.filter((event) => ['malformed', 'altered-answer', 'unsolicited-answer', 'peer-down'].includes(event.kind)),
        [],
      )
    }
  })
}

test('freeDiameter answers for a realm that it cannot reach, and our node reads its error', { skip: withoutFreeDiameter }, async (t) => {
  const { client } = await chain(t, false)
  const result = await client.node.request(authenticationRequest(1, { realm: 'nowhere.example' }), { peerId: 'dra' })
  assert.ok(result.ok)
  assert.equal(result.answer.error, true)
  assert.equal((result.answer.avps as Record<string, unknown>)['Result-Code'], 3002)
})

test('watchdogs pass both ways with freeDiameter, and its end is an orderly one', { skip: withoutFreeDiameter }, async (t) => {
  const bench = relayBench(t)
  const seen = new Set<string>()
  const { promise, resolve } = Promise.withResolvers<void>()
  // Our clock is turned by hand; the relay's watchdog comes by itself after 4 to 8 s of silence.
  const clock = new VirtualClock()
  const server = bench.node(hss.host, home, [relayRow([abroad])], {
    clock,
    timers: { watchdogMs: 6_000 },
    tap(direction, octets) {
      const { code, request } = peekHeader(octets)
      if (code !== 280) return
      seen.add(`${direction} ${request ? 'DWR' : 'DWA'}`)
      if (seen.size === 4) resolve()
    },
  })
  const at = await server.node.listen({ port: 0 })
  const relay = await bench.relay([{ identity: hss.host, tls: false, connectTo: at }], 6)
  await relay.untilOpen(hss.host)
  await server.until('peer-up')
  clock.advance(8_000)
  await promise
  assert.equal(server.node.links()[0]?.state, 'open')
  const stopped = relay.stop()
  const down = await server.until('peer-down')
  assert.ok(down.kind === 'peer-down')
  assert.equal(down.cause, 'disconnect-peer')
  await stopped
})

test('freeDiameter under a name that no row has is refused', { skip: withoutFreeDiameter }, async (t) => {
  const bench = relayBench(t)
  const server = bench.node(hss.host, home, [relayRow([abroad], { identity: `other.${relayRealm}`, transport: 'tls' })])
  const at = await server.node.listen({ port: 0, tls: true })
  await bench.relay([{ identity: hss.host, tls: true, connectTo: at }])
  const refused = await server.until('peer-refused')
  assert.ok(refused.kind === 'peer-refused')
  assert.equal(refused.reason, 'unknown-peer')
  assert.equal(refused.identity, relayIdentity)
})
