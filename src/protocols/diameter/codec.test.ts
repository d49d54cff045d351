import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex } from '#core/bytes.ts'
import { ProtocolError } from '#core/errors.ts'
import { answerTo, decode, encode, failureAnswer, type MessageOf, peekHeader, requestOf } from './codec.ts'
import { diameter } from './dict/all.ts'
import type { AvpsOf } from './message.ts'

const local = { originHost: 'hss.home.example', originRealm: 'home.example' }

const avps: AvpsOf<'AIR'> = {
  'Session-Id': 'mme.visited.example;1;2',
  'Auth-Session-State': 1,
  'Origin-Host': 'mme.visited.example',
  'Origin-Realm': 'visited.example',
  'Destination-Realm': 'home.example',
  'User-Name': '001010000000001',
  'Visited-PLMN-Id': Buffer.from('99f999', 'hex'),
}

function airOf(more: Partial<AvpsOf<'AIR'>> = {}, flags = {}): Buffer {
  return encode(diameter, requestOf(diameter, 'AIR', { ...avps, ...more }, { hopByHop: 0xfffffffe, endToEnd: 0x80000001, ...flags }))
}

/** `octets` with `more` AVPs at its end and the length set. */
function withAvps(octets: Buffer, ...more: Buffer[]): Buffer {
  const out = Buffer.concat([octets, ...more])
  out.writeUIntBE(out.length, 1, 3)
  return out
}

function decodeAs<C extends 'AIR' | 'AIA' | 'CER' | 'DWA'>(octets: Buffer, command: C, options = {}): MessageOf<C> {
  const message = decode(diameter, octets, options)
  assert.equal(message.command, command)
  return message as MessageOf<C>
}

function refusalOf(run: () => unknown): ProtocolError {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof ProtocolError)
    return error
  }
  return assert.fail('nothing was refused')
}

test('header identifiers and flags are unsigned and survive', () => {
  const header = peekHeader(airOf({}, { retransmitted: true }))
  assert.deepEqual(header, {
    version: 1,
    length: airOf().length,
    request: true,
    proxiable: true,
    error: false,
    retransmitted: true,
    code: 318,
    application: 16777251,
    hopByHop: 0xfffffffe,
    endToEnd: 0x80000001,
  })
})

test('a message narrows by its command, absent members are undefined', () => {
  const message = decode(diameter, airOf())
  if (message.command !== 'AIR') return assert.fail(message.command)
  const user: string = message.avps['User-Name']
  assert.equal(user, '001010000000001')
  assert.equal(message.avps['Requested-EUTRAN-Authentication-Info'], undefined)
  assert.equal(message.avps['Route-Record'], undefined)
  assert.deepEqual(message.others, [])
})

test('an unknown AVP without the M bit is kept and sent again after the others', () => {
  const extension = fromHex('0000270f 8000000f 00001092 aabbcc00')
  const octets = withAvps(airOf(), extension)
  const message = decode(diameter, octets)
  assert.deepEqual(message.others, [{ code: 9999, vendor: 4242, flags: 0x80, data: Buffer.from('aabbcc', 'hex') }])
  assert.equal(encode(diameter, message).toString('hex'), octets.toString('hex'))
})

test('the m-bits waiver lets an unknown mandatory AVP pass and says so', () => {
  const octets = withAvps(airOf(), fromHex('0000270f 4000000c 01020304'), fromHex('0000270e c0000010 00001092 01020304'))
  assert.equal(refusalOf(() => decode(diameter, octets)).answer?.code, 5001)
  const message = decode(diameter, octets, { lenientMBits: true })
  assert.deepEqual(message.waived, ['m-bits: AVP 9999', 'm-bits: AVP 9998 of vendor 4242'])
  assert.equal(message.others.length, 2)
  assert.equal(decode(diameter, airOf(), { lenientMBits: true }).waived, undefined)
})

