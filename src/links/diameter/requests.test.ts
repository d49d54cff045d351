import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { answerTo, encode, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { Message, MessageOf } from '#protocols/diameter/message.ts'
import { abroad, home, loopback, peerRow, purgeRequest, s6a, success } from './loopback.fixture.ts'
import type { DiameterNodeOptions, Respond } from './types.ts'

const mme = { host: `mme1.${abroad}`, realm: abroad }
const hssHost = `hss.${home}`

async function served(t: TestContext, more: Partial<DiameterNodeOptions> = {}, rows = [peerRow('mme1')]) {
  const bench = loopback(t)
  const hss = bench.station(hssHost, home, rows, more)
  const { port } = await hss.node.listen({ port: 0 })
  const peer = await bench.openRawPeer(port, mme.host)
  return { ...bench, hss, port, peer }
}

/** The Result-Code, also of an answer to a command that nobody knows. */
function resultOf(message: Message): unknown {
  const raw = message.others.find((avp) => avp.code === 268)
  return raw === undefined ? (message.avps as Record<string, unknown>)['Result-Code'] : raw.data.readUInt32BE(0)
}

/** A request with other bits and identifiers. */
function marked(message: MessageOf<'PUR'>, more: Partial<Pick<Message, 'hopByHop' | 'endToEnd' | 'retransmitted'>>): Message {
  return { ...message, ...more } as Message
}

test('what is not for us is refused by the code of its reason, and the connection stays', async (t) => {
  const { hss, peer } = await served(t)
  const pur = purgeRequest(mme)
  const unknownCommand = encode(diameter, pur)
  unknownCommand.writeUIntBE(8_388_600, 5, 3)
  const unknownApplication = encode(diameter, pur)
  unknownApplication.writeUInt32BE(16_777_999, 8)
  const notOurApplication = encode(diameter, pur)
  notOurApplication.writeUInt32BE(16_777_238, 8)
  const baseCommand = encode(diameter, pur)
  baseCommand.writeUInt32BE(0, 8)
  const cases: [Message | Buffer, number][] = [
    [purgeRequest(mme, { 'Destination-Realm': 'elsewhere.example' }), 3003],
    [purgeRequest(mme, { 'Destination-Host': `other.${home}` }), 3002],
    [purgeRequest(mme, { 'Route-Record': ['relay.example', hssHost.toUpperCase()] }), 3005],
    [unknownCommand, 3001],
    [unknownApplication, 3007],
    [notOurApplication, 3007],
    [baseCommand, 3001],
  ]
  for (const [request, code] of cases) {
    peer.send(request)
    const answer = await peer.next()
    assert.equal(resultOf(answer), code)
    assert.equal(answer.error, true, 'protocol errors carry the E bit')
    assert.equal((await hss.until('not-for-us')).resultCode, code)
  }
  peer.send(purgeRequest(mme, { 'Destination-Host': hssHost.toUpperCase(), 'Destination-Realm': home.toUpperCase() }))
  assert.equal(resultOf(await peer.next()), 2001)
})

test('a malformed request gets its error answer, and the next one is served', async (t) => {
  const { hss, peer } = await served(t)
  const withoutUser = encode(diameter, purgeRequest(mme))
  // User-Name becomes an AVP that nobody knows, without the M bit: it is missing then.
  withoutUser.write('\x00\x00\xff\xf0\x00', withoutUser.indexOf(Buffer.from('0000000140', 'hex')), 'latin1')
  peer.send(withoutUser)
  assert.equal(resultOf(await peer.next()), 5005)
  assert.equal((await hss.until('malformed')).resultCode, 5005)
  peer.send(purgeRequest(mme))
  assert.equal(resultOf(await peer.next()), 2001)
  assert.equal(hss.link().counters.malformed, 1)
})

test('an unknown AVP with the M bit is refused with 5001, or handed over by name where the peer is read leniently', async (t) => {
  const odd = { ...purgeRequest(mme), others: [{ code: 59_999, vendor: 0, flags: 0x40, data: Buffer.from([1]) }] }
  const strict = await served(t)
  strict.peer.send(odd)
  assert.equal(resultOf(await strict.peer.next()), 5001)

  const seen: (readonly string[] | undefined)[] = []
  const lenient = await served(t, {
    leniency: (link) => ({ lenientMBits: link.peerId === 'mme1' }),
    onRequest(request, _link, respond) {
      seen.push(request.waived)
      respond(success(request))
    },
  })
  lenient.peer.send(odd)
  assert.equal(resultOf(await lenient.peer.next()), 2001)
  lenient.peer.send(purgeRequest(mme))
  assert.equal(resultOf(await lenient.peer.next()), 2001)
  assert.deepEqual(seen, [['m-bits: AVP 59999'], undefined])
})

test('a retransmission gets the stored answer under its own Hop-by-Hop, also on a new connection', async (t) => {
  let asked = 0
  const { hss, port, peer, openRawPeer } = await served(t, {
    onRequest(request, _link, respond) {
      asked += 1
      respond(success(request))
    },
  })
  const pur = purgeRequest(mme)
  peer.send(marked(pur, { hopByHop: 1, endToEnd: 99 }))
  const first = await peer.next()
  peer.send(marked(pur, { hopByHop: 2, endToEnd: 99, retransmitted: true }))
  const second = await peer.next()
  assert.deepEqual({ ...second, hopByHop: 1 }, first)
  assert.equal(second.hopByHop, 2)
  peer.socket.destroy()
  await hss.until('peer-down')
  const again = await openRawPeer(port, mme.host)
  again.send(marked(pur, { hopByHop: 3, endToEnd: 99, retransmitted: true }))
  assert.equal((await again.next()).hopByHop, 3)
  assert.equal(asked, 1)
  again.send(marked(purgeRequest(mme, { 'Session-Id': 'another' }), { hopByHop: 4, endToEnd: 99, retransmitted: true }))
  await again.next()
  assert.equal(asked, 2, 'another Session-Id is another request')
  assert.equal(hss.link().counters.retransmitted, 2)
})

test('the answer to a request that is larger than any of an MME is not kept', async (t) => {
  let asked = 0
  const { peer } = await served(t, {
    onRequest(request, _link, respond) {
      asked += 1
      respond(success(request))
    },
  })
  for (const [octets, expected] of [
    [6_000, 1],
    [10_000, 3],
  ] as const) {
    const large = purgeRequest(mme, { 'Session-Id': 'x'.repeat(octets) })
    peer.send(marked(large, { hopByHop: 1, endToEnd: octets }))
    peer.send(marked(large, { hopByHop: 2, endToEnd: octets, retransmitted: true }))
    await peer.next()
    await peer.next()
    assert.equal(asked, expected)
  }
})

test('a retransmission of a request that is being worked on waits for its answer', async (t) => {
  const asked: { request: Message; respond: Respond }[] = []
  const { hss, peer } = await served(t, { onRequest: (request, _link, respond) => void asked.push({ request, respond }) })
  const pur = purgeRequest(mme)
  peer.send(marked(pur, { hopByHop: 1, endToEnd: 5 }))
  peer.send(marked(pur, { hopByHop: 2, endToEnd: 5, retransmitted: true }))
  peer.send(requestOf(diameter, 'DWR', { 'Origin-Host': mme.host, 'Origin-Realm': mme.realm }))
  assert.equal((await peer.next()).command, 'DWA')
  assert.equal(asked.length, 1)
  assert.equal(hss.link().pending, 1)
  for (const { request, respond } of asked) respond(success(request))
  const hops = [(await peer.next()).hopByHop, (await peer.next()).hopByHop]
  assert.deepEqual(hops.toSorted(), [1, 2])
})

test('a retransmission may come through another agent, but nobody else gets the stored answer', async (t) => {
  let asked = 0
  const rows = [
    peerRow('dra1', { role: 'agent' }),
    peerRow('dra2', { role: 'agent' }),
    peerRow('far', { role: 'agent', linkClass: 'national' }),
    peerRow('mme1'),
  ]
  const { port, peer, openRawPeer } = await served(
    t,
    {
      onRequest(request, _link, respond) {
        asked += 1
        respond(success(request))
      },
    },
    rows,
  )
  const dra1 = await openRawPeer(port, `dra1.${abroad}`)
  const dra2 = await openRawPeer(port, `dra2.${abroad}`)
  const far = await openRawPeer(port, `far.${abroad}`)
  const pur = purgeRequest({ host: `mme9.${abroad}`, realm: abroad })
  dra1.send(marked(pur, { hopByHop: 1, endToEnd: 77 }))
  await dra1.next()
  dra2.send(marked(pur, { hopByHop: 2, endToEnd: 77, retransmitted: true }))
  await dra2.next()
  assert.equal(asked, 1)
  for (const other of [far, peer]) {
    other.send(marked(pur, { hopByHop: 3, endToEnd: 77, retransmitted: true }))
    await other.next()
  }
  assert.equal(asked, 3)
})

test('over the limit of pending requests the answer is 3004 and reading stops until half are answered', async (t) => {
  const waiting: { request: Message; respond: Respond }[] = []
  const { hss, peer } = await served(t, {
    limits: { pendingPerPeer: 4 },
    onRequest: (request, _link, respond) => void waiting.push({ request, respond }),
  })
  const burst = Array.from({ length: 6 }, (_, i) => encode(diameter, marked(purgeRequest(mme), { hopByHop: i, endToEnd: 100 + i })))
  peer.send(Buffer.concat(burst))
  const busy = [await peer.next(), await peer.next()]
  assert.deepEqual(
    busy.map((answer) => [answer.hopByHop, resultOf(answer), answer.error]),
    [
      [4, 3004, true],
      [5, 3004, true],
    ],
  )
  assert.equal((await hss.until('overflow')).what, 'pending')
  assert.equal(hss.link().counters.busy, 2)
  peer.send(marked(purgeRequest(mme), { hopByHop: 50, endToEnd: 150 }))
  for (const { request, respond } of waiting.splice(0)) respond(success(request))
  for (let i = 0; i < 4; i++) assert.equal(resultOf(await peer.next()), 2001)
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const [last] = waiting
  last?.respond(success(last.request))
  assert.equal((await peer.next()).hopByHop, 50)
})

test('a request dropped on purpose, or never answered, frees its place; a late or second answer is not sent', async (t) => {
  const clock = new VirtualClock()
  const waiting: { request: Message; respond: Respond }[] = []
  const { hss, peer } = await served(t, { clock, onRequest: (request, _link, respond) => void waiting.push({ request, respond }) })
  for (let i = 0; i < 3; i++) peer.send(marked(purgeRequest(mme), { hopByHop: i, endToEnd: 10 + i }))
  while (waiting.length < 3) await new Promise((resolve) => setImmediate(resolve))
  waiting[0]?.respond(null)
  assert.equal(hss.link().pending, 2)
  clock.advance(30_000)
  assert.equal(hss.link().pending, 0)
  assert.equal(hss.link().counters.unanswered, 2)
  for (const { request, respond } of waiting) respond(success(request))
  peer.send(marked(purgeRequest(mme), { hopByHop: 9, endToEnd: 19 }))
  while (waiting.length < 4) await new Promise((resolve) => setImmediate(resolve))
  const last = waiting[3]
  last?.respond(success(last.request))
  last?.respond(success(last.request))
  assert.equal((await peer.next()).hopByHop, 9)
  assert.equal(hss.link().counters.answersOut, 1)
})

test('a function that throws, or answers nonsense, costs its own request 5012', async (t) => {
  let turn = 0
  const { hss, peer } = await served(t, {
    onRequest(request, _link, respond) {
      turn += 1
      if (turn === 1) throw new Error('broken')
      respond(turn === 2 ? ({ ...success(request), avps: { 'Origin-Host': 5 } } as unknown as Message) : success(request))
    },
  })
  for (const code of [5012, 5012, 2001]) {
    peer.send(purgeRequest(mme))
    assert.equal(resultOf(await peer.next()), code)
  }
  assert.equal((await hss.until('function-failed')).because, 'broken')
})

test('an answer counts only if every identifier, its Session-Id and its origin fit', async (t) => {
  const { hss, peer } = await served(t)
  const clr = requestOf(diameter, 'CLR', {
    'Session-Id': `${hssHost};1;1`,
    'Auth-Session-State': 1,
    'Origin-Host': hssHost,
    'Origin-Realm': home,
    'Destination-Host': mme.host,
    'Destination-Realm': abroad,
    'User-Name': '001015550000001',
    'Cancellation-Type': 0,
  })
  const result = hss.node.request(clr, { host: mme.host, realm: abroad })
  const request = await peer.next()
  assert.ok(request.command === 'CLR')
  const good = answerTo(request, {
    'Result-Code': 2001,
    'Auth-Session-State': 1,
    'Origin-Host': mme.host,
    'Origin-Realm': abroad,
  }) as Message
  peer.send({ ...good, hopByHop: request.hopByHop + 1 } as Message)
  assert.equal((await hss.until('unsolicited-answer')).endToEnd, request.endToEnd)
  const altered: [Message, string][] = [
    [{ ...good, endToEnd: request.endToEnd + 1 } as Message, 'end-to-end'],
    [{ ...good, code: 321, command: 'PUA' } as Message, 'command'],
    [{ ...good, avps: { ...good.avps, 'Origin-Host': `evil.${abroad}` } } as Message, 'origin-host'],
    [{ ...good, avps: { ...good.avps, 'Session-Id': 'another' } } as Message, 'session-id'],
  ]
  for (const [message, because] of altered) {
    peer.send(message)
    assert.equal((await hss.until('altered-answer')).because, because)
  }
  peer.send({ ...good, avps: { ...good.avps, 'Origin-Host': mme.host.toUpperCase() } } as Message)
  const outcome = await result
  assert.ok(outcome.ok)
  peer.send(good)
  await hss.until('unsolicited-answer')
  assert.deepEqual([hss.link().counters.altered, hss.link().counters.unsolicited, hss.link().counters.answersIn], [4, 2, 1])
})

test('requests that cannot leave or are not answered say why', async (t) => {
  const clock = new VirtualClock()
  const { hss, peer } = await served(t, { clock, limits: { outstandingPerPeer: 1 } })
  const pur = purgeRequest({ host: hssHost, realm: home }, { 'Destination-Realm': abroad })
  const to = { peerId: 'mme1' }
  assert.deepEqual(await hss.node.request(pur, { peerId: 'nobody' }), { ok: false, why: 'no-route' })
  assert.deepEqual(await hss.node.request(pur, { realm: 'nowhere.example' }), { ok: false, why: 'no-route' })
  assert.deepEqual(await hss.node.request({ ...pur, application: s6a.id + 1 } as Message, to), { ok: false, why: 'no-route' })
  const first = hss.node.request(pur, to)
  assert.deepEqual(await hss.node.request(pur, to), { ok: false, why: 'busy' })
  clock.advance(6_000)
  assert.deepEqual(await first, { ok: false, why: 'timeout' })
  const second = hss.node.request(pur, to, 60_000)
  peer.socket.destroy()
  assert.deepEqual(await second, { ok: false, why: 'closed' })
})
