import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

test('members stand in the order of their UTF-16 code units, as RFC 8785 §3.2.3 shows', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  assert.deepEqual(
    [...canonicalJson(value).matchAll(/:"([^"]*)"/g)].map(([, text]) => text),
    [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ],
  )
})

test('numbers and texts are spelled as ECMAScript spells them, as RFC 8785 §3.2.2 shows', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0],
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('what JSON does not carry to others unchanged is refused', () => {
  const cyclic: unknown[] = []
  for (const value of [Number.NaN, Infinity, 1n, undefined, () => 1, Symbol('s'), '\ud800', { '\udc00': 1 }, new Date(0), new Map()]) {
    assert.throws(() => canonicalJson([value]), TypeError)
  }
  cyclic.push(cyclic)
  assert.throws(() => canonicalJson(cyclic), RangeError)
})

const json = fc.jsonValue({ noUnicodeString: false, stringUnit: 'binary' })

test('any JSON: read again it is the same value, and written again the same text, whatever the order of members', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value)
      // Minus zero is the one value that JSON itself does not keep.
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      assert.equal(canonicalJson(JSON.parse(text)), text)
      assert.equal(canonicalJson(reversed(value)), text)
    }),
  )
})

test('different values never share a text', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const isSame = JSON.stringify(reversed(reversed(a))) === JSON.stringify(reversed(reversed(b)))
      if (isSame) assert.equal(canonicalJson(a), canonicalJson(b))
      if (canonicalJson(a) === canonicalJson(b)) assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))
    }),
  )
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, item]) => [name, reversed(item)]),
  )
}
