import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { toHex } from '#core/bytes.ts'
import { deriveKasme } from './kdf.ts'

test('KASME is HMAC-SHA-256 under CK || IK of 10 || PLMN || 0003 || SQN xor AK || 0006', () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(octets(16), octets(16), octets(3), octets(6), (ck, ik, plmn, sqnXorAk) => {
      const s = `10${toHex(plmn)}0003${toHex(sqnXorAk)}0006`
      const expected = createHmac('sha256', Buffer.concat([ck, ik]))
        .update(s, 'hex')
        .digest('hex')
      assert.equal(toHex(deriveKasme(ck, ik, plmn, sqnXorAk)), expected)
    }),
    { numRuns: 200 },
  )
})

test('a wrong length is named', () => {
  const sixteen = Buffer.alloc(16)
  assert.throws(() => deriveKasme(Buffer.alloc(32), sixteen, Buffer.alloc(3), Buffer.alloc(6)), /CK must have 16/)
  assert.throws(() => deriveKasme(sixteen, sixteen, Buffer.alloc(5), Buffer.alloc(6)), /PLMN must have 3/)
  assert.throws(() => deriveKasme(sixteen, sixteen, Buffer.alloc(3), sixteen), /SQN xor AK must have 6/)
})
