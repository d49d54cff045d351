import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { connect as connectTcp, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { createAuthority } from '#sim/authority.ts'
import { abroad, capabilitiesRequest, home, loopback, peerRow, purgeRequest } from './loopback.fixture.ts'
import { certificateNames, listenerTlsOptions } from './tls.ts'
import type { PeerRow } from './types.ts'

const mme = { host: `mme1.${abroad}`, realm: abroad }
const hss = { host: `hss.${home}`, realm: home }
const authority = createAuthority('Test roaming hub', Date.now())
const stranger = createAuthority('Someone else', Date.now())
const certificateOf = (host: string) => authority.issue({ commonName: host, dnsNames: [host] })

async function server(t: TestContext, rows: PeerRow[] = [peerRow('mme1', { transport: 'tls' })]) {
  const bench = loopback(t)
  const node = bench.station(hss.host, home, rows, { tls: certificateOf(hss.host) })
  const { port } = await node.node.listen({ port: 0, tls: true })
  return { ...bench, node, port }
}

function toHss(port: number): PeerRow {
  return peerRow('hss', { identity: hss.host, realm: home, transport: 'tls', connectTo: { host: '127.0.0.1', port } })
}

/** A bare TLS connection that shows the given certificate. */
function tlsSocket(port: number, options: ConnectionOptions) {
  return connectTls({ host: '127.0.0.1', port, ca: authority.ca, checkServerIdentity: () => undefined, ...options })
}

test('with certificates on both sides the link opens, and carries requests', async (t) => {
  const { node, port, station } = await server(t)
  const client = station(mme.host, abroad, [toHss(port)], { tls: certificateOf(mme.host) })
  const [up] = await Promise.all([client.until('peer-up'), node.until('peer-up')])
  assert.equal(up.tls, true)
  assert.equal(node.link().tls, true)
  const result = await client.node.request(purgeRequest(mme), { realm: home })
  assert.ok(result.ok)
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version} is spoken`, async (t) => {
    const { port, rawPeer } = await server(t)
    const socket = tlsSocket(port, { ...certificateOf(mme.host), minVersion: version, maxVersion: version })
    const peer = await rawPeer(port, socket)
    peer.send(capabilitiesRequest(mme.host, mme.realm))
    assert.equal((await peer.next()).command, 'CEA')
    assert.equal(socket.getProtocol(), version)
  })
}

test('suites without ephemeral keys and AEAD are refused, whatever the peer prefers', { timeout: 10_000 }, async (t) => {
  const { node, port, rawPeer } = await server(t)
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
    const refused = await rawPeer(port, tlsSocket(port, { ...certificateOf(mme.host), maxVersion: 'TLSv1.2', ciphers }))
    refused.send(capabilitiesRequest(mme.host, mme.realm))
    await refused.closed
    assert.equal((await node.until('peer-refused')).reason, 'handshake-failed', ciphers)
  }
  const weakFirst = tlsSocket(port, {
    ...certificateOf(mme.host),
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384',
  })
  const peer = await rawPeer(port, weakFirst)
  peer.send(capabilitiesRequest(mme.host, mme.realm))
  assert.equal((await peer.next()).command, 'CEA')
  assert.equal(weakFirst.getCipher().name, 'ECDHE-ECDSA-AES256-GCM-SHA384')
})

test('a certificate with another name, none, or from another authority is refused', async (t) => {
  const { node, port, rawPeer } = await server(t)
  const wrongName = await rawPeer(port, tlsSocket(port, certificateOf(`mme2.${abroad}`)))
  wrongName.send(capabilitiesRequest(mme.host, mme.realm))
  const answer = await wrongName.next()
  assert.ok(answer.command === 'CEA')
  assert.equal(answer.avps['Result-Code'], 3010)
  await wrongName.closed
  assert.equal((await node.until('peer-refused')).reason, 'certificate-name')
  for (const options of [{}, { ...stranger.issue({ commonName: mme.host, dnsNames: [mme.host] }), ca: authority.ca }]) {
    const refused = await rawPeer(port, tlsSocket(port, options))
    refused.send(capabilitiesRequest(mme.host, mme.realm))
    await refused.closed
    assert.equal((await node.until('peer-refused')).reason, 'handshake-failed')
  }
  assert.equal(node.link().state, 'closed')
})

test('a peer that must use TLS is refused in plain TCP, on a plain listener and on the TLS one', async (t) => {
  const { node, port, rawPeer } = await server(t)
  const plain = await node.node.listen({ port: 0 })
  const inClear = await rawPeer(plain.port)
  inClear.send(capabilitiesRequest(mme.host, mme.realm))
  await inClear.closed
  assert.equal((await node.until('peer-refused')).reason, 'tls-required')
  const onTls = await rawPeer(port, connectTcp(port, '127.0.0.1'))
  onTls.send(capabilitiesRequest(mme.host, mme.realm))
  await onTls.closed
  assert.equal((await node.until('peer-refused')).reason, 'handshake-failed')
})

test('a peer that may use plain TCP may use TLS, but only under the name of its certificate', async (t) => {
  const { node, port, rawPeer } = await server(t, [peerRow('mme1')])
  const wrongName = await rawPeer(port, tlsSocket(port, certificateOf(`mme2.${abroad}`)))
  wrongName.send(capabilitiesRequest(mme.host, mme.realm))
  await wrongName.closed
  assert.equal((await node.until('peer-refused')).reason, 'certificate-name')
  const peer = await rawPeer(port, tlsSocket(port, certificateOf(mme.host)))
  peer.send(capabilitiesRequest(mme.host, mme.realm))
  await node.until('peer-up')
  assert.equal(node.link().tls, true)
})

test('we do not talk to a server that is not whom its row says, nor without a certificate of our own', async (t) => {
  const bench = loopback(t)
  const impostor = bench.station(hss.host, home, [peerRow('mme1', { transport: 'tls' })], { tls: certificateOf(`other.${home}`) })
  const { port } = await impostor.node.listen({ port: 0, tls: true })
  const client = bench.station(mme.host, abroad, [toHss(port)], { tls: certificateOf(mme.host) })
  assert.equal((await client.until('peer-refused')).reason, 'certificate-name')
  assert.equal((await client.until('connect-failed')).because, 'certificate-name')
  assert.equal(impostor.link().state, 'closed')
  const bare = bench.station(mme.host, abroad, [toHss(port)])
  assert.match((await bare.until('connect-failed')).because, /no certificate/)
  const suspicious = bench.station(mme.host, abroad, [toHss(port)], { tls: stranger.issue({ commonName: mme.host }) })
  assert.match((await suspicious.until('connect-failed')).because, /SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY/)
})

test('a row that asks for TLS never falls back to plain TCP', async (t) => {
  const bench = loopback(t)
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (octets: Buffer) => {
      resolve(octets)
      socket.destroy()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const client = bench.station(mme.host, abroad, [toHss(address.port)], { tls: certificateOf(mme.host) })
  assert.equal((await promise)[0], 22, 'a TLS handshake from the first octet')
  await client.until('connect-failed')
})

test('the name is a dNSName, or the common name where there is none; case does not matter, wildcards do not count', () => {
  const cases: [{ commonName: string; dnsNames?: string[] }, string, boolean][] = [
    [{ commonName: 'hss.example' }, 'HSS.example', true],
    [{ commonName: 'x', dnsNames: ['a.example', 'hss.example'] }, 'hss.example', true],
    [{ commonName: 'hss.example', dnsNames: ['other.example'] }, 'hss.example', false],
    [{ commonName: 'x', dnsNames: ['*.example'] }, 'hss.example', false],
    [{ commonName: 'hss.example' }, '.example', false],
    [{ commonName: 'hss.example' }, '', false],
    [{ commonName: 'hss.example' }, 'hss.example.org', false],
  ]
  for (const [names, identity, expected] of cases) {
    assert.equal(certificateNames(new X509Certificate(authority.issue(names).cert), identity), expected, JSON.stringify([names, identity]))
  }
  assert.equal(listenerTlsOptions(certificateOf('hss.example')).minVersion, 'TLSv1.2')
})
