import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { epcRealm, fromTbcd, isPlmn, plmnFromBytes, plmnToBytes, toTbcd } from './bcd.ts'
import { toHex } from './bytes.ts'

test('PLMN octets, with two and with three MNC digits', () => {
  assert.equal(toHex(plmnToBytes('001-01')), '00f110')
  assert.equal(toHex(plmnToBytes('999-070')), '990970')
  assert.equal(plmnFromBytes(Buffer.from('00f110', 'hex')), '001-01')
  assert.equal(plmnFromBytes(Buffer.from('990970', 'hex')), '999-070')
  assert.equal(plmnFromBytes(Buffer.from('0af110', 'hex')), undefined)
  assert.equal(plmnFromBytes(Buffer.from('00f1', 'hex')), undefined)
  assert.equal(isPlmn('1-01'), false)
})

test('a realm always pads the MNC to three digits', () => {
  assert.equal(epcRealm('001-01'), 'epc.mnc001.mcc001.3gppnetwork.org')
  assert.equal(epcRealm('999-070'), 'epc.mnc070.mcc999.3gppnetwork.org')
})

test('TBCD comes back as it went', () => {
  fc.assert(fc.property(fc.stringMatching(/^\d{0,20}$/), (digits) => fromTbcd(toTbcd(digits)) === digits))
  assert.equal(toHex(toTbcd('99912345')), '99193254')
  assert.equal(fromTbcd(Buffer.from('9a', 'hex')), undefined)
})
