import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeBody, changeKinds, formFault, type JobForm, jobBody } from './job-draft.ts'

const form: JobForm = {
  kind: 'change',
  from: 'filter',
  change: 'suspend',
  value: '',
  filter: 'class:standard',
  ids: [],
  hasFile: false,
  reason: 'season is over',
  supplier: '',
  algorithm: 'MILENAGE',
  amf: '8000',
  startSqn: '0',
}

test('a form says what it lacks, one thing at a time', () => {
  assert.equal(formFault(form), null)
  assert.equal(formFault({ ...form, reason: ' a ' }), 'reason')
  assert.equal(formFault({ ...form, change: 'class' }), 'value')
  assert.equal(formFault({ ...form, change: 'label' }), null, 'an empty label takes it away')
  assert.equal(formFault({ ...form, from: 'file' }), 'file')
  assert.equal(formFault({ ...form, kind: 'csv' }), 'file')
  const imported = { ...form, kind: 'import', hasFile: true } as const
  assert.equal(formFault(imported), 'supplier')
  assert.equal(formFault({ ...imported, supplier: 'Cardworks', amf: 'xyz' }), 'parameters')
  assert.equal(formFault({ ...imported, supplier: 'Cardworks' }), null)
})

test('what is sent names the set in one way only', () => {
  assert.deepEqual(jobBody(form), {
    kind: 'change',
    change: { kind: 'state', to: 'suspended' },
    reason: 'season is over',
    filter: 'class:standard',
  })
  assert.deepEqual(jobBody({ ...form, from: 'ids', ids: ['a'] }), {
    kind: 'change',
    change: { kind: 'state', to: 'suspended' },
    reason: 'season is over',
    ids: ['a'],
  })
  assert.deepEqual(jobBody({ ...form, kind: 'csv' }), { kind: 'csv', reason: 'season is over' })
  const { batch } = jobBody({ ...form, kind: 'import', supplier: ' Cardworks ', algorithm: 'TUAK' }) as {
    batch: { supplier: string; parameters: object }
  }
  assert.equal(batch.supplier, 'Cardworks')
  assert.ok('tuak' in batch.parameters)
})

test('every kind of change has a body', () => {
  for (const change of changeKinds) assert.ok(changeBody({ change, value: 'x' }).kind.length > 0)
})
