import type { Clock } from '#core/clock.ts'
import type { Random } from '#core/random.ts'
import { hash32 } from '#core/random.ts'
import { type Credentials, createCredentials, generateEpsVector, generateUtranVector, verifyAuts } from '#crypto/vectors.ts'
import { answerTo, type Message, type MessageOf } from '#protocols/diameter/codec.ts'
import type { ValueOf } from '#protocols/diameter/dict/all.ts'
import { batchRow, type SimCard } from './cards.ts'
import { clr, idr, type Origin } from './messages.ts'
import type { DirectHandler, DirectNetwork } from './transport.ts'
import { home, profiles } from './world.ts'

/**
 * An HSS that does what it is asked by whoever is connected, as the open ones do. It answers the question "what would
 * this attack have brought?", and stands in for the real HSS where only the simulator is under test.
 */

export interface TrustingHssOptions {
  clock: Clock
  random: Random
  sims: readonly SimCard[]
  network: DirectNetwork
}

export interface TrustingHss {
  handle: DirectHandler
  /** Serving node by IMSI. */
  readonly registrations: ReadonlyMap<string, Serving>
  /** Sends an IDR for a subscriber to its serving node. */
  provokeIdr(imsi: string): void
}

export interface Serving {
  host: string
  realm: string
  peerId: string
}

interface Subscriber {
  sim: SimCard
  credentials: Credentials
  indBits: number
  seq: bigint
}

/** As many as one request may ask for (TS 29.272 §7.3.14 leaves it open; others stop here). */
const mostVectors = 32
const base = { 'Origin-Host': home.hssHost, 'Origin-Realm': home.realm, 'Auth-Session-State': 1 }
const success = { ...base, 'Result-Code': 2001 }
const experimental = (code: number) => ({ ...base, 'Experimental-Result': { 'Vendor-Id': 10415, 'Experimental-Result-Code': code } })

export function createTrustingHss(options: TrustingHssOptions): TrustingHss {
  return new Trusting(options)
}

class Trusting implements TrustingHss {
  readonly #options: TrustingHssOptions
  readonly #subscribers: Map<string, Subscriber>
  readonly registrations = new Map<string, Serving>()
  #sessions = 0

  constructor(options: TrustingHssOptions) {
    this.#options = options
    this.#subscribers = new Map(options.sims.map((sim) => [sim.imsi, subscriberOf(sim)]))
  }

  readonly handle: DirectHandler = (request, peerId, respond) => {
    switch (request.command) {
      case 'AIR':
        return respond(this.#authenticate(request))
      case 'ULR':
        return respond(this.#register(request, peerId))
      case 'PUR':
        this.registrations.delete(request.avps['User-Name'])
        return respond(answerTo(request, { ...success, 'PUA-Flags': 1 }))
      case 'NOR':
        return respond(answerTo(request, this.registrations.has(request.avps['User-Name']) ? success : experimental(5423)))
      case 'CLR':
        this.#passOn(request.avps['User-Name'], (to) => clr(to, request.avps['User-Name'], request.avps['Cancellation-Type']))
        return respond(answerTo(request, success))
      case 'IDR':
        this.#passOn(request.avps['User-Name'], (to) => idr(to, request.avps['User-Name'], request.avps['IDR-Flags'] ?? 0))
        return respond(answerTo(request, { ...success, 'EPS-Location-Information': {} }))
      case 'DSR':
        return respond(answerTo(request, success))
      case 'RSR':
        return respond(answerTo(request, success))
      default:
        return respond(null)
    }
  }

  provokeIdr(imsi: string): void {
    this.#passOn(imsi, (to) => idr(to, imsi))
  }

  #authenticate(request: MessageOf<'AIR'>): Message {
    const subscriber = this.#subscribers.get(request.avps['User-Name'])
    if (subscriber === undefined) return answerTo(request, experimental(5001))
    const eutran = request.avps['Requested-EUTRAN-Authentication-Info']
    const utran = request.avps['Requested-UTRAN-GERAN-Authentication-Info']
    const resynchronisation = eutran?.['Re-Synchronization-Info'] ?? utran?.['Re-Synchronization-Info']
    if (resynchronisation !== undefined) this.#resynchronise(subscriber, resynchronisation)
    const ind = hash32(request.avps['Origin-Host']) % 2 ** subscriber.indBits
    const next = (): bigint => (++subscriber.seq << BigInt(subscriber.indBits)) | BigInt(ind)
    const made = (asked: typeof eutran) => Array.from({ length: countOf(asked) }, (_, i) => ({ item: i + 1, sqn: next() }))
    const { random } = this.#options
    return answerTo(request, {
      ...success,
      'Authentication-Info': {
        'E-UTRAN-Vector': made(eutran).map(({ item, sqn }) =>
          eps(subscriber, sqn, random.bytes(16), request.avps['Visited-PLMN-Id'], item),
        ),
        'UTRAN-Vector': made(utran).map(({ item, sqn }) => umts(subscriber, sqn, random.bytes(16), item)),
      },
    })
  }

  /** Takes the card's word for SQN, downwards too. */
  #resynchronise(subscriber: Subscriber, info: Buffer): void {
    const genuine = verifyAuts(subscriber.credentials, info.subarray(0, 16), info.subarray(16))
    if (genuine !== null) subscriber.seq = genuine.sqnMs >> BigInt(subscriber.indBits)
  }

