import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Partner, PeerRow } from './partner.ts'
import { createPartnerIndex, isPartnerValid, isWaived } from './partner-index.ts'

const partner = (id: string, rest: Partial<Partner>): Partner => ({
  id,
  name: id,
  plmns: [],
  realms: [],
  hosts: [],
  addresses: [],
  location: null,
  via: [],
  topologyHiding: false,
  agreedRate: 1,
  validFrom: 0,
  validUntil: null,
  source: 'test',
  confirmedAt: 0,
  waivers: [],
  equivalentPlmns: [],
  ...rest,
})

const peer = (id: string, realms: readonly string[]): PeerRow => ({
  id,
  identity: `${id}.Example`,
  realm: 'example',
  role: 'agent',
  linkClass: 'ipx',
  transport: 'tcp',
  realms,
  connectTo: null,
  enabled: true,
})

const a = partner('a', {
  plmns: ['001-01', '001-001'],
  realms: ['EPC.mnc001.mcc001.3gppnetwork.org'],
  via: ['hub'],
  equivalentPlmns: ['001-02'],
})
const b = partner('b', { plmns: ['001-02'], realms: ['b.example', 'shared.example'], via: ['hub'], waivers: ['m-bits'] })
const c = partner('c', { plmns: ['001-03'], realms: ['c.example', 'shared.example'] })
const index = createPartnerIndex([a, b, c], [peer('hub', []), peer('direct', ['C.example'])], ['999-70', '999-701'])

test('realms compare without regard to case; a relay speaks for those whose traffic it carries, and for nobody else', () => {
  assert.deepEqual(index.realmsOf('hub'), ['epc.mnc001.mcc001.3gppnetwork.org', 'b.example', 'shared.example'])
  assert.deepEqual(index.partnersSpeaking('hub', 'epc.MNC001.mcc001.3gppnetwork.org'), [a])
  assert.deepEqual(index.partnersSpeaking('hub', 'c.example'), [])
  assert.deepEqual(index.partnersSpeaking('hub', 'shared.example'), [b], 'c shares the realm but not the relay')
  assert.deepEqual(index.partnersOf('direct'), [c])
  assert.deepEqual(index.partnersSpeaking('stranger', 'c.example'), [])
  assert.equal(index.peerByIdentity('HUB.example')?.id, 'hub')
})

test('a PLMN keeps its MNC length; an IMSI is split by the longest one known', () => {
  assert.deepEqual(index.partnersOfPlmn('001-01'), [a])
  assert.deepEqual(index.partnersOfPlmn('001-010'), [])
  assert.equal(index.plmnOfImsi('001011234567890'), '001-01')
  assert.equal(index.plmnOfImsi('001001234567890'), '001-001')
  assert.equal(index.plmnOfImsi('999701234567890'), '999-701')
  assert.equal(index.plmnOfImsi('999700234567890'), '999-70')
  assert.equal(index.plmnOfImsi('262011234567890'), undefined)
})

test('equivalence reaches both ways', () => {
  assert.deepEqual(index.partnersOfPlmn('001-02'), [a, b])
  assert.ok(index.groupOf('a').has('001-02'))
  assert.ok(index.groupOf('b').has('001-01'))
  assert.ok(!index.groupOf('c').has('001-01'))
  assert.equal(index.groupOf('nobody').size, 0)
})

test('validity is from, until', () => {
  assert.equal(isPartnerValid({ validFrom: 10, validUntil: 20 }, 10), true)
  assert.equal(isPartnerValid({ validFrom: 10, validUntil: 20 }, 20), false)
  assert.equal(isPartnerValid({ validFrom: 10, validUntil: null }, 9), false)
})

test('a waiver holds only where all possible senders have it', () => {
  assert.equal(isWaived([b], 'm-bits'), true)
  assert.equal(isWaived([b, c], 'm-bits'), false)
  assert.equal(isWaived([], 'm-bits'), false)
})
