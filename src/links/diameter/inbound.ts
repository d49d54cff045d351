import type { Timer } from '#core/clock.ts'
import { ProtocolError, type WireAnswer } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { decode, encode, failureAnswer } from '#protocols/diameter/codec.ts'
import type { Header, Message } from '#protocols/diameter/message.ts'
import { relayApplication } from './capabilities.ts'
import type { Connection } from './connection.ts'
import { isSameIdentity, type NodeContext, routeRecords, textAvp } from './context.ts'
import type { LinkEventKind } from './events.ts'
import { type AnswerWaiter, createStoredAnswers, finish, type Remembered, type StoredAnswers } from './stored-answers.ts'
import type { LinkCounters, PeerLink } from './types.ts'

const hopByHopAt = 12
const endToEndAt = 16

/** Protocol errors that a request can meet before a function sees it (RFC 6733 §7.1.3). */
const refusals = { command: 3001, host: 3002, realm: 3003, busy: 3004, loop: 3005, application: 3007, unableToComply: 5012 } as const

const noOctets = Buffer.alloc(0)
const { storedRequestBytes } = limits.diameter

/** A request that waits for our answer. */
interface Slot extends Remembered {
  readonly hopByHop: number
  /** Both let go once answered: the record of the answer outlives the request and its connection. */
  connection: Connection | null
  octets: Buffer
  readonly deadline: number
  isSettled: boolean
}

/** What an `Inbound` needs of its peer. */
export interface InboundPeer {
  readonly link: PeerLink
  readonly counters: LinkCounters
  emit(event: LinkEventKind): void
  send(connection: Connection, octets: Buffer): void
}

/** Requests of one peer, on whichever connection they come: checks, hands over, answers, remembers. */
export class Inbound {
  readonly stored: StoredAnswers
  readonly #context: NodeContext
  readonly #peer: InboundPeer
  readonly #pending = new Set<Slot>()
  #timer: Timer | null = null
  /** The connection that is not read because too many of the peer's requests wait. */
  #paused: Connection | null = null

  constructor(context: NodeContext, peer: InboundPeer) {
    this.#context = context
    this.#peer = peer
    this.stored = createStoredAnswers(context.limits.storedAnswersPerPeer)
  }

  get size(): number {
    return this.#pending.size
  }

