import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadRequirements } from '#catalogue/requirements.ts'
import { statuses } from '#platform/control.ts'
import { say } from '#platform/text.ts'
import { type ControlState, countStatuses, requirementStatus } from './status.ts'

const requirements = loadRequirements()
const requirement = requirements.find(({ ref }) => ref === 'clp14:5.6-04')
assert.ok(requirement)

function control(status: ControlState['status'], covers: 'whole' | 'part', evidenceAt: number | null = 1): ControlState {
  const refs = ['clp14:5.6-04']
  return {
    id: `${covers}-${status}`,
    wholeFor: covers === 'whole' ? refs : [],
    partOf: covers === 'part' ? refs : [],
    status,
    because: say(status),
    since: 1,
    checkedAt: 1,
    evidenceAt,
    sourceClass: 'observed-in-line',
  }
}

test('a requirement is met only where every control that carries it whole is met', () => {
  const of = (...controls: ControlState[]): string => requirementStatus(requirement, controls).status
  assert.equal(of(control('met', 'whole')), 'met')
  assert.equal(of(control('met', 'whole'), control('unknown', 'whole')), 'unknown')
  assert.equal(of(control('met', 'whole'), control('attested', 'whole')), 'attested')
  assert.equal(of(control('met', 'whole'), control('unknown', 'part')), 'met')
  assert.equal(of(control('met', 'whole'), control('not-met', 'part')), 'not-met')
  assert.equal(of(control('met', 'part'), control('met', 'part')), 'unknown')
  assert.equal(of(control('offered', 'whole')), 'offered')
  assert.equal(of(), 'unknown')
})

test('unknown is never rounded up, whatever the controls', () => {
  const any = fc.record({ status: fc.constantFrom(...statuses), covers: fc.constantFrom('whole' as const, 'part' as const) })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), (made) => {
      const controls = made.map(({ status, covers }) => control(status, covers))
      const { status } = requirementStatus(requirement, controls)
      const whole = controls.filter(({ wholeFor }) => wholeFor.length > 0)
      if (controls.some((each) => each.status === 'not-met')) assert.equal(status, 'not-met')
      else if (whole.length === 0 || whole.some((each) => each.status === 'unknown')) assert.equal(status, 'unknown')
      if (status === 'met') assert.ok(whole.length > 0 && whole.every((each) => each.status === 'met'))
    }),
  )
})

test('evidence is as old as the oldest that the status stands on', () => {
  const { evidenceAt } = requirementStatus(requirement, [control('met', 'whole', 50), control('met', 'whole', 20)])
  assert.equal(evidenceAt, 20)
})

test('without controls almost everything is unknown; services that nobody built are not offered; nothing is met', () => {
  const counts = countStatuses(requirements.map((each) => requirementStatus(each, []).status))
  assert.equal(counts.total, 289)
  assert.equal(counts.met + counts.attested + counts.notMet + counts.offered + counts.notApplicable, 0)
  assert.ok(counts.notOffered > 10 && counts.notOffered < 30, String(counts.notOffered))
  for (const each of requirements.filter(({ source }) => source === 'en303645')) {
    assert.equal(requirementStatus(each, []).because.key, 'control.device-evidence')
  }
})
