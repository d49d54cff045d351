import { type Plmn, plmnToBytes } from '#core/bcd.ts'
import type { Clock } from '#core/clock.ts'
import type { Random } from '#core/random.ts'
import type { RequestResult } from '#links/diameter/types.ts'
import type { Message } from '#protocols/diameter/codec.ts'
import type { ValueOf } from '#protocols/diameter/dict/all.ts'
import { causeOf, type S6aResult } from './causes.ts'
import { type AttachOutcome, type NasTimers, nasTimers } from './device.ts'
import { createDoicClient, type DoicClient } from './doic.ts'
import {
  air,
  createSessionIds,
  hasProfile,
  isSuccess,
  type NorOptions,
  nor,
  type Origin,
  pur,
  resultOf,
  ulr,
  ulrFlags,
  vectorsIn,
} from './messages.ts'
import { apnsOf, createMmeServer, type MmeContext, type Received } from './mme-server.ts'
import type { Transport } from './transport.ts'
import { isVectorGood, type Usim } from './usim.ts'
import type { MmeKind, MmeVendor } from './world.ts'

/** A visited network's MME: what it asks of the HSS for a device, and what it makes of the answers. */

/** A device as an MME sees it. */
export interface Subject {
  imsi: string
  /** The card; null trusts every vector (for runs that are about load, not keys). */
  usim: Usim | null
  imei?: string
  softwareVersion?: string
  nasLowPriority?: boolean
}

export interface MmeOptions {
  host: string
  realm: string
  plmn: Plmn
  kind: MmeKind
  vendor: MmeVendor
  clock: Clock
  random: Random
  transport: Transport
  destinationRealm: string
  /** Identities that its messages pass on their way; empty for a direct connection. */
  routeRecord?: readonly string[]
  timers?: NasTimers
  ratType?: number
  /** Told when the home network cancels a registration here. */
  onCancelled?(imsi: string, cancellationType: number): void
}

export type AuthOutcome =
  /** `good`: the card accepted the challenge, and RES and KASME are its own. */
  { ok: true; vectors: number; resynchronised: boolean } | { ok: false; result: S6aResult | 'timeout' | 'bad-vector' }

export type UpdateOutcome = { ok: true; profile: boolean; apns: readonly string[] } | { ok: false; result: S6aResult | 'timeout' }

export interface UpdateOptions {
  /** Default: the MME's own. */
  plmn?: Plmn
  /** ULR-Flags beside the S6a indicator; default Initial-Attach-Indicator. */
  flags?: number
  /** Another name of the same node (pools, topology hiding). */
  host?: string
}

export interface MmeCounters {
  attaches: number
  /** Attaches refused here because of an overload report. */
  abated: number
  airs: number
  ulrs: number
  timeouts: number
  vectors: number
  badVectors: number
  resynchronisations: number
}

export class Mme {
  readonly host: string
  readonly plmn: Plmn
  readonly kind: MmeKind
  readonly doic: DoicClient
  readonly counters: MmeCounters = {
    attaches: 0,
    abated: 0,
    airs: 0,
    ulrs: 0,
    timeouts: 0,
    vectors: 0,
    badVectors: 0,
    resynchronisations: 0,
  }
  /** Registered devices, by IMSI. */
  readonly contexts = new Map<string, MmeContext>()
  /** The latest requests from the home network, oldest first. */
  readonly received: Received[] = []
  readonly transport: Transport
  readonly #options: MmeOptions
  readonly #timers: NasTimers
  readonly #session: () => string
  #hssHost: string | undefined

  constructor(options: MmeOptions) {
    this.#options = options
    this.#timers = options.timers ?? nasTimers
    this.host = options.host
    this.plmn = options.plmn
    this.kind = options.kind
    this.transport = options.transport
    this.doic = createDoicClient(options.kind, options.clock, options.random)
    this.#session = createSessionIds(options.host, Math.floor(options.clock.now() / 1000))
    const { host, realm, clock, onCancelled } = options
    this.transport.serve(
      host,
      createMmeServer({ host, realm, plmn: options.plmn, clock, contexts: this.contexts, received: this.received, onCancelled }),
    )
  }

  /** The HSS that answered last; requests for a registered device name it. */
  get hssHost(): string | undefined {
    return this.#hssHost
  }

