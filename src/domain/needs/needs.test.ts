import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cardUses, type ProfileBody, radios } from '../profile.ts'
import { profileFaults } from '../profile-faults.ts'
import { subscriptionClasses } from '../subscription.ts'
import { deviationsOf, permissionsAsked, permissionsIn } from './permissions.ts'
import { adviceOf, proposeProfile } from './propose.ts'
import { mobilities, type NeedsAnswers, questions, rhythms, roamingNeeds, serviceKinds } from './questions.ts'

const number = fc.record({
  name: fc.stringMatching(/^[a-z]{1,14}$/),
  number: fc.stringMatching(/^\+999[0-9]{5,9}$/),
  forVoice: fc.boolean(),
  forSms: fc.boolean(),
})
const answers: fc.Arbitrary<NeedsAnswers> = fc.record({
  service: fc.constantFrom(...serviceKinds),
  purpose: fc.string({ maxLength: 40 }),
  apn: fc.stringMatching(/^m[a-z0-9]{0,10}\.iot$/),
  addresses: fc
    .uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 4 })
    .map((hosts) =>
      hosts.map((host) => ({ cidr: `192.0.2.${host}`, protocol: 'tcp' as const, ports: [{ from: 8883, to: 8883 }], apn: null })),
    ),
  domains: fc.uniqueArray(fc.constantFrom('a.example', 'B.example', '*.c.example', 'bücher.example'), { maxLength: 3 }),
  voice: fc.boolean(),
  sms: fc.boolean(),
  ussd: fc.boolean(),
  numbers: fc.uniqueArray(number, { maxLength: 3, selector: (one) => one.number }),
  roaming: fc.constantFrom(...roamingNeeds),
  partnerIds: fc.constant(['11111111-1111-4111-8111-111111111111']),
  mobility: fc.constantFrom(...mobilities),
  radio: fc.constantFrom(...radios),
  kbps: fc.integer({ min: 1, max: 100_000 }),
  rhythm: fc.constantFrom(...rhythms),
  longLived: fc.boolean(),
  class: fc.constantFrom(...subscriptionClasses),
  changesModule: fc.boolean(),
  cardUse: fc.constantFrom(...cardUses),
})
/** As it is stored: spelled in our way. */
const spelled = (given: NeedsAnswers): NeedsAnswers => {
  const { allowedAddresses, allowedDomains } = proposeProfile(given)
  return { ...given, addresses: allowedAddresses, domains: allowedDomains.map(({ name }) => name) }
}

const isWithin = (few: ReadonlySet<string>, all: ReadonlySet<string>): boolean => [...few].every((one) => all.has(one))

test('a proposal never permits more than was asked', () => {
  fc.assert(
    fc.property(answers, (given) => {
      const asked = spelled(given)
      const body = proposeProfile(asked)
      assert.deepEqual(deviationsOf(body, asked), [])
      assert.ok(isWithin(permissionsIn(body), permissionsAsked(asked)))
    }),
    { numRuns: 500 },
  )
})

test('asking for less never permits more', () => {
  fc.assert(
    fc.property(answers, fc.constantFrom('voice', 'sms', 'ussd', 'changesModule'), (given, bearer) => {
      const fewer = permissionsIn(proposeProfile({ ...given, [bearer]: false }))
      assert.ok(isWithin(fewer, permissionsIn(proposeProfile({ ...given, [bearer]: true }))))
    }),
    { numRuns: 300 },
  )
})

test('a proposal is a profile that a provider may have', () => {
  fc.assert(
    fc.property(answers, (given) => {
      const refused = profileFaults(proposeProfile(given), { mayPrioritise: false }).filter((fault) => fault.refused)
      assert.deepEqual(refused, [])
    }),
    { numRuns: 500 },
  )
})

const meter: NeedsAnswers = {
  service: 'meter',
  purpose: 'reads electricity',
  apn: 'meter.example',
  addresses: [{ cidr: '192.0.2.0/28', protocol: 'tcp', ports: [{ from: 8883, to: 8883 }], apn: null }],
  domains: [],
  voice: false,
  sms: false,
  ussd: false,
  numbers: [],
  roaming: 'home',
  partnerIds: [],
  mobility: 'fixed',
  radio: 'nb-iot',
  kbps: 60,
  rhythm: 'daily',
  longLived: true,
  class: 'deferrable',
  changesModule: false,
  cardUse: 'iot',
}

test('the least that a meter needs permits nothing beyond data', () => {
  assert.deepEqual([...permissionsIn(proposeProfile(meter))], [])
  assert.deepEqual(adviceOf(meter), ['own-partition'])
})

test('what a profile gives beyond its assessment is named, one by one', () => {
  const body = proposeProfile(meter)
  const more = (change: Partial<ProfileBody>) => deviationsOf({ ...body, ...change }, meter).map(({ kind, value }) => `${kind} ${value}`)
  const [apn] = body.apns
  assert.deepEqual(more({ sms: true, voice: true }), [
    'permission voice',
    'permission sms',
    'permission old-radio',
    'permission any-number',
  ])
  assert.deepEqual(more({ allowedAddresses: [] }), ['permission any-address'])
  assert.deepEqual(
    more({ allowedAddresses: [...body.allowedAddresses, { cidr: '198.51.100.1/32', protocol: 'any', ports: [], apn: null }] }),
    ['address 198.51.100.1/32 any'],
  )
  assert.deepEqual(more({ allowedDomains: [{ name: 'x.example', apn: null }] }), ['domain x.example'])
  assert.deepEqual(more({ maxUplinkKbps: 61 }), ['rate 60'])
  assert.deepEqual(more({ radio: 'lte-m' }), ['radio lte-m'])
  assert.deepEqual(more({ imeiLock: false, roamingArea: { kind: 'anywhere' } }), [
    'permission roaming',
    'permission roaming-anywhere',
    'permission any-module',
  ])
  assert.deepEqual(more({ apns: [{ ...apn, arpPriority: 3, localBreakout: true }] }), [
    'permission local-breakout',
    'permission high-priority',
  ])
  const tracker: NeedsAnswers = { ...meter, roaming: 'partners', partnerIds: ['a'] }
  assert.deepEqual(deviationsOf({ ...proposeProfile(tracker), roamingArea: { kind: 'partners', partnerIds: ['a', 'b'] } }, tracker), [
    { kind: 'partner', value: 'b' },
  ])
})

test('the questionnaire asks for everything that an answer holds', () => {
  assert.deepEqual(questions.map(({ id }) => id).toSorted(), Object.keys(meter).toSorted())
})
