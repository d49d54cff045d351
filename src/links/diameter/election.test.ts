import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerCapabilities, capabilitiesRequest, home, loopback, peerRow, purgeRequest } from './loopback.fixture.ts'

const hss = { host: `hss.${home}`, realm: home }
const realm = 'epc.mnc099.mcc999.3gppnetwork.org'

/** A node that has sent its CER to a peer of that name and waits, and where the peer may connect to it. */
async function waiting(bench: ReturnType<typeof loopback>, name: string) {
  const listener = await bench.rawListener()
  const rows = [peerRow('other', { identity: `${name}.${realm}`, connectTo: { host: '127.0.0.1', port: listener.port } })]
  const node = bench.station(hss.host, home, rows)
  const { port } = await node.node.listen({ port: 0 })
  const ours = await listener.accept()
  return { node, port, ours, host: `${name}.${realm}` }
}

test('we are the greater: our own connection goes, the one made to us opens', async (t) => {
  const bench = loopback(t)
  const { node, port, ours, host } = await waiting(bench, 'aaa')
  const theirs = await bench.rawPeer(port)
  theirs.send(capabilitiesRequest(host, realm))
  const cea = await theirs.next()
  assert.ok(cea.command === 'CEA')
  assert.equal(cea.avps['Result-Code'], 2001)
  await ours.closed
  assert.equal((await node.until('peer-up')).initiatedByUs, false)
  theirs.send(purgeRequest({ host, realm }))
  assert.equal((await theirs.next()).command, 'PUA')
})

test('we are the lesser: the connection made to us waits, and goes once ours has its CEA', async (t) => {
  const bench = loopback(t)
  const { node, port, ours, host } = await waiting(bench, 'zzz')
  const theirs = await bench.rawPeer(port)
  theirs.send(capabilitiesRequest(host, realm))
  const third = await bench.rawPeer(port)
  third.send(capabilitiesRequest(host, realm))
  await third.closed
  assert.equal((await node.until('peer-refused')).reason, 'already-connected')
  assert.equal(node.link().state, 'opening')
  await answerCapabilities(ours, host, realm)
  await theirs.closed
  assert.equal((await node.until('peer-up')).initiatedByUs, true)
})

test('the lesser whose connection breaks in the middle takes the other one', async (t) => {
  const bench = loopback(t)
  const { node, port, ours, host } = await waiting(bench, 'zzz')
  const theirs = await bench.rawPeer(port)
  theirs.send(capabilitiesRequest(host, realm))
  // Answered only after the election: until then the CER has surely been read.
  const third = await bench.rawPeer(port)
  third.send(capabilitiesRequest(host, realm))
  await third.closed
  ours.socket.destroy()
  assert.equal((await theirs.next()).command, 'CEA')
  assert.equal((await node.until('peer-up')).initiatedByUs, false)
})

test('two nodes that connect to each other end with one connection, and both ways it carries requests', async (t) => {
  const bench = loopback(t)
  for (let i = 0; i < 10; i++) {
    const ports = { a: 0, b: 0 }
    const rowOf = (name: 'a' | 'b') =>
      peerRow(name, { identity: `${name}.${home}`, realm: home, connectTo: { host: '127.0.0.1', port: ports[name] } })
    const rows: { a: ReturnType<typeof peerRow>[]; b: ReturnType<typeof peerRow>[] } = { a: [], b: [] }
    const timers = { reconnectMinMs: 20, reconnectMaxMs: 40 }
    const a = bench.station(`a.${home}`, home, rows.a, { timers })
    const b = bench.station(`b.${home}`, home, rows.b, { timers })
    ports.a = (await a.node.listen({ port: 0 })).port
    ports.b = (await b.node.listen({ port: 0 })).port
    rows.a.push(rowOf('b'))
    rows.b.push(rowOf('a'))
    a.node.refreshPeers()
    b.node.refreshPeers()
    const ups = await Promise.all([a.until('peer-up'), b.until('peer-up')])
    assert.notEqual(ups[0].initiatedByUs, ups[1].initiatedByUs, 'both speak of the same connection')
    const asked = await Promise.all([
      a.node.request(purgeRequest({ host: `a.${home}`, realm: home }), { peerId: 'b' }),
      b.node.request(purgeRequest({ host: `b.${home}`, realm: home }), { peerId: 'a' }),
    ])
    assert.ok(asked.every((result) => result.ok))
    await Promise.all([a.node.close(), b.node.close()])
  }
})
