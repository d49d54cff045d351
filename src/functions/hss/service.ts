import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { AesImplementation } from '#crypto/aes.ts'
import type { RandomSource } from '#crypto/random.ts'
import type { Vault } from '#crypto/vault.ts'
import { isImsi } from '#domain/identities.ts'
import type { PartnerIndex } from '#domain/partner-index.ts'
import type { Admission } from '#guard/admission-types.ts'
import type { Guard } from '#guard/guard.ts'
import type { Known, OurNetwork } from '#guard/known.ts'
import type { RuleMode } from '#guard/rule.ts'
import { signalFromS6a } from '#guard/wire/diameter.ts'
import type { PeerLink, RequestResult, RequestTarget, Respond } from '#links/diameter/types.ts'
import { announcementsOf, type Told } from '#platform/announcement.ts'
import type { Message } from '#protocols/diameter/message.ts'
import { Answers } from './answers.ts'
import { Counters } from './counters.ts'
import { Desk } from './desk.ts'
import type { Exchange, Judged } from './exchange.ts'
import { Outbound } from './outbound.ts'
import { procedures } from './procedures.ts'
import type { IndSlots } from './sqn.ts'
import type { HssStore } from './subscriber.ts'
import { type Lookup, SubscriberCache } from './subscriber-cache.ts'
import { buildState, registrationViewOf, type SubscriberState, viewOf } from './subscriber-state.ts'
import { Teller } from './teller.ts'

export interface HssOptions {
  our: OurNetwork
  /** Our Diameter identity and realm. */
  identity: string
  realm: string
  clock: Clock
  store: HssStore
  vault: Vault
  /** How MILENAGE does AES; default the table. */
  aes?: AesImplementation
  guard: Guard
  modeOf(ruleId: string): RuleMode
  admission: Admission
  network(): PartnerIndex
  indSlots: IndSlots
  rand: RandomSource
  /** SEQs to reserve ahead for each IMSI; 1 where this process holds no lease on the partition. */
  seqBlock(): number
  /** False until every registration of before the cut-over is known; sequence rules only learn until then. */
  cutOverComplete(): boolean
  /** Sends a request of ours; a Diameter node's. */
  request(message: Message, to: RequestTarget, timeoutMs?: number): Promise<RequestResult>
  /** Hears of every judged message. Must not throw. */
  onJudged(judged: Judged): void
  /** Somebody whose next attach waits for a person was refused for it. */
  onHeld?(imsi: string): void
  cachedSubscribers?: number
}

/** The home subscriber server (TS 29.272) behind the guard: judges, admits, answers, and tells serving nodes. */
export class Hss {
  readonly #options: HssOptions
  readonly #cache: SubscriberCache<SubscriberState>
  readonly #counters: Counters
  readonly #desk: Desk
  readonly outbound: Outbound
  readonly #teller: Teller
  #changed: string[] = []

