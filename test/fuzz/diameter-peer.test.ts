import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Random, seededRandom } from '#core/random.ts'
import { createFramer } from '#links/diameter/framing.ts'
import {
  abroad,
  capabilitiesRequest,
  home,
  loopback,
  peerRow,
  purgeRequest,
  type RawPeer,
  type Station,
  s6a,
} from '#links/diameter/loopback.fixture.ts'
import { encode, peekHeader, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { createAuthority } from '#sim/authority.ts'

const good = { host: `good.${abroad}`, realm: abroad }
const bad = { host: `bad.${abroad}`, realm: abroad }
const hss = { host: `hss.${home}`, realm: home }

/** An HSS with a well-behaved peer, which must never notice what the other one does. */
async function besieged(t: TestContext) {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 0x7fff_ffff)
  t.diagnostic(`FUZZ_SEED=${seed}`)
  const bench = loopback(t)
  const server = bench.station(hss.host, home, [peerRow('good'), peerRow('bad')], { limits: { storedAnswersPerPeer: 64 } })
  const { port } = await server.node.listen({ port: 0 })
  const witness = await bench.openRawPeer(port, good.host)
  let asked = 0
  return {
    ...bench,
    random: seededRandom(seed),
    server,
    port,
    /** The good peer asks, and is answered. */
    async serves(): Promise<void> {
      witness.send({ ...purgeRequest(good), hopByHop: ++asked, endToEnd: asked })
      const answer = await witness.next()
      assert.equal(answer.hopByHop, asked)
      assert.equal((answer.avps as Record<string, unknown>)['Result-Code'], 2001)
      assert.equal(server.link('good').state, 'open')
    },
  }
}

/** An AVP as raw octets; `length` may lie. */
function avp(code: number, data: Buffer, more: { flags?: number; vendor?: number; length?: number } = {}): Buffer {
  const { flags = 0x40, vendor } = more
  const head = Buffer.alloc(vendor === undefined ? 8 : 12)
  head.writeUInt32BE(code, 0)
  head[4] = flags | (vendor === undefined ? 0 : 0x80)
  head.writeUIntBE(more.length ?? head.length + data.length, 5, 3)
  if (vendor !== undefined) head.writeUInt32BE(vendor, 8)
  return Buffer.concat([head, data, Buffer.alloc((4 - (data.length % 4)) % 4)])
}

