import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex } from '#core/bytes.ts'
import { addressOctets, readAddress } from './address.ts'
import { kind } from './plan.ts'
import { peekRouting } from './routing.ts'
import { readScalar } from './scalars.ts'

const addresses: readonly [text: string, hex: string][] = [
  ['192.0.2.1', '0001c0000201'],
  ['::', '000200000000000000000000000000000000'],
  ['::1', '000200000000000000000000000000000001'],
  ['2001:db8::', '000220010db8000000000000000000000000'],
  ['2001:db8::1', '000220010db8000000000000000000000001'],
  ['2001:db8:0:1::1', '000220010db8000000010000000000000001'],
  ['2001:db8:0:1:0:1:0:1', '000220010db8000000010000000100000001'],
  ['2001:0:0:1::1', '000220010000000000010000000000000001'],
  ['1:2:3:4:5:6:7:8', '000200010002000300040005000600070008'],
  ['1:2:3:4:5:6::', '000200010002000300040005000600000000'],
  ['e164:9990000001', '000839393930303030303031'],
]

for (const [text, hex] of addresses) {
  test(`address ${text}`, () => {
    const octets = fromHex(hex)
    assert.equal(readAddress(octets, 0, octets.length), text)
    assert.equal(addressOctets(text).toString('hex'), hex)
  })
}

test('an address in another spelling is the same octets', () => {
  assert.deepEqual(addressOctets('2001:DB8:0:0:0:0:0:1'), addressOctets('2001:db8::1'))
  assert.deepEqual(addressOctets('::ffff:192.0.2.1'), fromHex('0002 00000000000000000000ffff c0000201'))
})

test('what is no address is refused', () => {
  for (const text of [
    '',
    '192.0.2',
    '192.0.2.256',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    ':::',
    'g::',
    'e164:',
    'host.example',
  ]) {
    assert.throws(() => addressOctets(text), RangeError, text)
  }
  for (const hex of ['0001c00002', '0002c0000201', '0003c0000201', '00083a', '0001']) {
    const octets = fromHex(hex)
    assert.equal(readScalar(octets, kind.address, 0, octets.length), undefined, hex)
  }
})

test('times go on after 2036, when 32 bits of NTP seconds are used up', () => {
  const read = (hex: string) => (readScalar(fromHex(hex), kind.time, 0, 4) as Date).toISOString()
  assert.equal(read('ffffffff'), '2036-02-07T06:28:15.000Z')
  assert.equal(read('00000000'), '2036-02-07T06:28:16.000Z')
  assert.equal(read('83aa7e80'), '1970-01-01T00:00:00.000Z')
})

test('signed and floating values keep their sign', () => {
  assert.equal(readScalar(fromHex('ffffffff'), kind.integer32, 0, 4), -1)
  assert.equal(readScalar(fromHex('ffffffff'), kind.unsigned32, 0, 4), 4294967295)
  assert.equal(readScalar(fromHex('ffffffffffffffff'), kind.integer64, 0, 8), -1n)
  assert.equal(readScalar(fromHex('ffffffffffffffff'), kind.unsigned64, 0, 8), 18446744073709551615n)
  assert.equal(readScalar(fromHex('bf800000'), kind.float32, 0, 4), -1)
  assert.equal(readScalar(fromHex('bff0000000000000'), kind.float64, 0, 8), -1)
})

const head = '01000000 c000013e 01000023 00000001 00000002'

test('routing AVPs are read without a dictionary', () => {
  const octets = fromHex(
    `${head} 00000107 40000009 73000000 00000108 40000009 61000000 00000128 40000009 62000000 00000125 40000009 63000000
     0000011b 40000009 64000000 00000001 4000000b 30303100 0000011a 40000009 65000000 0000011a 40000009 66000000
     00000108 c0000010 000028af 78787878 0000270f 4000000c ffffffff`,
  )
  assert.deepEqual(peekRouting(octets), {
    sessionId: 's',
    originHost: 'a',
    originRealm: 'b',
    destinationHost: 'c',
    destinationRealm: 'd',
    userName: '001',
    routeRecord: ['e', 'f'],
    brokenAt: -1,
  })
})

test('routing tells where the octets break off', () => {
  assert.equal(peekRouting(Buffer.alloc(7)).brokenAt, 0)
  const broken = peekRouting(fromHex(`${head} 00000107 40000009 73000000 00000108 400000ff 61000000`))
  assert.equal(broken.sessionId, 's')
  assert.equal(broken.originHost, undefined)
  assert.equal(broken.brokenAt, 32)
})
