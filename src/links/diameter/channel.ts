import { answerTo, decode, encode, failureAnswer, peekHeader } from '#protocols/diameter/codec.ts'
import type { Header, Message } from '#protocols/diameter/message.ts'
import { relayApplication } from './capabilities.ts'
import type { Connection } from './connection.ts'
import { baseCommands, isSameIdentity, type NodeContext, textAvp } from './context.ts'
import type { LinkEventKind } from './events.ts'
import { Inbound, protocolFault } from './inbound.ts'
import { createOutstanding, type Outstanding } from './pending.ts'
import type { LinkCounters, PeerLink, RequestResult } from './types.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

const success = 2001
const unableToComply = 5012
const hopByHopAt = 12
const endToEndAt = 16

/** What a channel tells the peer whose channel it is. */
export interface ChannelOwner {
  readonly link: PeerLink
  emit(event: LinkEventKind): void
  /** A DPR came; the DPA is still to be sent, by `sendDisconnectAnswer`. */
  onDisconnectRequest(request: Message): void
  onDisconnectAnswer(): void
}

/** A request of ours under way. */
interface Sent {
  readonly sessionId: string
  readonly settle: (result: RequestResult) => void
}

/** What a peer says on its open connection, and what we say there: watchdogs, requests and answers both ways. */
export class Channel {
  readonly counters: LinkCounters = newCounters()
  readonly inbound: Inbound
  readonly watchdog: Watchdog
  readonly #context: NodeContext
  readonly #owner: ChannelOwner
  #connection: Connection | null = null
  #applications: readonly number[] = []
  #outstanding: Outstanding<Sent> | null = null
  #watchdogIds = { hopByHop: 0, endToEnd: 0 }

  constructor(context: NodeContext, owner: ChannelOwner) {
    this.#context = context
    this.#owner = owner
    this.inbound = new Inbound(context, {
      link: owner.link,
      counters: this.counters,
      emit: (event) => owner.emit(event),
      send: (connection, octets) => this.send(connection, octets),
    })
    this.watchdog = createWatchdog({
      clock: context.options.clock,
      random: context.random,
      intervalMs: context.timers.watchdogMs,
      send: () => this.probe(),
      onSuspect: () => owner.emit({ kind: 'peer-suspect' }),
      onRecovered: () => owner.emit({ kind: 'peer-recovered' }),
      close: () => this.#connection?.destroy('watchdog'),
      isDeaf: () => this.#connection?.isPausedFor('pending') ?? false,
    })
  }

  get connection(): Connection | null {
    return this.#connection
  }

  get applications(): readonly number[] {
    return this.#applications
  }

  get outstanding(): number {
    return this.#outstanding?.size ?? 0
  }

  get isWritable(): boolean {
    return (
      this.#connection !== null &&
      this.watchdog.state !== 'suspect' &&
      !this.#connection.isCongested &&
      this.outstanding < this.#context.limits.outstandingPerPeer
    )
  }

  supports(application: number): boolean {
    return this.#applications.includes(application) || this.#applications.includes(relayApplication)
  }

