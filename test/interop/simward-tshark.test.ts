import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { idOf } from '#cli/world/rows.ts'
import { systemClock } from '#core/clock.ts'
import { subscriberChannel } from '#platform/announcement.ts'
import { encode, type Message, peekHeader } from '#protocols/diameter/codec.ts'
import { describeMessage } from '#protocols/diameter/describe.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { attachAt, notifyAt, purgeAt } from '#sim/encounter.ts'
import { air, nor, type Origin, resultOf, ulr, ulrFlags } from '#sim/messages.ts'
import type { Mme } from '#sim/mme.ts'
import { connectRawPeer, type RawPeer } from '#sim/raw-peer.ts'
import type { Actor } from '#sim/subjects.ts'
import { ask } from '#sim/transport.ts'
import { home, network, peerRow, sparePeerId } from '#sim/world.ts'
import { toJson } from '#store/db.ts'
import { type SignallingWorld, startSignallingWorld } from '../simward.ts'
import { Ear } from './ear.ts'
import { dissect, type PdmlField, withoutTshark } from './tshark.ts'

/** A live run of Simward, overheard on the wire: whatever it says, Wireshark's dissector must read without a complaint. */

const commands: Readonly<Record<number, string>> = {
  257: 'CE',
  280: 'DW',
  282: 'DP',
  316: 'UL',
  317: 'CL',
  318: 'AI',
  319: 'ID',
  320: 'DS',
  321: 'PU',
  323: 'NO',
}

/** "CLR", "ULA 2001", "AIA e4181": what a message is, and for an answer what it says. */
function titleOf(octets: Buffer): string {
  const { code, request } = peekHeader(octets)
  const name = `${commands[code] ?? `${code} `}${request ? 'R' : 'A'}`
  if (request) return name
  const nodes = describeMessage(diameter, octets)
  const plain = nodes.find((node) => node.name === 'Result-Code')
  const experimental = nodes
    .find((node) => node.name === 'Experimental-Result')
    ?.children?.find((node) => node.name === 'Experimental-Result-Code')
  const digits = /\d+/.exec((plain ?? experimental)?.value ?? '')?.[0]
  return `${name} ${plain === undefined ? 'e' : ''}${digits}`
}

/**
 * Expert notes, and whatever the dissector could not read. It also notes each AVP without data; as the example of a missing
 * AVP in Failed-AVP that is right: of minimum length, which for a User-Name is none (RFC 6733 §7.5).
 */
function complaints(field: PdmlField, isExample = false): string[] {
  const within = isExample || (field.name === 'diameter.avp' && field.showname.includes('Failed-AVP'))
  const own = field.name === '_ws.expert.message' || field.name === '_ws.malformed' ? [field.show || field.showname] : []
  return [...own.filter((text) => !(isExample && text === 'Data is empty')), ...field.fields.flatMap((each) => complaints(each, within))]
}

const estrel = network('estrel')

