import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex, toHex } from '#core/bytes.ts'
import { HmacSha256, hmacSha256, sha256 } from './sha256.ts'

test('FIPS 180-4 examples', () => {
  const digest = (text: string) => toHex(sha256(Buffer.from(text, 'ascii')))
  assert.equal(digest('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  assert.equal(digest(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(
    digest('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  )
})

test('RFC 4231 cases 1 to 3, 6 and 7', () => {
  const cases = [
    ['0b'.repeat(20), Buffer.from('Hi There').toString('hex'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '4a656665',
      Buffer.from('what do ya want for nothing?').toString('hex'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      'aa'.repeat(131),
      Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      'aa'.repeat(131),
      Buffer.from(
        'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
      ).toString('hex'),
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
  ] as const
  for (const [key, message, mac] of cases) assert.equal(toHex(hmacSha256(fromHex(key), fromHex(message))), mac)
})

test('every length of padding agrees with OpenSSL', () => {
  for (let length = 0; length < 260; length++) {
    const message = Buffer.alloc(length, length)
    assert.equal(toHex(sha256(message)), createHash('sha256').update(message).digest('hex'), `${length} octets`)
  }
})

test('HMAC agrees with OpenSSL on any key and message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
      assert.equal(toHex(hmacSha256(key, message)), createHmac('sha256', key).update(message).digest('hex'))
    }),
    { numRuns: 300 },
  )
})

test('a keyed HMAC keeps nothing of the message before', () => {
  const hmac = new HmacSha256(Buffer.from('key'))
  const first = hmac.digest(Buffer.from('one'))
  hmac.digest(Buffer.alloc(200, 7))
  assert.deepEqual(hmac.digest(Buffer.from('one')), first)
})
