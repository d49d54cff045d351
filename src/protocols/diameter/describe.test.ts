import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromHex } from '#core/bytes.ts'
import { decode } from './codec.ts'
import { type AvpNode, describeMessage, messageName, withoutSecrets } from './describe.ts'
import { diameter } from './dict/all.ts'
import { readVectors } from './vectors/vector-file.ts'

const vectors = readVectors(diameter, readFileSync(new URL('vectors/s6a.txt', import.meta.url), 'utf8'))
const octetsOf = (command: string): Buffer => vectors.find((vector) => vector.message?.command === command)!.octets

function find(nodes: readonly AvpNode[], name: string): AvpNode | undefined {
  for (const node of nodes) {
    if (node.name === name) return node
    const inner = find(node.children ?? [], name)
    if (inner !== undefined) return inner
  }
  return undefined
}

test('a message is named as its specification abbreviates it', () => {
  assert.equal(messageName(diameter, octetsOf('ULR')), 'ULR')
  assert.equal(messageName(diameter, octetsOf('ULA')), 'ULA')
  const failed = Buffer.from(octetsOf('ULA'))
  failed[4]! |= 0x20
  assert.equal(messageName(diameter, failed), 'ULA (error)')
  failed.writeUIntBE(999, 5, 3)
  assert.equal(messageName(diameter, failed), 'answer 999 of application 16777251 (error)')
  assert.equal(messageName(diameter, Buffer.alloc(3)), 'not a Diameter message')
})

test('values are told in words where words exist', () => {
  const tree = describeMessage(diameter, octetsOf('ULR'))
  assert.equal(find(tree, 'RAT-Type')?.value, '1004 EUTRAN')
  assert.equal(find(tree, 'Visited-PLMN-Id')?.value, '999-99 (99f999)')
  assert.equal(find(tree, 'ULR-Flags')?.value, '34 (S6a-S6d-Indicator, Initial-Attach-Indicator)')
  assert.equal(find(tree, 'GMLC-Address')?.value, '192.0.2.10')
  assert.equal(find(tree, 'IMEI')?.value, '35693803564380')
  const answer = describeMessage(diameter, octetsOf('ULA'))
  assert.equal(find(answer, 'Result-Code')?.value, '2001 DIAMETER_SUCCESS')
  assert.equal(find(answer, 'Experimental-Result-Code')?.value, '5423 DIAMETER_ERROR_UNKNOWN_SERVING_NODE')
  assert.equal(find(answer, 'Expiration-Date')?.value, '2030-01-01T00:00:00.000Z')
})

test('a node tells where it stands', () => {
  const octets = octetsOf('AIR')
  const node = find(describeMessage(diameter, octets), 'Number-Of-Requested-Vectors')!
  assert.equal(octets.readUInt32BE(node.offset), 1410)
  assert.deepEqual([node.code, node.vendor, node.flags, node.type, node.length], [1410, 10415, 'VM-', 'Unsigned32', 16])
})

test('key material is not shown, and is wiped from octets that people see', () => {
  const octets = octetsOf('AIA')
  for (const name of ['KASME', 'XRES', 'Confidentiality-Key', 'Integrity-Key', 'SRES', 'Kc']) {
    assert.match(find(describeMessage(diameter, octets), name)!.value, /^\d+ octets, not shown$/, name)
  }
  const wiped = withoutSecrets(diameter, octets)
  const vector = octets.subarray(octets.indexOf('c0c1c2c3', 'hex'))
  assert.ok(vector.length > 32)
  assert.equal(wiped.includes(fromHex('c0c1c2c3')), false)
  assert.ok(wiped.includes(fromHex('00112233445566778899aabbccddeeff')), 'RAND goes over the air anyway')
  assert.equal(decode(diameter, wiped).command, 'AIA')
  assert.ok(octets.includes(fromHex('c0c1c2c3')), 'the given octets are left alone')
})

test('from a broken AVP on everything is wiped', () => {
  const octets = Buffer.from(octetsOf('AIA'))
  const at = octets.indexOf('00000586', 'hex')
  octets.writeUIntBE(0xffffff, at + 5, 3)
  assert.equal(withoutSecrets(diameter, octets).includes(fromHex('c0c1c2c3')), false)
})

test('a fault is marked in its node and the rest is still told', () => {
  const refused = readVectors(diameter, readFileSync(new URL('vectors/refused.txt', import.meta.url), 'utf8'))
  const faultsOf = (nodes: readonly AvpNode[]): string[] =>
    nodes.flatMap((node) => [...(node.fault === undefined ? [] : [node.fault]), ...faultsOf(node.children ?? [])])
  const told = (title: string) => faultsOf(describeMessage(diameter, refused.find((vector) => vector.title.startsWith(title))!.octets))
  assert.deepEqual(told('A User-Name that is not UTF-8'), ['no valid UTF8String'])
  assert.deepEqual(told('An Auth-Session-State of two octets'), ['2 octets, not 4'])
  assert.deepEqual(told('An AVP that claims more'), ['the header says 500 octets'])
  assert.deepEqual(told('Fewer octets than a header'), ['8 octets are no Diameter header'])
  assert.deepEqual(told('A group whose member is longer'), ['the header says 64 octets'])
  assert.deepEqual(told('A header that says more'), ['the header says 156 octets, 152 came'])
})

test('long octets are cut for people', () => {
  const octets = Buffer.concat([octetsOf('DSA').subarray(0, 20), fromHex(`0000270f 00000208 ${'ab'.repeat(512)}`)])
  assert.match(describeMessage(diameter, octets)[0]!.value, /^(ab){128}\.\.\. \(512 octets\)$/)
})
