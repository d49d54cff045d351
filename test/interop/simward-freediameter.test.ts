import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { seedWorld } from '#cli/world/seed.ts'
import { systemClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { subscriberChannel } from '#platform/announcement.ts'
import { generateSims } from '#sim/cards.ts'
import { attachAt, notifyAt, purgeAt } from '#sim/encounter.ts'
import { startRelay } from '#sim/freediameter.ts'
import { air, resultOf } from '#sim/messages.ts'
import { Mme } from '#sim/mme.ts'
import { createSocketWorld } from '#sim/sockets.ts'
import { ask } from '#sim/transport.ts'
import { subjectOf } from '#sim/visited.ts'
import { home, type NetworkId, network, peerRow, type SimPeerRow } from '#sim/world.ts'
import { startSignalling } from '../simward.ts'
import { withoutFreeDiameter } from './freediameter.ts'

const sims = 200
const seed = 1

/** An MME of the network, freeDiameter in the name of the agent that the partner lists in `via`, and Simward. */
async function roaming(t: TestContext, id: NetworkId) {
  const row = network(id)
  const agent = peerRow(row.via[0])
  const [{ host, vendor }] = row.mmes
  const isTls = agent.transport === 'tls'
  const stack = new AsyncDisposableStack()
  t.after(() => stack.disposeAsync())
  const signalling = stack.use(await startSignalling({ prepare: (db, vault) => seedWorld(db, vault, { sims, seed, now: Date.now() }) }))
  const { at, authority } = signalling
  const issue = (name: string) => authority.issue({ commonName: name, dnsNames: [name] })
  const relay = await startRelay({
    identity: agent.identity,
    realm: agent.realm,
    credentials: issue(agent.identity),
    clock: systemClock,
    peers: [
      { identity: home.hssHost, tls: isTls, connectTo: { host: at.host, port: isTls ? at.tlsPort : at.port } },
      { identity: host, tls: isTls },
    ],
  })
  stack.defer(() => relay.stop())
  await relay.untilOpen(home.hssHost)
  const own: SimPeerRow = { ...agent, id: host, identity: host, realm: row.realm, role: 'node' }
  const world = createSocketWorld({
    clock: systemClock,
    target: { host: relay.host, port: relay.port, tlsPort: relay.tlsPort },
    neighbour: { identity: agent.identity, realm: agent.realm },
    peers: [own],
    tls: { [host]: issue(host) },
  })
  // Both neighbours first: then the relay has nobody to wait for when it ends.
  stack.defer(async () => {
    await world.close()
    await signalling[Symbol.asyncDispose]()
  })
  await world.ready(15_000)
  await relay.untilOpen(host)
  const mme = new Mme({
    host,
    realm: row.realm,
    plmn: row.plmns[0],
    kind: 'plain',
    vendor,
    clock: systemClock,
    random: seededRandom(seed),
    transport: world.transportOf(host),
    destinationRealm: home.realm,
  })
  return { ...signalling, agent, mme, subscribers: generateSims(sims, seed).filter((sim) => sim.networkId === id) }
}

for (const id of ['dorvik', 'castrel'] as const) {
  test(`a device attaches through freeDiameter, the agent of ${id}, over ${id === 'castrel' ? 'TLS' : 'TCP'}`, {
    skip: withoutFreeDiameter,
  }, async (t) => {
    const { simward, mme, agent, subscribers, signals } = await roaming(t, id)
    const link = simward.ports.links?.links().find((each) => each.peerId === agent.id)
    assert.deepEqual([link?.up, link?.tls !== null], [true, id === 'castrel'])
    for (const sim of subscribers) assert.deepEqual(await attachAt(mme, subjectOf(sim)), { accepted: true }, sim.imsi)
    assert.equal(mme.counters.badVectors, 0)
    const [first, second] = subscribers
    assert.ok(first !== undefined && second !== undefined)
    assert.equal((await notifyAt(mme, { imsi: first.imsi })).ok, true)
    assert.equal((await purgeAt(mme, first.imsi)).ok, true)
    for (const { imsi, partnerId, peerId, action, alert } of signals) {
      assert.deepEqual([peerId, action, alert], [agent.id, 'allow', false], imsi ?? '')
      assert.ok(partnerId !== null)
    }
    // The way back: through the agent too, to a node that it alone knows.
    const left = new Promise<void>((resolve) => {
      const look = (): void => void (mme.contexts.has(second.imsi) ? setImmediate(look) : resolve())
      look()
    })
    await simward.db.query(`UPDATE subscription SET intended = 'retired' WHERE imsi = $1`, [second.imsi])
    await simward.db.notify(subscriberChannel, second.imsi)
    await left
    assert.deepEqual(
      mme.received.map(({ command, originHost }) => [command, originHost]),
      [['CLR', home.hssHost]],
    )
  })
}

test('what freeDiameter passes on in the name of a network that is not behind it is refused', { skip: withoutFreeDiameter }, async (t) => {
  const { mme, subscribers, signals } = await roaming(t, 'dorvik')
  const [sim] = subscribers
  assert.ok(sim !== undefined)
  const aurelia = network('aurelia')
  const [{ host }] = aurelia.mmes
  const forged = { ...mme.origin(), host, realm: aurelia.realm, session: () => `${host};1;1` }
  const reply = await ask(mme.transport, air(forged, { imsi: sim.imsi, plmn: aurelia.plmns[0] }))
  assert.ok(reply.ok)
  assert.deepEqual(resultOf(reply.answer), { code: 5012, experimental: false })
  assert.equal(signals.at(-1)?.ruleId, 's6a-realm-not-of-peer')
  assert.deepEqual(await attachAt(mme, subjectOf(sim)), { accepted: true }, 'its own network is served')
})