  #register(request: MessageOf<'ULR'>, peerId: string): Message {
    const imsi = request.avps['User-Name']
    const subscriber = this.#subscribers.get(imsi)
    if (subscriber === undefined) return answerTo(request, experimental(5001))
    const serving = { host: request.avps['Origin-Host'], realm: request.avps['Origin-Realm'], peerId }
    const former = this.registrations.get(imsi)
    if (former !== undefined && former.host !== serving.host) this.#passOn(imsi, (to) => clr(to, imsi, 0))
    this.registrations.set(imsi, serving)
    return answerTo(request, { ...success, 'ULA-Flags': 1, 'Subscription-Data': profileOf(subscriber.sim) })
  }

  #passOn(imsi: string, make: (to: Origin) => Message): void {
    const serving = this.registrations.get(imsi)
    if (serving === undefined) return
    const to: Origin = {
      host: home.hssHost,
      realm: home.realm,
      destinationHost: serving.host,
      destinationRealm: serving.realm,
      session: () => `${home.hssHost};1;${++this.#sessions}`,
    }
    this.#options.network.request(serving.peerId, make(to), 6_000, () => {})
  }
}

function subscriberOf(sim: SimCard): Subscriber {
  const { parameters } = batchRow(sim.batchId)
  const credentials = createCredentials({
    algorithm: sim.algorithm,
    k: sim.k,
    opc: sim.opc,
    ...(parameters.tuak === undefined ? {} : { parameters: { tuak: parameters.tuak } }),
  })
  return { sim, credentials, indBits: parameters.indBits, seq: 0n }
}

function countOf(asked: ValueOf<'Requested-EUTRAN-Authentication-Info'> | undefined): number {
  return asked === undefined ? 0 : Math.min(mostVectors, asked['Number-Of-Requested-Vectors'] ?? 1)
}

function eps({ credentials }: Subscriber, sqn: bigint, rand: Uint8Array, plmn: Buffer, item: number): ValueOf<'E-UTRAN-Vector'> {
  const vector = generateEpsVector(credentials, { sqn, amf: Buffer.of(0x80, 0), rand, plmn })
  return { 'Item-Number': item, RAND: Buffer.from(vector.rand), XRES: vector.xres, AUTN: vector.autn, KASME: vector.kasme }
}

function umts({ credentials }: Subscriber, sqn: bigint, rand: Uint8Array, item: number): ValueOf<'UTRAN-Vector'> {
  const vector = generateUtranVector(credentials, { sqn, amf: Buffer.alloc(2), rand })
  return {
    'Item-Number': item,
    RAND: Buffer.from(vector.rand),
    XRES: vector.xres,
    AUTN: vector.autn,
    'Confidentiality-Key': vector.ck,
    'Integrity-Key': vector.ik,
  }
}

function profileOf(sim: SimCard): ValueOf<'Subscription-Data'> {
  const apn = profiles.find((profile) => profile.id === sim.profileId)?.apns[0]
  return {
    'APN-Configuration-Profile': {
      'Context-Identifier': 1,
      'All-APN-Configurations-Included-Indicator': 0,
      'APN-Configuration': [{ 'Context-Identifier': 1, 'PDN-Type': 0, 'Service-Selection': apn?.name ?? 'iot' }],
    },
  }
}
