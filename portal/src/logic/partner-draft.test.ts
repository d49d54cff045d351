import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changes, draftOf, idFrom, partnerBody, partnerFaults } from './partner-draft.ts'

const draft = { ...draftOf(undefined), name: 'Brenn', plmns: ['001-02'], realms: ['EPC.mnc002.mcc001.3gppnetwork.org'], source: 'IR.21' }

test('what the server would refuse is said at the field', () => {
  assert.deepEqual(partnerFaults(draft), [])
  assert.deepEqual(partnerFaults(draftOf(undefined)), ['name', 'plmns', 'realms', 'source'])
  assert.deepEqual(partnerFaults({ ...draft, plmns: ['00102'], agreedRate: '0', location: '91, 0, 5' }), [
    'plmns',
    'agreedRate',
    'location',
  ])
})

test('saving confirms the data and keeps its validity', () => {
  const before = { ...partnerBody(draft, undefined, 1000), validFrom: 5 }
  const after = partnerBody({ ...draft, location: '52.1, 5, 120' }, before, 2000)
  assert.equal(after.validFrom, 5)
  assert.equal(after.confirmedAt, 2000)
  assert.deepEqual(after.location, [52.1, 5, 120])
  assert.deepEqual(after.realms, ['epc.mnc002.mcc001.3gppnetwork.org'])
  assert.deepEqual(changes(before, after), [{ field: 'location', from: '–', to: '52.1 5 120' }])
})

test('names become ids', () => {
  assert.equal(idFrom(' Aurelia Mobile, Ltd. '), 'aurelia-mobile-ltd.')
})
