import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What happened, as one plain sentence by reason: who claimed what. */
export const claimWords: Words = {
  ok: msg({ message: '{operation} from {from} allowed' }),
  'unknown-peer': msg({ message: '{host} is on no list of peers' }),
  'forged-realm': msg({ message: '{from} spoke for {realm}' }),
  'forged-host': msg({ message: '{from} spoke as {host}' }),
  'forged-network': msg({ message: '{from} claimed to be {claimed}' }),
  'own-identity-from-outside': msg({ message: '{from} claimed to be ourselves' }),
  'operation-from-outside': msg({ message: '{from} sent {operation}, which only we may send' }),
  'unsolicited-answer': msg({ message: '{from} answered what nobody asked' }),
  'not-registered-node': msg({ message: '{from} spoke for a device that is registered elsewhere' }),
  'out-of-sequence': msg({ message: '{from} claims a device that it never authenticated' }),
  replay: msg({ message: '{from} sent an old resynchronisation again' }),
  'vector-cap': msg({ message: '{from} asked for more vectors than it may have' }),
  'rate-cap': msg({ message: '{from} asks more often than any network has reason to' }),
  'separation-bit': msg({ message: '{from} asked for vectors that E-UTRAN must not get' }),
  malformed: msg({ message: '{from} sent a malformed {operation}' }),
  'unknown-subscriber': msg({ message: '{from} asked for a subscriber that does not exist' }),
  'not-ours': msg({ message: '{from} asked for a subscriber of somebody else' }),
  'not-subscribed': msg({ message: 'The subscription has ended' }),
  'outside-roaming-area': msg({ message: '{from} is outside the roaming area of this SIM' }),
  'partner-not-allowed': msg({ message: 'The agreement with {from} is not in force' }),
  suspended: msg({ message: 'The subscription is not active now' }),
  'held-for-approval': msg({ message: 'The subscription waits for an approval' }),
  'imei-lock': msg({ message: 'The card is locked to another device' }),
  banned: msg({ message: 'This SIM is banned from {from}' }),
  storm: msg({ message: 'Told to try later: {operation} in a storm' }),
  steering: msg({ message: 'Told to try another network than {from}' }),
  busy: msg({ message: 'Told to try later: no room in the queue' }),
  'store-unavailable': msg({ message: 'Told to try later: the store did not answer' }),
}

/** The same where it was let in after all. */
export const letInWords: Words = {
  hold: msg({ message: '{operation} from {from} held {held}, then allowed' }),
  challenge: msg({ message: '{operation} from {from} allowed after the old node was asked' }),
}

/** What an attack would have brought, by operation. */
export const wouldHaveWords: Words = {
  AIR: msg`An HSS that trusts its peers would have given authentication vectors for this SIM.`,
  ULR: msg`An HSS that trusts its peers would have moved the registration here, cutting the device off where it is.`,
  PUR: msg`An HSS that trusts its peers would have forgotten where the device is.`,
  NOR: msg`An HSS that trusts its peers would have written down what this node says of a device that it does not serve.`,
  CLR: msg`A node that trusts its peers would have dropped the registration.`,
  IDR: msg`A node that trusts its peers would have changed what the subscriber may do.`,
  DSR: msg`A node that trusts its peers would have taken services away from the subscriber.`,
  RSR: msg`A node that trusts its peers would have sent every device through a new registration.`,
}