  constructor(options: HssOptions) {
    this.#options = options
    const { clock, store, vault } = options
    this.#cache = new SubscriberCache<SubscriberState>({
      load: (imsis) => store.load(imsis),
      build: (row, ahead) => buildState(row, ahead, vault, options.aes),
      capacity: options.cachedSubscribers ?? limits.hss.cachedSubscribers,
      batch: limits.hss.loadBatch,
      maxWaiting: limits.guard.heldPerClass,
    })
    this.#counters = new Counters(clock)
    this.outbound = new Outbound({
      clock,
      identity: options.identity,
      realm: options.realm,
      request: options.request,
      agreedRate: (id) => (id === null ? 50 : (options.network().partner(id)?.agreedRate ?? 50)),
      via: (id) => (id === null ? [] : (options.network().partner(id)?.via ?? [])),
      sent: () => {},
    })
    this.#teller = new Teller({ clock, store, cache: this.#cache, outbound: this.outbound })
    this.#desk = new Desk({ options, cache: this.#cache, counters: this.#counters, answers: new Answers(options), outbound: this.outbound })
  }

  get cachedSubscribers(): number {
    return this.#cache.size
  }

  /** A request of a peer. `respond(null)` says that nothing will be answered. */
  handle(request: Message, link: PeerLink, respond: Respond, octets: Buffer | null = null): void {
    const { clock } = this.#options
    const signal = signalFromS6a(request, link, this.#options.network(), clock.now())
    const exchange: Exchange = {
      request,
      link,
      signal,
      receivedMs: clock.monotonicMs(),
      respond,
      octets,
      verdict: { action: 'allow', reason: 'ok', ruleId: 'default', facts: [], alert: false, shadow: [] },
      found: [],
      state: null,
      heldMs: 0,
      vectors: 0,
    }
    this.#counters.countMessage(link.peerId)
    // What is no IMSI, or needs no subscriber (CLR from outside, for one), must not cost a look-up.
    if (signal.imsi === undefined || !isImsi(signal.imsi) || procedures[signal.operation] === undefined)
      this.#judge(exchange, { unavailable: true })
    else this.#cache.with(signal.imsi, (lookup) => this.#judge(exchange, lookup))
  }

  /** What is known of an IMSI, as a message that has just come in would be judged. */
  known(imsi: string | undefined, exchange: Pick<Exchange, 'signal' | 'link'>, lookup: Lookup<SubscriberState>): Known {
    const { our, clock } = this.#options
    const now = clock.now()
    const state = 'unavailable' in lookup ? undefined : lookup.found
    const plmn = exchange.signal.claimed.visitedPlmn ?? ''
    const network = this.#options.network()
    const partnerId = network.partnersSpeaking(exchange.link.peerId, exchange.signal.claimed.originRealm)[0]?.id ?? exchange.link.peerId
    return {
      our,
      network,
      subscriber: state === undefined ? 'unavailable' : state === null ? 'absent' : viewOf(state, now),
      registration: registrationViewOf(state?.registration ?? null),
      givenTo: state?.givenTo ?? [],
      vectorsLastHour: imsi === undefined ? 0 : this.#counters.vectorsLastHour(imsi, plmn),
      cutOverComplete: this.#options.cutOverComplete(),
      now,
      peerMessagesLastSecond: this.#counters.messagesLastSecond(exchange.link.peerId),
      absentLastMinute: this.#counters.absentLastMinute(partnerId),
      refusedUlrsLastHour: imsi === undefined ? 0 : this.#counters.refusedUlrsLastHour(imsi, partnerId),
    }
  }

  /** The profile or the state changed in the store: read again, then tell the serving node. */
  changed(imsi: string): void {
    this.forget([imsi])
    this.#cache.with(imsi, () => {})
    if (this.#changed.push(imsi) > 1) return
    // What one turn brings is read in one query.
    setImmediate(() => {
      for (const part of announcementsOf(this.#changed)) void this.tell(part)
      this.#changed = []
    })
  }

  /** They changed in the store: whoever asks from now on meets them as they are there. */
  forget(imsis: readonly string[]): void {
    for (const imsi of imsis) {
      const state = this.#cache.peek(imsi)
      if (state === undefined) continue
      this.#teller.remember(state)
      this.#cache.forget(imsi)
    }
  }

  /** Tells the nodes that serve these what the store says of them now, paced to what each partner agreed to. */
  tell(imsis: readonly string[]): Promise<readonly Told[]> {
    return this.#teller.tell(imsis)
  }

  /** Notifications may have been missed: what is cached may be stale. */
  forgetAll(): void {
    this.#cache.forgetAll()
  }

  /** The state in memory, where there is one. */
  peek(imsi: string): SubscriberState | undefined {
    return this.#cache.peek(imsi)
  }

  async close(): Promise<void> {
    this.outbound.close()
    await this.#options.store.close()
  }

  #judge(exchange: Exchange, lookup: Lookup<SubscriberState>): void {
    const { signal } = exchange
    const known = this.known(signal.imsi, exchange, lookup)
    exchange.state = 'unavailable' in lookup ? null : lookup.found
    exchange.verdict = this.#options.guard.judge(signal, known)
    const procedure = procedures[signal.operation]
    if (procedure !== undefined && exchange.state !== null) procedure(this.#desk, exchange, exchange.state, known)
    // Without a subscriber, or for an operation that is not ours to do, nothing is left but the refusal.
    else if (!this.#desk.refusedByGuard(exchange))
      this.#desk.refuse(exchange, lookup.unavailable === true ? 'store-unavailable' : 'unknown-subscriber')
  }
}
