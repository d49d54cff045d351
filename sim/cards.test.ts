import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateSim, generateSims } from './cards.ts'
import { networkRows, peers, profiles, providers } from './world.ts'

test('the same seed gives the same SIMs, and a longer list starts with the shorter', () => {
  const few = generateSims(50, 7)
  assert.deepEqual(generateSims(60, 7).slice(0, 50), few)
  assert.notDeepEqual(generateSim(3, 8).k, few[3]?.k)
})

test('identities are fictional, well formed and unique', () => {
  const sims = generateSims(2_000, 1)
  assert.equal(new Set(sims.map((sim) => sim.imsi)).size, 2_000)
  for (const sim of sims) {
    assert.match(sim.imsi, /^99970\d{10}$/)
    assert.match(sim.iccid, /^899997\d{13}$/)
    assert.match(sim.eid, /^\d{32}$/)
    assert.match(sim.msisdn, /^\+999\d{12}$/)
    assert.match(sim.imei, /^00101\d{9}$/)
    assert.equal(sim.opc.length, sim.algorithm === 'TUAK' ? 32 : 16)
  }
})

test('a tenth is critical, two subscriptions share one card now and then, and every class has TUAK cards', () => {
  const sims = generateSims(1_000, 1)
  assert.equal(sims.filter((sim) => sim.class === 'critical').length, 100)
  assert.equal(sims.filter((sim) => sim.class === 'deferrable').length, 500)
  assert.equal(new Set(sims.map((sim) => sim.iccid)).size, 998)
  assert.equal(sims[499]?.providerId, sims[498]?.providerId)
  const tuak = sims.filter((sim) => sim.algorithm === 'TUAK')
  assert.deepEqual(new Set(tuak.map((sim) => sim.class)), new Set(['critical', 'standard', 'deferrable']))
})

test('the world is whole: every peer that carries a network exists, every provider has its profile', () => {
  for (const row of networkRows)
    for (const id of row.via)
      assert.ok(
        peers.some((peer) => peer.id === id),
        `${row.id} via ${id}`,
      )
  for (const row of providers) assert.ok(profiles.some((profile) => profile.id === row.profileId && profile.providerId === row.id))
  const identities = peers.map((peer) => peer.identity.toLowerCase())
  assert.equal(new Set(identities).size, identities.length)
})
