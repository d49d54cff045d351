import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plmnToBytes, toTbcd } from '#core/bcd.ts'
import { decode, encode } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { AvpsOf, Message, RequestName } from '#protocols/diameter/message.ts'
import { guardWith, imsi, known, network, now, realmOf } from '../guard.fixture.ts'
import { reasons } from '../verdict.ts'
import { answerFor, answerTable, overloadAvps, priorityOf, resultAvps, signalFromS6a } from './diameter.ts'

const link = { peerId: 'dra.hub', identity: 'DRA.hub.example', tls: true }

function request<C extends RequestName>(command: C, avps: AvpsOf<C>, others: Message['others'] = []): Message {
  const { code, application } = diameter.commands[command]
  const message = {
    command,
    code,
    application,
    request: true,
    proxiable: true,
    error: false,
    retransmitted: true,
    hopByHop: 1,
    endToEnd: 2,
    avps,
    others,
  }
  return decode(diameter, encode(diameter, message as unknown as Message))
}

const routing = {
  'Session-Id': `mme2.${realmOf.aurelia};1;2`,
  'Auth-Session-State': 1,
  'Origin-Host': `MME2.${realmOf.aurelia}`,
  'Origin-Realm': realmOf.aurelia.toUpperCase(),
  'Destination-Realm': realmOf.ours.toUpperCase(),
  'User-Name': imsi,
} as const

test('what is longer than it may be is cut: nobody can fill the memory with what it claims', () => {
  const pur = request('PUR', {
    ...routing,
    'Session-Id': 's'.repeat(10_000),
    'User-Name': '9'.repeat(1_000),
    'Origin-Host': `${'a'.repeat(1_000)}.${realmOf.aurelia}`,
    'Route-Record': ['r'.repeat(1_000)],
  })
  const { claimed, imsi: user } = signalFromS6a(pur, link, network, now)
  assert.deepEqual(
    [claimed.sessionId?.length, user?.length, claimed.originHost.length, claimed.routeRecord[0]?.length],
    [1_024, 32, 256, 256],
  )
  const { facts } = guardWith().judge(signalFromS6a(pur, link, network, now), known())
  for (const { value } of facts) assert.ok(value.length <= 512)
})

test('an AIR from octets: names in lower case, proof from the peer row, what is asked for', () => {
  const air = request('AIR', {
    ...routing,
    'Visited-PLMN-Id': plmnToBytes('001-01'),
    'Requested-EUTRAN-Authentication-Info': { 'Number-Of-Requested-Vectors': 3, 'Re-Synchronization-Info': Buffer.alloc(30) },
    'Requested-UTRAN-GERAN-Authentication-Info': {},
    'OC-Supported-Features': { 'OC-Feature-Vector': 1n },
    DRMP: 0,
    'Route-Record': ['Relay.example'],
  })
  const signal = signalFromS6a(air, link, network, now)
  assert.deepEqual(signal, {
    at: now,
    interface: 'S6a',
    operation: 'AIR',
    proven: {
      peerId: 'dra.hub',
      peerIdentity: 'dra.hub.example',
      role: 'agent',
      linkClass: 'ipx',
      realms: [realmOf.aurelia, realmOf.brenn, realmOf.dorvik],
      partnerIds: ['aurelia'],
      tls: true,
    },
    claimed: {
      originHost: `mme2.${realmOf.aurelia}`,
      originRealm: realmOf.aurelia,
      destinationRealm: realmOf.ours,
      visitedPlmn: '001-01',
      sessionId: routing['Session-Id'],
      routeRecord: ['relay.example'],
    },
    imsi,
    retransmitted: true,
    facts: { requestedVectors: 3, requestedUtranVectors: 1, resynchronisation: true, overloadControl: true, receivedPriority: 0 },
  })
})

test('a ULR: flags, equipment by 14 digits, the number for short messages', () => {
  const ulr = request('ULR', {
    ...routing,
    'Visited-PLMN-Id': plmnToBytes('001-01'),
    'RAT-Type': 1004,
    'ULR-Flags': 0b100010,
    'Terminal-Information': { IMEI: '356938035643809', 'Software-Version': '01' },
    'MME-Number-for-MT-SMS': toTbcd('888222333'),
  })
  const signal = signalFromS6a(ulr, link, network, now)
  assert.equal(signal.imei, '35693803564380')
  assert.deepEqual(signal.facts, {
    initialAttach: true,
    skipSubscriberData: false,
    s6aIndicator: true,
    ratType: 1004,
    mmeNumber: '888222333',
  })
  assert.equal(guardWith().judge(signal, known()).ruleId, 's6a-mme-number-foreign')
})

test('what a message brings beside its grammar is found: a number in NOR, an overload report in a request', () => {
  const nor = request('NOR', routing, [
    { code: 1645, vendor: 10415, flags: 0x80, data: toTbcd('888') },
    { code: 623, vendor: 0, flags: 0, data: Buffer.alloc(0) },
  ])
  const { facts } = signalFromS6a(nor, link, network, now)
  assert.equal(facts.mmeNumber, '888')
  assert.equal(facts.overloadReport, true)
})

