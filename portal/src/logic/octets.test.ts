import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AvpNode } from '../api/types.ts'
import { decidingAvp, flatten, hexLines, rangeOf, shownRange } from './octets.ts'

const avp = (name: string, offset: number, length: number, children?: AvpNode[]): AvpNode => ({
  code: 1,
  name,
  vendor: 0,
  flags: 'M',
  type: 'OctetString',
  value: '',
  offset,
  length,
  ...(children === undefined ? {} : { children }),
})

test('the dump marks what decided, with its padding', () => {
  // Visited-PLMN-Id of RFC 6733 §4.1 shape: 15 octets and one of padding.
  const hex = '0000057fc000000f000028af00f11000'
  const lines = hexLines(`${'00'.repeat(8)}${hex}`, [rangeOf({ offset: 8, length: 15 })], { from: 0, to: 24 })
  assert.deepEqual(
    lines.map((line) => line.offset),
    [0, 8, 16],
  )
  assert.ok(lines[0]?.octets.every((octet) => !octet.marked))
  assert.ok(lines.slice(1).every((line) => line.octets.every((octet) => octet.marked)))
  assert.equal(hexLines('414200ff', [], { from: 0, to: 4 })[0]?.ascii, 'AB..')
})

test('the dump shows what decided and its surroundings, never past the end', () => {
  assert.deepEqual(shownRange(64, undefined), { from: 0, to: 64 })
  assert.deepEqual(shownRange(360, undefined), { from: 0, to: 80 })
  const around = shownRange(360, { from: 288, to: 304 })
  assert.ok(around.from <= 288 && around.to >= 304 && around.to - around.from === 80)
  assert.deepEqual(shownRange(361, { from: 352, to: 361 }), { from: 288, to: 361 })
})

test('the element that decided is found inside groups, and a fault where no reason names one', () => {
  const tree = [avp('Session-Id', 20, 30), avp('Terminal-Information', 50, 40, [avp('IMEI', 62, 26)])]
  assert.equal(decidingAvp(tree, 'imei-lock')?.name, 'IMEI')
  assert.equal(decidingAvp(tree, 'forged-network'), undefined)
  assert.equal(decidingAvp(tree, 'malformed', [{ name: 'Session-Id', value: '', source: 'claimed' }])?.name, 'Session-Id')
  assert.equal(decidingAvp(tree, 'ok', [{ name: 'Session-Id', value: '', source: 'claimed' }]), undefined)
  assert.equal(decidingAvp([{ ...avp('Origin-Host', 0, 8), fault: 'too short' }], 'malformed')?.name, 'Origin-Host')
  assert.deepEqual(
    flatten(tree).map(({ depth }) => depth),
    [0, 0, 1],
  )
})
