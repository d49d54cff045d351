import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex, toHex } from '#core/bytes.ts'
import { createAes128 } from './aes.ts'
import { octetsOf4, readBlock } from './block.ts'

const implementations = ['table', 'constant-time'] as const

function encrypt(implementation: (typeof implementations)[number], key: Uint8Array, plain: Uint8Array): Buffer {
  const block = readBlock(plain)
  createAes128(readBlock(key), implementation).encrypt(block)
  return octetsOf4(...block)
}

for (const implementation of implementations) {
  test(`FIPS 197 Appendix B and C.1, ${implementation}`, () => {
    const b = encrypt(implementation, fromHex('2b7e151628aed2a6abf7158809cf4f3c'), fromHex('3243f6a8885a308d313198a2e0370734'))
    assert.equal(toHex(b), '3925841d02dc09fbdc118597196a0b32')
    const c = encrypt(implementation, fromHex('000102030405060708090a0b0c0d0e0f'), fromHex('00112233445566778899aabbccddeeff'))
    assert.equal(toHex(c), '69c4e0d86a7b0430d8cdb78070b4c55a')
  })

  test(`agrees with OpenSSL on any key and block, ${implementation}`, () => {
    const octets = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(octets, octets, (key, plain) => {
        const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
        assert.equal(toHex(encrypt(implementation, key, plain)), cipher.update(plain, undefined, 'hex'))
      }),
      { numRuns: 300 },
    )
  })

  test(`one schedule serves many blocks, ${implementation}`, () => {
    const aes = createAes128([1, 2, 3, 4], implementation)
    const first: [number, number, number, number] = [5, 6, 7, 8]
    const second: [number, number, number, number] = [5, 6, 7, 8]
    aes.encrypt(first)
    aes.encrypt(second)
    assert.deepEqual(first, second)
  })
}