  /** One request other than CER, DWR and DPR. */
  take(connection: Connection, header: Header, octets: Buffer, common: readonly number[]): void {
    this.#peer.counters.requestsIn += 1
    if (!common.includes(header.application) || header.application === relayApplication) {
      const code = header.application === 0 ? refusals.command : refusals.application
      this.#refuse(connection, header, octets, code)
      return
    }
    const request = this.decode(connection, header, octets)
    if (request === undefined) return
    const refusal = this.#refusalOf(request)
    if (refusal !== null) {
      this.#refuse(connection, header, octets, refusal)
      return
    }
    if (request.retransmitted && this.#repeat(connection, request)) return
    this.#handOver(connection, request, octets)
  }

  /** Decodes a request; answers what is wrong with it and gives undefined. */
  decode(connection: Connection, header: Header, octets: Buffer): Message | undefined {
    const { options } = this.#context
    try {
      return decode(options.dictionary, octets, options.leniency?.(this.#peer.link))
    } catch (error) {
      this.#unreadable(connection, header, octets, error)
      return undefined
    }
  }

  /** Answers a request that could not be read; where nothing may be answered the connection ends. */
  #unreadable(connection: Connection, header: Header, octets: Buffer, error: unknown): void {
    const fault = protocolFault(error)
    if (fault.answer?.code === refusals.command || fault.answer?.code === refusals.application) {
      this.#refuse(connection, header, octets, fault.answer.code)
      return
    }
    this.#peer.counters.malformed += 1
    this.#peer.emit({ kind: 'malformed', because: fault.because, spec: fault.spec, resultCode: fault.answer?.code ?? null })
    if (fault.answer === undefined) connection.end('framing')
    else this.#fail(connection, octets, fault.answer)
  }

  /** The node is closing: whoever still answers is heard no more. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    for (const slot of this.#pending) slot.isSettled = true
    this.#pending.clear()
  }

  #refusalOf(request: Message): number | null {
    const { options } = this.#context
    if (routeRecords(request).some((host) => isSameIdentity(host, options.identity))) return refusals.loop
    const realm = textAvp(request, 'Destination-Realm')
    if (realm !== '' && !this.#context.isOwnRealm(realm)) return refusals.realm
    const host = textAvp(request, 'Destination-Host')
    if (host !== '' && !this.#context.isOwnHost(host)) return refusals.host
    return null
  }

  #refuse(connection: Connection, header: Header, octets: Buffer, resultCode: number): void {
    this.#peer.emit({ kind: 'not-for-us', resultCode, command: header.code, application: header.application })
    this.#fail(connection, octets, { code: resultCode })
  }

  #fail(connection: Connection, octets: Buffer, answer: WireAnswer): void {
    const { options, local } = this.#context
    this.#answer(connection, failureAnswer(options.dictionary, octets, local, answer))
  }

  #answer(connection: Connection, octets: Buffer): void {
    this.#peer.counters.answersOut += 1
    this.#peer.send(connection, octets)
  }

  /** True: the retransmission has its answer, or will have that of the request it repeats. */
  #repeat(connection: Connection, request: Message): boolean {
    const originHost = textAvp(request, 'Origin-Host')
    const sessionId = textAvp(request, 'Session-Id')
    const waiter: AnswerWaiter = (octets) => {
      const copy = Buffer.from(octets)
      copy.writeUInt32BE(request.hopByHop, hopByHopAt)
      this.#answer(connection, copy)
    }
    const found =
      this.stored.recall(originHost, request.endToEnd, sessionId, waiter) ??
      this.#context.recallElsewhere(this.#peer.link.peerId, originHost, request.endToEnd, sessionId, waiter)
    if (found === undefined) return false
    this.#peer.counters.retransmitted += 1
    if (found !== 'waiting') waiter(found)
    return true
  }

  #handOver(connection: Connection, request: Message, octets: Buffer): void {
    const { limits, options } = this.#context
    if (this.#pending.size >= limits.pendingPerPeer) {
      this.#peer.counters.busy += 1
      this.#peer.emit({ kind: 'overflow', what: 'pending' })
      this.#fail(connection, octets, { code: refusals.busy })
      return
    }
    const slot: Slot = {
      connection,
      octets,
      hopByHop: request.hopByHop,
      endToEnd: request.endToEnd,
      originHost: textAvp(request, 'Origin-Host'),
      sessionId: textAvp(request, 'Session-Id'),
      answer: null,
      waiting: null,
      isForgotten: false,
      deadline: options.clock.monotonicMs() + limits.pendingMs,
      isSettled: false,
    }
    this.#pending.add(slot)
    if (this.#timer === null) this.#watch(limits.pendingMs)
    if (this.#pending.size >= limits.pendingPerPeer) {
      this.#paused = connection
      connection.pause('pending')
    }
    // No MME sends as much; whoever does must not fill the memory with what we repeat of it.
    if (octets.length <= storedRequestBytes) this.stored.remember(slot)
    try {
      options.onRequest(request, this.#peer.link, (answer) => this.#respond(slot, answer), octets)
    } catch (error) {
      this.#functionFailed(slot, error)
    }
  }

  #respond(slot: Slot, answer: Message | null): Buffer | null {
    if (!this.#settle(slot)) return null
    if (answer === null) {
      forget(slot)
      return null
    }
    let octets: Buffer
    try {
      octets = encode(this.#context.options.dictionary, answer)
    } catch (error) {
      slot.isSettled = false
      this.#functionFailed(slot, error)
      return null
    }
    octets.writeUInt32BE(slot.hopByHop, hopByHopAt)
    octets.writeUInt32BE(slot.endToEnd, endToEndAt)
    if (slot.connection !== null) this.#answer(slot.connection, octets)
    release(slot)
    finish(slot, octets)
    return octets
  }

  /** A programmer's fault in a function costs this request, not the peer. */
  #functionFailed(slot: Slot, error: unknown): void {
    this.#settle(slot)
    this.#peer.emit({ kind: 'function-failed', because: error instanceof Error ? error.message : String(error) })
    if (slot.connection !== null) this.#fail(slot.connection, slot.octets, { code: refusals.unableToComply })
    forget(slot)
  }

  #settle(slot: Slot): boolean {
    if (slot.isSettled) return false
    slot.isSettled = true
    this.#pending.delete(slot)
    if (this.#paused !== null && this.#pending.size <= this.#context.limits.pendingPerPeer / 2) {
      this.#paused.resume('pending')
      this.#paused = null
    }
    return true
  }

  /** Gives up on requests that no function answered, oldest first: a drop must not hold its place for ever. */
  #watch(delayMs: number): void {
    const { clock } = this.#context.options
    this.#timer = clock.after(delayMs, () => {
      this.#timer = null
      const now = clock.monotonicMs()
      for (const slot of this.#pending) {
        if (slot.deadline > now) {
          this.#watch(slot.deadline - now)
          return
        }
        this.#peer.counters.unanswered += 1
        this.#respond(slot, null)
      }
    })
  }
}

/** No answer that could be repeated: a retransmission starts afresh. */
function forget(slot: Slot): void {
  slot.isForgotten = true
  slot.waiting = null
  release(slot)
}

function release(slot: Slot): void {
  slot.connection = null
  slot.octets = noOctets
}

/** What to say about an error that a decoder threw; one that is not a ProtocolError is our own fault. */
export function protocolFault(error: unknown): { because: string; spec: string; answer: WireAnswer | undefined } {
  if (error instanceof ProtocolError) return { because: `${error.code}: ${error.message}`, spec: error.spec, answer: error.answer }
  return {
    because: error instanceof Error ? error.message : String(error),
    spec: 'RFC 6733 §7.1.5',
    answer: { code: refusals.unableToComply },
  }
}
