import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { limits } from '#core/limits.ts'
import { type AllowedAddress, type ProfileBody, readProfileBody } from './profile.ts'
import { asciiDomain, normalisedProfile, profileFaultCodes, profileFaults } from './profile-faults.ts'

/** As a profile was written before it could hold more than this. */
const old = {
  apns: [{ name: 'meter.iot', pdn: 'IPv4', qci: 9, arpPriority: 12, localBreakout: false, maxUplinkKbps: 64, maxDownlinkKbps: 64 }],
  voice: false,
  sms: false,
  otaSms: true,
  roamingArea: { kind: 'anywhere' },
  imeiLock: false,
  periodicTauSeconds: 0,
  maxUplinkKbps: 64,
  maxDownlinkKbps: 64,
  equivalentPlmns: [],
} as const
const body = readProfileBody(old)
const [apn] = body.apns
const address = (cidr: string, more: Partial<AllowedAddress> = {}): AllowedAddress => ({
  cidr,
  protocol: 'any',
  ports: [],
  apn: null,
  ...more,
})
const seen = new Set<string>()
const codes = (change: Partial<ProfileBody>, by: Parameters<typeof profileFaults>[1] = { mayPrioritise: false }): string[] => {
  const faults = profileFaults(normalisedProfile({ ...body, ...change }), by)
  for (const { code } of faults) seen.add(code)
  return faults.map(({ code, at, refused }) => `${code} ${at}${refused ? '' : ' flagged'}`.trim())
}
const addresses = (...entries: AllowedAddress[]): string[] => codes({ allowedAddresses: entries })
const domains = (...names: string[]): string[] => codes({ allowedDomains: names.map((name) => ({ name, apn: null })) })

test('an old body reads, and means what it meant', () => {
  assert.deepEqual([body.ussd, body.radio, body.cardUse, body.allowedAddresses], [false, 'any', 'iot', []])
  assert.deepEqual(readProfileBody({ ...body, radio: 'lte-m' }).radio, 'lte-m')
  assert.deepEqual(Object.keys(readProfileBody({ ...old, id: 'x', name: 'y' } as never)).includes('id'), false)
  assert.deepEqual(codes({}), [])
})

test('addresses: everything, too wide, unreachable and overlapping ones are refused, private ones flagged', () => {
  assert.deepEqual(addresses(address('192.0.2.0/24'), address('2001:db8::/48')), [])
  assert.deepEqual(addresses(address('0.0.0.0/0')), ['address-everything allowedAddresses/0'])
  assert.deepEqual(addresses(address('0.0.0.0/1'), address('128.0.0.0/1')), [
    'address-too-wide allowedAddresses/0',
    'address-too-wide allowedAddresses/1',
  ])
  assert.deepEqual(addresses(address('127.0.0.1')), ['address-unreachable allowedAddresses/0'])
  assert.deepEqual(addresses(address('10.0.0.0/16')), ['address-private allowedAddresses/0 flagged'])
  assert.deepEqual(addresses(address('platform.example')), ['address-invalid allowedAddresses/0'])
  assert.deepEqual(addresses(address('192.0.2.0/24'), address('192.0.2.128/25')), ['address-overlap allowedAddresses/1'])
  assert.deepEqual(addresses(address('192.0.2.0/24', { apn: 'other' })), ['apn-unknown allowedAddresses/0'])
})

test('two entries meet only where APN, protocol and ports do', () => {
  const tcp = (from: number, to = from): Partial<AllowedAddress> => ({ protocol: 'tcp', ports: [{ from, to }] })
  const pair = (a: Partial<AllowedAddress>, b: Partial<AllowedAddress>) =>
    addresses(address('192.0.2.1', a), address('192.0.2.1', b)).length
  assert.equal(pair(tcp(443), tcp(8883)), 0)
  assert.equal(pair(tcp(400, 500), tcp(443)), 1)
  assert.equal(pair(tcp(443), { protocol: 'udp' }), 0)
  assert.equal(pair(tcp(443), {}), 1)
  assert.equal(pair({ apn: 'meter.iot' }, {}), 1)
})

test('ports stand only where there are any', () => {
  const ports = [{ from: 443, to: 443 }]
  assert.deepEqual(addresses(address('192.0.2.1', { protocol: 'icmp', ports })), ['ports-invalid allowedAddresses/0'])
  assert.deepEqual(addresses(address('192.0.2.1', { protocol: 'tcp', ports: [{ from: 443, to: 80 }] })), [
    'ports-invalid allowedAddresses/0',
  ])
  assert.deepEqual(addresses(address('192.0.2.1', { protocol: 'tcp', ports: [{ from: 0, to: 80 }] })), ['ports-invalid allowedAddresses/0'])
})