test('a known AVP with a wrong M bit is read: many partners set it wrongly', () => {
  const octets = airOf()
  const at = octets.indexOf('0000057f', 'hex')
  octets[at + 4] = 0x80
  assert.deepEqual(decodeAs(octets, 'AIR').avps['Visited-PLMN-Id'], Buffer.from('99f999', 'hex'))
})

test('several Vendor-Id are accepted and one is sent', () => {
  const octets = withAvps(airOf(), fromHex('00000104 4000002c 0000010a4000000c000028af 0000010a4000000c000028b0 000001024000000c01000023'))
  const group = decodeAs(octets, 'AIR').avps['Vendor-Specific-Application-Id']
  assert.equal(group?.['Vendor-Id'], 10415)
  assert.deepEqual(
    group?.others?.map((avp) => avp.code),
    [266],
  )
})

test('the APN is the IETF Service-Selection; a 3GPP twin of its code is another AVP', () => {
  const nor = requestOf(diameter, 'NOR', { ...avps, 'Service-Selection': 'iot.example' } as AvpsOf<'NOR'>)
  const octets = encode(diameter, nor)
  assert.ok(octets.includes(fromHex('000001ed 40000013')))
  const twin = withAvps(encode(diameter, { ...nor, avps: avps as AvpsOf<'NOR'> }), fromHex('000001ed 80000010 000028af 61706e00'))
  const message = decode(diameter, twin) as MessageOf<'NOR'>
  assert.equal(message.avps['Service-Selection'], undefined)
  assert.equal(message.others[0]?.code, 493)
})

test('M bits are sent as TS 29.272 wants: 1400-1490 must, 1444 and newer ones must not', () => {
  const rows = Object.entries(diameter.avps).filter(([, row]) => (row as { vendor?: number }).vendor === 10415)
  for (const [name, row] of rows as [string, { code: number; mandatory?: boolean }][]) {
    if (row.code >= 1400 && row.code <= 1490) assert.equal(row.mandatory === true, row.code !== 1444, name)
    if (row.code >= 1491 && row.code <= 1499) assert.equal(row.mandatory, undefined, name)
    if (row.code >= 1600 && row.code <= 1706 && (row.code < 1639 || row.code > 1641)) assert.equal(row.mandatory, undefined, name)
  }
})

test('more AVPs than the limit are refused', () => {
  const one = fromHex('0000270f 00000008')
  const most = withAvps(airOf(), ...Array.from({ length: 505 }, () => one))
  assert.equal(decode(diameter, most).others.length, 505)
  assert.equal(refusalOf(() => decode(diameter, withAvps(most, one))).answer?.code, 5012)
})

test('a message over the size limit is refused before its AVPs are read', () => {
  const octets = withAvps(airOf(), Buffer.alloc(65_536))
  assert.equal(refusalOf(() => decode(diameter, octets)).answer?.code, 5015)
})

test('an answer that reports a failure may lack what a good one must have', () => {
  const bare = fromHex('00000108 4000000b 612e6200 00000128 40000009 62000000')
  const result = (code: string) => fromHex(`0000010c 4000000c ${code}`)
  const header = (flags: string) => fromHex(`01000000 ${flags}00013e 01000023 00000001 00000002`)
  const failed = decodeAs(withAvps(header('20'), bare, result('00000bbc')), 'AIA')
  assert.equal(failed.error, true)
  assert.equal(failed.avps['Result-Code'], 3004)
  assert.equal(failed.avps['Session-Id'], undefined)
  assert.equal(decodeAs(withAvps(header('00'), bare, result('00001394')), 'AIA').avps['Result-Code'], 5012)
  assert.equal(refusalOf(() => decode(diameter, withAvps(header('00'), bare, result('000007d1')))).answer?.code, 5005)
})

