import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex, toHex } from '#core/bytes.ts'
import type { AuthenticationFunctions } from './authentication.ts'
import { createMilenage, defaultMilenageParameters, milenageOpc } from './milenage.ts'
import published from './vectors/milenage.json' with { type: 'json' }

const sets = [...published.ts35208, published.ts35207_set2]

/** Every output under the name that the vector files use. */
function outputs(functions: AuthenticationFunctions, rand: Buffer, sqn: Buffer, amf: Buffer): Record<string, string> {
  const { res, ck, ik, ak } = functions.f2345(rand)
  const all = { f1: functions.f1(rand, sqn, amf), f1star: functions.f1star(rand, sqn, amf), f2: res, f3: ck, f4: ik, f5: ak }
  const named = { ...all, f5star: functions.f5star(rand) }
  return Object.fromEntries(Object.entries(named).map(([name, octets]) => [name, toHex(octets)]))
}

for (const aes of ['table', 'constant-time'] as const) {
  test(`published sets, ${aes}`, () => {
    assert.equal(sets.length, 21)
    for (const { k, rand, sqn, amf, op, opc, set, ...expected } of sets) {
      assert.equal(toHex(milenageOpc(fromHex(k), fromHex(op), aes)), opc, `OPc of set ${set}`)
      const functions = createMilenage(fromHex(k), fromHex(opc), defaultMilenageParameters, aes)
      assert.deepEqual(outputs(functions, fromHex(rand), fromHex(sqn), fromHex(amf)), expected, `set ${set}`)
    }
  })
}

/** TS 35.206 §4.1 as it is written, on 128-bit integers and OpenSSL's AES: slow, and written apart from the code above. */
function asWritten(k: Uint8Array, opc: bigint, rand: bigint, in1: bigint, c: readonly bigint[], r: readonly number[]): bigint[] {
  const mask = (1n << 128n) - 1n
  const rot = (x: bigint, bits: number): bigint => ((x << BigInt(bits)) | (x >> BigInt(128 - bits))) & mask
  const encrypt = (x: bigint): bigint => {
    const cipher = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false)
    return BigInt(`0x${cipher.update(x.toString(16).padStart(32, '0'), 'hex', 'hex')}`)
  }
  const temp = encrypt(rand ^ opc)
  return c.map((constant, i) => {
    const turn = r[i] ?? 0
    return encrypt((i === 0 ? temp ^ rot(in1 ^ opc, turn) : rot(temp ^ opc, turn)) ^ constant) ^ opc
  })
}

test('any constants and rotations', () => {
  const block = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
  const five = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 5, maxLength: 5 })
  const hex = (x: bigint, octets = 16): string => x.toString(16).padStart(2 * octets, '0')
  fc.assert(
    fc.property(
      block,
      block,
      block,
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      five(block),
      five(fc.integer({ min: 0, max: 127 })),
      (k, opc, rand, sqnAmf, c, r) => {
        const functions = createMilenage(fromHex(hex(k)), fromHex(hex(opc)), { c: c.map((constant) => hex(constant)), r })
        const sqn = fromHex(hex(sqnAmf >> 16n, 6))
        const amf = fromHex(hex(sqnAmf & 0xffffn, 2))
        const [out1 = 0n, out2 = 0n, out3 = 0n, out4 = 0n, out5 = 0n] = asWritten(
          fromHex(hex(k)),
          opc,
          rand,
          (sqnAmf << 64n) | sqnAmf,
          c,
          r,
        )
        assert.deepEqual(outputs(functions, fromHex(hex(rand)), sqn, amf), {
          f1: hex(out1).slice(0, 16),
          f1star: hex(out1).slice(16),
          f2: hex(out2).slice(16),
          f3: hex(out3),
          f4: hex(out4),
          f5: hex(out2).slice(0, 12),
          f5star: hex(out5).slice(0, 12),
        })
      },
    ),
    { numRuns: 200 },
  )
})

test('a quintuplet is what f1 to f5 give', () => {
  for (const { k, rand, sqn, amf, opc, f1, f2, f3, f4, f5, set } of sets) {
    const functions = createMilenage(fromHex(k), fromHex(opc))
    const { res, ck, ik, autn } = functions.quintuplet(fromHex(rand), Number.parseInt(sqn, 16), Number.parseInt(amf, 16))
    const concealed = (BigInt(`0x${sqn}`) ^ BigInt(`0x${f5}`)).toString(16).padStart(12, '0')
    assert.deepEqual([res, ck, ik, autn].map(toHex), [f2, f3, f4, `${concealed}${amf}${f1}`], `set ${set}`)
  }
})

test('wrong lengths and parameters are named, never shown', () => {
  const octets = Buffer.alloc(16)
  const functions = createMilenage(octets, octets)
  assert.throws(() => createMilenage(Buffer.alloc(15), octets), /K must have 16 octets, not 15/)
  assert.throws(() => createMilenage(octets, Buffer.alloc(32)), /OPc must have 16/)
  assert.throws(() => milenageOpc(octets, Buffer.alloc(3)), /OP must have 16/)
  assert.throws(() => functions.f2345(Buffer.alloc(17)), /RAND must have 16/)
  assert.throws(() => functions.f1(octets, Buffer.alloc(5), Buffer.alloc(2)), /SQN must have 6/)
  assert.throws(() => functions.f1(octets, Buffer.alloc(6), Buffer.alloc(3)), /AMF must have 2/)
  assert.throws(() => createMilenage(octets, octets, { c: ['00'], r: [0, 1, 2, 3, 4] }), /c1\.\.c5/)
  assert.throws(() => createMilenage(octets, octets, { c: defaultMilenageParameters.c, r: [0, 1, 2, 3, 128] }), /r1\.\.r5/)
})