test('domains: names in their ASCII form, never a whole top-level domain or an address', () => {
  assert.deepEqual(domains('Platform.Example.', '*.eu.platform.example'), [])
  assert.deepEqual(domains('bücher.example'), ['domain-international allowedDomains/0 flagged'])
  assert.equal(asciiDomain('bücher.example'), 'xn--bcher-kva.example')
  assert.deepEqual(domains('*.example'), ['domain-too-wide allowedDomains/0'])
  assert.deepEqual(domains('a.example', 'A.example'), ['domain-twice allowedDomains/1'])
  for (const wrong of [
    '',
    '*',
    'a b.example',
    'https://a.example',
    '192.0.2.1',
    '0x7f.1',
    'a..example',
    '-a.example',
    '*.*.a.example',
    `${'a'.repeat(64)}.example`,
  ])
    assert.deepEqual(domains(wrong), ['domain-invalid allowedDomains/0'], wrong)
})

test('quality of service: without guaranteed rates, and reserved priorities only from the operator or as they were', () => {
  const arp = (arpPriority: number): Partial<ProfileBody> => ({ apns: [{ ...apn, arpPriority }] })
  assert.deepEqual(codes(arp(8)), ['arp-reserved apns/0'])
  assert.deepEqual(codes(arp(8), { mayPrioritise: true }), [])
  assert.deepEqual(codes(arp(3), { mayPrioritise: false, before: { ...body, ...arp(3) } }), [])
  assert.deepEqual(codes(arp(16)), ['arp-not-allowed apns/0'])
  assert.deepEqual(codes({ apns: [{ ...apn, qci: 1 }] }), ['qci-not-allowed apns/0'])
  assert.deepEqual(codes({ apns: [{ ...apn, qci: 69 }] }, { mayPrioritise: true }), [])
  assert.deepEqual(codes({ apns: [{ ...apn, maxUplinkKbps: 0 }] }), ['rate-invalid apns/0/maxUplinkKbps'])
  assert.deepEqual(codes({ periodicTauSeconds: 59 }), ['tau-invalid periodicTauSeconds'])
})

test('APNs, roaming and numbers', () => {
  assert.deepEqual(codes({ apns: [apn, apn] }), ['apn-twice apns/1'])
  for (const name of ['', 'a_b', 'internet.mnc001.mcc001.gprs', 'rac1.iot', `${'a'.repeat(63)}`])
    assert.deepEqual(codes({ apns: [{ ...apn, name }] }), ['apn-name apns/0'], name)
  assert.deepEqual(codes({ apns: [{ ...apn, localBreakout: true }], allowedDomains: [{ name: 'a.example', apn: null }] }), [
    'local-breakout-list apns/0 flagged',
  ])
  assert.deepEqual(codes({ roamingArea: { kind: 'partners', partnerIds: [] } }), ['partners-none roamingArea'])
  assert.deepEqual(codes({ equivalentPlmns: ['00101' as never] }), ['plmn-invalid equivalentPlmns'])
  const number = { name: 'Centre', number: '+999 700-1', forVoice: true, forSms: false }
  assert.deepEqual(codes({ fixedNumbers: [number] }), [])
  assert.deepEqual(codes({ fixedNumbers: [number, { ...number, number: '+9997001' }] }), ['number-twice fixedNumbers/1'])
  assert.deepEqual(codes({ fixedNumbers: [{ ...number, number: 'abc' }] }), ['number-invalid fixedNumbers/0'])
  assert.deepEqual(codes({ fixedNumbers: [{ ...number, forVoice: false }] }), ['number-for-nothing fixedNumbers/0'])
  assert.deepEqual(codes({ fixedNumbers: [{ ...number, name: 'a name beyond it' }] }), ['number-name-cut fixedNumbers/0 flagged'])
})

test('lists end', () => {
  const { profiles } = limits
  assert.deepEqual(addresses(...Array.from({ length: profiles.addresses + 1 }, (_, i) => address(`192.0.2.${i}`))), [
    'too-many allowedAddresses',
  ])
  assert.deepEqual(domains(...Array.from({ length: profiles.domains + 1 }, (_, i) => `a${i}.example`)), ['too-many allowedDomains'])
})

test('each fault has been seen', { skip: process.execArgv.some((argument) => argument.startsWith('--test-name-pattern')) }, () => {
  assert.deepEqual(
    profileFaultCodes.filter((code) => !seen.has(code)),
    [],
  )
})

test('whatever a list holds, checking it ends in faults and not in an error', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string())
  fc.assert(
    fc.property(text, text, text, (cidr, name, number) => {
      codes({
        allowedAddresses: [address(cidr)],
        allowedDomains: [{ name, apn: null }],
        fixedNumbers: [{ name, number, forVoice: true, forSms: false }],
      })
    }),
  )
})
