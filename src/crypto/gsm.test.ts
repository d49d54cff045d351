import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex, toHex } from '#core/bytes.ts'
import { c2, c2Truncated, c3 } from './gsm.ts'
import { createMilenage } from './milenage.ts'
import published from './vectors/milenage.json' with { type: 'json' }
import { generateGsmTriplet } from './vectors.ts'

test('TS 55.205 sets: SRES both ways, and Kc', () => {
  assert.equal(published.ts55205_gsm.length, 19)
  for (const { ki, opc, rand, kc, set, ...expected } of published.ts55205_gsm) {
    const made = createMilenage(fromHex(ki), fromHex(opc)).f2345(fromHex(rand))
    assert.equal(toHex(c2(made.res)), expected.sres_c2_default, `set ${set}`)
    assert.equal(toHex(c2Truncated(made.res)), expected.sres_alt_2, `set ${set}`)
    assert.equal(toHex(c3(made.ck, made.ik)), kc, `set ${set}`)
    const triplet = generateGsmTriplet({ algorithm: 'MILENAGE', k: fromHex(ki), opc: fromHex(opc) }, fromHex(rand))
    assert.deepEqual([toHex(triplet.sres), toHex(triplet.kc)], [expected.sres_c2_default, kc])
  }
})

test('c2 pads a RES that fills no whole word, and sums a long one', () => {
  assert.equal(toHex(c2(fromHex('01020304 10'))), '11020304')
  assert.equal(toHex(c2(fromHex('00000001 00000002 00000004 00000008'))), '0000000f')
  assert.throws(() => c2(Buffer.alloc(3)), RangeError)
  assert.throws(() => c2(Buffer.alloc(32)), RangeError)
  assert.throws(() => c3(Buffer.alloc(32), Buffer.alloc(16)), RangeError)
})
