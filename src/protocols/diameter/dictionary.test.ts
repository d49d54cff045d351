import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitmasks, bitNames, bits, hasBit } from './bitmasks.ts'
import { diameter } from './dict/all.ts'
import { type AvpRow, defineDictionary, extend } from './dictionary.ts'
import type { AvpsOf, ValueOf } from './message.ts'
import { experimentalResultCodes, resultCodes, resultText } from './result-codes.ts'

const name: AvpRow = { code: 1, type: 'UTF8String', spec: 'RFC 6733 §8.14' }
const command = { code: 9, application: 7, name: 'X', proxiable: true, spec: 'RFC 6733 §3.2' }

test('all dictionaries load together', () => {
  assert.equal(Object.keys(diameter.commands).length, 34)
  assert.ok(Object.keys(diameter.avps).length > 500)
})

test('every row cites its clause in the one form', () => {
  const cite = /^(RFC \d+|TS \d\d\.\d{3}|ETSI ES \d{3} \d{3}) §\d+[A-Z]?(\.\d+[A-Z]?)*$/
  for (const [key, row] of Object.entries({ ...diameter.avps, ...diameter.commands })) assert.match(row.spec, cite, key)
})

test('what is wrong with a row is said in words', () => {
  const load =
    (avps: Record<string, AvpRow>, commands = {}) =>
    () =>
      defineDictionary({ name: 'test', avps, commands })
  assert.throws(load({ One: name, Two: name }), /dictionary test: Two has vendor\/code 0\/1, which One already has/)
  assert.throws(
    load({ Group: { code: 2, type: 'Grouped', members: { Gone: 'many' }, spec: '' } }),
    /Group lists Gone, which no row defines/,
  )
  assert.throws(load({ Group: { code: 2, type: 'Grouped', spec: '' } }), /Group: members are for Grouped AVPs/)
  assert.throws(load({}, { XXR: { ...command, request: true, avps: {} } }), /XXR has no XXA/)
  assert.throws(load({}, { XXA: { ...command, request: true, avps: {} } }), /a request's name ends in R/)
})

test('two parents may share rows but not redefine one', () => {
  const parent = defineDictionary({ name: 'parent', avps: { One: name }, commands: {} })
  const left = extend([parent], { name: 'left', avps: {}, commands: {} })
  const right = extend([parent], { name: 'right', avps: {}, commands: {} })
  assert.deepEqual(Object.keys(extend([left, right], { name: 'both', avps: {}, commands: {} }).avps), ['One'])
  assert.throws(() => extend([left], { name: 'again', avps: { One: { ...name } }, commands: {} }), /AVP One is defined twice/)
})

test('types follow from the rows', () => {
  // Compile-time checks: a wrong inference would not pass the type-check.
  const vector: ValueOf<'E-UTRAN-Vector'> = {
    RAND: Buffer.alloc(16),
    XRES: Buffer.alloc(8),
    AUTN: Buffer.alloc(16),
    KASME: Buffer.alloc(32),
  }
  const answer: Partial<AvpsOf<'AIA'>> = { 'Authentication-Info': { 'E-UTRAN-Vector': [vector] }, Load: [{ 'Load-Value': 1n }] }
  // @ts-expect-error a required member of a request cannot be left out
  const request: Pick<AvpsOf<'AIR'>, 'User-Name'> = {}
  // @ts-expect-error an OctetString is no text
  const plmn: AvpsOf<'AIR'>['Visited-PLMN-Id'] = '00101'
  assert.ok(answer && request && plmn)
})

test('bits have names and numbers', () => {
  assert.equal(bits('ULR-Flags', 'S6a-S6d-Indicator', 'Initial-Attach-Indicator'), 34)
  assert.deepEqual(bitNames('ULR-Flags', 34), ['S6a-S6d-Indicator', 'Initial-Attach-Indicator'])
  assert.equal(hasBit('ULR-Flags', 32, 'Initial-Attach-Indicator'), true)
  assert.equal(hasBit('ULR-Flags', undefined, 'Initial-Attach-Indicator'), false)
  assert.equal(bits('Feature-List 1', 'Additional-MSISDN'), 0x8000_0000)
  assert.deepEqual(bitNames('PUA-Flags', 0x8000_0001), ['Freeze-M-TMSI', 'bit 31'])
  for (const row of Object.values(bitmasks)) assert.equal(new Set<string>(row).size, row.length)
})

test('results have names', () => {
  assert.equal(resultText(5005), '5005 DIAMETER_MISSING_AVP')
  assert.equal(resultText(5001, true), '5001 DIAMETER_ERROR_USER_UNKNOWN')
  assert.equal(resultText(5001), '5001 DIAMETER_AVP_UNSUPPORTED')
  assert.equal(resultText(5999), '5999')
  for (const row of Object.values({ ...resultCodes, ...experimentalResultCodes })) assert.match(row.name, /^DIAMETER_[A-Z0-9_]+$/)
})
