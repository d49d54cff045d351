import { epcRealm } from '#core/bcd.ts'
import type { Partner, PeerRow } from '#domain/partner.ts'
import type { SimCard } from '#sim/cards.ts'
import { home } from '#sim/world.ts'
import { type Db, toJson } from '#store/db.ts'
import { idOf } from '../world/rows.ts'

/** A network for whoever tries the demo with an MME of their own. */
const plmn = '001-07'
const realm = epcRealm(plmn)
const identity = `mme01.${realm}`
const peerId = 'mme01.guest'

const peer: PeerRow = {
  id: peerId,
  identity,
  realm,
  role: 'node',
  linkClass: 'ipx',
  transport: 'tcp',
  realms: [realm],
  connectTo: null,
  enabled: true,
}

function partner(now: number): Partner {
  return {
    id: idOf('partner', 'guest'),
    name: 'Guest',
    plmns: [plmn],
    realms: [realm],
    hosts: [],
    addresses: [],
    location: null,
    via: [peerId],
    topologyHiding: false,
    agreedRate: 20,
    validFrom: 0,
    validUntil: null,
    source: 'the demo',
    confirmedAt: now,
    waivers: [],
    equivalentPlmns: [],
  }
}

/** Lets the guest's MME in: a peer and a partner beside those of the simulated world. */
export async function seedGuest(db: Db, now: number): Promise<void> {
  const row = partner(now)
  await db.query('INSERT INTO peer (id, identity, body, enabled) VALUES ($1, $2, $3, $4)', [peerId, identity, toJson(peer), true])
  await db.query('INSERT INTO partner (id, name, body) VALUES ($1, $2, $3)', [row.id, row.name, toJson(row)])
}

/** freeDiameter wants a certificate also where TLS is not used. */
export const guestCertificate = `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=${identity} -keyout key.pem -out cert.pem`

/** A whole configuration file for the guest's MME. */
export function guestConfiguration(at: { host: string; port: number }): readonly string[] {
  return [
    `Identity = "${identity}";`,
    `Realm = "${realm}";`,
    'Port = 13868; SecPort = 15868; ListenOn = "127.0.0.1"; No_SCTP;',
    'TLS_Cred = "cert.pem", "key.pem"; TLS_CA = "cert.pem";',
    `ConnectPeer = "${home.hssHost}"`,
    `  { ConnectTo = "${at.host}"; Port = ${at.port}; No_TLS; };`,
  ]
}

/** A card for the guest's device: simulated, so that its keys are no secret of anybody. */
export function guestSim(sims: readonly SimCard[]): readonly string[] {
  const sim = sims.find((each) => each.algorithm === 'MILENAGE' && each.class === 'standard' && each.opc !== null)
  if (sim === undefined || sim.opc === null) return []
  return [`IMSI ${sim.imsi}`, `K    ${sim.k.toString('hex')}`, `OPc  ${sim.opc.toString('hex')}`]
}
