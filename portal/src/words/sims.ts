import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const intendedWords: Words = {
  inventory: msg({ message: 'In stock', context: 'SIM state' }),
  test: msg({ message: 'Test', context: 'SIM state' }),
  active: msg({ message: 'Active', context: 'SIM state' }),
  suspended: msg({ message: 'Suspended', context: 'SIM state' }),
  retired: msg({ message: 'Retired', context: 'SIM state' }),
}

export const imposedWords: Words = {
  'imei-lock': msg({ message: 'IMEI lock', context: 'SIM state' }),
  blocklisted: msg({ message: 'Blocklisted', context: 'SIM state' }),
  held: msg({ message: 'Held for approval', context: 'SIM state' }),
  quota: msg({ message: 'Quota used up', context: 'SIM state' }),
  abuse: msg({ message: 'Stopped for abuse', context: 'SIM state' }),
  'operator-barring': msg({ message: 'Barred by the operator', context: 'SIM state' }),
}

/** Why a SIM cannot connect, in the middle of a sentence. */
export const becauseWords: Words = {
  inventory: msg`in stock, not yet in use`,
  suspended: msg`suspended by its provider`,
  retired: msg`retired for good`,
  'imei-lock': msg`IMEI lock`,
  blocklisted: msg`blocklisted`,
  held: msg`held for approval`,
  quota: msg`quota used up`,
  abuse: msg`stopped for abuse`,
  'operator-barring': msg`barred by the operator`,
}

/** Sentences about one SIM by key. */
export const simWords: Words = {
  'sim.clears.power-cycle': msg`It clears when the device is switched off and on.`,
  'sim.clears.fplmn': msg`EF_FPLMN on the card may need clearing, over the air or by hand.`,
  'sim.clears.timer': msg`It clears by itself when the timer of the device ends.`,
  'sim.next.t3411': msg`T3411: 10 s after a failed attempt, five times`,
  'sim.next.t3402': msg`T3402: 12 min ± 10 %`,
  'sim.next.t3346': msg`T3346: back-off that the network gave`,
  'sim.next.tau': msg`Periodic update of its profile`,
}

export const roamingWords: Words = {
  anywhere: msg`anywhere`,
  'home-only': msg`at home only`,
}
