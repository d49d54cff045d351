import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex, toHex } from '#core/bytes.ts'
import type { TuakParameters } from './authentication.ts'
import { createTuak, permuteHere, tuakTopc } from './tuak.ts'
import published from './vectors/tuak.json' with { type: 'json' }

function parametersOf(set: (typeof published.sets)[number]): TuakParameters {
  const { k, mac, res, ck, ik } = set.lengths_bits
  return { keyBits: k, macBits: mac, resBits: res, ckBits: ck, ikBits: ik, iterations: set.keccak_iterations } as TuakParameters
}

test('published sets', () => {
  assert.equal(published.sets.length, 6)
  for (const set of published.sets) {
    const [k, rand, sqn, amf] = [set.k, set.rand, set.sqn, set.amf].map(fromHex) as [Buffer, Buffer, Buffer, Buffer]
    assert.equal(toHex(tuakTopc(k, fromHex(set.top), set.keccak_iterations)), set.topc, `TOPc of ${set.name}`)
    const functions = createTuak(k, fromHex(set.topc), parametersOf(set))
    // Twice, and resynchronisation before the challenge: no call may see what another left behind.
    for (const time of ['first', 'second']) {
      assert.equal(toHex(functions.f1star(rand, sqn, amf)), set.f1star, `f1* of ${set.name}, ${time}`)
      assert.equal(toHex(functions.f5star(rand)), set.f5star, `f5* of ${set.name}, ${time}`)
      const { res, ck, ik, ak } = functions.f2345(rand)
      assert.deepEqual([res, ck, ik, ak].map(toHex), [set.f2, set.f3, set.f4, set.f5], `f2..f5 of ${set.name}, ${time}`)
      assert.equal(toHex(functions.f1(rand, sqn, amf)), set.f1, `f1 of ${set.name}, ${time}`)
    }
  }
})

test('one iteration is SHAKE256 of the 96 octets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 96, maxLength: 96 }), (input) => {
      assert.equal(permuteHere(input, 1), hash('shake256', input, { outputEncoding: 'binary', outputLength: 102 }))
    }),
    { numRuns: 200 },
  )
})

test('a quintuplet is what f1 to f5 give, with one iteration and with three', () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const sqnAndAmf = fc.tuple(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 0, max: 0xffff }))
  fc.assert(
    fc.property(
      fc.constantFrom(16, 32).chain(octets),
      octets(32),
      octets(16),
      sqnAndAmf,
      fc.constantFrom(1, 3),
      fc.constantFrom(32, 64, 128),
      (k, topc, rand, [sqn, amf], iterations, resBits) => {
        const parameters = {
          keyBits: (8 * k.length) as 128 | 256,
          macBits: 64,
          resBits: resBits as 32,
          ckBits: 128,
          ikBits: 128,
          iterations,
        } as const
        const functions = createTuak(k, topc, parameters)
        const sqnOctets = Buffer.alloc(6)
        sqnOctets.writeUIntBE(sqn, 0, 6)
        const amfOctets = Buffer.of(amf >> 8, amf & 255)
        const { res, ck, ik, ak } = functions.f2345(rand)
        const concealed = Buffer.from(sqnOctets.map((octet, i) => octet ^ (ak[i] ?? 0)))
        const autn = Buffer.concat([concealed, amfOctets, functions.f1(rand, sqnOctets, amfOctets)])
        assert.deepEqual(functions.quintuplet(rand, sqn, amf), { res, ck, ik, autn })
      },
    ),
    { numRuns: 60 },
  )
})

test('wrong lengths and parameters are named, never shown', () => {
  const k = Buffer.alloc(16)
  const topc = Buffer.alloc(32)
  const parameters: TuakParameters = { keyBits: 128, macBits: 64, resBits: 64, ckBits: 128, ikBits: 128, iterations: 1 }
  assert.throws(() => createTuak(Buffer.alloc(32), topc), /K must have 16 octets, not 32/)
  assert.throws(() => createTuak(k, Buffer.alloc(16)), /TOPc must have 32/)
  assert.throws(() => tuakTopc(Buffer.alloc(24), topc), /16 or 32 octets, not 24/)
  for (const iterations of [0, 1.5, 256]) assert.throws(() => createTuak(k, topc, { ...parameters, iterations }), /iterations/)
  const wide = createTuak(k, topc, { ...parameters, macBits: 128 })
  assert.throws(() => wide.quintuplet(k, 1, 0), /MAC of 64 bits/)
})