function framed(header: { code: number; application: number; flags?: number }, ...avps: Buffer[]): Buffer {
  const head = Buffer.alloc(20)
  const length = 20 + avps.reduce((sum, each) => sum + each.length, 0)
  head.writeUInt32BE(0x0100_0000 + length, 0)
  head.writeUInt32BE((((header.flags ?? 0xc0) << 24) | header.code) >>> 0, 4)
  head.writeUInt32BE(header.application, 8)
  head.writeUInt32BE(0x1111_1111, 12)
  head.writeUInt32BE(0x2222_2222, 16)
  return Buffer.concat([head, ...avps])
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const word = (value: number): Buffer => Buffer.from([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff])
const watchdog = (): Buffer => encode(diameter, requestOf(diameter, 'DWR', { 'Origin-Host': bad.host, 'Origin-Realm': bad.realm }))

function updateLocation(sessionId: Buffer, userName: Buffer | null, ...more: Buffer[]): Buffer {
  return framed(
    { code: 316, application: s6a.id },
    avp(263, sessionId),
    avp(277, word(1)),
    avp(264, text(bad.host)),
    avp(296, text(bad.realm)),
    avp(283, text(home)),
    ...(userName === null ? [] : [avp(1, userName)]),
    avp(1032, word(1004), { vendor: 10415 }),
    avp(1405, word(2), { vendor: 10415 }),
    avp(1407, Buffer.from([0x99, 0xf9, 0x99]), { vendor: 10415 }),
    ...more,
  )
}

/** Waits until the server has seen the end of the bad peer's link too. */
async function isFree(server: Station): Promise<void> {
  while (server.link('bad').state !== 'closed') await new Promise((resolve) => setImmediate(resolve))
}

/** Opens the bad peer's link; waits for an earlier one to be gone. */
async function openBad(bench: Awaited<ReturnType<typeof besieged>>): Promise<RawPeer> {
  await isFree(bench.server)
  return bench.openRawPeer(bench.port, bad.host)
}

const session = text(`${bad.host};1;1`)
const user = text('001015550000001')
const nested = (depth: number): Buffer =>
  depth === 0 ? avp(1400, Buffer.alloc(0), { vendor: 10415 }) : avp(1400, nested(depth - 1), { vendor: 10415 })

/**
 * Requests that stopped other HSSs, and their kin, with the Result-Codes that they get (E: with the E bit; unreadable: the
 * answer repeats a Session-Id that no decoder takes). 2001 where only a function can judge. Each leaves the link as it was.
 */
const malformedRequests: Readonly<Record<string, readonly [expected: readonly (number | string)[], octets: Buffer]>> = {
  'ULR without Destination-Realm': [[5005], framed({ code: 316, application: s6a.id }, avp(263, session), avp(264, text(bad.host)))],
  'ULR with nothing in it': [[5005], framed({ code: 316, application: s6a.id })],
  'Session-Id that starts with NUL': [['unreadable'], updateLocation(Buffer.concat([Buffer.alloc(4), session]), user)],
  'empty Session-Id': [[2001], updateLocation(Buffer.alloc(0), user)],
  'Session-Id that is not UTF-8': [['unreadable'], updateLocation(Buffer.from([0xff, 0xfe, 0xc0, 0x80]), user)],
  'Session-Id of 32 KiB': [[5012], updateLocation(Buffer.alloc(32_768, 'x'), user)],
  'empty User-Name': [[2001], updateLocation(session, Buffer.alloc(0))],
  'User-Name without a digit': [[2001], updateLocation(session, text('nobody'))],
  'User-Name of NULs': [[5004], updateLocation(session, Buffer.alloc(15))],
  'User-Name of 30,000 digits': [[2001], updateLocation(session, Buffer.alloc(30_000, '1'))],
  'no User-Name': [[5005], updateLocation(session, null)],
  'two User-Names': [[5009], updateLocation(session, user, avp(1, user))],
  'sixty-four Origin-Hosts': [[5009], updateLocation(session, user, ...Array.from({ length: 64 }, () => avp(264, text(bad.host))))],
  'a thousand unknown AVPs': [
    [5012],
    updateLocation(session, user, ...Array.from({ length: 1000 }, (_, i) => avp(60_000 + i, word(i), { flags: 0 }))),
  ],
  'an AVP whose length is 0': [[5014], updateLocation(session, user, avp(1, Buffer.alloc(4), { length: 0 }))],
  'an AVP whose length is 7': [[5014], updateLocation(session, user, avp(1, Buffer.alloc(4), { length: 7 }))],
  'an AVP longer than the message': [[5014], updateLocation(session, user, avp(1, Buffer.alloc(4), { length: 0xff_ffff }))],
  'a grouped AVP forty deep': [[2001], updateLocation(session, user, nested(40))],
  'a grouped AVP that is no AVP': [[2001], updateLocation(session, user, avp(1400, Buffer.from([1, 2, 3]), { vendor: 10415 }))],
  'RAT-Type of one octet': [[5014], updateLocation(session, user, avp(1032, Buffer.from([1]), { vendor: 10415 }))],
  'an unknown AVP with the M bit': [[5001], updateLocation(session, user, avp(59_999, word(1)))],
  'reserved flags in the header': [[5005], framed({ code: 316, application: s6a.id, flags: 0xcf }, avp(263, session))],
  'a request that says it is an error': [['E3008'], framed({ code: 316, application: s6a.id, flags: 0xe0 }, avp(263, session))],
  'an answer to nothing': [[], framed({ code: 316, application: s6a.id, flags: 0x40 }, avp(263, session))],
  'a CEA now': [[], framed({ code: 257, application: 0, flags: 0 }, avp(268, word(2001)))],
  'a DPA now': [[], framed({ code: 282, application: 0, flags: 0 }, avp(268, word(2001)))],
  'a DWA now': [[], framed({ code: 280, application: 0, flags: 0 }, avp(268, word(2001)))],
  'a DWR with nothing in it': [[5005], framed({ code: 280, application: 0, flags: 0x80 })],
  'a DPR with nothing in it': [[5005], framed({ code: 282, application: 0, flags: 0x80 })],
  'a second CER': [[5012], encode(diameter, capabilitiesRequest(bad.host, bad.realm))],
  'a CER in another name': [[5012], encode(diameter, capabilitiesRequest(good.host, good.realm))],
}

test('requests that stop other HSSs cost their sender an error answer, and the link goes on', async (t) => {
  const bench = await besieged(t)
  const peer = await openBad(bench)
  for (const [name, [expected, octets]] of Object.entries(malformedRequests)) {
    peer.send(octets)
    peer.send(watchdog())
    const results: unknown[] = []
    for (;;) {
      const answer = await peer.next()
      assert.equal(answer.request, false, name)
      const result = (answer.avps as Record<string, unknown>)['Result-Code'] ?? 'unreadable'
      if (answer.command === 'DWA' && result === 2001) break
      results.push(answer.error ? `E${result}` : result)
    }
    assert.deepEqual(results, expected, name)
    await bench.serves()
  }
  assert.equal(bench.server.link('bad').state, 'open')
})

/** CERs that stopped other HSSs, and their kin: none may open a link. */
const malformedCapabilities: Readonly<Record<string, Buffer>> = (() => {
  const cer = (...more: Buffer[]): Buffer =>
    framed(
      { code: 257, application: 0, flags: 0x80 },
      avp(264, text(bad.host)),
      avp(296, text(bad.realm)),
      avp(257, Buffer.from([0, 1, 127, 0, 0, 1])),
      avp(266, word(0)),
      avp(269, text('x'), { flags: 0 }),
      ...more,
    )
  const s6aGroup = avp(260, Buffer.concat([avp(266, word(10415)), avp(258, word(s6a.id))]))
  return {
    'sixty-four Origin-Hosts': cer(s6aGroup, ...Array.from({ length: 63 }, () => avp(264, text(bad.host)))),
    'an application group with two application ids': cer(
      avp(260, Buffer.concat([avp(266, word(10415)), avp(258, word(s6a.id)), avp(258, word(35))])),
    ),
    'an application group with nothing in it': cer(avp(260, Buffer.alloc(0))),
    'no application': cer(),
    'an address of no family': cer(s6aGroup, avp(257, Buffer.from([0]))),
    'an empty Origin-Host': framed({ code: 257, application: 0, flags: 0x80 }, avp(264, Buffer.alloc(0)), avp(296, text(bad.realm))),
    'nothing in it': framed({ code: 257, application: 0, flags: 0x80 }),
    'the wrong application': framed({ code: 257, application: 7, flags: 0x80 }, avp(264, text(bad.host))),
    'a CEA instead': framed({ code: 257, application: 0, flags: 0 }, avp(264, text(bad.host))),
    'a ULR instead': updateLocation(session, user),
    'a DWR instead': watchdog(),
  }
})()

test('a malformed CER, or none, costs its sender the connection', async (t) => {
  const bench = await besieged(t)
  for (const [name, octets] of Object.entries(malformedCapabilities)) {
    const peer = await bench.rawPeer(bench.port)
    peer.send(octets)
    // What follows a refused first message is not read.
    peer.send(encode(diameter, capabilitiesRequest(bad.host, bad.realm)))
    await peer.closed
    assert.equal(bench.server.link('bad').state, 'closed', name)
    await bench.serves()
  }
})

/** Streams in which framing is lost. */
const brokenStreams: Readonly<Record<string, Buffer>> = {
  'version 2': Buffer.from([2, 0, 0, 20, ...Buffer.alloc(16)]),
  'length 0': Buffer.from([1, 0, 0, 0, ...Buffer.alloc(16)]),
  'length 19': Buffer.from([1, 0, 0, 19, ...Buffer.alloc(16)]),
  'length 22': Buffer.from([1, 0, 0, 22, ...Buffer.alloc(18)]),
  'length 16 MiB': Buffer.from([1, 0xff, 0xff, 0xfc, ...Buffer.alloc(1000)]),
  HTTP: text('GET / HTTP/1.1\r\nHost: hss\r\n\r\n'),
  'a TLS ClientHello': Buffer.from('16030100c8010000c40303', 'hex'),
  zeros: Buffer.alloc(10_000),
}

test('lost framing closes the connection, before and after the CER', async (t) => {
  const bench = await besieged(t)
  for (const octets of Object.values(brokenStreams)) {
    const early = await bench.rawPeer(bench.port)
    early.send(octets)
    await early.closed
    const late = await openBad(bench)
    late.send(octets)
    await late.closed
    await bench.serves()
  }
  assert.equal(bench.server.link('bad').counters.malformed, Object.keys(brokenStreams).length)
})

test('half messages and silence hold a place, bounded, and nothing else', async (t) => {
  const bench = await besieged(t)
  const halves = []
  for (let i = 0; i < 100; i++) {
    const socket = connect(bench.port, '127.0.0.1')
    socket.on('error', () => {})
    bench.keepSocket(socket)
    await once(socket, 'connect')
    socket.write(Buffer.from([1, 0, 0xff, 0xfc, 0x80, 0, 1, 1]))
    halves.push(socket)
  }
  await bench.serves()
  assert.ok(bench.server.events.some((event) => event.kind === 'overflow' && event.what === 'unidentified-connections'))
  const peer = await openBad(bench)
  const ulr = updateLocation(session, user)
  for (const octet of ulr.subarray(0, ulr.length - 1)) peer.send(Buffer.from([octet]))
  await bench.serves()
  peer.send(ulr.subarray(ulr.length - 1))
  assert.equal((await peer.next()).code, 316)
})

/** Changes a message in one of the ways that a broken or hostile sender would. */
function mutate(octets: Buffer, random: Random): Buffer {
  const out = Buffer.from(octets)
  switch (random.int(6)) {
    case 0:
      for (let i = random.int(8); i >= 0; i--) out[random.int(out.length)] = random.int(256)
      return out
    case 1:
      out[random.int(out.length)] = (out[random.int(out.length)] ?? 0) ^ (1 << random.int(8))
      return out
    case 2: {
      // Cut short, with a length that says so.
      const kept = Math.max(20, random.int(out.length) & ~3)
      out.writeUIntBE(kept, 1, 3)
      return out.subarray(0, kept)
    }
    case 3: {
      // A part doubled, with a length that says so.
      const at = 20 + (random.int(out.length - 20) & ~3)
      const doubled = Buffer.concat([out, out.subarray(at)])
      doubled.writeUIntBE(doubled.length & ~3, 1, 3)
      return doubled.subarray(0, doubled.length & ~3)
    }
    case 4: {
      // A three-octet length somewhere inside.
      const at = 20 + (random.int(Math.max(4, out.length - 28)) & ~3) + 1
      out.writeUIntBE(random.pick([0, 1, 7, 8, 9, 0xffff, 0xff_ffff]), Math.min(at, out.length - 3), 3)
      return out
    }
    default:
      return Buffer.concat([out.subarray(0, random.int(out.length)), Buffer.from(random.bytes(random.int(64)))])
  }
}

/** Sends octets in random pieces, then ends; resolves when the connection is closed by both. */
async function pour(socket: Socket, octets: Buffer, random: Random): Promise<void> {
  socket.removeAllListeners('data')
  socket.resume()
  for (let at = 0; at < octets.length; ) {
    const size = 1 + random.int(octets.length)
    if (!socket.writable) break
    socket.write(octets.subarray(at, at + size))
    at += size
  }
  socket.end()
  if (!socket.closed) await once(socket, 'close')
}

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
})()