test('a Reset by the beginning of IMSIs is wide', () => {
  const { 'User-Name': _, ...rest } = routing
  const wide = signalFromS6a(request('RSR', { ...rest, 'User-Id': ['99970', imsi] }), link, network, now)
  assert.equal(wide.facts.userIdDigits, 5)
  assert.equal(guardWith().judge(wide, known()).ruleId, 's6a-rsr-wide')
  const one = signalFromS6a(request('RSR', { ...rest, 'User-Id': [imsi] }), link, network, now)
  assert.equal(guardWith().judge(one, known()).ruleId, 's6a-operation-from-outside')
})

test('what an MME needs not send is left out, and an unlisted link proves nothing', () => {
  const signal = signalFromS6a(
    { command: 'AIR', application: 16777251, code: 318, retransmitted: false, avps: {} },
    { ...link, peerId: 'stranger' },
    network,
    now,
  )
  assert.deepEqual(signal.proven.realms, [])
  assert.equal(signal.proven.linkClass, 'ipx')
  assert.equal('imsi' in signal, false)
  assert.equal(guardWith().judge(signal, known()).reason, 'unknown-peer')
})

test('other applications and unknown commands become operations that no rule names', () => {
  const told = { retransmitted: false, avps: routing }
  for (const message of [
    { command: 'unknown', application: 16777312, code: 8388647, ...told },
    { command: 'unknown', application: 16777251, code: 399, ...told },
    { command: 'ECR', application: 16777252, code: 324, ...told },
  ]) {
    assert.equal(guardWith().judge(signalFromS6a(message, link, network, now), known()).ruleId, 'default')
  }
})

const operations = ['AIR', 'ULR', 'PUR', 'NOR', 'CLR', 'IDR', 'DSR', 'RSR', '16777312/8388647']

test('no soft reason becomes a code that sticks', () => {
  const mayStick: Readonly<Record<string, number>> = {
    'unknown-subscriber': 5001,
    'not-subscribed': 5420,
    'outside-roaming-area': 5004,
    banned: 5004,
  }
  const sticky = [5001, 5004, 5420, 5421]
  for (const reason of reasons) {
    if (reason === 'ok') continue
    for (const operation of operations) {
      const answer = answerFor(reason, operation)
      const code = answer === null ? 0 : 'resultCode' in answer ? answer.resultCode : answer.experimental
      assert.notEqual(code, 3004, 'MMEs differ about TOO_BUSY')
      if (sticky.includes(code)) assert.equal(code, mayStick[reason], `${reason} for ${operation}`)
    }
  }
  assert.equal(Object.keys(answerTable).length, reasons.length - 1)
})

test('the answers that other parts rely on', () => {
  const rows = [
    ['store-unavailable', 'AIR', { experimental: 4181 }],
    ['store-unavailable', 'ULR', { resultCode: 5012 }],
    ['storm', 'AIR', { resultCode: 5012 }],
    ['storm', 'ULR', { resultCode: 5012 }],
    ['unknown-subscriber', 'AIR', { experimental: 5001 }],
    ['not-registered-node', 'PUR', { resultCode: 2001 }],
    ['not-registered-node', 'NOR', { experimental: 5423 }],
    ['out-of-sequence', 'ULR', { resultCode: 5012 }],
    ['unsolicited-answer', 'AIA', null],
    ['banned', 'ULR', { experimental: 5004 }],
  ] as const
  for (const [reason, operation, answer] of rows) assert.deepEqual(answerFor(reason, operation), answer, `${reason} ${operation}`)
  assert.deepEqual(resultAvps({ experimental: 5423 }), { 'Experimental-Result': { 'Vendor-Id': 10415, 'Experimental-Result-Code': 5423 } })
})

test('result, priority and overload report survive the codec', () => {
  const { 'Destination-Realm': _r, 'User-Name': _u, ...base } = routing
  const report = { sequence: 1n << 40n, reduction: 30, validitySeconds: 7, reportTypes: ['host', 'realm'] as const }
  const answer = { ...base, ...resultAvps({ experimental: 4181 }), DRMP: priorityOf.critical, ...overloadAvps(report, 'realm') }
  const message = {
    command: 'AIA',
    code: 318,
    application: 16777251,
    request: false,
    proxiable: true,
    error: false,
    retransmitted: false,
    hopByHop: 1,
    endToEnd: 2,
    avps: answer,
    others: [],
  }
  const read = decode(diameter, encode(diameter, message as unknown as Message))
  assert.ok(read.command === 'AIA')
  assert.deepEqual(read.avps['OC-OLR'], {
    'OC-Sequence-Number': 1n << 40n,
    'OC-Report-Type': 1,
    'OC-Reduction-Percentage': 30,
    'OC-Validity-Duration': 7,
  })
  assert.equal(read.avps.DRMP, 3)
  assert.deepEqual(overloadAvps(null), { 'OC-Supported-Features': { 'OC-Feature-Vector': 1n } })
  assert.ok(priorityOf.critical < priorityOf.standard && priorityOf.standard < priorityOf.deferrable)
})
