import assert from 'node:assert/strict'
import { test } from 'node:test'
import { algorithmRow, algorithms, refuseAlgorithm } from './algorithms.ts'
import type { TuakParameters } from './authentication.ts'
import { defaultMilenageParameters } from './milenage.ts'

test('COMP128 is refused by name with its reason, however the card file spells it', () => {
  for (const name of ['COMP128-1', 'comp128v1', 'COMP128 v1', 'Comp128_1'])
    assert.match(refuseAlgorithm(name) ?? '', /^COMP128-1 is broken: .*Ki/)
  assert.match(refuseAlgorithm('COMP128-2') ?? '', /54 bits.*neither EPS nor UTRAN/)
  assert.match(refuseAlgorithm('comp128-v3') ?? '', /COMP128-3 is not supported/)
  assert.match(refuseAlgorithm('xor') ?? '', /gives K away/)
  assert.match(refuseAlgorithm('A3A8') ?? '', /no algorithm "A3A8"; served are MILENAGE and TUAK/)
  assert.match(refuseAlgorithm('constructor') ?? '', /no algorithm/)
  assert.throws(() => algorithmRow('COMP128-1'), /COMP128-1 is broken/)
})

test('what is served is not refused', () => {
  for (const name of Object.keys(algorithms)) {
    assert.equal(refuseAlgorithm(name), null)
    assert.equal(algorithmRow(name).name, name)
  }
  assert.equal(refuseAlgorithm('MILENAGE', { milenage: defaultMilenageParameters }), null)
})

test('MILENAGE constants that would give two equal outputs are refused', () => {
  const { c, r } = defaultMilenageParameters
  const twins = { c: c.map((constant, i) => (i === 3 ? (c[1] ?? '') : constant)), r: [64, 0, 32, 0, 96] }
  assert.match(refuseAlgorithm('MILENAGE', { milenage: twins }) ?? '', /pair 4 repeats pair 2/)
  assert.match(refuseAlgorithm('MILENAGE', { milenage: { c: c.slice(1), r } }) ?? '', /c1\.\.c5/)
  assert.match(refuseAlgorithm('MILENAGE', { milenage: { c, r: [0, 1, 2, 3, 200] } }) ?? '', /r1\.\.r5/)
})

test('TUAK lengths that no vector can carry are refused', () => {
  const good: TuakParameters = { keyBits: 256, macBits: 64, resBits: 128, ckBits: 128, ikBits: 128, iterations: 2 }
  assert.equal(refuseAlgorithm('TUAK', { tuak: good }), null)
  const bad: [Partial<TuakParameters>, RegExp][] = [
    [{ macBits: 128 }, /MAC of 64/],
    [{ ckBits: 256 }, /CK and an IK of 128/],
    [{ ikBits: 256 }, /CK and an IK of 128/],
    [{ resBits: 256 }, /RES of 32, 64 or 128/],
    [{ iterations: 0 }, /iterations/],
    [{ keyBits: 192 as 128 }, /K of 128 or 256/],
  ]
  for (const [change, reason] of bad) assert.match(refuseAlgorithm('TUAK', { tuak: { ...good, ...change } }) ?? '', reason)
})