/** Octets in use once the garbage is gone. */
async function settledBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('mutated messages before and after the CER: the other peer is served throughout, and memory stays flat', async (t) => {
  const bench = await besieged(t)
  const { random } = bench
  const requests = [
    ...Object.values(malformedRequests).flatMap(([, octets]) => (octets.length < 4096 ? [octets] : [])),
    encode(diameter, purgeRequest(bad)),
    encode(diameter, capabilitiesRequest(bad.host, bad.realm)),
  ]
  const cer = encode(diameter, capabilitiesRequest(bad.host, bad.realm))
  const round = async (): Promise<void> => {
    const isLate = random.int(4) > 0
    const burst = Array.from({ length: 1 + random.int(8) }, () => mutate(requests[random.int(requests.length)] ?? cer, random))
    await isFree(bench.server)
    const socket = connect(bench.port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    if (isLate) socket.write(cer)
    await pour(socket, Buffer.concat(isLate ? burst : [mutate(cer, random), ...burst]), random)
    await bench.serves()
  }
  const rounds = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) await round()
    bench.server.events.length = 0
    return settledBytes()
  }
  // What is bounded has to fill up first: connection slots, stored answers, the compiler's caches.
  await rounds(600)
  const before = await rounds(150)
  const after = await rounds(600)
  t.diagnostic(`${before} octets in use, then ${after}`)
  assert.ok(after - before < 2_000_000, `memory grew by ${after - before} octets`)
})

