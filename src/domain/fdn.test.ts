import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fdnRecordSizes, fdnRecords, isFdnNumber } from './fdn.ts'

const record = (name: string, number: string, size?: number): string => fdnRecords([{ name, number }], size)[0]?.hex ?? ''

test('records as in the published examples of pySim (ts_51_011.py, EF_ADN), which this code also gives, with numbers of ours', () => {
  // International, an even count of digits, a name that leaves one octet; then unknown type, the last octet half full.
  assert.equal(record('Kundenbetreuung', '+999700112233', 30), '4b756e64656e626574726575756e67ff0791997900112233ffffffffffff')
  assert.equal(record('B HA 1 Sic', '999700112', 30), '42204841203120536963ffffffffffff068199790011f2ffffffffffffff')
})

test('* and # are A and B, short codes have no type', () => {
  assert.equal(record('', '*100#', 14), '04811a00fbffffffffffffffffff')
})

test('a name outside the default alphabet stands in UCS2 behind 80, cut between characters and never inside one', () => {
  assert.equal(record('監視', '1', 20), '8076e38996ff0281f1ffffffffffffffffffffff')
  assert.equal(record('a😀', '1', 17), '8000610281f1ffffffffffffffffffffff')
  assert.deepEqual(
    fdnRecords([
      { name: 'x'.repeat(14), number: '1' },
      { name: 'x'.repeat(15), number: '1' },
      { name: '監視センターの', number: '1' },
    ]).map(({ isNameCut }) => isNameCut),
    [false, true, true],
  )
})

test('what a number may be', () => {
  assert.deepEqual(['+9997001', '112', '*100#', '1'.repeat(20)].map(isFdnNumber), [true, true, true, true])
  assert.deepEqual(['', '+', '1'.repeat(21), '999 700', '12a', '++1', '１２'].map(isFdnNumber), Array(7).fill(false))
})

test('every record fills its size, and its number reads back', () => {
  const numbers = fc.stringMatching(/^\+?[0-9*#]{1,20}$/)
  const sizes = fc.integer({ min: fdnRecordSizes.least, max: fdnRecordSizes.most })
  fc.assert(
    fc.property(fc.string(), numbers, sizes, (name, number, size) => {
      const octets = Buffer.from(record(name, number, size), 'hex')
      assert.equal(octets.length, size)
      const part = octets.subarray(size - 14)
      const text = part.subarray(2, 1 + (part[0] ?? 0)).toString('hex')
      const digits = text
        .replaceAll(/(.)(.)/g, '$2$1')
        .replace(/f$/, '')
        .replaceAll('a', '*')
        .replaceAll('b', '#')
      assert.equal((part[1] === 0x91 ? '+' : '') + digits, number)
      assert.equal(part.subarray(1 + (part[0] ?? 0)).toString('hex'), 'ff'.repeat(13 - (part[0] ?? 0)))
    }),
  )
})
