import { LruMap } from '#core/lru.ts'
import type { RandomSource } from '#crypto/random.ts'
import { compileSubscriptionData } from '#domain/compile-s6a.ts'
import type { Partner } from '#domain/partner.ts'
import { judgeLate } from '#guard/guard.ts'
import type { Known } from '#guard/known.ts'
import { lateRule } from '#guard/rules/s6a-late.ts'
import type { Reason, Verdict } from '#guard/verdict.ts'
import { answerFor, type DiameterAnswer } from '#guard/wire/diameter.ts'
import type { Message } from '#protocols/diameter/message.ts'
import type { AirPlan } from './air.ts'
import type { Answers } from './answers.ts'
import type { Counters } from './counters.ts'
import { type Exchange, resultNumber } from './exchange.ts'
import type { Outbound } from './outbound.ts'
import type { HssOptions } from './service.ts'
import type { HssWrite, Registration } from './subscriber.ts'
import type { SubscriberCache } from './subscriber-cache.ts'
import type { SubscriberState } from './subscriber-state.ts'

/** How long the old serving node has for its answer to a challenge: half of what an MME waits for ours. */
const challengeMs = 3_000
/** The same AUTS again within this time is a retransmission of the request; later it is a replay. */
const autsReplayAfterMs = 30_000
const rememberedAuts = 50_000

export interface DeskParts {
  options: HssOptions
  cache: SubscriberCache<SubscriberState>
  counters: Counters
  answers: Answers
  outbound: Outbound
}

/** An AIR that cannot be served says nothing about the subscriber. */
const airReasons = {
  'no-vectors-asked': 'malformed',
  'no-lease': 'store-unavailable',
  'keys-unavailable': 'store-unavailable',
  exhausted: 'store-unavailable',
  'auts-mac': 'replay',
  'auts-replayed': 'replay',
} as const

/** What procedures work with: refusing, admitting, committing, answering. Each exchange leaves it exactly once. */
export class Desk {
  readonly #options: HssOptions
  readonly #cache: SubscriberCache<SubscriberState>
  readonly #counters: Counters
  readonly #answers: Answers
  readonly #outbound: Outbound
  readonly #seenAuts = new LruMap<string, number>(rememberedAuts)
  readonly rand: RandomSource

  constructor(parts: DeskParts) {
    this.#options = parts.options
    this.#cache = parts.cache
    this.#counters = parts.counters
    this.#answers = parts.answers
    this.#outbound = parts.outbound
    this.rand = parts.options.rand
  }

  now(): number {
    return this.#options.clock.now()
  }

  seqBlock(): number {
    return this.#options.seqBlock()
  }

  partnerOf({ signal }: Exchange): Partner | undefined {
    return this.#options.network().partnersSpeaking(signal.proven.peerId, signal.claimed.originRealm)[0]
  }

  indOf(nodeKey: string): number {
    const { slot, added } = this.#options.indSlots.slotOf(nodeKey)
    if (added) this.#options.store.addIndSlot(nodeKey, slot)
    return slot
  }

  /** True once this very RAND || AUTS was used a while ago; remembers it otherwise. */
  isReplayedAuts(imsi: string, auts: Buffer): boolean {
    const key = `${imsi} ${auts.toString('latin1')}`
    const now = this.#options.clock.monotonicMs()
    const seen = this.#seenAuts.get(key)
    if (seen === undefined) this.#seenAuts.set(key, now)
    return seen !== undefined && now - seen > autsReplayAfterMs
  }

  countVectors(exchange: Exchange, state: SubscriberState): void {
    this.#counters.countVectors(state.row.imsi, exchange.signal.claimed.visitedPlmn ?? '', exchange.vectors)
  }

  /** Answers what the guard refused; false where it allowed. */
  refusedByGuard(exchange: Exchange): boolean {
    const { action, reason } = exchange.verdict
    if (action === 'allow') return false
    if (action === 'drop' || action === 'sinkhole') this.#finish(exchange, null, null)
    else this.refuse(exchange, reason === 'ok' ? 'malformed' : reason)
    return true
  }