describe('tshark reads what a running Simward says', { skip: withoutTshark() }, () => {
  const ear = new Ear()
  let world: SignallingWorld
  let line: RawPeer
  let sessions = 0

  before(async () => {
    world = await startSignallingWorld({
      sims: 600,
      // Little enough for some hundred requests to be an overload.
      config: { capacity: 30 },
      target: async (at) => {
        await ear.listen(at)
        return { ...ear.at, tlsPort: at.tlsPort }
      },
    })
    line = await openLine(peerRow(sparePeerId).identity)
    const cea = await line.open()
    assert.ok(cea !== null && resultOf(cea).code === 2001)
  })

  after(async () => {
    line?.close()
    await world?.[Symbol.asyncDispose]()
    ear.close()
  })

  function openLine(identity: string): Promise<RawPeer> {
    return connectRawPeer({ ...ear.at, identity, realm: estrel.realm, clock: systemClock })
  }

  /** The line's own origin; Estrel's node of that name. */
  function origin(over: Partial<Origin> = {}): Origin {
    const { identity: host, realm } = peerRow(sparePeerId)
    return { host, realm, destinationRealm: home.realm, session: () => `${host};7;${++sessions}`, ...over }
  }

  /** Sends, and expects an answer of that title. */
  async function provoke(title: string, request: Message | Buffer): Promise<void> {
    const from = ear.heard.length
    if (Buffer.isBuffer(request)) {
      line.send(request)
      assert.ok((await line.next(() => true)) !== null, title)
    } else assert.ok((await line.ask(request)) !== null, title)
    assert.deepEqual(ear.heard.slice(from).map(titleOf), [title])
  }

  async function attached(wanted: Parameters<SignallingWorld['subjects']['take']>[0]): Promise<Actor> {
    const actor = world.subjects.take(wanted)
    assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
    return actor
  }

  /** Resolves when the MME has been sent these commands about the device, in this order. */
  async function mustReceive(mme: Mme, imsi: string, wanted: readonly string[]): Promise<void> {
    const seen = () => mme.received.filter((each) => each.imsi === imsi).map((each) => each.command)
    while (seen().length < wanted.length) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(seen(), wanted)
  }

  async function setSubscription(imsi: string, sql: string, params: readonly unknown[]): Promise<void> {
    await world.simward.db.query(sql, [imsi, ...params])
    await world.simward.db.notify(subscriberChannel, imsi)
  }

  test('links: capabilities, refused and not, and watchdogs', async () => {
    const from = ear.heard.length
    const stranger = await openLine('stranger.example')
    await stranger.open()
    stranger.close()
    assert.ok(await line.isAlive())
    assert.deepEqual(ear.heard.slice(from).map(titleOf), ['CEA 3010', 'DWA 2001'])
  })

  test('answers to AIR, ULR, PUR and NOR of every class, over agents too', async () => {
    for (const wanted of [
      { class: 'critical', network: 'aurelia' },
      { class: 'standard', network: 'brenn' },
      { class: 'deferrable', network: 'dorvik' },
    ] as const) {
      const { subject, mme } = await attached(wanted)
      assert.ok((await notifyAt(mme, { imsi: subject.imsi, imei: subject.imei, softwareVersion: '02' })).ok)
      assert.ok((await purgeAt(mme, subject.imsi)).ok)
    }
    const tuak = world.sims.find((sim) => sim.algorithm === 'TUAK' && sim.networkId === 'fennmark')
    assert.ok(tuak !== undefined)
    const [mme] = world.visited.of('fennmark')
    assert.ok((await ask(mme.transport, air(mme.origin(), { imsi: tuak.imsi, plmn: mme.plmn, vectors: 5 }))).ok)
  })

  test('what a changed subscription brings: IDR with everything, DSR, IDR with barring, CLR', async () => {
    const { subject, mme, sim } = await attached({ class: 'standard', network: 'fennmark' })
    const { imsi } = subject
    const profileId = idOf('profile', sim.profileId)
    const { rows } = await world.simward.db.query<{ body: { apns: object[] } }>('SELECT body FROM service_profile WHERE id = $1', [
      profileId,
    ])
    const body = rows[0]?.body
    assert.ok(body !== undefined)
    const setProfile = async (more: object): Promise<void> => {
      const sql = 'UPDATE service_profile SET body = $2 WHERE id = $1'
      await world.simward.db.query(sql, [profileId, toJson({ ...body, ...more })])
      await world.simward.db.notify(subscriberChannel, imsi)
    }
    const apns = [
      ...body.apns,
      { ...body.apns[0], name: 'local.wayfold.iot', pdn: 'IPv4v6', localBreakout: true },
      { ...body.apns[0], name: 'nidd.wayfold.iot', pdn: 'Non-IP' },
    ]
    await setProfile({ apns, voice: true, sms: true, periodicTauSeconds: 3_600 })
    await mustReceive(mme, imsi, ['IDR'])
    await setProfile({})
    await mustReceive(mme, imsi, ['IDR', 'DSR', 'IDR'])
    await setSubscription(imsi, `UPDATE subscription SET intended = 'suspended' WHERE imsi = $1`, [])
    await mustReceive(mme, imsi, ['IDR', 'DSR', 'IDR', 'IDR'])
    await setSubscription(imsi, `UPDATE subscription SET intended = 'retired' WHERE imsi = $1`, [])
    await mustReceive(mme, imsi, ['IDR', 'DSR', 'IDR', 'IDR', 'CLR'])
  })

  test('CLR to the former node, and IDR that asks it where the device is', async () => {
    const { subject, mme } = await attached({ class: 'critical', network: 'aurelia' })
    const [elsewhere] = world.visited.of('brenn')
    assert.deepEqual(await attachAt(elsewhere, subject), { accepted: true })
    await mustReceive(mme, subject.imsi, ['CLR'])
    // No vectors were given to Fennmark: the node of record is asked first.
    const [third] = world.visited.of('fennmark')
    const reply = await ask(third.transport, ulr(third.origin(), { imsi: subject.imsi, plmn: third.plmn, flags: 0 }))
    assert.ok(reply.ok)
    await mustReceive(elsewhere, subject.imsi, ['IDR'])
  })

  test('refusals by the link and by the codec, with and without the E bit and Failed-AVP', async () => {
    const imsi = world.sims[0]?.imsi ?? ''
    const good = air(origin(), { imsi, plmn: '001-05' })
    const octets = encode(diameter, { ...good, hopByHop: 4_000_000_001, endToEnd: 1 })
    const changed = (change: (octets: Buffer) => void): Buffer => {
      const copy = Buffer.from(octets)
      change(copy)
      return copy
    }
    const avpAt = (code: number): number => octets.indexOf(Buffer.from([0, 0, code >> 8, code & 0xff, 0x40]))
    await provoke('AIA 3002', air(origin({ destinationHost: 'other.example' }), { imsi, plmn: '001-05' }))
    await provoke('AIA 3003', air(origin({ destinationRealm: 'other.example' }), { imsi, plmn: '001-05' }))
    await provoke('AIA 3005', air(origin({ routeRecord: [home.hssHost] }), { imsi, plmn: '001-05' }))
    await provoke(
      'AIA 3007',
      changed((copy) => copy.writeUInt32BE(16_777_238, 8)),
    )
    await provoke(
      'AIA 3008',
      changed((copy) => copy.writeUInt8(0xe0, 4)),
    )
    // User-Name becomes something unknown and not mandatory: it is missing then.
    await provoke(
      'AIA 5005',
      changed((copy) => copy.writeUInt32BE(60_000, avpAt(1)) && copy.writeUInt8(0, avpAt(1) + 4)),
    )
    await provoke('AIA 5009', { ...good, others: [{ code: 1, vendor: 0, flags: 0x40, data: Buffer.from(imsi) }] })
    // Auth-Session-State of three octets.
    await provoke(
      'AIA 5014',
      changed((copy) => copy.writeUIntBE(11, avpAt(277) + 5, 3)),
    )
  })

  test('refusals by the guard: soft, experimental, sticky ones only where they are due', async () => {
    const at = (id: 'aurelia' | 'estrel', n = 0) => world.sims.filter((sim) => sim.networkId === id)[n]?.imsi ?? ''
    const plmn = estrel.plmns[0]
    await provoke('AIA 5012', air(origin(), { imsi: at('aurelia'), plmn: '001-01' }))
    await provoke('AIA e5001', air(origin(), { imsi: '999709999999999', plmn }))
    await provoke('AIA e4181', air(origin(), { imsi: at('estrel'), plmn, access: 'UTRAN' }))
    await provoke('ULA 5012', ulr(origin(), { imsi: at('estrel'), plmn, flags: ulrFlags.initialAttach }))
    await provoke('NOA e5423', nor(origin(), { imsi: at('estrel') }))
    await provoke('AIA 5012', {
      ...air(origin(), { imsi: at('estrel'), plmn }),
      others: [{ code: 60_000, vendor: 0, flags: 0x40, data: Buffer.alloc(4) }],
    })
    await world.simward.db.query(`UPDATE subscription SET intended = 'retired' WHERE imsi = $1`, [at('estrel', 1)])
    await provoke('AIA e5420', air(origin(), { imsi: at('estrel', 1), plmn }))
  })

  test('overload reports, for hosts and for the realm', async () => {
    const crowd = world.sims.filter((sim) => sim.networkId === 'brenn' && sim.class !== 'critical').slice(0, 100)
    const [mme] = world.visited.of('brenn')
    const reports = new Set<number>()
    const options = { plmn: mme.plmn, doic: true }
    for (const destinationHost of [undefined, home.hssHost]) {
      const replies = await Promise.all(
        crowd.map(({ imsi }) => ask(mme.transport, air(mme.origin({ destinationHost }), { imsi, ...options }))),
      )
      for (const reply of replies) {
        const report = reply.ok && reply.answer.command === 'AIA' ? reply.answer.avps['OC-OLR'] : undefined
        if (report !== undefined) reports.add(report['OC-Report-Type'])
      }
    }
    assert.deepEqual(reports, new Set([0, 1]))
  })

  test('nothing of all this is strange to tshark', async (t) => {
    await world.sockets.close()
    const titles = Map.groupBy(ear.heard, titleOf)
    t.diagnostic([...titles].map(([title, messages]) => `${messages.length} ${title}`).join(', '))
    for (const wanted of ['CEA 2001', 'DWA 2001', 'DPA 2001', 'AIA 2001', 'ULA 2001', 'PUA 2001', 'NOA 2001', 'CLR', 'IDR', 'DSR']) {
      assert.ok(titles.has(wanted), wanted)
    }
    const trees = await dissect(ear.heard, 'diameter')
    assert.equal(trees.length, ear.heard.length)
    for (const [i, tree] of trees.entries()) {
      const octets = ear.heard[i] as Buffer
      assert.ok(tree !== undefined, titleOf(octets))
      assert.equal(tree.size, octets.length, titleOf(octets))
      assert.deepEqual(complaints(tree), [], `${titleOf(octets)} ${octets.toString('hex')}`)
    }
  })
})
