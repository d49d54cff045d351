import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { abroad, answerCapabilities, home, loopback, peerRow, purgeRequest } from './loopback.fixture.ts'
import type { PeerRow } from './types.ts'

const mme = { host: `mme1.${abroad}`, realm: abroad }
const hss = { host: `hss.${home}`, realm: home }
const timers = { watchdogMs: 10_000, reconnectMinMs: 1_000, reconnectMaxMs: 8_000 }
/** Everything random in the middle: no jitter on watchdogs, three quarters of a pause. */
const random = () => 0.5

function toHss(port: number, more: Partial<PeerRow> = {}): PeerRow {
  return peerRow('hss', { identity: hss.host, realm: home, connectTo: { host: '127.0.0.1', port }, ...more })
}

test('a silent peer becomes suspect, is left, is connected to again and proves itself', async (t) => {
  const bench = loopback(t)
  const clock = new VirtualClock()
  const listener = await bench.rawListener()
  const client = bench.station(mme.host, abroad, [toHss(listener.port)], { clock, timers, random })
  const first = await listener.accept()
  await answerCapabilities(first, hss.host, hss.realm)
  await client.until('peer-up')
  clock.advance(10_000)
  assert.equal((await first.next('DWR')).command, 'DWR')
  const pending = client.node.request(purgeRequest(mme), { realm: home }, 600_000)
  assert.equal((await first.next()).command, 'PUR')
  clock.advance(10_000)
  await client.until('peer-suspect')
  assert.equal(client.link().state, 'suspect')
  assert.equal(client.link().writable, false)
  assert.deepEqual(await client.node.request(purgeRequest(mme), { realm: home }), { ok: false, why: 'no-route' })
  clock.advance(10_000)
  assert.equal((await client.until('peer-down')).cause, 'watchdog')
  assert.deepEqual(await pending, { ok: false, why: 'closed' })
  clock.advance(750)
  const second = await listener.accept()
  await answerCapabilities(second, hss.host, hss.realm)
  await client.until('peer-up')
  assert.equal(client.link().state, 'open')
  for (let i = 0; i < 3; i++) {
    const dwr = await second.next('DWR')
    assert.ok(dwr.command === 'DWR')
    second.send({
      ...requestOf(diameter, 'DWR', dwr.avps),
      request: false,
      command: 'DWA',
      hopByHop: dwr.hopByHop,
      endToEnd: dwr.endToEnd,
      avps: { ...dwr.avps, 'Result-Code': 2001 },
    })
    if (i === 2) await client.until('peer-recovered')
    else {
      // The answer must have been read before the clock goes on.
      second.send(requestOf(diameter, 'DWR', { 'Origin-Host': hss.host, 'Origin-Realm': hss.realm }))
      assert.equal((await second.next()).command, 'DWA')
      clock.advance(10_000)
    }
  }
  assert.equal(client.link().counters.connects, 2)
})

test('a watchdog of the peer is answered, and any traffic keeps the link', async (t) => {
  const bench = loopback(t)
  const clock = new VirtualClock()
  const server = bench.station(hss.host, home, [peerRow('mme1')], { clock, timers, random })
  const { port } = await server.node.listen({ port: 0 })
  const peer = await bench.openRawPeer(port, mme.host)
  for (let i = 0; i < 5; i++) {
    clock.advance(9_000)
    peer.send(requestOf(diameter, 'DWR', { 'Origin-Host': mme.host, 'Origin-Realm': abroad }))
    const dwa = await peer.next()
    assert.ok(dwa.command === 'DWA')
    assert.equal(dwa.avps['Result-Code'], 2001)
  }
  assert.equal(server.link().state, 'open')
  assert.ok(!server.events.some((event) => event.kind === 'peer-suspect'))
})

test('what cannot be connected to is tried again, ever more slowly, and found when it comes', async (t) => {
  const bench = loopback(t)
  const clock = new VirtualClock()
  const gone = await bench.rawListener()
  const probe = bench.station(hss.host, home, [])
  const { port } = await probe.node.listen({ port: 0 })
  await probe.node.close()
  const client = bench.station(mme.host, abroad, [toHss(port)], { clock, timers, random })
  const pauses: number[] = []
  for (let i = 0; i < 5; i++) {
    const failed = await client.until('connect-failed')
    pauses.push(failed.retryInMs)
    assert.equal(failed.because, 'ECONNREFUSED')
    if (i < 4) clock.advance(failed.retryInMs)
  }
  assert.deepEqual(pauses, [750, 1500, 3000, 6000, 6000])
  const server = bench.station(hss.host, home, [peerRow('mme1')])
  await server.node.listen({ port })
  clock.advance(6000)
  await client.until('peer-up')
  assert.ok(gone.port > 0)
})

