import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkUrl, isAllowedAddress, vettedAddresses } from './address.ts'

const inside = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
  ...['192.0.0.8', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.1.1.1', '255.255.255.255'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1'],
  ...['fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '2001::1', '2001:db8::1', '2002:7f00:1::1', '3fff::1', '5f00::1'],
  ...['', 'localhost', '1.2.3', '0x7f.1'],
]

test('nothing that is not a unicast address of the Internet is connected to', () => {
  assert.deepEqual(
    inside.filter((address) => isAllowedAddress(address, false)),
    [],
  )
  for (const address of ['8.8.8.8', '100.63.255.255', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])
    assert.ok(isAllowedAddress(address, false))
  assert.ok(isAllowedAddress('127.0.0.1', true) && isAllowedAddress('::1', true))
  assert.ok(!isAllowedAddress('10.0.0.1', true) && !isAllowedAddress('169.254.169.254', true))
})

test('what a URL may be: https, a name or address of the Internet, no password, however it is spelt', () => {
  for (const url of [
    'http://example.com/hook',
    'ftp://example.com/',
    'https://user:secret@example.com/',
    'https://example.com/#x',
    'https://localhost/',
    'https://localhost:8480/',
    'https://printer/',
    'https://db.internal/',
    'https://nas.local/',
    'https://x.localhost/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.100.100.200/',
    'not a url',
  ]) {
    assert.throws(() => checkUrl(url, false), { code: 'webhook-address', status: 422 }, url)
  }
  assert.equal(checkUrl('https://hooks.example.com:8443/a?b', false).href, 'https://hooks.example.com:8443/a?b')
  assert.equal(checkUrl('http://127.0.0.1:9/', true).protocol, 'http:')
  assert.equal(checkUrl('http://localhost:9/', true).protocol, 'http:')
  assert.throws(() => checkUrl('http://10.0.0.1/', true), { code: 'webhook-address' })
  assert.throws(() => checkUrl('http://example.com/', true), { code: 'webhook-address' })
})

test('a name is refused when any of its addresses is, or when it has none', async () => {
  const url = checkUrl('https://hooks.example.com/', false)
  const vet = (...addresses: string[]) => vettedAddresses(url, async () => addresses, false)
  assert.deepEqual(await vet('8.8.8.8', '2606:4700::1111'), ['8.8.8.8', '2606:4700::1111'])
  await assert.rejects(vet('8.8.8.8', '10.0.0.1'), { code: 'webhook-address', message: /resolves to 10\.0\.0\.1/ })
  await assert.rejects(vet(), { code: 'webhook-address', message: /does not resolve/ })
  await assert.rejects(
    vettedAddresses(url, async () => Promise.reject(new Error('ENOTFOUND')), false),
    { code: 'webhook-address' },
  )
})
