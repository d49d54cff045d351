import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { batchRows, idOf, profileRows, providerRows } from '#cli/world/rows.ts'
import type { Plmn } from '#core/bcd.ts'
import { systemClock } from '#core/clock.ts'
import { sealKeys } from '#crypto/credentials.ts'
import { keyCheckValue, type Vault } from '#crypto/vault.ts'
import type { Partner, PartnerWaiver, PeerRow } from '#domain/partner.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { readVectors } from '#protocols/diameter/vectors/vector-file.ts'
import { resultOf } from '#sim/messages.ts'
import { connectRawPeer, type RawPeer } from '#sim/raw-peer.ts'
import { type Db, toJson } from '#store/db.ts'
import { type Signalling, startSignalling } from '../simward.ts'

/**
 * S6a requests that the Magma project recorded (vectors/recorded.txt says from where), replayed octet by octet. Their MME
 * calls itself "string" in a realm "string" and numbers its sessions in 64 bits: a partner for whom waivers are made.
 */

interface Recorded {
  capture: string
  octets: Buffer
  command: string
  imsi: string
}

const recorded: readonly Recorded[] = readVectors(
  diameter,
  readFileSync(new URL('../../src/protocols/diameter/vectors/recorded.txt', import.meta.url), 'utf8'),
).flatMap(({ title, octets, message }) => {
  if (message?.command !== 'AIR' && message?.command !== 'ULR' && message?.command !== 'PUR') return []
  const [, capture = ''] = /of (\w+)_\d{6}_\d{6}/.exec(title) ?? []
  return [{ capture, octets, command: message.command, imsi: message.avps['User-Name'] }]
})

const all = ['host-format', 'realm-format', 'session-id-format', 'm-bits'] as const satisfies readonly PartnerWaiver[]
const ruleOf = (waiver: PartnerWaiver): string => `s6a-${waiver}`
/** The recorded messages break these three; none carries an unknown AVP with the M bit. */
const broken = all.slice(0, 3)

const partnerId = randomUUID()
const peer: PeerRow = {
  id: 'magma',
  identity: 'string',
  realm: 'string',
  role: 'node',
  linkClass: 'ipx',
  transport: 'tcp',
  realms: [],
  connectTo: null,
  enabled: true,
}

function partner(waivers: readonly PartnerWaiver[]): Partner {
  return {
    id: partnerId,
    name: 'Magma',
    plmns: ['001-01'],
    realms: ['string'],
    hosts: [],
    addresses: [],
    location: null,
    via: [peer.id],
    topologyHiding: false,
    agreedRate: 50,
    validFrom: 0,
    validUntil: null,
    source: 'recorded',
    confirmedAt: 0,
    waivers,
    equivalentPlmns: [],
  }
}

/** A provider with one SIM, and the peer and partner that the captures need. */
async function prepare(db: Db, vault: Vault, imsi: string, homePlmn: Plmn): Promise<void> {
  const [provider] = providerRows(0)
  const [batch] = batchRows(Number.MAX_SAFE_INTEGER)
  const [profile] = profileRows()
  assert.ok(provider !== undefined && batch !== undefined && profile !== undefined)
  const [card, subscription] = [idOf('card', imsi), idOf('subscription', imsi)]
  await db.transaction(async (tx) => {
    await tx.query('INSERT INTO provider (id, name) VALUES ($1, $2)', [provider.id, provider.name])
    await tx.query('INSERT INTO card_batch (id, supplier, parameters) VALUES ($1, $2, $3)', [
      batch.id,
      batch.supplier,
      toJson(batch.parameters),
    ])
    await tx.query('INSERT INTO service_profile (id, provider_id, name, body) VALUES ($1, $2, $3, $4)', [
      profile.id,
      provider.id,
      profile.name,
      toJson({ ...profile, providerId: provider.id }),
    ])
    await tx.query(`INSERT INTO card (id, provider_id, iccid, form_factor, use, batch_id) VALUES ($1, $2, $3, 'MFF2', 'iot', $4)`, [
      card,
      provider.id,
      `8999${imsi}`,
      batch.id,
    ])
    await tx.query(
      `INSERT INTO subscription (id, provider_id, card_id, imsi, home_plmn, intended, profile_id, batch_id)
       VALUES ($1, $2, $3, $4, $5, 'active', $6, $7)`,
      [subscription, provider.id, card, imsi, homePlmn, profile.id, batch.id],
    )
    const keys = { k: Buffer.alloc(16, 1), opc: Buffer.alloc(16, 2) }
    await tx.query('INSERT INTO auc (imsi, sealed_k, kcv) VALUES ($1, $2, $3)', [imsi, sealKeys(vault, imsi, keys), keyCheckValue(keys.k)])
    await tx.query('INSERT INTO partner (id, name, body) VALUES ($1, $2, $3)', [partnerId, 'Magma', toJson(partner([]))])
    await tx.query('INSERT INTO peer (id, identity, body, enabled) VALUES ($1, $2, $3, true)', [peer.id, peer.identity, toJson(peer)])
  })
}

/** Another process changed the partner; resolves when this one works by it. */
async function setWaivers({ simward }: Signalling, waivers: readonly PartnerWaiver[]): Promise<void> {
  const { network } = simward.ports
  assert.ok(network !== undefined)
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = network.onChange(() => {
    if (String(network.partners()[0]?.waivers) === String(waivers)) resolve()
  })
  await simward.db.query('UPDATE partner SET body = $2 WHERE id = $1', [partnerId, toJson(partner(waivers))])
  await simward.db.notify('network_changed', partnerId)
  await promise
  stop()
}

