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
  'sim.effect.accepted-next': msg`Its next attempt is accepted, one second from now.`,
  'sim.effect.unbarred': msg({ message: 'Its serving node {node} is told to let it through again; it need not attach anew.' }),
  'sim.effect.device-waits': msg({ message: 'The device itself may still wait until {until} before it tries.' }),
  'sim.effect.device-decides': msg`When it tries is up to the device.`,
  'sim.effect.barred-now': msg({ message: 'Its serving node {node} is told to bar it (IDR): it loses data within a second.' }),
  'sim.effect.refused-next': msg`No node serves it now; its next attempt is refused.`,
  'sim.effect.not-sticky': msg`The cause is temporary: nothing is written on the card, and it can be taken back.`,
  'sim.effect.cancelled': msg({ message: 'Its serving node {node} is told that the subscription has ended (CLR).' }),
  'sim.effect.sticky': msg`From then on it is answered with a permanent cause: the card stays off until it is switched off and on, at least.`,
  'sim.effect.no-way-back': msg`Nothing leads back from retired.`,
  'sim.effect.held': msg`Its next attempt is refused with a temporary cause, and a person is asked whether to let it in.`,
  'sim.effect.held-later': msg`What is connected stays connected; its next attach waits for a person.`,
  'sim.effect.let-in': msg`Its next attempt is let in.`,
  'sim.effect.lock-released': msg`The lock is released: the next device seen with this card is bound.`,
  'sim.effect.lock-moved': msg({ message: 'Only the device with IMEI {imei} may use this card from now on.' }),
  'sim.effect.profile-next': msg`It gets the new profile with its next attach.`,
  'sim.effect.profile-told': msg({ message: 'Its serving node {node} gets the new profile (IDR); open connections may be set up again.' }),
  'sim.effect.critical': msg`From now on it takes two persons to cut it off, and it goes first in a storm.`,
  'sim.effect.not-critical': msg`It loses the protection of critical SIMs: one person can cut it off.`,
  'sim.effect.class': msg`Its place in a storm changes; nothing else does.`,
  'sim.effect.partition': msg`Another partition of the HSS serves it; the device notices nothing.`,
  'sim.effect.network-unaffected': msg`The network notices nothing.`,
  'sim.effect.needs-persons': msg({
    message: '{needed, plural, one {# person} other {# persons}} must agree in all: it waits until then.',
  }),
  'sim.next.t3411': msg`T3411: 10 s after a failed attempt, five times`,
  'sim.next.t3402': msg`T3402: 12 min ± 10 %`,
  'sim.next.t3346': msg`T3346: back-off that the network gave`,
  'sim.next.tau': msg`Periodic update of its profile`,
}

export const roamingWords: Words = {
  anywhere: msg`anywhere`,
  'home-only': msg`at home only`,
}
