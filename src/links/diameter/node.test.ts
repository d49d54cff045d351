import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abroad, home, loopback, peerRow, purgeRequest } from './loopback.fixture.ts'

const hss = { host: `hss.${home}`, realm: home }
const mme = { host: `mme1.${abroad}`, realm: abroad }

test('a request goes out, is answered, and both ends see the link open and close', async (t) => {
  const { station } = loopback(t)
  const server = station(hss.host, home, [peerRow('mme1')])
  const { port } = await server.node.listen({ port: 0 })
  const client = station(mme.host, abroad, [peerRow('hss', { identity: hss.host, realm: home, connectTo: { host: '127.0.0.1', port } })])
  await Promise.all([client.until('peer-up'), server.until('peer-up')])
  const result = await client.node.request(purgeRequest(mme), { realm: home })
  assert.ok(result.ok)
  assert.equal(result.answer.command, 'PUA')
  assert.equal(server.link().state, 'open')
  assert.equal(server.link().remoteAddress, '127.0.0.1')
  assert.deepEqual(server.link().applications, [16777251])
  await client.node.close()
  assert.equal((await server.until('peer-down')).cause, 'disconnect-peer')
  assert.equal(server.link().state, 'closed')
})