  /** Who its messages come from; AIRs are routed by realm, so that they name no host. */
  origin(over: Partial<Origin> = {}): Origin {
    const { host, realm, destinationRealm, routeRecord } = this.#options
    return { host, realm, destinationRealm, routeRecord: routeRecord ?? [], session: this.#session, ...over }
  }

  /** One attach attempt of a device: AIR, challenge, ULR. `done` is called exactly once. */
  attach(subject: Subject, done: (outcome: AttachOutcome) => void): void {
    this.counters.attaches += 1
    if (!this.doic.admits(subject.nasLowPriority ?? false)) {
      this.counters.abated += 1
      done({ accepted: false, cause: 22, t3346Ms: this.#drawT3346() })
      return
    }
    this.authenticate(subject, (authenticated) => {
      if (!authenticated.ok) {
        const { result } = authenticated
        done({ accepted: false, cause: result === 'bad-vector' ? 17 : causeOf(this.#options.vendor, result) })
        return
      }
      this.updateLocation(subject, {}, (updated) => {
        done(updated.ok ? { accepted: true } : { accepted: false, cause: causeOf(this.#options.vendor, updated.result) })
      })
    })
  }

  /** AIR and the card's challenge; on a synchronisation failure a second AIR with AUTS (TS 33.102 §6.3.5). */
  authenticate(subject: Subject, done: (outcome: AuthOutcome) => void, plmn = this.plmn, resynchronisation?: Buffer): void {
    this.counters.airs += 1
    const message = air(this.origin(), { imsi: subject.imsi, plmn, resynchronisation, doic: this.doic.announces })
    this.#send(message, (reply) => {
      if (!reply.ok) {
        done({ ok: false, result: 'timeout' })
        return
      }
      if (!isSuccess(reply.answer)) {
        done({ ok: false, result: resultOf(reply.answer) })
        return
      }
      this.counters.vectors += vectorsIn(reply.answer)
      const check = subject.usim === null ? { verdict: 'good' as const } : challenge(subject.usim, reply.answer, plmn)
      if (check.verdict === 'sync' && resynchronisation === undefined) {
        this.counters.resynchronisations += 1
        this.authenticate(subject, done, plmn, check.resynchronisation)
        return
      }
      if (check.verdict !== 'good') {
        this.counters.badVectors += 1
        done({ ok: false, result: 'bad-vector' })
        return
      }
      done({ ok: true, vectors: vectorsIn(reply.answer), resynchronised: resynchronisation !== undefined })
    })
  }

  updateLocation(subject: Subject, options: UpdateOptions, done: (outcome: UpdateOutcome) => void): void {
    this.counters.ulrs += 1
    const { flags = ulrFlags.initialAttach, plmn = this.plmn, host = this.host } = options
    const message = ulr(this.origin({ host, destinationHost: this.#hssHost }), {
      imsi: subject.imsi,
      plmn,
      flags,
      ratType: this.#options.ratType ?? 1004,
      imei: subject.imei,
      softwareVersion: subject.softwareVersion,
      doic: this.doic.announces,
    })
    this.#send(message, (reply) => {
      if (!reply.ok) {
        done({ ok: false, result: 'timeout' })
        return
      }
      if (!isSuccess(reply.answer)) {
        done({ ok: false, result: resultOf(reply.answer) })
        return
      }
      const context = {
        registeredAt: this.#options.clock.now(),
        plmn,
        apns: apnsIn(reply.answer),
        restorationNeeded: false,
        handedOver: false,
      }
      this.contexts.set(subject.imsi, context)
      done({ ok: true, profile: hasProfile(reply.answer), apns: context.apns })
    })
  }

  /** The device has been silent too long: the MME forgets it and says so. */
  purge(imsi: string, done: (reply: RequestResult) => void): void {
    this.contexts.delete(imsi)
    this.#send(pur(this.origin({ destinationHost: this.#hssHost }), imsi, this.doic.announces), done)
  }

  notify(options: NorOptions, done: (reply: RequestResult) => void): void {
    this.#send(nor(this.origin({ destinationHost: this.#hssHost }), { ...options, doic: this.doic.announces }), done)
  }

  /** Hands a device's context over to another MME (S10); the registration moves with that MME's ULR. */
  handOver(imsi: string): void {
    const context = this.contexts.get(imsi)
    if (context !== undefined) context.handedOver = true
  }

  /** It restarts: every context is lost, nobody is told (TS 23.007 §14). */
  restart(): void {
    this.contexts.clear()
    this.#hssHost = undefined
  }

  #send(message: Message, done: (reply: RequestResult) => void): void {
    this.transport.request(message, this.#timers.mmeAnswerTimeoutMs, (reply) => {
      if (reply.ok) this.#learn(reply.answer)
      else this.counters.timeouts += 1
      done(reply)
    })
  }

  #learn(answer: Message): void {
    const avps = answer.avps as { readonly 'Origin-Host'?: string; readonly 'OC-OLR'?: ValueOf<'OC-OLR'> }
    const reporter = avps['Origin-Host'] ?? ''
    if (isSuccess(answer)) this.#hssHost = reporter
    const report = avps['OC-OLR']
    if (report === undefined) return
    this.doic.learn(reporter, {
      sequence: report['OC-Sequence-Number'],
      reportType: report['OC-Report-Type'],
      reduction: report['OC-Reduction-Percentage'] ?? 0,
      validitySeconds: report['OC-Validity-Duration'] ?? 30,
    })
  }

  #drawT3346(): number {
    const { t3346MinMs, t3346MaxMs } = this.#timers
    return t3346MinMs + (t3346MaxMs - t3346MinMs) * this.#options.random.next()
  }
}

function apnsIn(answer: Message): readonly string[] {
  return answer.command === 'ULA' ? apnsOf(answer.avps['Subscription-Data']) : []
}

type Challenge = { verdict: 'good' } | { verdict: 'bad' } | { verdict: 'sync'; resynchronisation: Buffer }

/** Puts each vector to the card in ascending Item-Number, as an MME uses them; the first that it answers decides. */
function challenge(usim: Usim, answer: Message, plmn: Plmn): Challenge {
  if (answer.command !== 'AIA') return { verdict: 'bad' }
  const vectors = answer.avps['Authentication-Info']?.['E-UTRAN-Vector'] ?? []
  const vector = vectors.toSorted((a, b) => (a['Item-Number'] ?? 0) - (b['Item-Number'] ?? 0))[0]
  if (vector === undefined) return { verdict: 'bad' }
  const response = usim.authenticate(vector.RAND, vector.AUTN)
  if (response.ok) {
    return { verdict: isVectorGood(response, { xres: vector.XRES, kasme: vector.KASME }, plmnToBytes(plmn)) ? 'good' : 'bad' }
  }
  if (response.why !== 'sync') return { verdict: 'bad' }
  return { verdict: 'sync', resynchronisation: Buffer.concat([vector.RAND, response.auts]) }
}
