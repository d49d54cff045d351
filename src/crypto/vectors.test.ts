import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMilenage, milenageOpc } from './milenage.ts'
import { createTuak, tuakTopc } from './tuak.ts'
import milenage from './vectors/milenage.json' with { type: 'json' }
import tuak from './vectors/tuak.json' with { type: 'json' }

const hex = (text: string) => Buffer.from(text, 'hex')
test('m', () => {
  for (const implementation of ['table', 'constant-time'] as const)
    for (const s of [...milenage.ts35208, milenage.ts35207_set2]) {
      assert.equal(milenageOpc(hex(s.k), hex(s.op), implementation).toString('hex'), s.opc)
      const m = createMilenage(hex(s.k), hex(s.opc), undefined, implementation)
      assert.equal(m.f1(hex(s.rand), hex(s.sqn), hex(s.amf)).toString('hex'), s.f1)
      assert.equal(m.f1star(hex(s.rand), hex(s.sqn), hex(s.amf)).toString('hex'), s.f1star)
      const o = m.f2345(hex(s.rand))
      assert.deepEqual(
        [o.res, o.ck, o.ik, o.ak].map((x) => x.toString('hex')),
        [s.f2, s.f3, s.f4, s.f5],
      )
      assert.equal(m.f5star(hex(s.rand)).toString('hex'), s.f5star)
    }
})
test('t', () => {
  for (const s of tuak.sets) {
    const l = s.lengths_bits
    assert.equal(tuakTopc(hex(s.k), hex(s.top), s.keccak_iterations).toString('hex'), s.topc)
    const m = createTuak(hex(s.k), hex(s.topc), {
      keyBits: l.k as 128,
      macBits: l.mac as 64,
      resBits: l.res as 64,
      ckBits: l.ck as 128,
      ikBits: l.ik as 128,
      iterations: s.keccak_iterations,
    })
    assert.equal(m.f1(hex(s.rand), hex(s.sqn), hex(s.amf)).toString('hex'), s.f1)
    assert.equal(m.f1star(hex(s.rand), hex(s.sqn), hex(s.amf)).toString('hex'), s.f1star)
    const o = m.f2345(hex(s.rand))
    assert.deepEqual(
      [o.res, o.ck, o.ik, o.ak].map((x) => x.toString('hex')),
      [s.f2, s.f3, s.f4, s.f5],
    )
    assert.equal(m.f5star(hex(s.rand)).toString('hex'), s.f5star)
  }
})
