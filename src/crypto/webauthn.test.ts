import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAssertionMaker } from '#test/assertion-maker.ts'
import { readCoseKey } from './cose.ts'
import { verifyAssertion } from './webauthn.ts'

const challenge = randomBytes(32)
const expected = { challenge, rpId: 'localhost' }

for (const algorithm of ['ES256', 'EdDSA', 'RS256', 'ML-DSA-44'] as const) {
  test(`an assertion by ${algorithm} verifies, and no flipped octet of it does`, () => {
    const assertion = createAssertionMaker(algorithm).sign(challenge)
    assert.deepEqual(verifyAssertion(assertion, expected), { ok: true, algorithm, origin: 'http://localhost:8480' })
    for (const name of ['publicKey', 'authenticatorData', 'clientDataJSON', 'signature'] as const) {
      const octets = Buffer.from(assertion[name], 'base64url')
      for (let at = 0; at < octets.length; at += octets.length > 1000 ? 13 : 1) {
        const altered = Buffer.from(octets)
        altered[at] = (altered[at] ?? 0) ^ 0x01
        const verdict = verifyAssertion({ ...assertion, [name]: altered.toString('base64url') }, expected)
        assert.equal(verdict.ok, false, `${name} octet ${at}`)
      }
    }
  })
}

test('what was signed otherwise says what is wrong', () => {
  const key = createAssertionMaker()
  const because = (made: Parameters<typeof key.sign>[1], what: Uint8Array = challenge): string => {
    const verdict = verifyAssertion(key.sign(what, made), expected)
    return verdict.ok ? 'nothing' : verdict.because
  }
  assert.equal(because({}), 'nothing')
  assert.match(because({}, randomBytes(32)), /something else/)
  assert.match(because({ type: 'webauthn.create' }), /not made to sign/)
  assert.match(because({ origin: 'https://evil.example' }), /evil\.example/)
  assert.match(because({ origin: 'https://notlocalhost' }), /notlocalhost/)
  assert.match(because({ rpId: 'evil.example' }), /another site/)
  assert.match(because({ flags: 0x04 }), /present/)
  assert.match(because({ flags: 0x01 }), /verify who/)
  assert.match(because({ crossOrigin: true }), /inside a page/)
})

test('a name below the site’s is of the site, over TLS', () => {
  const key = createAssertionMaker()
  const verdict = (origin: string) =>
    verifyAssertion(key.sign(challenge, { origin, rpId: 'operator.example' }), { challenge, rpId: 'operator.example' }).ok
  assert.deepEqual(['https://portal.operator.example', 'https://operator.example:8443', 'http://operator.example'].map(verdict), [
    true,
    true,
    false,
  ])
})

test('any octets: a key or none, never a fault', () => {
  const good = createAssertionMaker().publicKey
  assert.equal(readCoseKey(good)?.algorithm, 'ES256')
  assert.equal(readCoseKey(Buffer.concat([good, Buffer.of(0)])), null)
  for (let length = 0; length < good.length; length += 1) assert.equal(readCoseKey(good.subarray(0, length)), null)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => readCoseKey(octets) === null || octets.length > 30))
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (publicKey, authenticatorData, clientDataJSON, signature) => {
      assert.equal(verifyAssertion({ publicKey, authenticatorData, clientDataJSON, signature }, expected).ok, false)
    }),
  )
})
