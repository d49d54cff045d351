import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { abroad, capabilitiesRequest, home, loopback, peerRow, purgeRequest, type RawPeer } from './loopback.fixture.ts'
import type { DiameterNodeOptions, PeerRow } from './types.ts'

const mme = { host: `mme1.${abroad}`, realm: abroad }

async function server(t: TestContext, peers: PeerRow[] = [peerRow('mme1')], more: Partial<DiameterNodeOptions> = {}) {
  const bench = loopback(t)
  const hss = bench.station(`hss.${home}`, home, peers, more)
  const { port } = await hss.node.listen({ port: 0 })
  return { ...bench, hss, port }
}

/** Sends one CER and tells how it was taken. */
async function tryCer(peer: RawPeer, cer: ReturnType<typeof capabilitiesRequest>) {
  peer.send(cer)
  const answer = await peer.next()
  assert.equal(answer.command, 'CEA')
  await peer.closed
  return answer
}

test('whatever is wrong with the identity gets 3010, and the connection is closed', async (t) => {
  const rows = [peerRow('mme1'), peerRow('off', { enabled: false }), peerRow('secure', { transport: 'tls' })]
  const { hss, port, rawPeer } = await server(t, rows)
  const cases: [ReturnType<typeof capabilitiesRequest>, string][] = [
    [capabilitiesRequest('stranger.example', 'example'), 'unknown-peer'],
    [capabilitiesRequest(`off.${abroad}`, abroad), 'peer-disabled'],
    [capabilitiesRequest(`secure.${abroad}`, abroad), 'tls-required'],
    [capabilitiesRequest(mme.host, 'other.example'), 'realm-mismatch'],
  ]
  for (const [cer, reason] of cases) {
    const answer = await tryCer(await rawPeer(port), cer)
    assert.equal((answer.avps as Record<string, unknown>)['Result-Code'], 3010)
    assert.equal(answer.error, true)
    assert.deepEqual([answer.hopByHop, answer.endToEnd], [7, 8])
    const refused = await hss.until('peer-refused')
    assert.equal(refused.reason, reason)
    assert.equal(refused.identity, cer.avps['Origin-Host'])
  }
  assert.equal(hss.link('mme1').state, 'closed')
})

test('no application in common is 5010, a security that we do not have is 5017', async (t) => {
  const { hss, port, rawPeer } = await server(t)
  const gx = [{ 'Vendor-Id': 10415, 'Auth-Application-Id': 16_777_238 }]
  const wrongApplication = await tryCer(
    await rawPeer(port),
    capabilitiesRequest(mme.host, mme.realm, { 'Vendor-Specific-Application-Id': gx }),
  )
  assert.equal((wrongApplication.avps as Record<string, unknown>)['Result-Code'], 5010)
  assert.equal((await hss.until('peer-refused')).reason, 'no-common-application')
  const wrongSecurity = await tryCer(await rawPeer(port), capabilitiesRequest(mme.host, mme.realm, { 'Inband-Security-Id': [1] }))
  assert.equal((wrongSecurity.avps as Record<string, unknown>)['Result-Code'], 5017)
  assert.equal((await hss.until('peer-refused')).reason, 'no-common-security')
})

test('a relay has every application in common; many addresses and any case of its name are accepted', async (t) => {
  const { hss, port, rawPeer } = await server(t)
  const peer = await rawPeer(port)
  peer.send(
    capabilitiesRequest(mme.host.toUpperCase(), mme.realm, {
      'Vendor-Specific-Application-Id': [],
      'Auth-Application-Id': [0xffff_ffff],
      'Host-IP-Address': ['192.0.2.1', '2001:db8::1', '198.51.100.7'],
    }),
  )
  const cea = await peer.next()
  assert.ok(cea.command === 'CEA')
  assert.equal(cea.avps['Result-Code'], 2001)
  assert.deepEqual(cea.avps['Host-IP-Address'], ['127.0.0.1'], 'only the bound address is told')
  assert.ok(hss.link().applications.includes(0xffff_ffff))
})

test('a first message that is no CER ends the connection without an answer', async (t) => {
  const { hss, port, rawPeer } = await server(t)
  const peer = await rawPeer(port)
  peer.send(purgeRequest(mme))
  let answered = false
  void peer.next().then(() => {
    answered = true
  })
  await peer.closed
  assert.equal(answered, false)
  assert.equal((await hss.until('peer-refused')).reason, 'not-a-cer')
})

test('a malformed CER is answered for what it is and ends its connection', async (t) => {
  const { hss, port, rawPeer } = await server(t)
  const peer = await rawPeer(port)
  // A CER without a single AVP.
  peer.send(Buffer.from('0100001480000101000000000000000700000008', 'hex'))
  const answer = await peer.next()
  assert.equal((answer.avps as Record<string, unknown>)['Result-Code'], 5005)
  await peer.closed
  assert.equal((await hss.until('malformed')).resultCode, 5005)
  assert.equal((await hss.until('peer-refused')).reason, 'malformed-cer')
})

test('who says nothing for five seconds is let go', async (t) => {
  const clock = new VirtualClock()
  const { hss, port, rawPeer, openRawPeer } = await server(t, [peerRow('mme1')], { clock })
  const peer = await rawPeer(port)
  // An answered CER on another connection: by then the silent one has been accepted.
  await openRawPeer(port, mme.host)
  clock.advance(4_999)
  assert.equal(peer.socket.destroyed, false)
  clock.advance(1)
  await peer.closed
  assert.equal((await hss.until('peer-refused')).reason, 'cer-timeout')
  assert.equal(hss.link().state, 'open')
})

test('strangers cannot keep peers out: the oldest of the busiest address goes first', async (t) => {
  const { hss, port, rawPeer, openRawPeer } = await server(t, [peerRow('mme1')], { limits: { unidentifiedConnections: 4 } })
  const strangers = []
  for (let i = 0; i < 4; i++) strangers.push(await rawPeer(port))
  await openRawPeer(port, mme.host)
  await strangers[0]?.closed
  assert.equal((await hss.until('overflow')).what, 'unidentified-connections')
  assert.equal(hss.link().state, 'open')
})

test('a second connection of a peer that is open is rejected, and the first one is asked whether it lives', async (t) => {
  const { hss, port, rawPeer, openRawPeer } = await server(t)
  const first = await openRawPeer(port, mme.host)
  const second = await rawPeer(port)
  second.send(capabilitiesRequest(mme.host, mme.realm))
  await second.closed
  assert.equal((await hss.until('peer-refused')).reason, 'already-connected')
  assert.equal((await first.next('DWR')).command, 'DWR')
  assert.equal(hss.link().state, 'open')
})

test('a CER on an open connection is answered 5012 and changes nothing', async (t) => {
  const { hss, port, openRawPeer } = await server(t)
  const peer = await openRawPeer(port, mme.host)
  peer.send(capabilitiesRequest(`other.${abroad}`, abroad))
  const answer = await peer.next()
  assert.equal((answer.avps as Record<string, unknown>)['Result-Code'], 5012)
  peer.send(requestOf(diameter, 'DWR', { 'Origin-Host': mme.host, 'Origin-Realm': mme.realm }))
  assert.equal((await peer.next()).command, 'DWA')
  assert.equal(hss.link().identity, mme.host)
})
