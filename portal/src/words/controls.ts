import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const statusWords: Words = {
  met: msg({ message: 'met', context: 'status' }),
  'not-met': msg({ message: 'not met', context: 'status' }),
  attested: msg({ message: 'attested', context: 'status' }),
  offered: msg({ message: 'offered', context: 'status' }),
  'not-offered': msg({ message: 'not offered', context: 'status' }),
  'not-applicable': msg({ message: 'not applicable', context: 'status' }),
  unknown: msg({ message: 'unknown', context: 'status' }),
}

export const strengthWords: Words = {
  shall: msg({ message: 'shall', context: 'strength' }),
  should: msg({ message: 'should', context: 'strength' }),
  can: msg({ message: 'can', context: 'strength' }),
  may: msg({ message: 'may', context: 'strength' }),
  inform: msg({ message: 'informs', context: 'strength' }),
}

export const sourceClassWords: Words = {
  'observed-in-line': msg({ message: 'observed in line', context: 'evidence' }),
  'observed-by-tap': msg({ message: 'observed by tap', context: 'evidence' }),
  imported: msg({ message: 'imported', context: 'evidence' }),
  attested: msg({ message: 'attested', context: 'evidence' }),
}

export const audienceWords: Words = {
  operator: msg({ message: 'operator', context: 'audience' }),
  'service-provider': msg({ message: 'service provider', context: 'audience' }),
  'device-maker': msg({ message: 'device maker', context: 'audience' }),
  device: msg({ message: 'device', context: 'audience' }),
  manufacturer: msg({ message: 'manufacturer', context: 'audience' }),
  service: msg({ message: 'service', context: 'audience' }),
}

export const kindWords: Words = {
  function: msg({ message: 'a function of the network', context: 'requirement kind' }),
  enforce: msg({ message: 'a policy to enforce', context: 'requirement kind' }),
  evidence: msg({ message: 'to be attested', context: 'requirement kind' }),
}

/** Titles of controls by key. */
const controlTitles: Words = {
  'control.signalling-screening': msg`Screening of signalling`,
  'control.peer-authorisation': msg`Only known peers`,
  'control.partner-data': msg`Partner data in force`,
  'control.signalling-rate': msg`Rates of signalling`,
  'control.signalling-sequence': msg`Order of signalling`,
  'control.signalling-availability': msg`Answers while the store is away`,
  'control.subscription-state': msg`Only subscriptions that may connect`,
  'control.vector-protection': msg`Protection of authentication vectors`,
  'control.roaming-area': msg`Roaming area of the profile`,
  'control.imei-lock': msg`Card locked to its device`,
  'control.diameter-tls': msg`TLS on Diameter links`,
  'control.ledger': msg`Ledger that cannot be changed`,
  'control.portal-encryption': msg`Encrypted portal`,
  'control.authentication': msg`Strong authentication`,
  'control.tuak': msg`TUAK beside MILENAGE`,
  'control.no-comp128': msg`No COMP128`,
  'control.key-sealing': msg`Keys sealed at rest`,
  'control.storm-admission': msg`Admission in a storm`,
  'control.device-priority': msg`Classes of devices`,
  'control.least-privilege': msg`Least privilege of profiles`,
  'control.as-assessed': msg`Profiles as their assessments ask`,
  'control.needs-assessment': msg`Assessment of what a service needs`,
  'control.weak-bearers': msg`SMS and USSD acknowledged as weak`,
  'control.address-allowlist': msg`Allowlist of addresses and domains`,
  'control.fixed-dialling': msg`Fixed dialling list`,
  'control.critical-protection': msg`Protection of critical devices`,
  'control.card-use': msg`Use of every card on record`,
  'control.link-failure': msg`Alarm when a link fails`,
  'control.portal-sign-in': msg`Sign-in with two factors`,
  'control.legal-identity': msg`Every identifier with a verified customer`,
  'control.own-management': msg`Customers manage their own SIMs`,
}

