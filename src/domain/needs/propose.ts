import type { FixedNumber, ProfileBody } from '../profile.ts'
import { normalisedProfile } from '../profile-faults.ts'
import type { SubscriptionClass } from '../subscription.ts'
import type { NeedsAnswers } from './questions.ts'

/**
 * The least profile that serves what was answered: a pure function. It never permits more than was asked, which a property
 * test holds. What a person decides beyond it is theirs to say, and shows as a deviation.
 */
export function proposeProfile(answers: NeedsAnswers): ProfileBody {
  const { kbps } = answers
  return normalisedProfile({
    apns: [
      {
        name: answers.apn,
        pdn: 'IPv4',
        qci: qciOf[answers.class],
        arpPriority: arpOf[answers.class],
        localBreakout: false,
        maxUplinkKbps: kbps,
        maxDownlinkKbps: kbps,
      },
    ],
    voice: answers.voice,
    sms: answers.sms,
    // Steering lists and repairs of the card reach it by our own short messages: not a service of the device's.
    otaSms: true,
    ussd: answers.ussd,
    roamingArea: roamingAreaOf(answers),
    radio: answers.radio,
    imeiLock: !answers.changesModule,
    cardUse: answers.cardUse,
    allowedAddresses: answers.addresses.map((entry) => ({ ...entry, apn: null })),
    allowedDomains: answers.domains.map((name) => ({ name, apn: null })),
    fixedNumbers: numbersOf(answers),
    periodicTauSeconds: tauSecondsOf[answers.rhythm],
    maxUplinkKbps: kbps,
    maxDownlinkKbps: kbps,
    equivalentPlmns: [],
  })
}

/** Non-GBR (TS 23.203 Table 6.1.7): 7 and 8 go before 9 when a cell is full. */
const qciOf: Readonly<Record<SubscriptionClass, number>> = { critical: 7, standard: 8, deferrable: 9 }
/** Within what is not reserved for the operator's own services (TS 23.203 §6.1.7.3). */
const arpOf: Readonly<Record<SubscriptionClass, number>> = { critical: 9, standard: 11, deferrable: 14 }
/** Twice the time between two signs of life, so that a device that sleeps is not taken for gone; 0: as the network says. */
const tauSecondsOf: Readonly<Record<NeedsAnswers['rhythm'], number>> = { always: 0, hourly: 7_200, daily: 172_800, weekly: 1_209_600 }

function roamingAreaOf({ roaming, partnerIds }: NeedsAnswers): ProfileBody['roamingArea'] {
  switch (roaming) {
    case 'home':
      return { kind: 'home-only' }
    case 'partners':
      return { kind: 'partners', partnerIds: [...partnerIds] }
    case 'anywhere':
      return { kind: 'anywhere' }
  }
}

/** A list serves only a bearer that is there. */
function numbersOf({ numbers, voice, sms }: NeedsAnswers): FixedNumber[] {
  return numbers
    .map((entry) => ({ ...entry, forVoice: entry.forVoice && voice, forSms: entry.forSms && sms }))
    .filter(({ forVoice, forSms }) => forVoice || forSms)
}

/** What the answers advise beside the profile, by key; the portal has the sentences. */
export type Advice = 'own-partition' | 'two-persons' | 'name-platforms' | 'narrow-roaming' | 'no-second-card' | 'ota-reaches-it'

export function adviceOf(answers: NeedsAnswers): Advice[] {
  const advice: Advice[] = []
  if (answers.longLived) advice.push('own-partition')
  if (answers.class === 'critical') advice.push('two-persons')
  if (answers.addresses.length + answers.domains.length === 0) advice.push('name-platforms')
  if (answers.roaming === 'anywhere' && answers.mobility === 'fixed') advice.push('narrow-roaming')
  if (answers.changesModule && answers.mobility === 'fixed') advice.push('no-second-card')
  if (answers.longLived && answers.roaming !== 'home') advice.push('ota-reaches-it')
  return advice
}
