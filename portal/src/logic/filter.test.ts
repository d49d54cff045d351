import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatFilter, parseFilter, spanMs, toggleValue, valuesOf, withValues } from './filter.ts'

test('every form of a term is read', () => {
  assert.deepEqual(parseFilter('iface:s6a -op:PUR,NOR latency>20 and "forged network" -"of note"'), [
    { kind: 'field', field: 'iface', values: ['s6a'], not: false },
    { kind: 'field', field: 'op', values: ['PUR', 'NOR'], not: true },
    { kind: 'compare', field: 'latency', than: '>', value: 20, not: false },
    { kind: 'words', text: 'forged network', not: false },
    { kind: 'words', text: 'of note', not: true },
  ])
  assert.deepEqual(parseFilter('partner:"Aurelia Mobile",Brenn'), [
    { kind: 'field', field: 'partner', values: ['Aurelia Mobile', 'Brenn'], not: false },
  ])
})

test('comparisons keep their sign and their bound', () => {
  assert.equal(formatFilter(parseFilter('latency>=20 -held<=5')), 'latency>=20 -held<=5')
})

test('what is half typed does no harm', () => {
  assert.deepEqual(parseFilter(''), [])
  assert.deepEqual(parseFilter('op:'), [])
  assert.deepEqual(parseFilter('"unclosed words'), [{ kind: 'words', text: 'unclosed words', not: false }])
  assert.deepEqual(parseFilter('latency>'), [{ kind: 'words', text: 'latency>', not: false }])
  assert.deepEqual(parseFilter('999700000104217'), [{ kind: 'words', text: '999700000104217', not: false }])
})

test('facets write into the filter and leave the rest in place', () => {
  assert.equal(toggleValue('', 'verdict', 'reject'), 'verdict:reject')
  assert.equal(toggleValue('op:AIR verdict:reject since:5m', 'verdict', 'drop'), 'op:AIR verdict:reject,drop since:5m')
  assert.equal(toggleValue('op:AIR verdict:reject since:5m', 'verdict', 'reject'), 'op:AIR since:5m')
  assert.equal(withValues('-verdict:allow', 'verdict', ['drop']), '-verdict:allow verdict:drop')
  assert.deepEqual(valuesOf('verdict:a,b -verdict:c', 'verdict'), ['a', 'b'])
})

test('spans', () => {
  assert.equal(spanMs('5m'), 300_000)
  assert.equal(spanMs('1.5h'), 5_400_000)
  assert.equal(spanMs('soon'), null)
})

test('reading what was written gives the same terms, whatever was typed', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const terms = parseFilter(text)
      assert.deepEqual(parseFilter(formatFilter(terms)), terms)
    }),
  )
})
