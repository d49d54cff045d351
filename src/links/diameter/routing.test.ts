import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '#protocols/diameter/message.ts'
import { abroad, home, loopback, peerRow, purgeRequest, type RawPeer, success } from './loopback.fixture.ts'
import type { PeerRow, RequestTarget } from './types.ts'

const hss = { host: `hss.${home}`, realm: home }
const mmeHost = `mme1.${abroad}`
const rows: PeerRow[] = [
  peerRow('mme1'),
  peerRow('mme2'),
  peerRow('dra1', { role: 'agent', realm: 'ipx.example', realms: [abroad.toUpperCase(), 'third.example'] }),
  peerRow('dra2', { role: 'agent', realm: 'ipx.example', realms: [abroad] }),
]

test('a request goes to its host, else through whom it may go, else to an agent of the realm', async (t) => {
  const bench = loopback(t)
  const node = bench.station(hss.host, home, rows)
  const { port } = await node.node.listen({ port: 0 })
  const reached: string[] = []
  const open = async (row: PeerRow): Promise<RawPeer> => {
    const peer = await bench.openRawPeer(port, row.identity, row.realm)
    void (async () => {
      for (;;) {
        const request: Message = await peer.next()
        reached.push(row.id)
        peer.send(success(request, { host: row.identity, realm: row.realm }))
      }
    })()
    return peer
  }
  const peers = new Map<string, RawPeer>()
  for (const row of rows) peers.set(row.id, await open(row))
  const way = async (to: RequestTarget): Promise<string> => {
    reached.length = 0
    const result = await node.node.request(purgeRequest(hss, { 'Destination-Realm': abroad }), to)
    return result.ok ? reached.join() : result.why
  }
  assert.equal(await way({ host: mmeHost.toUpperCase(), realm: abroad }), 'mme1')
  assert.equal(await way({ peerId: 'dra2' }), 'dra2')
  assert.equal(await way({ realm: 'third.example', host: 'x.third.example' }), 'dra1')
  assert.equal(await way({ realm: 'third.example', via: ['dra2'] }), 'dra2')
  assert.equal(await way({ realm: abroad, host: `mme9.${abroad}`, via: [] }), 'no-route')
  assert.match(await way({ realm: abroad, host: `mme9.${abroad}` }), /^dra[12]$/, 'a node is no way to another host')
  assert.equal(await way({ realm: 'nowhere.example' }), 'no-route')
  peers.get('mme1')?.socket.destroy()
  await node.until('peer-down')
  assert.match(await way({ host: mmeHost, realm: abroad }), /^dra[12]$/)
})

test('load is spread by what is under way, and a lost connection fails over with the T flag', async (t) => {
  const bench = loopback(t)
  const node = bench.station(hss.host, home, rows)
  const { port } = await node.node.listen({ port: 0 })
  const first = await bench.openRawPeer(port, `dra1.${abroad}`, 'ipx.example')
  const second = await bench.openRawPeer(port, `dra2.${abroad}`, 'ipx.example')
  const clr = purgeRequest(hss, { 'Destination-Realm': abroad })
  const to = { realm: abroad, host: `mme9.${abroad}` }
  const results = [node.node.request(clr, to), node.node.request(clr, to)]
  const [one, two] = await Promise.all([first.next(), second.next()])
  assert.equal(one.retransmitted, false)
  assert.notEqual(one.endToEnd, two.endToEnd)
  first.socket.destroy()
  const again = await second.next()
  assert.equal(again.retransmitted, true)
  assert.equal(again.endToEnd, one.endToEnd)
  for (const request of [two, again]) second.send(success(request, { host: `mme9.${abroad}`, realm: abroad }))
  for (const result of await Promise.all(results)) assert.ok(result.ok)
})