  /** The connection has exchanged capabilities. */
  open(connection: Connection, applications: readonly number[]): void {
    const { clock } = this.#context.options
    this.#connection = connection
    this.#applications = applications
    this.#outstanding = createOutstanding<Sent>({
      clock,
      firstHopByHop: Math.floor(this.#context.random() * 0x1_0000_0000),
      onTimeout: (sent) => {
        this.counters.timeouts += 1
        sent.settle({ ok: false, why: 'timeout' })
      },
    })
    this.counters.connects += 1
    this.watchdog.up()
  }

  /** The connection is gone; an orderly end leaves the watchdog without suspicion. */
  close(isOrderly: boolean): void {
    const sent = this.#outstanding?.drain() ?? []
    this.#connection = null
    this.#applications = []
    this.#outstanding = null
    if (isOrderly) this.watchdog.reset()
    else this.watchdog.down()
    for (const each of sent) each.settle({ ok: false, why: 'closed' })
  }

  /** Every message of the peer goes out here. */
  send(connection: Connection, octets: Buffer): void {
    this.counters.octetsOut += octets.length
    this.#context.options.tap?.('out', octets, this.#owner.link.peerId)
    connection.send(octets)
  }

  /** One whole message on the open connection. */
  receive(connection: Connection, octets: Buffer): void {
    this.note(octets)
    const header = peekHeader(octets)
    if (header.application === 0 && this.#takeBase(connection, header, octets)) return
    this.watchdog.heard(false)
    if (header.request) this.inbound.take(connection, header, octets, this.#applications)
    else this.#takeAnswer(header, octets)
  }

  /** Counts and shows what came in, also before the connection is open. */
  note(octets: Buffer): void {
    this.counters.octetsIn += octets.length
    this.#context.options.tap?.('in', octets, this.#owner.link.peerId)
  }

  /** Throws only where the message cannot be encoded. */
  request(message: Message, timeoutMs: number): Promise<RequestResult> {
    const connection = this.#connection
    const outstanding = this.#outstanding
    if (connection === null || outstanding === null) return Promise.resolve({ ok: false, why: 'closed' })
    if (!this.isWritable) return Promise.resolve({ ok: false, why: 'busy' })
    const octets = encode(this.#context.options.dictionary, message)
    const endToEnd = message.endToEnd === 0 ? this.#context.nextEndToEnd() : message.endToEnd
    const hopByHop = outstanding.nextHopByHop()
    octets.writeUInt32BE(hopByHop, hopByHopAt)
    octets.writeUInt32BE(endToEnd, endToEndAt)
    this.counters.requestsOut += 1
    return new Promise((settle) => {
      const ids = { hopByHop, endToEnd, code: message.code, application: message.application }
      outstanding.add(ids, { sessionId: textAvp(message, 'Session-Id'), settle }, timeoutMs)
      this.send(connection, octets)
    })
  }

  /** Sends a DWR now. */
  probe(): void {
    const connection = this.#connection
    if (connection === null) return
    this.#watchdogIds = { hopByHop: this.#outstanding?.nextHopByHop() ?? 0, endToEnd: this.#context.nextEndToEnd() }
    this.sendOwn(connection, 'DWR', this.#watchdogIds, { 'Origin-State-Id': this.#context.options.originStateId })
  }

  /** Sends a request of the base protocol with our origin in it. */
  sendOwn(
    connection: Connection,
    command: 'DWR' | 'DPR' | 'CER',
    ids: { hopByHop: number; endToEnd: number },
    avps: Readonly<Record<string, unknown>>,
  ): void {
    const { options } = this.#context
    const message = {
      command,
      code: { DWR: baseCommands.watchdog, DPR: baseCommands.disconnect, CER: baseCommands.capabilities }[command],
      application: 0,
      request: true,
      proxiable: false,
      error: false,
      retransmitted: false,
      ...ids,
      avps: { 'Origin-Host': options.identity, 'Origin-Realm': options.realm, ...avps },
      others: [],
    } as unknown as Message
    this.send(connection, encode(options.dictionary, message))
  }

  /** DWA or DPA with success. */
  sendSuccess(connection: Connection, request: Message): void {
    const { options } = this.#context
    const avps = { 'Result-Code': success, 'Origin-Host': options.identity, 'Origin-Realm': options.realm }
    this.send(connection, encode(options.dictionary, answerTo(request, avps as never)))
  }

  /** True where the message is one of the link itself: watchdog, disconnection, capabilities. */
  #takeBase(connection: Connection, header: Header, octets: Buffer): boolean {
    const isDwa = !header.request && header.code === baseCommands.watchdog
    if (isDwa && header.hopByHop === this.#watchdogIds.hopByHop && header.endToEnd === this.#watchdogIds.endToEnd) {
      this.#watchdogIds = { hopByHop: 0, endToEnd: 0 }
      this.watchdog.heard(true)
      return true
    }
    if (header.code === baseCommands.disconnect && !header.request) {
      this.#owner.onDisconnectAnswer()
      return true
    }
    if (!header.request) return false
    if (header.code === baseCommands.capabilities) {
      // A CER belongs at the start of a connection only (RFC 6733 §5.6 has no row for it in an open state).
      this.counters.malformed += 1
      this.#owner.emit({ kind: 'malformed', because: 'CER on an open connection', spec: 'RFC 6733 §5.6', resultCode: unableToComply })
      const { options, local } = this.#context
      this.send(connection, failureAnswer(options.dictionary, octets, local, { code: unableToComply }))
      return true
    }
    if (header.code !== baseCommands.watchdog && header.code !== baseCommands.disconnect) return false
    this.watchdog.heard(false)
    const request = this.inbound.decode(connection, header, octets)
    if (request?.command === 'DWR') this.sendSuccess(connection, request)
    else if (request?.command === 'DPR') this.#owner.onDisconnectRequest(request)
    return true
  }

  #takeAnswer(header: Header, octets: Buffer): void {
    const sent = this.#outstanding?.find(header) ?? 'unsolicited'
    const { code: command, endToEnd } = header
    if (sent === 'unsolicited') {
      this.counters.unsolicited += 1
      this.#owner.emit({ kind: 'unsolicited-answer', command, endToEnd })
      return
    }
    if (typeof sent === 'string') {
      this.#altered(header, sent)
      return
    }
    let answer: Message
    try {
      answer = decode(this.#context.options.dictionary, octets)
    } catch (error) {
      this.counters.malformed += 1
      const fault = protocolFault(error)
      this.#owner.emit({ kind: 'malformed', because: fault.because, spec: fault.spec, resultCode: null })
      return
    }
    const sessionId = textAvp(answer, 'Session-Id')
    const { role, identity } = this.#owner.link
    if (role === 'node' && !isSameIdentity(textAvp(answer, 'Origin-Host'), identity)) this.#altered(header, 'origin-host')
    else if (sessionId !== '' && sessionId !== sent.sessionId) this.#altered(header, 'session-id')
    else {
      this.#outstanding?.settle(header.hopByHop)
      this.counters.answersIn += 1
      sent.settle({ ok: true, answer })
    }
  }

  #altered(header: Header, because: 'origin-host' | 'session-id' | 'end-to-end' | 'command' | 'application'): void {
    this.counters.altered += 1
    this.#owner.emit({ kind: 'altered-answer', command: header.code, endToEnd: header.endToEnd, because })
  }
}

function newCounters(): LinkCounters {
  return {
    requestsIn: 0,
    answersOut: 0,
    requestsOut: 0,
    answersIn: 0,
    octetsIn: 0,
    octetsOut: 0,
    malformed: 0,
    unsolicited: 0,
    altered: 0,
    busy: 0,
    retransmitted: 0,
    unanswered: 0,
    timeouts: 0,
    connects: 0,
  }
}
