import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createAuthority } from '#sim/authority.ts'
import { domainOf, proofOf } from './claims.ts'
import { checkAddress, createOutbound, isInside } from './outbound.ts'

test('addresses inside are known, also where they hide in another form', () => {
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
  ])
    assert.ok(isInside(address), address)
  for (const address of ['192.0.2.7', '203.0.113.9', '172.32.0.1', '2001:db8::1']) assert.equal(isInside(address), false, address)
})

test('only https, no name in the address, and nothing inside unless its host was named', () => {
  const code = (url: string, hosts: string[] = []): string | null => {
    try {
      checkAddress(new URL(url), hosts)
      return null
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  assert.equal(code('https://login.meadow.example/realm'), null)
  for (const url of [
    'http://login.meadow.example',
    'https://u:p@login.meadow.example',
    'https://10.0.0.1',
    'https://[::1]',
    'https://0x7f.1',
    'https://2130706433',
    'https://localhost',
    'file:///etc/passwd',
  ])
    assert.equal(code(url), 'sso-address', url)
  assert.equal(code('http://localhost:1', ['localhost']), null)
  assert.equal(code('http://login.inside.example', ['login.inside.example']), 'sso-address', 'plain text stays on loopback')
})

test('a name that leads inside is not followed, an endless answer is cut, and no redirect is', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/away') return void response.writeHead(302, { location: 'http://192.0.2.1/' }).end()
    response.writeHead(200)
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return
      response.once('drain', more)
    }
    more()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const named = createOutbound(['localhost', '127.0.0.1'])
  try {
    await assert.rejects(named(`http://127.0.0.1:${port}/`, {}), { code: 'sso-address', message: /too much/ })
    assert.equal((await named(`http://127.0.0.1:${port}/away`, {})).status, 302)
    await assert.rejects(createOutbound([])(`https://localhost:${port}/`, {}), { code: 'sso-address' })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('a server that shows a certificate which nobody vouches for gets no request', async () => {
  const { key, cert } = createAuthority('Nobody', Date.now()).issue({ commonName: 'localhost', dnsNames: ['localhost'] })
  let asked = 0
  const server = createSecureServer({ key, cert }, (_request, response) => {
    asked += 1
    response.end('{}')
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await assert.rejects(createOutbound(['localhost'])(`https://localhost:${port}/`, {}), {
      code: 'sso-address',
      message: /certificate|issuer/,
    })
    assert.equal(asked, 0)
  } finally {
    server.close()
  }
})

test('domains are read from addresses, in the form of DNS', () => {
  assert.equal(domainOf(' Ada@Meadow.EXAMPLE '), 'meadow.example')
  assert.equal(domainOf('münchen.example'), 'xn--mnchen-3ya.example')
  for (const text of ['', 'meadow', 'a@b', 'https://meadow.example', 'meadow.example/x', '192.0.2.1', 'a b.example', 'x:1'])
    assert.equal(domainOf(text), null, text)
})

test('a provider proves no more than it says', () => {
  const of = (claims: Record<string, unknown>, profile: 'openid-connect' | 'mobile-connect' = 'openid-connect') =>
    proofOf(claims, profile).assurance
  assert.deepEqual(
    [of({}), of({ amr: ['pwd'] }), of({ amr: ['pwd', 'otp'] }), of({ amr: ['mfa'] }), of({ amr: ['hwk'] }), of({ acr: 'phrh' })],
    [1, 1, 2, 2, 3, 3],
  )
  assert.deepEqual([of({ acr: '2' }, 'mobile-connect'), of({ acr: '3' }, 'mobile-connect'), of({ acr: '3' })], [1, 2, 1])
  assert.equal(proofOf({ auth_time: 7 }, 'openid-connect').at, 7_000)
})