test('a Session-Id must be first in a request, not in an answer', () => {
  const moved = (octets: Buffer) => {
    const length = (octets.readUIntBE(25, 3) + 3) & ~3
    return Buffer.concat([octets.subarray(0, 20), octets.subarray(20 + length), octets.subarray(20, 20 + length)])
  }
  assert.equal(refusalOf(() => decode(diameter, moved(airOf()))).answer?.code, 5005)
  const answer = failureAnswer(diameter, airOf(), local, { code: 3004 })
  assert.equal(decodeAs(moved(answer), 'AIA').avps['Session-Id'], avps['Session-Id'])
})

test('an answer without its origin is refused even where it reports a failure', () => {
  const octets = withAvps(fromHex('01000000 2000013e 01000023 00000001 00000002'), fromHex('0000010c 4000000c 00000bbc'))
  assert.equal(refusalOf(() => decode(diameter, octets)).answer?.code, 5005)
})

test('a Failed-AVP may hold anything, also what is broken', () => {
  const octets = withAvps(
    fromHex('01000000 2000013e 01000023 00000001 00000002'),
    fromHex('00000108 4000000b 612e6200 00000128 40000009 62000000 0000010c 4000000c 00000bbc'),
    fromHex('00000117 40000018 00000001 40000008 ffffffff ff00ffff'),
  )
  const failed = decodeAs(octets, 'AIA').avps['Failed-AVP']
  assert.deepEqual(failed?.others, [{ code: 1, vendor: 0, flags: 0x40, data: Buffer.alloc(0) }])
})

test('with keepUnknown a command that no dictionary has becomes a list of AVPs', () => {
  const octets = withAvps(airOf(), fromHex('0000270f 4000000c 01020304'))
  octets.writeUIntBE(399, 5, 3)
  assert.equal(refusalOf(() => decode(diameter, octets)).answer?.code, 3001)
  const message = decode(diameter, octets, { keepUnknown: true })
  assert.equal(message.command, 'unknown')
  assert.equal(message.others.length, 8)
  assert.equal(message.waived, undefined)
  assert.equal(encode(diameter, message).toString('hex'), octets.toString('hex'))
})

test('an answer takes over identifiers, P bit, Session-Id and Proxy-Info', () => {
  const proxies = [
    { 'Proxy-Host': 'dra1.example', 'Proxy-State': Buffer.from('01', 'hex') },
    { 'Proxy-Host': 'dra2.example', 'Proxy-State': Buffer.from('02', 'hex') },
  ]
  const request = decodeAs(airOf({ 'Proxy-Info': proxies }), 'AIR')
  const answer = answerTo(request, {
    'Origin-Host': 'hss.home.example',
    'Origin-Realm': 'home.example',
    'Result-Code': 2001,
    'Auth-Session-State': 1,
  })
  const read = decodeAs(encode(diameter, answer), 'AIA')
  assert.equal(read.request, false)
  assert.equal(read.proxiable, true)
  assert.equal(read.hopByHop, 0xfffffffe)
  assert.equal(read.endToEnd, 0x80000001)
  assert.equal(read.avps['Session-Id'], avps['Session-Id'])
  assert.deepEqual(read.avps['Proxy-Info'], proxies)
})

test('the failure answer to a protocol error has the E bit, others have not', () => {
  const request = airOf(
    { 'Proxy-Info': [{ 'Proxy-Host': 'dra.example', 'Proxy-State': Buffer.from('01', 'hex') }] },
    { retransmitted: true },
  )
  const busy = decodeAs(failureAnswer(diameter, request, local, { code: 3004 }), 'AIA')
  assert.deepEqual([busy.error, busy.retransmitted, busy.proxiable, busy.request], [true, false, true, false])
  assert.equal(busy.avps['Result-Code'], 3004)
  assert.equal(busy.avps['Session-Id'], avps['Session-Id'])
  assert.equal(busy.avps['Origin-Host'], 'hss.home.example')
  assert.equal(busy.avps['Proxy-Info']?.[0]?.['Proxy-Host'], 'dra.example')
  const unable = decodeAs(failureAnswer(diameter, request, local, { code: 5012 }), 'AIA')
  assert.equal(unable.error, false)
  assert.equal(unable.avps['Auth-Session-State'], 1)
})

