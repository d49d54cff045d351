import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What a profile can permit, by permission. */
export const permissionWords: Words = {
  voice: msg({ message: 'Voice', context: 'permission' }),
  sms: msg({ message: 'SMS', context: 'permission' }),
  ussd: msg({ message: 'USSD', context: 'permission' }),
  'old-radio': msg({ message: '2G and 3G', context: 'permission' }),
  'any-address': msg({ message: 'Any address', context: 'permission' }),
  'any-number': msg({ message: 'Any number', context: 'permission' }),
  roaming: msg({ message: 'Roaming', context: 'permission' }),
  'roaming-anywhere': msg({ message: 'Roaming anywhere', context: 'permission' }),
  'local-breakout': msg({ message: 'Local breakout', context: 'permission' }),
  'several-apns': msg({ message: 'Several access points', context: 'permission' }),
  'any-radio': msg({ message: 'Any radio', context: 'permission' }),
  'any-module': msg({ message: 'Any module', context: 'permission' }),
  'high-priority': msg({ message: 'Reserved priority', context: 'permission' }),
  'handset-card': msg({ message: 'Handset cards', context: 'permission' }),
}

/** What each permission opens: the attack, in one sentence. */
export const permissionCostWords: Words = {
  'cost.voice': msg`A stolen card or a taken device can call premium numbers, and calls fall back to old radio.`,
  'cost.sms': msg`Premium-rate fraud, messages with a forged sender, and messages that attack the card itself.`,
  'cost.ussd': msg`Codes in clear over old radio: they can be read, changed, and used to divert calls.`,
  'cost.old-radio': msg`A false base station can draw the device to 2G, whose protection is broken.`,
  'cost.any-address': msg`A taken device can attack anyone, and send what it knows anywhere.`,
  'cost.any-number': msg`Calls or messages go to any number, premium ones too.`,
  'cost.roaming': msg`Networks abroad can claim that the device is there: signalling about it comes from outside.`,
  'cost.roaming-anywhere': msg`Any partner in the world can speak for the device, the weakest one too.`,
  'cost.local-breakout': msg`Traffic leaves abroad: no gateway of ours sees or limits it.`,
  'cost.several-apns': msg`A taken device reaches more than one network, and may join them.`,
  'cost.any-radio': msg`The device may be served over a radio that it never needs.`,
  'cost.any-module': msg`A stolen card works in any other device.`,
  'cost.high-priority': msg`In a crowded cell it pushes others out, which an attacker can use too.`,
  'cost.handset-card': msg`Cards of phones and of machines mix: what is right for one is an alarm for the other.`,
}

/** What is wrong with a profile, or worth knowing. */
export const faultWords: Words = {
  'apn-name': msg`This is no name of an access point.`,
  'apn-twice': msg`This access point stands here twice.`,
  'apn-unknown': msg`The profile has no such access point.`,
  'qci-not-allowed': msg`Only classes without a guaranteed rate: 5 to 9, 70, 79, 80.`,
  'arp-not-allowed': msg`The priority is 1 to 15.`,
  'arp-reserved': msg`Priorities 1 to 8 are the operator's to give.`,
  'rate-invalid': msg`The rate is 1 to 10,000,000 kbit/s.`,
  'tau-invalid': msg`The timer is 0, or 60 to 35,712,000 seconds.`,
  'too-many': msg`These are more than the list holds.`,
  'address-invalid': msg`Not an address or range: 192.0.2.0/24, 2001:db8::/48; no bits may stand below the prefix.`,
  'address-everything': msg`That is every address: a list that allows everything protects nobody. Leave the list empty, or name the platforms.`,
  'address-too-wide': msg`So wide a range is no list of known platforms: at most /8, or /19 for IPv6.`,
  'address-unreachable': msg`No platform can stand at such an address: this host, this link, or many receivers.`,
  'address-overlap': msg`This range overlaps another one for the same traffic.`,
  'address-private': msg`A private range: reached only over a link of your own to the operator.`,
  'ports-invalid': msg`Ports are 1 to 65535, in order, and only TCP and UDP have them.`,
  'domain-invalid': msg`This is no name of a host.`,
  'domain-too-wide': msg`A whole top-level domain is no list of known platforms.`,
  'domain-twice': msg`This name stands here twice.`,
  'domain-international': msg`A name with letters that can look alike: check its ASCII form.`,
  'number-invalid': msg`A number has digits, * and #, and a plus before the country code: at most 20.`,
  'number-twice': msg`This number stands here twice.`,
  'number-for-nothing': msg`Say whether the number is for voice, for SMS or for both.`,
  'number-name-cut': msg`The card shows the beginning of this name only.`,
  'partners-none': msg`Name at least one network, or choose the home network.`,
  'plmn-invalid': msg`Each as 001-02 or 001-002.`,
  'local-breakout-list': msg`Under local breakout no list of ours applies to this access point.`,
}

/** Questions of the assessment. */
export const questionWords: Words = {
  'question.service': msg`What does the service do?`,
  'question.purpose': msg`In your own words`,
  'question.apn': msg`Access point`,
  'question.addresses': msg`Addresses that it talks to`,
  'question.domains': msg`Names that it talks to`,
  'question.voice': msg`Does it make or take calls?`,
  'question.sms': msg`Does it send or get short messages of its own?`,
  'question.ussd': msg`Does it use USSD codes?`,
  'question.numbers': msg`Numbers that it calls or writes to`,
  'question.roaming': msg`Where is it used?`,
  'question.partnerIds': msg`On which networks`,
  'question.mobility': msg`Does it move?`,
  'question.radio': msg`Which radio does its module have?`,
  'question.kbps': msg`The most that it sends or gets, kbit/s`,
  'question.rhythm': msg`How often does it speak?`,
  'question.longLived': msg`Does it stay in the field for more than ten years?`,
  'question.class': msg`How critical is it?`,
  'question.changesModule': msg`Is the card moved from one module to another?`,
  'question.cardUse': msg`What are its cards for?`,
}