/** Why a status is what it is, by key. */
const becauseWords: Words = {
  'control.not-running': msg`The function that would check it does not run here.`,
  'control.not-checked-yet': msg`It has not been checked yet.`,
  'control.check-failed': msg`The check itself failed; nothing is known until it runs again.`,
  'control.no-evidence': msg`There is no evidence.`,
  'control.none': msg`No control of this installation checks it yet.`,
  'control.not-offered': msg`A service that an operator can offer; this installation does not have it.`,
  'control.device-evidence': msg`The evidence lies with the device or its maker: a network sees it only in part, or not at all.`,
  'control.partly': msg({ message: '{met} of {parts} controls that carry a part of it are met; nothing here carries it whole.' }),
  'control.learning-until-cut-over': msg({ message: 'These only learn until the cut-over is complete: {rules}.' }),
  'control.attack-passed': msg({ message: 'At {at} a message passed that {rule} would have refused: it is in mode {mode}.' }),
  'control.rules-not-active': msg({ message: 'In mode {mode}, not active: {rules}.' }),
  'control.nothing-judged': msg`No message has been judged by these rules yet.`,
  'control.stale': msg({ message: 'The newest evidence is of {at}: too old to prove anything now.' }),
  'control.rules-active': msg({ message: '{rules} rules are active; {judged} messages judged, {refused} refused.' }),
  'control.tuak.offered': msg`It is there for card batches that ask for it; none has yet.`,
  'control.tuak.used': msg({ message: '{vectors} vectors were given with TUAK.' }),
  'control.authentication.no-vector': msg`No vector has been given yet.`,
  'control.authentication.vectors': msg({
    message: '{milenage} vectors with MILENAGE, {tuak} with TUAK; {resynchronised} resynchronisations, {resynchronisationRefused} refused.',
  }),
  'control.no-cards': msg`No card is on record.`,
  'control.no-profiles': msg`No service profile is on record.`,
  'control.no-subscriptions': msg`No subscription is on record.`,
  'control.no-comp128.batches': msg({ message: 'All {batches} card batches use MILENAGE or TUAK.' }),
  'control.no-comp128.other': msg({ message: 'A card batch uses {algorithm}.' }),
  'control.key-sealing.sealed': msg({ message: '{keys} keys were looked at; all are sealed.' }),
  'control.key-sealing.unsealed': msg({ message: '{keys} keys are not sealed as they should be.' }),
  'control.storm-admission.above-capacity': msg({ message: 'Processed {peak}/s, above the capacity of {capacity}/s.' }),
  'control.storm-admission.no-storm': msg({ message: 'No storm has been survived yet; the capacity is {capacity}/s.' }),
  'control.storm-admission.in-storm': msg({ message: 'A storm lasts: {back} of {devices} critical devices are back.' }),
  'control.storm-admission.no-critical': msg`No critical device was in the last storm.`,
  'control.storm-admission.critical-missing': msg({ message: 'After the last storm {back} of {devices} critical devices were back.' }),
  'control.storm-admission.survived': msg({
    message: 'All {devices} critical devices came back, 95 in 100 within {p95} s; at most {peak}/s of {capacity}/s.',
  }),
  'control.device-priority.classes': msg`There are critical subscriptions and others.`,
  'control.device-priority.one-class': msg`All subscriptions are of one class.`,
  'control.least-privilege.data-only': msg({ message: 'All {profiles} profiles carry data only.' }),
  'control.least-privilege.needs-assessment': msg({
    message: '{unasked} of {profiles} profiles carry voice or SMS without an assessment that says whether the service needs it.',
  }),
  'control.least-privilege.not-asked': msg({ message: '{beyond} profiles carry voice or SMS that their assessment does not ask for.' }),
  'control.least-privilege.asked': msg({ message: '{wide} of {profiles} profiles carry voice or SMS, and their assessments ask for it.' }),
  'control.as-assessed.beyond': msg({ message: '{beyond} of {profiles} profiles grant more than their assessment asks for.' }),
  'control.as-assessed.not-assessed': msg({ message: '{unasked} of {profiles} profiles have no assessment to be held against.' }),
  'control.as-assessed.all': msg({ message: 'All {profiles} profiles grant what their assessment asks for, and nothing more.' }),
  'control.needs-assessment.none': msg({ message: 'None of {profiles} profiles has an assessment.' }),
  'control.needs-assessment.missing': msg({ message: '{missing} of {profiles} profiles have no assessment.' }),
  'control.needs-assessment.all': msg({ message: 'All {profiles} profiles have an assessment.' }),
  'control.weak-bearers.none': msg`No profile carries SMS or USSD.`,
  'control.weak-bearers.signed': msg({ message: '{profiles} profiles carry SMS or USSD; a person has acknowledged how weak they are.' }),
  'control.weak-bearers.open': msg({ message: '{open} profiles carry SMS or USSD without a standing acknowledgement.' }),
  'control.address-allowlist.none': msg({ message: 'None of {profiles} profiles names what its devices may reach.' }),
  'control.address-allowlist.computed': msg({
    message: '{listed} of {profiles} profiles name what their devices may reach: computed, not enforced here.',
  }),
  'control.fixed-dialling.data-only': msg`No profile carries voice or SMS.`,
  'control.fixed-dialling.computed': msg({
    message:
      '{listed} of {profiles} profiles with voice or SMS have a list of numbers: computed, not delivered to cards and enforced by no node.',
  }),
  'control.critical-protection.none': msg`No subscription is critical.`,
  'control.critical-protection.none-stopped': msg`No critical device is stopped by a control.`,
  'control.critical-protection.stopped': msg({ message: '{count} critical devices are stopped by a control.' }),
  'control.card-use.all': msg({ message: 'All {cards} cards say what they are for.' }),
  'control.card-use.unsaid': msg({ message: '{cards} cards do not say what they are for.' }),
  'control.diameter-tls.no-link': msg`No link to another network is open.`,
  'control.diameter-tls.plain': msg({ message: '{count} links run in clear: {peers}.' }),
  'control.diameter-tls.all': msg({ message: 'All {links} links to other networks run over TLS.' }),
  'control.ledger.not-verified-yet': msg`The ledger has not been verified yet.`,
  'control.ledger.broken': msg`The ledger does not verify.`,
  'control.ledger.verified': msg`The whole ledger verifies.`,
  'control.link-failure.watched': msg({ message: '{links} links are watched; one that fails raises an alarm.' }),
  'control.portal-sign-in.demo': msg`The demo has no accounts: nobody signs in, and it answers to this machine only.`,
  'control.portal-sign-in.unclaimed': msg`The installation has no owner yet.`,
  'control.portal-sign-in.two-factors': msg({ message: '{persons} persons sign in with a passkey, or with a password and a code.' }),
  'control.portal-sign-in.one-factor': msg({ message: '{persons} persons sign in with a password alone.' }),
  'control.legal-identity.none': msg`No provider has SIMs yet.`,
  'control.legal-identity.verified': msg({ message: 'All {providers} providers with SIMs have a legal identity that a person verified.' }),
  'control.legal-identity.unverified': msg({
    message: '{providers} providers with SIMs have no verified legal identity, {first} for one.',
  }),
  'control.own-management.none': msg`No provider has SIMs yet.`,
  'control.own-management.offered': msg`Providers can have people of their own here; none has come in yet.`,
  'control.own-management.some': msg({ message: 'In {managed} of {providers} providers with SIMs, people of their own manage them.' }),
  'control.portal-encryption.tls': msg`Portal and API speak TLS 1.3.`,
  'control.portal-encryption.proxy': msg`A proxy stands in front; what it speaks is for the operator to attest.`,
  'control.portal-encryption.plain': msg({ message: 'Portal and API speak plain HTTP on {host}.' }),
}

export const controlWords: Words = { ...controlTitles, ...becauseWords }
