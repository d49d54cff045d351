import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { abroad, capabilitiesRequest, home, loopback, peerRow, purgeRequest } from '#links/diameter/loopback.fixture.ts'
import { peekHeader } from '#protocols/diameter/codec.ts'
import { dissect, walk, withoutTshark } from './tshark.ts'

const hss = { host: `hss.${home}`, realm: home }

test('tshark reads every message of a link itself without a complaint', { skip: withoutTshark() }, async (t) => {
  const bench = loopback(t)
  const sent: Buffer[] = []
  const tap = (direction: 'in' | 'out', octets: Buffer): void => void (direction === 'out' && sent.push(Buffer.from(octets)))
  const clock = new VirtualClock()
  const server = bench.station(hss.host, home, [peerRow('mme1')], { tap, clock })
  const { port } = await server.node.listen({ port: 0 })
  const client = bench.station(
    `mme1.${abroad}`,
    abroad,
    [peerRow('hss', { identity: hss.host, realm: home, connectTo: { host: '127.0.0.1', port } })],
    {
      tap,
      clock,
    },
  )
  await Promise.all([client.until('peer-up'), server.until('peer-up')])
  await client.node.request(purgeRequest({ host: `mme1.${abroad}`, realm: abroad }), { realm: home })
  await client.node.request(purgeRequest({ host: `mme1.${abroad}`, realm: abroad }, { 'Destination-Realm': 'x.example' }), {
    peerId: 'hss',
  })
  clock.advance(32_000)
  const isSeen = (code: number, request: boolean): boolean =>
    sent.some((octets) => peekHeader(octets).code === code && peekHeader(octets).request === request)
  while (!isSeen(280, false)) await new Promise((resolve) => setImmediate(resolve))
  await client.node.close()
  for (const [code, name] of [
    [257, 'capabilities'],
    [280, 'watchdog'],
    [282, 'disconnection'],
    [321, 'purge'],
  ] as const) {
    assert.ok(isSeen(code, true) && isSeen(code, false), name)
  }
  const trees = await dissect(sent, 'diameter')
  for (const [i, tree] of trees.entries()) {
    assert.ok(tree !== undefined, `message ${i}`)
    const complaints = [...walk(tree)].filter((field) => field.name === '_ws.expert.message' || field.name === '_ws.malformed')
    assert.deepEqual(
      complaints.map((field) => field.showname),
      [],
    )
  }
})

test('tshark reads our refusals of a CER without a complaint', { skip: withoutTshark() }, async (t) => {
  const bench = loopback(t)
  const server = bench.station(hss.host, home, [peerRow('mme1')])
  const { port } = await server.node.listen({ port: 0 })
  const answers: Buffer[] = []
  for (const cer of [
    capabilitiesRequest('stranger.example', 'example'),
    capabilitiesRequest(`mme1.${abroad}`, abroad, { 'Vendor-Specific-Application-Id': [] }),
    capabilitiesRequest(`mme1.${abroad}`, abroad, { 'Inband-Security-Id': [1] }),
  ]) {
    const peer = await bench.rawPeer(port)
    peer.socket.on('data', (octets: Buffer) => answers.push(octets))
    peer.send(cer)
    await peer.closed
  }
  assert.equal(answers.length, 3)
  const trees = await dissect(answers, 'diameter')
  for (const tree of trees) {
    assert.ok(tree !== undefined)
    assert.ok(![...walk(tree)].some((field) => field.name.startsWith('_ws.')))
  }
})
