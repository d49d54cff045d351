import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { Message, ValueOf } from '#protocols/diameter/message.ts'
import { compileSubscriptionData, type S6aSubscriptionData } from './compile-s6a.ts'
import type { ServiceProfile } from './profile.ts'

const profile: ServiceProfile = {
  id: 'f1',
  providerId: 'p1',
  name: 'meter',
  version: 1,
  apns: [{ name: 'meter.iot', pdn: 'IPv4', qci: 9, arpPriority: 10, localBreakout: false, maxUplinkKbps: 64, maxDownlinkKbps: 128 }],
  voice: false,
  sms: false,
  otaSms: true,
  ussd: false,
  roamingArea: { kind: 'anywhere' },
  radio: 'any',
  imeiLock: false,
  cardUse: 'iot',
  allowedAddresses: [],
  allowedDomains: [],
  fixedNumbers: [],
  periodicTauSeconds: 86_400,
  maxUplinkKbps: 64,
  maxDownlinkKbps: 128,
  equivalentPlmns: [],
}
const subscription = { msisdn: '+999700123', intended: 'active', imposed: [] } as const

const compiled = (change: Partial<ServiceProfile> = {}, rest = {}) =>
  compileSubscriptionData({ ...profile, ...change }, { ...subscription, ...rest }, 0)
const apnOf = (data: S6aSubscriptionData, at = 0) => data['APN-Configuration-Profile']['APN-Configuration'][at]

test('the least that a meter needs', () => {
  assert.deepEqual(compiled(), {
    'Subscriber-Status': 0,
    MSISDN: Buffer.from('99790021f3', 'hex'),
    'Network-Access-Mode': 2,
    'Access-Restriction-Data': 0b101111,
    'Teleservice-List': { 'TS-Code': [Buffer.of(0x21)] },
    AMBR: { 'Max-Requested-Bandwidth-UL': 64_000, 'Max-Requested-Bandwidth-DL': 128_000 },
    'APN-Configuration-Profile': {
      'Context-Identifier': 1,
      'All-APN-Configurations-Included-Indicator': 0,
      'APN-Configuration': [
        {
          'Context-Identifier': 1,
          'PDN-Type': 0,
          'Service-Selection': 'meter.iot',
          'EPS-Subscribed-QoS-Profile': {
            'QoS-Class-Identifier': 9,
            'Allocation-Retention-Priority': { 'Priority-Level': 10, 'Pre-emption-Capability': 1, 'Pre-emption-Vulnerability': 0 },
          },
          'VPLMN-Dynamic-Address-Allowed': 0,
          AMBR: { 'Max-Requested-Bandwidth-UL': 64_000, 'Max-Requested-Bandwidth-DL': 128_000 },
        },
      ],
    },
    'Subscribed-Periodic-RAU-TAU-Timer': 86_400,
    'Subscription-Data-Flags': 1,
  })
})

test('addresses stay at home unless the profile says local breakout', () => {
  const [apn] = profile.apns
  const data = compiled({ apns: [apn, { ...apn, name: 'local', localBreakout: true, pdn: 'IPv4v6' }] })
  assert.deepEqual([apnOf(data)?.['VPLMN-Dynamic-Address-Allowed'], apnOf(data, 1)?.['VPLMN-Dynamic-Address-Allowed']], [0, 1])
  assert.deepEqual([apnOf(data, 1)?.['Context-Identifier'], apnOf(data, 1)?.['PDN-Type']], [2, 2])
})

test('short messages: of the subscriber, of the OTA centre only, none', () => {
  const codes = (change: Partial<ServiceProfile>) => compiled(change)['Teleservice-List']?.['TS-Code'].map((code) => code[0])
  assert.deepEqual(codes({ sms: true }), [0x21, 0x22])
  assert.deepEqual(codes({}), [0x21])
  assert.equal(codes({ otaSms: false }), undefined)
  assert.equal('Subscription-Data-Flags' in compiled({ otaSms: false }), false)
})

test('voice opens the circuit domain and the radio that it falls back to', () => {
  const data = compiled({ voice: true })
  assert.equal(data['Network-Access-Mode'], 0)
  assert.equal(data['Access-Restriction-Data'] & 0b1111, 0)
})

test('USSD opens the circuit domain as voice does, and nothing else', () => {
  const [data, voice] = [compiled({ ussd: true }), compiled({ voice: true })]
  assert.deepEqual(data, voice)
})

test('only the radio that the profile names; LTE-M and NB-IoT by the bits that a newer MME knows', () => {
  const bits = (radio: ServiceProfile['radio']) => compiled({ radio })['Access-Restriction-Data'] & ~0b101111
  assert.deepEqual((['any', 'lte', 'lte-m', 'nb-iot', 'lpwa'] as const).map(bits), [0, 0x840, 0x1040, 0x1810, 0x1000])
})

test('who may not connect is barred', () => {
  const data = compiled({}, { intended: 'suspended' })
  assert.deepEqual([data['Subscriber-Status'], data['Operator-Determined-Barring']], [1, 1])
  assert.equal('Operator-Determined-Barring' in compiled(), false)
})

test('bit rates end where 32 bits end; a critical device may not be pre-empted', () => {
  const data = compiled({ maxUplinkKbps: 10_000_000 }, { class: 'critical' })
  assert.equal(data.AMBR['Max-Requested-Bandwidth-UL'], 0xffff_ffff)
  const arp = apnOf(data)?.['EPS-Subscribed-QoS-Profile']['Allocation-Retention-Priority']
  assert.deepEqual([arp?.['Pre-emption-Capability'], arp?.['Pre-emption-Vulnerability']], [0, 1])
})

test('it is what the codec writes and reads', () => {
  const [apn] = profile.apns
  const data: ValueOf<'Subscription-Data'> = compiled({ sms: true, apns: [apn, { ...apn, name: 'raw', pdn: 'Non-IP' }] })
  const base = {
    'Session-Id': 'a;1;2',
    'Auth-Session-State': 1,
    'Origin-Host': 'a.example',
    'Origin-Realm': 'example',
    'Result-Code': 2001,
  }
  const message = {
    command: 'ULA',
    code: 316,
    application: 16777251,
    request: false,
    proxiable: true,
    error: false,
    retransmitted: false,
    hopByHop: 1,
    endToEnd: 2,
    avps: { ...base, 'ULA-Flags': 1, 'Subscription-Data': data },
    others: [],
  }
  const read = decode(diameter, encode(diameter, message as unknown as Message))
  assert.ok(read.command === 'ULA')
  assert.deepEqual(read.avps['Subscription-Data'], data)
})
