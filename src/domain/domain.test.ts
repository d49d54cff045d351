import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changesAt, effectiveState } from './effective-state.ts'
import { enteredImei, isEid, isIccid, isImsi, isLuhn, isMsisdn, isSameEquipment, luhnDigit, signalledImei } from './identities.ts'
import { findTransition, nextStates, transitions } from './lifecycle.ts'
import { type ImposedState, intendedStates } from './subscription.ts'
import { distanceKm, scoreTravel } from './travel.ts'

const imposed = (reason: ImposedState['reason'], since: number, expiresAt: number | null): ImposedState => ({
  reason,
  by: `c-${reason}`,
  since,
  expiresAt,
  note: '',
})

test('effective state: the wish first, then the gravest reason that stands', () => {
  assert.deepEqual(effectiveState({ intended: 'active', imposed: [] }, 5), { canConnect: true })
  assert.deepEqual(effectiveState({ intended: 'test', imposed: [] }, 5), { canConnect: true })
  assert.deepEqual(effectiveState({ intended: 'active', imposed: [], holdNextAttach: true }, 5), {
    canConnect: false,
    because: 'held',
    permanent: false,
    by: 'hold-next-attach',
  })
  assert.deepEqual(effectiveState({ intended: 'retired', imposed: [imposed('quota', 0, null)] }, 5), {
    canConnect: false,
    because: 'retired',
    permanent: true,
    by: 'provider',
  })
  const two = [imposed('quota', 0, null), imposed('blocklisted', 0, null), imposed('abuse', 9, null)]
  assert.deepEqual(effectiveState({ intended: 'active', imposed: two }, 5), {
    canConnect: false,
    because: 'blocklisted',
    permanent: false,
    by: 'c-blocklisted',
  })
})

test('an imposed reason stands from its beginning to its end', () => {
  const state = { intended: 'active' as const, imposed: [imposed('held', 10, 20)] }
  assert.deepEqual(
    [9, 10, 19, 20].map((now) => effectiveState(state, now).canConnect),
    [true, false, false, true],
  )
  assert.deepEqual(
    [0, 10, 20].map((now) => changesAt(state, now)),
    [10, 20, null],
  )
})

test('only a retired subscription is permanently out', () => {
  for (const intended of intendedStates) {
    const state = effectiveState({ intended, imposed: [imposed('abuse', 0, null)] }, 1)
    assert.equal(!state.canConnect && state.permanent, intended === 'retired')
  }
})

test('lifecycle: nothing leaves retirement, what cuts off is marked', () => {
  assert.deepEqual(nextStates('retired'), [])
  assert.equal(findTransition('suspended', 'active')?.cutsOff, false)
  assert.equal(findTransition('active', 'inventory'), undefined)
  for (const { from, to, cutsOff, final } of transitions) {
    assert.equal(cutsOff, (from === 'active' || from === 'test') && to !== 'active', `${from} to ${to}`)
    assert.equal(final, to === 'retired')
  }
})

test('identities', () => {
  assert.ok(isLuhn('79927398713'))
  assert.ok(!isLuhn('79927398710'))
  assert.ok(isIccid('8999970000000000019') === isLuhn('8999970000000000019'))
  assert.ok(isImsi('999700000000001') && !isImsi('9997000000000012') && !isImsi('99970'))
  assert.ok(isMsisdn('+999700123456') && !isMsisdn('0123456') && !isMsisdn('+12'))
  // SGP.29's rule: the whole number leaves 1 when divided by 97.
  assert.ok(isEid('89049032123451234512345678901235'))
  assert.ok(!isEid('89049032123451234512345678901236'))
})

test('a Luhn digit makes a Luhn number, and one wrong digit breaks it', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 19 })
  fc.assert(
    fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 9 }), (row, at, by) => {
      const whole = `${row.join('')}${luhnDigit(row.join(''))}`
      assert.ok(isLuhn(whole))
      const i = at % whole.length
      const changed = `${whole.slice(0, i)}${(Number(whole[i]) + by) % 10}${whole.slice(i + 1)}`
      assert.ok(!isLuhn(changed))
    }),
  )
})

test('an IMEI that a person enters is checked; a signalled one never is', () => {
  assert.equal(enteredImei('490154203237518'), '49015420323751')
  assert.equal(enteredImei('490154203237517'), undefined)
  assert.equal(signalledImei('490154203237510'), '49015420323751')
  assert.equal(signalledImei('4901542032375199'), '49015420323751')
  assert.equal(signalledImei('4901542032375'), undefined)
  assert.ok(isSameEquipment('4901542032375101', '490154203237518'))
  assert.ok(!isSameEquipment('49015420323752', '49015420323751'))
})

test('travel: neighbours are free, an ocean in minutes is not, and ships are not judged', () => {
  const here = { plmn: '001-01', place: [45, -28, 300] as const }
  const next = { plmn: '001-02', place: [45, -21, 260] as const }
  const far = { plmn: '001-04', place: [-30, 150, 500] as const }
  assert.deepEqual([scoreTravel(here, next, 0).distanceKm, scoreTravel(here, next, 0).score], [0, 0])
  assert.equal(scoreTravel(here, far, 60_000).score, 1)
  assert.equal(scoreTravel(here, far, 72 * 3_600_000).score, 0)
  assert.equal(scoreTravel(here, { plmn: '901-70', place: far.place }, 0).checked, false)
  assert.equal(scoreTravel(here, { plmn: '001-06', place: null }, 0).checked, false)
  assert.ok(Math.abs(distanceKm([0, 0], [0, 90]) - (Math.PI / 2) * 6_371) < 0.001)
})