  /** Answers with what the reason means on the wire; the verdict says why. */
  refuse(exchange: Exchange, reason: Exclude<Reason, 'ok'>, ruleId?: string): void {
    const { verdict, signal } = exchange
    if (verdict.reason !== reason) exchange.verdict = { ...verdict, action: 'reject', reason, ruleId: ruleId ?? verdict.ruleId }
    const partnerId = this.partnerOf(exchange)?.id ?? signal.proven.peerId
    if (reason === 'unknown-subscriber') this.#counters.countAbsent(partnerId)
    if (signal.operation === 'ULR' && signal.imsi !== undefined) this.#counters.countRefusedUlr(signal.imsi, partnerId)
    if (reason === 'held-for-approval' && exchange.state?.row.holdNextAttach === true) this.#options.onHeld?.(exchange.state.row.imsi)
    const answer = answerFor(reason, signal.operation)
    if (answer === null) this.#finish(exchange, null, null)
    else this.answer(exchange, answer)
  }

  answer(exchange: Exchange, result: DiameterAnswer, extra?: object): void {
    this.#finish(exchange, this.#answers.build(exchange, result, extra), resultNumber(result))
  }

  /** Admission control by class: runs `go` now, or later with the state as it is then, or answers that there is no room. */
  admit(exchange: Exchange, kind: 'AIR' | 'ULR', state: SubscriberState, go: (state: SubscriberState) => void): void {
    const { signal } = exchange
    const request = {
      kind,
      imsi: state.row.imsi,
      class: state.row.class,
      peerHost: signal.claimed.originHost,
      partnerId: this.partnerOf(exchange)?.id ?? signal.proven.peerId,
      doic: signal.facts.overloadControl === true,
      lowPriority: this.partnerOf(exchange)?.abatement === 'low-priority-first',
    }
    this.#options.admission.offer(request, (decision) => {
      if (decision.admit) {
        exchange.heldMs = decision.heldMs
        this.#withCurrent(exchange, state, go)
      } else this.refuse(exchange, decision.reason, 's6a-admission')
    })
  }

  /**
   * While a request was held, its subscriber may have been forgotten and read again: two states of one IMSI must never
   * both take sequence numbers.
   */
  #withCurrent(exchange: Exchange, state: SubscriberState, go: (state: SubscriberState) => void): void {
    const { imsi } = state.row
    if (this.#cache.peek(imsi) === state) {
      go(state)
      return
    }
    this.#cache.with(imsi, ({ found, unavailable }) => {
      if (found != null) {
        exchange.state = found
        go(found)
        return
      }
      this.failed(imsi)
      this.refuse(exchange, unavailable === true ? 'store-unavailable' : 'unknown-subscriber')
    })
  }

  /** True while a write of the subscriber is under way: what needs none must not overtake what waits for it. */
  isWriting(state: SubscriberState): boolean {
    return this.#cache.isPinned(state.row.imsi)
  }

  /** The registration is done: its answer leaves now. */
  completed(imsi: string): void {
    this.#options.admission.completed(imsi)
  }

  /** An admitted registration came to nothing: its share of the capacity is free again. */
  failed(imsi: string): void {
    this.#options.admission.failed(imsi)
  }

  /**
   * Runs `go` when the write is durable. A store that cannot is answered as such and nothing else is said; `undo` then
   * takes back what memory holds of the write, in this state and in the one that has replaced it meanwhile.
   */
  commit(exchange: Exchange, state: SubscriberState, write: HssWrite, go: () => void, undo: (states: Set<SubscriberState>) => void): void {
    const { imsi } = state.row
    this.#cache.pin(imsi)
    this.#options.store.write(write, (error) => {
      this.#cache.unpin(imsi)
      if (error === null) {
        go()
        return
      }
      undo(new Set([state, this.#cache.peek(imsi) ?? state]))
      this.refuse(exchange, 'store-unavailable', 's6a-store-unavailable')
    })
  }

  /** Binds the card to the first device seen, where the profile says so. */
  lockImei(registered: SubscriberState, imei: string | null): void {
    const state = this.#cache.peek(registered.row.imsi) ?? registered
    if (imei === null || state.lockedImei !== null || !state.row.profile.imeiLock) return
    const { imsi } = state.row
    state.lockedImei = imei
    this.#cache.pin(imsi)
    this.#options.store.write({ kind: 'lock', imsi, imei }, (error) => {
      this.#cache.unpin(imsi)
      if (error !== null) state.lockedImei = null
    })
  }

  cancel(imsi: string, former: Registration, type: 0 | 2): void {
    void this.#outbound.cancelLocation(imsi, former, type)
  }

  /** Asks the node of record whether it still serves the device, for at most 3 s, before anything changes. */
  challenge(exchange: Exchange, state: SubscriberState, known: Known, go: () => void): void {
    const { registration } = state
    if (registration === null) {
      this.refuse(exchange, 'out-of-sequence')
      return
    }
    const { row } = state
    const { 'Subscriber-Status': status, 'Operator-Determined-Barring': barring } = compileSubscriptionData(row.profile, row, this.now())
    const data = { 'Subscriber-Status': status, ...(barring === undefined ? {} : { 'Operator-Determined-Barring': barring }) }
    void this.#outbound.askWhereabouts(row.imsi, registration, data, challengeMs).then((result) => {
      const oldNode = !result.ok ? 'silent' : isStillThere(result.answer) ? 'present' : 'gone'
      const late = this.#late(exchange, known, 's6a-ulr-challenged', { oldNode })
      exchange.found.push({ name: 'old serving node', value: oldNode, source: 'state' })
      if (late !== null && late.action !== 'allow') {
        exchange.verdict = { ...late, shadow: [...exchange.verdict.shadow, ...late.shadow] }
        this.refusedByGuard(exchange)
        return
      }
      exchange.verdict = { ...exchange.verdict, action: 'allow', reason: 'ok', alert: false }
      go()
    })
  }

  /** A resynchronisation that was raised, or an older genuine AUTS, which changes nothing and is kept as evidence. */
  noteResynchronisation(exchange: Exchange, kind: 'raised' | 'stale'): void {
    exchange.found.push({ name: 'resynchronisation', value: kind, source: 'proven' })
    if (kind === 'stale') exchange.verdict = { ...exchange.verdict, ruleId: 's6a-auts', alert: true }
  }

  /** An AIR that the guard allowed and the authentication centre cannot answer. */
  refuseAir(exchange: Exchange, because: (AirPlan & { ok: false })['because']): void {
    exchange.found.push({ name: 'authentication centre', value: because, source: 'state' })
    const isAttack = because === 'auts-mac' || because === 'auts-replayed'
    if (isAttack) exchange.verdict = { ...exchange.verdict, alert: true }
    this.refuse(exchange, airReasons[because], isAttack ? 's6a-auts' : undefined)
  }

  #late(exchange: Exchange, known: Known, ruleId: string, facts: Exchange['signal']['facts']): Verdict | null {
    const rule = lateRule(ruleId)
    return judgeLate(rule, { ...exchange.signal, facts: { ...exchange.signal.facts, ...facts } }, known, this.#options.modeOf(ruleId))
  }

  #finish(exchange: Exchange, answer: Message | null, resultCode: number | null): void {
    const answerOctets = exchange.respond(answer)
    this.#options.onJudged({
      exchange,
      answer,
      answerOctets,
      resultCode,
      latencyMs: this.#options.clock.monotonicMs() - exchange.receivedMs,
    })
  }
}

/** IDA with success and an EPS user state of attached or connected (TS 29.272 §7.3.110, TS 29.272 §7.3.111). */
function isStillThere(answer: Message): boolean {
  if (answer.command !== 'IDA' || answer.avps['Result-Code'] !== 2001) return false
  const userState = answer.avps['EPS-User-State']?.['MME-User-State']?.['User-State']
  // 0 is DETACHED; absent says nothing of the kind, so the node that answered success still knows the subscriber.
  return userState !== 0
}