test('a CEA that does not come, refuses, or names another ends the attempt', async (t) => {
  const bench = loopback(t)
  const clock = new VirtualClock()
  const listener = await bench.rawListener()
  const client = bench.station(mme.host, abroad, [toHss(listener.port)], { clock, timers, random })
  const silent = await listener.accept()
  assert.equal((await silent.next()).command, 'CER')
  clock.advance(5_000)
  assert.equal((await client.until('connect-failed')).because, 'no CEA in time')
  await silent.closed
  clock.advance(750)

  const refusing = await listener.accept()
  await answerCapabilities(refusing, hss.host, hss.realm, { 'Result-Code': 3010 })
  assert.equal((await client.until('peer-refused')).reason, 'refused-by-peer')
  const refused = await client.until('connect-failed')
  assert.match(refused.because, /3010/)
  clock.advance(refused.retryInMs)

  const other = await listener.accept()
  await answerCapabilities(other, `other.${home}`, hss.realm)
  assert.equal((await client.until('peer-refused')).reason, 'wrong-identity')
  clock.advance((await client.until('connect-failed')).retryInMs)

  const foreign = await listener.accept()
  await answerCapabilities(foreign, hss.host, hss.realm, { 'Vendor-Specific-Application-Id': [] })
  assert.equal((await client.until('peer-refused')).reason, 'no-common-application')
  clock.advance((await client.until('connect-failed')).retryInMs)

  const early = await listener.accept()
  await early.next()
  early.send(purgeRequest(hss))
  await early.closed
  assert.equal(client.link().state, 'closed')
})

test('DPR is answered; a peer that reboots is connected to soon, one that does not want us much later', async (t) => {
  const bench = loopback(t)
  const clock = new VirtualClock()
  const listener = await bench.rawListener()
  const client = bench.station(mme.host, abroad, [toHss(listener.port)], { clock, timers, random })
  for (const [cause, pauseMs] of [
    [0, 750],
    [2, 80_000],
  ] as const) {
    const peer = await listener.accept()
    await answerCapabilities(peer, hss.host, hss.realm)
    await client.until('peer-up')
    peer.send(requestOf(diameter, 'DPR', { 'Origin-Host': hss.host, 'Origin-Realm': home, 'Disconnect-Cause': cause }))
    const dpa = await peer.next()
    assert.ok(dpa.command === 'DPA')
    assert.equal(dpa.avps['Result-Code'], 2001)
    peer.socket.end()
    assert.equal((await client.until('peer-down')).cause, 'disconnect-peer')
    clock.advance(pauseMs - 1)
    assert.equal(client.link().state, 'closed')
    clock.advance(1)
    assert.equal(client.link().state, 'connecting')
  }
})

test('closing sends a DPR with its cause and waits for the DPA, but not for ever', async (t) => {
  const bench = loopback(t)
  const clock = new VirtualClock()
  const server = bench.station(hss.host, home, [peerRow('mme1'), peerRow('mme2')], { clock })
  const { port } = await server.node.listen({ port: 0 })
  const polite = await bench.openRawPeer(port, mme.host)
  const rude = await bench.openRawPeer(port, `mme2.${abroad}`)
  const closing = server.node.close('busy')
  const dpr = await polite.next()
  assert.ok(dpr.command === 'DPR')
  assert.equal(dpr.avps['Disconnect-Cause'], 1)
  assert.equal((await rude.next()).command, 'DPR')
  polite.send({ ...dpr, request: false, command: 'DPA', avps: { 'Result-Code': 2001, 'Origin-Host': mme.host, 'Origin-Realm': abroad } })
  await polite.closed
  clock.advance(2_000)
  await closing
  await rude.closed
  assert.deepEqual(server.node.links(), [])
})

test('peer rows change while running: removed and changed peers are disconnected, new ones admitted, the rest left alone', async (t) => {
  const bench = loopback(t)
  const rows = [peerRow('mme1'), peerRow('mme2')]
  const server = bench.station(hss.host, home, rows)
  const { port } = await server.node.listen({ port: 0 })
  const first = await bench.openRawPeer(port, mme.host)
  const second = await bench.openRawPeer(port, `mme2.${abroad}`)
  await assert.rejects(bench.openRawPeer(port, `mme3.${abroad}`), /refused/)
  const steady = server.link('mme2')
  rows.splice(0, 2, peerRow('mme2', { realms: ['more.example'], linkClass: 'national' }), peerRow('mme3'))
  server.node.refreshPeers()
  const dpr = await first.next()
  assert.ok(dpr.command === 'DPR')
  assert.equal(dpr.avps['Disconnect-Cause'], 2)
  first.socket.destroy()
  await bench.openRawPeer(port, `mme3.${abroad}`)
  assert.equal(server.link('mme2'), steady)
  assert.equal(steady.linkClass, 'national')
  assert.equal(steady.state, 'open')
  assert.deepEqual(
    server.node.links().map((link) => link.peerId),
    ['mme2', 'mme3'],
  )
  rows.splice(0, 2, peerRow('mme2', { transport: 'tls' }), peerRow('mme3', { enabled: false }))
  server.node.refreshPeers()
  assert.equal((await second.next()).command, 'DPR')
  await assert.rejects(bench.openRawPeer(port, `mme3.${abroad}`), /refused/)
})