test('the failure answer carries the Failed-AVP of the refusal', () => {
  const octets = withAvps(airOf(), fromHex('0000270f 4000000c 01020304'))
  const { answer } = refusalOf(() => decode(diameter, octets))
  const read = decodeAs(failureAnswer(diameter, octets, local, answer!), 'AIA')
  assert.equal(read.avps['Result-Code'], 5001)
  assert.deepEqual(read.avps['Failed-AVP']?.others, [{ code: 9999, vendor: 0, flags: 0x40, data: Buffer.from('01020304', 'hex') }])
})

test('a failure answer does not repeat flags that nobody knows', () => {
  const octets = airOf()
  octets[24] = 0x5f
  const { answer } = refusalOf(() => decode(diameter, octets))
  const read = decodeAs(failureAnswer(diameter, octets, local, answer!), 'AIA')
  assert.equal(read.avps['Result-Code'], 3009)
  assert.equal(read.avps['Session-Id'], avps['Session-Id'])
})

test('a second Session-Id is one too many, wherever it stands; a first one that stands elsewhere is missing', () => {
  const octets = airOf()
  const length = (octets.readUIntBE(25, 3) + 3) & ~3
  const session = octets.subarray(20, 20 + length)
  const { answer } = refusalOf(() => decode(diameter, withAvps(octets, session)))
  assert.equal(answer?.code, 5009)
  const moved = withAvps(Buffer.concat([octets.subarray(0, 20), octets.subarray(20 + length)]), session)
  assert.equal(refusalOf(() => decode(diameter, moved)).answer?.code, 5005)
})

test('a failure answer does not repeat a number of the wrong length', () => {
  const octets = airOf()
  const at = octets.indexOf(fromHex('00000115 40 00000c'))
  octets.writeUIntBE(11, at + 5, 3)
  const { answer } = refusalOf(() => decode(diameter, octets))
  const read = decodeAs(failureAnswer(diameter, octets, local, answer!), 'AIA')
  assert.equal(read.avps['Result-Code'], 5014)
  assert.equal(read.avps['Auth-Session-State'], 1)
})

test('a failure answer never exceeds what may be sent', () => {
  const huge = withAvps(airOf(), ...Array.from({ length: 200 }, () => fromHex(`0000011c 400001f8 ${'00'.repeat(496)}`)))
  const answer = failureAnswer(diameter, huge, local, { code: 5015, failed: Buffer.alloc(80_000) })
  assert.ok(answer.length <= 65_536)
  assert.equal(peekHeader(answer).length, answer.length)
})

test('values that do not fit are the caller’s fault, by name', () => {
  const bad = (more: object) => () => airOf(more as never)
  assert.throws(bad({ 'User-Name': 5 }), { name: 'TypeError', message: /User-Name/ })
  assert.throws(bad({ 'User-Name': undefined }), { name: 'TypeError', message: 'AIR needs User-Name' })
  assert.throws(bad({ 'Route-Record': 'one' }), { name: 'TypeError', message: /Route-Record takes a list/ })
  assert.throws(bad({ 'Origin-Host': 'mmé.example' }), { name: 'RangeError', message: /Origin-Host takes ASCII/ })
  assert.throws(bad({ 'Visited-PLMN-Id': '99f999' }), { name: 'TypeError', message: /Visited-PLMN-Id takes octets/ })
  assert.throws(bad({ 'Auth-Session-State': 2 ** 31 }), RangeError)
  assert.throws(bad({ 'User-Name': 'x'.repeat(70_000) }), RangeError)
  assert.throws(bad({ 'Supported-Features': [{ 'Vendor-Id': 10415 }] }), { name: 'TypeError', message: /Supported-Features needs/ })
})

test('text beyond ASCII survives', () => {
  const message = decodeAs(airOf({ 'User-Name': '設備-1é' }), 'AIR')
  assert.equal(message.avps['User-Name'], '設備-1é')
})