async function connectAs(signalling: Signalling, identity: string): Promise<RawPeer> {
  return connectRawPeer({ ...signalling.at, identity, realm: 'string', clock: systemClock })
}

/** Sends the octets as they were recorded; gives the answer's result and what the guard made of it. */
async function replay(signalling: Signalling, line: RawPeer, { octets, command, imsi }: Recorded) {
  const from = signalling.signals.length
  const hopByHop = octets.readUInt32BE(12)
  line.send(octets)
  const answer = await line.next((message) => !message.request && message.hopByHop === hopByHop)
  assert.ok(answer !== null, 'no answer came')
  assert.equal(answer.command, `${command.slice(0, -1)}A`)
  const event = signalling.signals.slice(from).find((each) => each.operation === command && each.imsi === imsi)
  assert.ok(event !== undefined)
  return { answer, result: resultOf(answer), event }
}

const homes: readonly { plmn: Plmn; imsi: string }[] = [
  { plmn: '001-02', imsi: '001020000000064' },
  { plmn: '999-99', imsi: '999991234567810' },
]

test('the captures hold what is replayed here', () => {
  assert.deepEqual(
    recorded.map(({ capture, command }) => `${capture} ${command}`),
    ['magma_inbound_roaming_01', 'magma_inbound_roaming_05', 'magma_gx_gy_combined_03'].flatMap((capture) =>
      ['AIR', 'ULR', 'PUR'].map((command) => `${capture} ${command}`),
    ),
  )
  assert.deepEqual(new Set(recorded.map(({ imsi }) => imsi)), new Set(homes.map(({ imsi }) => imsi)))
})

for (const { plmn, imsi } of homes) {
  describe(`recorded requests about ${imsi}, replayed to its home ${plmn}`, () => {
    const own = recorded.filter((each) => each.imsi === imsi)
    let signalling: Signalling
    let line: RawPeer

    before(async () => {
      const config = { plmn, originHost: 'magma-fedgw.magma.com', originRealm: 'magma.com' }
      signalling = await startSignalling({ config, prepare: (db, vault) => prepare(db, vault, imsi, plmn) })
      line = await connectAs(signalling, peer.identity)
      const cea = await line.open()
      assert.ok(cea !== null)
      assert.equal(resultOf(cea).code, 2001)
    })

    after(async () => {
      line?.close()
      await signalling?.[Symbol.asyncDispose]()
    })

    test('without waivers each is refused, by the rule of the first waiver that is missing, and nothing sticks', async () => {
      for (let given = 0; given < broken.length; given++) {
        await setWaivers(signalling, broken.slice(0, given))
        for (const request of own) {
          const { result, event } = await replay(signalling, line, request)
          assert.deepEqual(result, { code: 5012, experimental: false }, request.command)
          assert.deepEqual([event.ruleId, event.action, event.vectors], [ruleOf(broken[given] ?? 'm-bits'), 'reject', 0])
        }
      }
    })

    test('with the waivers all are allowed, and each says what it was waived', async () => {
      await setWaivers(signalling, broken)
      for (const request of own) {
        const { answer, result, event } = await replay(signalling, line, request)
        assert.deepEqual(result, { code: 2001, experimental: false }, request.command)
        assert.equal(event.action, 'allow')
        assert.deepEqual(new Set(event.shadow.map(({ ruleId }) => ruleId)), new Set(broken.map(ruleOf)))
        if (answer.command === 'AIA') assert.equal(answer.avps['Authentication-Info']?.['E-UTRAN-Vector']?.length, 1)
        if (answer.command === 'ULA') assert.ok(answer.avps['Subscription-Data'] !== undefined)
      }
    })

    test('an unknown AVP with the M bit in a recorded request is for the m-bits waiver to decide', async () => {
      const air = own.find(({ command }) => command === 'AIR')
      assert.ok(air !== undefined)
      const octets = Buffer.concat([air.octets, Buffer.from('0000ea5f4000000c00000001', 'hex')])
      octets.writeUIntBE(octets.length, 1, 3)
      await setWaivers(signalling, broken)
      const refused = await replay(signalling, line, { ...air, octets })
      assert.deepEqual([refused.result.code, refused.event.ruleId], [5012, 's6a-m-bits'])
      await setWaivers(signalling, all)
      const allowed = await replay(signalling, line, { ...air, octets })
      assert.equal(allowed.result.code, 2001)
      assert.ok(allowed.event.shadow.some(({ ruleId }) => ruleId === 's6a-m-bits'))
    })

    test('from a peer that is not listed the CER is refused, and nothing sent after it is read', async () => {
      const stranger = await connectAs(signalling, 'string2')
      const cea = await stranger.open()
      assert.ok(cea !== null)
      assert.equal(resultOf(cea).code, 3010)
      for (const { octets } of own) stranger.send(octets)
      assert.equal(await stranger.next(() => true), null)
      const event = await signalling.signal((each) => each.operation === 'CER')
      assert.deepEqual([event.ruleId, event.resultCode, event.originHost], ['s6a-unknown-peer', 3010, 'string2'])
    })
  })
}