/** Answers to choose from, as `question.answer`. */
export const answerWords: Words = {
  'service.meter': msg`Meter`,
  'service.tracker': msg`Tracker`,
  'service.alarm': msg({ message: 'Alarm', context: 'service' }),
  'service.camera': msg`Camera`,
  'service.vehicle': msg`Vehicle`,
  'service.wearable': msg`Wearable`,
  'service.payment': msg`Payment`,
  'service.gateway': msg`Gateway`,
  'service.other': msg({ message: 'Something else', context: 'service' }),
  'roaming.home': msg`At home only`,
  'roaming.partners': msg`On networks that I name`,
  'roaming.anywhere': msg`Anywhere`,
  'mobility.fixed': msg`It stays where it is`,
  'mobility.nomadic': msg`It is moved now and then`,
  'mobility.moving': msg`It moves while it works`,
  'radio.any': msg`Any; I do not know`,
  'radio.lte': msg`LTE, without LTE-M and NB-IoT`,
  'radio.lte-m': msg`LTE-M`,
  'radio.nb-iot': msg`NB-IoT`,
  'radio.lpwa': msg`LTE-M or NB-IoT`,
  'rhythm.always': msg`All the time`,
  'rhythm.hourly': msg`About every hour`,
  'rhythm.daily': msg`About once a day`,
  'rhythm.weekly': msg`Once a week or less`,
  'class.critical': msg`People depend on it: critical`,
  'class.standard': msg`Standard`,
  'class.deferrable': msg`It can wait: deferrable`,
  'cardUse.iot': msg`Machines`,
  'cardUse.handset': msg`Phones`,
}

/** What the answers advise beside the profile. */
export const adviceWords: Words = {
  'own-partition': msg`Keep its SIMs on an HSS partition for long-lived devices: they outlive several generations of the network.`,
  'two-persons': msg`Give its SIMs the class critical: a control alone never stops them, and a change needs a second person.`,
  'name-platforms': msg`Name the platforms that it talks to as soon as you can: without a list a taken device reaches everything.`,
  'narrow-roaming': msg`A device that stays where it is needs the networks of that place only: name them.`,
  'no-second-card': msg`A device that stays where it is seldom changes its module: lock its card to it, and move it by hand when it is repaired.`,
  'ota-reaches-it': msg`Check that messages from our OTA centre reach it: steering lists must be renewed while it is in the field.`,
}

/** Sentences that are signed; the server hashes its own English text, which a test keeps equal to this. */
export const acknowledgementWords: Words = {
  'ack.sms.open': msg`Short messages are not encrypted end to end: every network on their way can read, change or withhold them.`,
  'ack.sms.sender': msg`The sender of a short message proves nothing: it can be any number or name.`,
  'ack.sms.fraud': msg`A stolen card or a device under somebody else’s control can send to premium numbers at your cost.`,
  'ack.sms.toolkit': msg`Short messages reach the card itself: a weak applet or a guessed key on it opens the card to strangers.`,
  'ack.sms.code': msg`A device should take no command and no one-time code from a short message without a proof of its own.`,
  'ack.ussd.open': msg`USSD is in clear on the signalling network, over old radio too, and any network on its way can read and change it.`,
  'ack.ussd.old': msg`It needs the circuit domain: the device may be drawn to 2G or 3G, whose protection is broken.`,
  'ack.ussd.codes': msg`Some codes change call forwarding or the device itself: a device under somebody else’s control can send them.`,
}

/** Members of a profile, for what differs between two versions. */
export const memberWords: Words = {
  'member.apns': msg`Access point`,
  'member.voice': msg`Voice`,
  'member.sms': msg({ message: 'SMS', context: 'permission' }),
  'member.otaSms': msg`SMS from our OTA centre`,
  'member.ussd': msg({ message: 'USSD', context: 'permission' }),
  'member.roamingArea': msg`Roams`,
  'member.radio': msg`Radio`,
  'member.imeiLock': msg`IMEI lock`,
  'member.cardUse': msg`Cards for`,
  'member.allowedAddresses': msg`Allowed address`,
  'member.allowedDomains': msg`Allowed name`,
  'member.fixedNumbers': msg`Number of the fixed list`,
  'member.periodicTauSeconds': msg`Silent for, s`,
  'member.maxUplinkKbps': msg`Uplink, kbit/s`,
  'member.maxDownlinkKbps': msg`Downlink, kbit/s`,
  'member.equivalentPlmns': msg`Equivalent PLMN`,
}

/** What is wrong with a row of usage records. */
export const importFaultWords: Words = {
  'imsi-invalid': msg`no IMSI`,
  'time-invalid': msg`no time with its zone, in the future, or too long ago`,
  'bytes-invalid': msg`no whole number of bytes`,
  'reference-invalid': msg`a reference has 1 to 128 characters`,
  'source-invalid': msg`a source has at most 64 characters`,
  'imsi-unknown': msg`no SIM of yours`,
  'text-invalid': msg`characters that are no text`,
}