test('answers invented by a peer never settle a request of ours', async (t) => {
  const bench = await besieged(t)
  const peer = await openBad(bench)
  const request = requestOf(diameter, 'CLR', {
    'Session-Id': `${hss.host};1;1`,
    'Auth-Session-State': 1,
    'Origin-Host': hss.host,
    'Origin-Realm': home,
    'Destination-Host': bad.host,
    'Destination-Realm': bad.realm,
    'User-Name': '001015550000001',
    'Cancellation-Type': 0,
  })
  let isSettled = false
  const pending = bench.server.node.request(request, { peerId: 'bad' }, 60_000).then((result) => {
    isSettled = true
    return result
  })
  const clr = await peer.next()
  assert.ok(clr.command === 'CLR')
  for (let i = 0; i < 500; i++) {
    const forged = framed(
      { code: bench.random.pick([316, 317, 318]), application: s6a.id, flags: 0x40 },
      avp(263, session),
      avp(268, word(2001)),
    )
    forged.writeUInt32BE(bench.random.int(4) === 0 ? clr.hopByHop : bench.random.int(0xffff_ffff), 12)
    forged.writeUInt32BE(bench.random.int(0xffff_ffff), 16)
    peer.send(forged)
  }
  await bench.serves()
  peer.send(watchdog())
  await peer.next()
  assert.equal(isSettled, false)
  const { altered, unsolicited } = bench.server.link('bad').counters
  assert.equal(altered + unsolicited, 500)
  peer.socket.destroy()
  assert.deepEqual(await pending, { ok: false, why: 'closed' })
})

