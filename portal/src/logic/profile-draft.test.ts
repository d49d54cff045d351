import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProfileBody } from '../api/types.ts'
import { addressLine, draftOfProfile, isSameProfile, linesOf, parseAddress, parseNumber, profileBodyOf } from './profile-draft.ts'

const body: ProfileBody = {
  apns: [{ name: 'meter.example', pdn: 'IPv4', qci: 9, arpPriority: 12, localBreakout: false, maxUplinkKbps: 64, maxDownlinkKbps: 64 }],
  voice: false,
  sms: true,
  otaSms: true,
  ussd: false,
  roamingArea: { kind: 'partners', partnerIds: ['a', 'b'] },
  radio: 'lte-m',
  imeiLock: true,
  cardUse: 'iot',
  allowedAddresses: [
    {
      cidr: '192.0.2.0/24',
      protocol: 'tcp',
      ports: [
        { from: 443, to: 443 },
        { from: 8883, to: 8884 },
      ],
      apn: null,
    },
    { cidr: '2001:db8::/48', protocol: 'any', ports: [], apn: 'meter.example' },
  ],
  allowedDomains: [
    { name: 'platform.example', apn: null },
    { name: '*.eu.example', apn: 'meter.example' },
  ],
  fixedNumbers: [
    { number: '+9997001', name: 'Control centre', forVoice: true, forSms: true },
    { number: '+9997002', name: '', forVoice: false, forSms: true },
  ],
  periodicTauSeconds: 7_200,
  maxUplinkKbps: 64,
  maxDownlinkKbps: 64,
  equivalentPlmns: ['001-02'],
}

test('a profile that nobody touched is sent as it came', () => {
  assert.deepEqual(profileBodyOf(draftOfProfile(body), body), body)
  assert.ok(isSameProfile(profileBodyOf(draftOfProfile(body), body), body))
  assert.ok(!isSameProfile({ ...body, sms: false }, body))
})

test('addresses in one line; what cannot be read goes to the server as it is', () => {
  for (const line of ['192.0.2.1', '192.0.2.0/24 tcp 443,8883-8884', '2001:db8::/48 udp (meter.example)'])
    assert.equal(addressLine(parseAddress(line)), line)
  assert.equal(parseAddress('192.0.2.1 TCP 80').protocol, 'tcp')
  assert.equal(parseAddress('192.0.2.1 and more').cidr, '192.0.2.1 and more')
  assert.deepEqual(linesOf(' a \n\n b'), ['a', 'b'])
})

test('numbers in one line', () => {
  assert.deepEqual(parseNumber('+9997001 Control centre voice'), {
    number: '+9997001',
    name: 'Control centre',
    forVoice: true,
    forSms: false,
  })
  assert.deepEqual(parseNumber('+9997001'), { number: '+9997001', name: '', forVoice: true, forSms: true })
  assert.deepEqual(parseNumber('112 SMS'), { number: '112', name: '', forVoice: false, forSms: true })
})

test('what is no number is sent as 0, which the server refuses by name', () => {
  const draft = draftOfProfile(body)
  assert.equal(profileBodyOf({ ...draft, maxUplinkKbps: 'much' }, body).maxUplinkKbps, 0)
})
