import { epcRealm } from '#core/bcd.ts'
import type { AttackRow } from '../attack.ts'
import { air, pur, ulr, ulrFlags } from '../messages.ts'
import { connectRawPeer } from '../raw-peer.ts'
import { home, network } from '../world.ts'

/** The attacker says it is somebody else. */

const aurelia = network('aurelia')
const estrel = network('estrel')

export const identityAttacks: readonly AttackRow[] = [
  {
    name: 'forged-ulr',
    title: 'Forged location update',
    claims: 'Estrel claimed to be Aurelia',
    trustingHss: 'moved the registration to Estrel, handed over the profile and cut the device off at Aurelia',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-network-not-of-partner'],
    async run(stage) {
      const { subject } = await stage.victim()
      // A vector for its own network is what any partner may ask for. With it the update is in sequence, and the only lie is
      // the network that it names.
      await stage.sendInOrder(air(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0] }))
      await stage.send(ulr(stage.attacker(), { imsi: subject.imsi, plmn: aurelia.plmns[0], flags: ulrFlags.initialAttach }))
    },
  },
  {
    name: 'forged-realm',
    title: 'Keys for a forged realm',
    claims: 'Estrel sent a message in the name of an MME of Aurelia',
    trustingHss: 'given it a vector with which to pose as our network towards the device',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-realm-not-of-peer'],
    async run(stage) {
      const { subject } = await stage.victim()
      const origin = stage.attacker({ host: aurelia.mmes[0].host, realm: aurelia.realm })
      await stage.send(air(origin, { imsi: subject.imsi, plmn: aurelia.plmns[0] }))
    },
  },
  {
    name: 'forged-host',
    title: 'Host of one network, realm of another',
    claims: 'Estrel named an MME of Aurelia under its own realm',
    trustingHss: 'given it a vector, and written down Aurelia as the one who asked',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-host-not-under-realm'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker({ host: aurelia.mmes[0].host }), { imsi: subject.imsi, plmn: estrel.plmns[0] }))
    },
  },
  {
    name: 'foreign-visited-network',
    title: 'Keys for another network',
    claims: 'Estrel asked for keys of a device as if it were on the radio of Aurelia',
    trustingHss: 'given it a vector whose KASME is good in Aurelia: a false base station there would pass',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-network-not-of-partner'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: aurelia.plmns[0] }))
    },
  },
  {
    name: 'own-realm',
    title: 'Our own realm from outside',
    claims: 'Estrel claimed to be one of our own nodes',
    trustingHss: 'treated it as a node of the home network and given it a vector',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-own-identity', 's6a-realm-not-of-peer'],
    async run(stage) {
      const { subject } = await stage.victim()
      const origin = stage.attacker({ host: `mme1.${home.realm}`, realm: home.realm })
      await stage.send(air(origin, { imsi: subject.imsi, plmn: estrel.plmns[0] }))
    },
  },
  {
    name: 'own-route-record',
    title: 'A route through ourselves',
    claims: 'Estrel claimed that its message had already passed our HSS',
    trustingHss: 'taken the trail for genuine and given it a vector',
    clp14: '5.6.1-06',
    // A Diameter node sees the loop before any rule does (RFC 6733 §6.1.3).
    expectedRules: ['s6a-own-identity', 'protocol'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker({ routeRecord: [home.hssHost] }), { imsi: subject.imsi, plmn: estrel.plmns[0] }))
    },
  },
  {
    name: 'destination-is-origin',
    title: 'Addressed to itself',
    claims: 'Estrel addressed a message to its own realm and sent it to us',
    trustingHss: 'answered it all the same: such messages slip through filters that look at one realm only',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-destination-is-origin', 'protocol'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker({ destinationRealm: estrel.realm }), { imsi: subject.imsi, plmn: estrel.plmns[0] }))
    },
  },
  {
    name: 'neighbour-name',
    title: 'A node in the name of its neighbour',
    claims: 'One MME of Aurelia sent a purge in the name of another',
    trustingHss: 'marked the device as gone: no message or call would reach it',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-node-speaks-for-another'],
    async run(stage) {
      const { subject, mme } = await stage.victim()
      const own = stage.context.visited.of('aurelia').find((each) => each !== mme) ?? mme
      await stage.send(pur(mme.origin(), subject.imsi), own.transport.peerId)
    },
  },
  {
    name: 'imsi-not-ours',
    title: 'A subscriber of somebody else',
    claims: 'Estrel asked us for the keys of a subscriber of Aurelia',
    trustingHss: 'looked it up: a probe for what else the database holds',
    clp14: '5.6-04',
    expectedRules: ['s6a-imsi-not-ours'],
    async run(stage) {
      await stage.send(air(stage.attacker(), { imsi: '001010000000001', plmn: estrel.plmns[0] }))
    },
  },
  {
    name: 'unlisted-peer',
    title: 'A stranger connects',
    claims: 'A node of a network without an agreement opened a connection',
    trustingHss: 'accepted the connection and given it a vector for the asking',
    clp14: '3.2-02',
    expectedRules: ['s6a-unknown-peer'],
    needsSocket: true,
    async run(stage) {
      const { subject } = await stage.victim()
      const realm = epcRealm('001-99')
      const peer = await connectRawPeer({ ...stage.rawTarget, identity: `mme1.${realm}`, realm })
      const opened = await peer.open()
      if (opened !== null) stage.countHarmless(opened)
      const origin = stage.attacker({ host: `mme1.${realm}`, realm })
      const answer = await peer.ask(air(origin, { imsi: subject.imsi, plmn: '001-99' }), 1_000)
      if (answer !== null) stage.count(answer)
      stage.note(peer.isClosed ? 'the connection was closed' : 'the connection stayed open')
      if (!peer.isClosed && answer !== null) stage.harm('a stranger was answered')
      peer.close()
    },
  },
]
