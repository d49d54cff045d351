import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviationsOf } from '#domain/needs/permissions.ts'
import { profileFaults } from '#domain/profile-faults.ts'
import { planFault } from '#domain/rate-plan.ts'
import { needsRows, planRows } from './plans.ts'

test('the simulated providers were given what they asked for, on plans that can stand', () => {
  const needs = needsRows()
  assert.equal(needs.length, 3)
  for (const { profile, answers } of needs) {
    assert.deepEqual(deviationsOf(profile, answers), [], profile.name)
    assert.deepEqual(
      profileFaults(profile, { mayPrioritise: true }).filter(({ refused }) => refused),
      [],
    )
  }
  for (const { body } of planRows()) assert.equal(planFault(body), null)
})