test('a peer that asks and does not read is no longer read from; memory is bounded, the other peer is served', async (t) => {
  const bench = await besieged(t)
  const peer = await openBad(bench)
  peer.socket.removeAllListeners('data')
  peer.socket.pause()
  const one = encode(diameter, purgeRequest(bad))
  const burst = Buffer.concat(Array.from({ length: 256 }, () => one))
  const link = bench.server.link('bad')
  let before = -1
  // Until two rounds in a row bring no further request in: the kernel's buffers are full both ways, and so is ours.
  for (let quiet = 0; quiet < 20 || peer.socket.writableLength < 1_000_000; ) {
    if (peer.socket.writableLength < 4_000_000) peer.send(burst)
    await bench.serves()
    quiet = link.counters.requestsIn === before ? quiet + 1 : 0
    before = link.counters.requestsIn
  }
  assert.ok(peer.socket.writableLength > 0, 'the sender is held back')
  assert.equal(link.pending, 0)
  assert.equal(link.writable, false)
  assert.equal(link.counters.answersOut, link.counters.requestsIn)
})

test('noise on the TLS port is refused one by one', async (t) => {
  const bench = loopback(t)
  const authority = createAuthority('Fuzz', Date.now())
  const tls = authority.issue({ commonName: hss.host, dnsNames: [hss.host] })
  const server = bench.station(hss.host, home, [peerRow('bad', { transport: 'tls' })], { tls })
  const { port } = await server.node.listen({ port: 0, tls: true })
  const random = seededRandom(7)
  for (const octets of [
    ...Object.values(brokenStreams),
    ...Array.from({ length: 50 }, () => Buffer.from(random.bytes(1 + random.int(500)))),
  ]) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    await pour(socket, octets, random)
  }
  assert.equal(server.link('bad').state, 'closed')
})

test('every corpus message is one message on the wire', () => {
  for (const octets of [...Object.values(malformedRequests).map(([, each]) => each), ...Object.values(malformedCapabilities)]) {
    let count = 0
    assert.equal(
      createFramer(65_536).push(octets, (each) => {
        if (peekHeader(each).length === octets.length) count += 1
      }),
      null,
    )
    assert.equal(count, 1)
  }
})
