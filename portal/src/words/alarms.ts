import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const severityWords: Words = {
  critical: msg({ message: 'critical', context: 'severity' }),
  major: msg({ message: 'major', context: 'severity' }),
  minor: msg({ message: 'minor', context: 'severity' }),
  warning: msg({ message: 'warning', context: 'severity' }),
}

export const alarmStateWords: Words = {
  raised: msg({ message: 'raised', context: 'alarm' }),
  acknowledged: msg({ message: 'taken', context: 'alarm' }),
  cleared: msg({ message: 'cleared', context: 'alarm' }),
}

export const objectiveWords: Words = {
  'signalling-success': msg`Signalling success`,
  'signalling-latency': msg`Answers in time`,
}

/** Titles, causes and what to do, by key. */
export const alarmWords: Words = {
  'alarm.usage-critical': msg({ message: 'Plan {plan}: a critical SIM is over its cut-off' }),
  'alarm.usage-critical.cause': msg({ message: '{imsi} used more than its plan allows; it stays on the network because it is critical.' }),
  'alarm.usage-critical.action': msg`See what the device does, then raise its plan or change it by hand, with a second person.`,
  'alarm.forged': msg({ message: '{who}: {reason}' }),
  'alarm.forged.action': msg({
    message: 'Compare the data of {who} with its IR.21, then call its NOC: a broken-into node, or stale data of ours.',
  }),
  'alarm.forged-passed': msg({ message: '{who}: {reason}, and it passed' }),
  'alarm.forged-passed.action': msg({ message: 'Put rule {rule} back to active; look at which devices were touched.' }),
  'alarm.forged.cause.unknown-peer': msg({ message: '{host} is on no list of peers and sent {operation}.' }),
  'alarm.forged.cause.forged-realm': msg({ message: '{who} sent {operation} in the name of a realm that is not its own.' }),
  'alarm.forged.cause.forged-host': msg({ message: '{who} sent {operation} in the name of {host}, which is not its node.' }),
  'alarm.forged.cause.forged-network': msg({ message: '{who} sent {operation} in the name of another network, over its own link.' }),
  'alarm.forged.cause.own-identity-from-outside': msg({ message: '{who} sent {operation} in our own name.' }),
  'alarm.forged.cause.operation-from-outside': msg({ message: '{who} sent {operation}, which only we may send.' }),
  'alarm.forged.cause.unsolicited-answer': msg({ message: '{who} sent answers that nobody asked for.' }),
  'alarm.forged.cause.not-registered-node': msg({ message: '{who} sent {operation} for a device that is registered elsewhere.' }),
  'alarm.forged.cause.out-of-sequence': msg({ message: '{who} sent {operation} for a device that it never authenticated.' }),
  'alarm.forged.cause.replay': msg({ message: '{who} sent an old resynchronisation again.' }),
  'alarm.forged.cause.vector-cap': msg({ message: '{who} asked for more vectors than any node has a use for.' }),
  'alarm.forged.cause.rate-cap': msg({ message: '{who} sends far more than a network of its size.' }),
  'alarm.forged.cause.separation-bit': msg({ message: '{who} asked over S6a for vectors without the separation bit.' }),
  'alarm.peer-down': msg({ message: 'Down: {peer}' }),
  'alarm.peer-down.cause': msg`Its link closed and has not come back.`,
  'alarm.peer-down.action': msg`Look at its address, its certificate and the network in between; devices behind it cannot register.`,
  'alarm.certificate': msg({ message: 'Certificate, {days} d: {peer}' }),
  'alarm.certificate.cause': msg`Once it has ended, the TLS link of this peer is refused.`,
  'alarm.certificate.action': msg`Ask its operator for the new certificate in time.`,
  'alarm.ledger': msg`The ledger does not verify`,
  'alarm.ledger.cause': msg`A row of the ledger was changed, or is missing.`,
  'alarm.ledger.action': msg`Stop changes, keep the data as it is, run ./simward ledger verify.`,
  'alarm.storm': msg({ message: 'At capacity, {capacity}/s' }),
  'alarm.storm.cause': msg`More devices return than the HSS may register; critical ones go first.`,
  'alarm.storm.action': msg`Nothing, while critical devices come back; see the overview. If it lasts, raise the capacity.`,
  'alarm.objective': msg({ message: 'Objective {objective} is being missed' }),
  'alarm.objective.cause': msg`The error budget burns faster than it may.`,
  'alarm.objective.action': msg`See which partner or reason stands out on the overview.`,
  'alarm.service-availability': msg({ message: 'Too few devices of {service} get in' }),
  'alarm.service-availability.cause': msg`Its error budget burns faster than it may.`,
  'alarm.service-availability.action': msg`See on Health which of its networks keeps devices out, then ask that network or the operator.`,
  'alarm.control': msg({ message: 'Not met: {control}' }),
  'alarm.control.action': msg`See what changed and put it back; every requirement that it serves reads not met until then.`,
  'alarm.forged.cause.malformed': msg({ message: '{who} sent {operation} in a form that no node of its kind sends.' }),
  'alarm.webhook-disabled': msg({ message: 'Webhook to {host} is disabled' }),
  'alarm.webhook-disabled.cause': msg({ message: 'For a day {host} took nothing that was sent to it ({problem}).' }),
  'alarm.webhook-disabled.action': msg`Mend the receiver, then resume the webhook: it goes on where it stopped.`,
  'alarm.test': msg`Test alarm`,
  'alarm.test.cause': msg`Somebody tried whether alarms arrive.`,
  'alarm.test.action': msg`Nothing.`,
  'alarm.plain': msg({ message: '{key}' }),
  'alarm.no-cause': msg`No cause is on record.`,
  'alarm.no-action': msg`See the messages around it.`,
}
