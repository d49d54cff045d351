import type { Socket } from 'node:net'
import type { Timer } from '#core/clock.ts'
import { answerTo, decode, encode, peekHeader } from '#protocols/diameter/codec.ts'
import type { Message, MessageOf } from '#protocols/diameter/message.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import { commonApplications, ownCapabilities } from './capabilities.ts'
import { Channel } from './channel.ts'
import { Connection, type ConnectionReader } from './connection.ts'
import { baseCommands, isSameIdentity, type NodeContext } from './context.ts'
import type { LinkEventKind } from './events.ts'
import { protocolFault } from './inbound.ts'
import { type Attempt, connectPeer } from './initiator.ts'
import { nextPeerState, type PeerAction, type PeerEvent, type PeerState, winsElection } from './peer-state.ts'
import type { LinkCounters, PeerLink, PeerLinkState, PeerRow, RequestResult } from './types.ts'

const disconnectCauses = { rebooting: 0, busy: 1, 'do-not-want-to-talk': 2 } as const
export type DisconnectCause = keyof typeof disconnectCauses

/** A CER that passed every check, with the connection it came on. */
export interface Offer {
  connection: Connection
  cer: MessageOf<'CER'>
  octets: Buffer
  applications: readonly number[]
}

/** After a peer said that it does not want us, we wait this many of the longest pauses (RFC 6733 §5.4.3). */
const unwantedFactor = 10
/** A connection that stood this long starts the pauses anew. */
const provenOpenMs = 10_000
const success = 2001

/** One configured neighbour: runs the state table over at most one connection each way. */
export class Peer implements PeerLink {
  readonly channel: Channel
  readonly #context: NodeContext
  readonly #backoff: Backoff
  #row: PeerRow
  #state: PeerState = 'Closed'
  /** Events raised by actions, run after them. */
  readonly #events: PeerEvent[] = []
  #isRunning = false
  #attempt: Attempt | null = null
  #initiator: Connection | null = null
  #responder: Connection | null = null
  /** What is being offered just now, and what was accepted on the responder connection. */
  #offer: Offer | null = null
  #accepted: Offer | null = null
  /** Identifiers of our CER on the initiator connection, and what its CEA agreed to. */
  #cerIds = { hopByHop: 0, endToEnd: 0 }
  #agreed: readonly number[] = []
  #disconnectRequest: Message | null = null
  #timer: Timer | null = null
  #reconnect: Timer | null = null
  #because = ''
  #isOrderly = false
  #isUnwanted = false
  #isStopped = false
  #stopCause: DisconnectCause = 'rebooting'
  #openSince: number | null = null
  #openedAt = 0
  readonly #onStopped: (() => void)[] = []
  readonly #actions: Readonly<Record<PeerAction, () => void>> = {
    'I-Snd-Conn-Req': () => this.#connect(),
    'I-Snd-CER': () => this.#sendCer(),
    'R-Accept': () => this.#accept(),
    'R-Snd-CEA': () => this.#sendCea(),
    'R-Reject': () => this.#reject(),
    Elect: () => {
      if (winsElection(this.#context.options.identity, this.#row.identity)) this.#events.push('Win-Election')
    },
    'I-Disc': () => this.#dropInitiator(false),
    'R-Disc': () => this.#dropResponder(false),
    'Snd-DPR': () => this.#sendDpr(),
    'Snd-DPA': () => this.#sendDpa(),
    Open: () => this.#open(),
    Error: () => {
      this.#dropInitiator(true)
      this.#dropResponder(true)
    },
  }

  constructor(context: NodeContext, row: PeerRow) {
    this.#context = context
    this.#row = row
    this.#backoff = createBackoff(context.timers.reconnectMinMs, context.timers.reconnectMaxMs, context.random)
    this.channel = new Channel(context, {
      link: this,
      emit: (event) => this.emit(event),
      onDisconnectRequest: (request) => {
        this.#disconnectRequest = request
        this.#run('Rcv-DPR')
      },
      onDisconnectAnswer: () => this.#run('Rcv-DPA'),
    })
  }

  get row(): PeerRow {
    return this.#row
  }
  get peerId(): string {
    return this.#row.id
  }
  get identity(): string {
    return this.#row.identity
  }
  get realm(): string {
    return this.#row.realm
  }
  get role(): 'node' | 'agent' {
    return this.#row.role
  }
  get linkClass(): 'own' | 'national' | 'ipx' {
    return this.#row.linkClass
  }
  get state(): PeerLinkState {
    switch (this.#state) {
      case 'Closed':
        return 'closed'
      case 'Wait-Conn-Ack':
        return 'connecting'
      case 'Closing':
        return 'closing'
      case 'R-Open':
      case 'I-Open':
        return this.channel.watchdog.state === 'suspect' ? 'suspect' : 'open'
      default:
        return 'opening'
    }
  }
  get tls(): boolean {
    return this.channel.connection?.tls ?? false
  }
  get remoteAddress(): string | null {
    return this.channel.connection?.remoteAddress ?? null
  }
  get openSince(): number | null {
    return this.#openSince
  }
  get applications(): readonly number[] {
    return this.channel.applications
  }
  get counters(): Readonly<LinkCounters> {
    return this.channel.counters
  }
  get pending(): number {
    return this.channel.inbound.size
  }
  get outstanding(): number {
    return this.channel.outstanding
  }
  get isOpen(): boolean {
    return this.#state === 'R-Open' || this.#state === 'I-Open'
  }
  get writable(): boolean {
    return this.isOpen && this.channel.isWritable
  }

  /** Connects where the row says so. */
  start(): void {
    if (!this.#isStopped && this.#row.enabled && this.#row.connectTo !== null) this.#run('Start')
  }

  /** A row that differs only in what needs no new connection. */
  update(row: PeerRow): void {
    this.#row = row
  }

  /** The peer connected to us with a good CER. False: refused, since it is connected already or we are leaving. */
  offer(offer: Offer): boolean {
    this.#offer = offer
    this.#run('R-Conn-CER')
    this.#offer = null
    return this.#responder === offer.connection
  }

  request(message: Message, timeoutMs: number): Promise<RequestResult> {
    if (!this.isOpen) return Promise.resolve({ ok: false, why: 'closed' })
    return this.channel.request(message, timeoutMs)
  }

  /** Disconnects for good; resolves when it is done. `because` is told in `peer-down`. */
  stop(cause: DisconnectCause, because: string): Promise<void> {
    this.#isStopped = true
    this.#stopCause = cause
    this.#reconnect?.cancel()
    return new Promise((resolve) => {
      this.#onStopped.push(resolve)
      if (this.#state === 'Closed') this.#finishStop()
      else {
        this.#because = because
        this.#isOrderly = true
        this.#run('Stop')
      }
    })
  }

  emit(event: LinkEventKind): void {
    this.#context.emit(event, this.#row.id, this.#row.identity)
  }

  /** Raises an event; what its actions raise comes after them. */
  #run(event: PeerEvent): void {
    this.#events.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#step(next)
    } finally {
      this.#isRunning = false
    }
  }

  #step(event: PeerEvent): void {
    const row = nextPeerState(this.#state, event)
    if (row === undefined) return
    const from = this.#state
    this.#state = row.to
    for (const action of row.actions) this.#actions[action]()
    if (row.to === 'Closed' && from !== 'Closed') this.#closed()
  }

  #connect(): void {
    this.#because = ''
    this.#isOrderly = false
    this.#arm(this.#context.limits.cerTimeoutMs, 'no connection in time')
    this.#attempt = connectPeer(
      this.#row,
      this.#context.options.tls,
      (socket, tls) => {
        this.#attempt = null
        this.#initiator = this.#adopt(socket, tls)
        this.#run('I-Rcv-Conn-Ack')
      },
      (because) => {
        this.#attempt = null
        this.#because = because
        if (because === 'certificate-name') this.#refused('certificate-name', this.#row.connectTo?.host ?? '')
        this.#run('I-Rcv-Conn-Nack')
      },
    )
  }

  #adopt(socket: Socket, tls: boolean): Connection {
    const { limits, options } = this.#context
    const { messageBytes, sendBufferBytes } = limits
    const reader: ConnectionReader = { message() {}, fault() {}, closed() {} }
    const connection = new Connection(socket, { clock: options.clock, messageBytes, sendBufferBytes, tls }, reader)
    connection.reader = this.#readerFor(connection)
    this.#context.track(connection)
    return connection
  }

  #readerFor(connection: Connection): ConnectionReader {
    return {
      message: (octets) => this.#message(connection, octets),
      fault: (fault) => {
        if (fault === 'send-buffer') this.emit({ kind: 'overflow', what: 'send-buffer' })
        else {
          this.channel.counters.malformed += 1
          this.emit({ kind: 'malformed', because: fault.message, spec: fault.spec, resultCode: null })
        }
      },
      closed: (because) => {
        if (connection === this.#initiator) {
          if (this.#because === '') this.#because = because
          this.#initiator = null
          this.#run('I-Peer-Disc')
        } else if (connection === this.#responder) {
          if (this.#because === '') this.#because = because
          this.#responder = null
          this.#run('R-Peer-Disc')
        }
      },
    }
  }

  #message(connection: Connection, octets: Buffer): void {
    if (connection === this.channel.connection) this.channel.receive(connection, octets)
    else if (connection === this.#initiator) this.#takeCea(octets)
    // The other side of an election: nothing may come before our CEA, and whatever does is not read.
  }

  #sendCer(): void {
    const connection = this.#initiator
    if (connection === null) return
    this.#cerIds = { hopByHop: Math.floor(this.#context.random() * 0x1_0000_0000), endToEnd: this.#context.nextEndToEnd() }
    this.#arm(this.#context.limits.cerTimeoutMs, 'no CEA in time')
    this.channel.sendOwn(connection, 'CER', this.#cerIds, ownCapabilities(this.#context, connection.localAddress))
  }

  #takeCea(octets: Buffer): void {
    this.channel.note(octets)
    const header = peekHeader(octets)
    const { hopByHop, endToEnd } = this.#cerIds
    if (header.request || header.code !== baseCommands.capabilities || header.hopByHop !== hopByHop || header.endToEnd !== endToEnd) {
      this.#notOpened('the first message is not the CEA')
      return
    }
    let cea: Message
    try {
      cea = decode(this.#context.options.dictionary, octets)
    } catch (error) {
      const fault = protocolFault(error)
      this.emit({ kind: 'malformed', because: fault.because, spec: fault.spec, resultCode: null })
      this.#notOpened('malformed CEA')
      return
    }
    if (cea.command !== 'CEA') return
    const result = cea.avps['Result-Code']
    if (result !== success) {
      this.#refused('refused-by-peer')
      this.#notOpened(`CEA ${result ?? 'without Result-Code'}`)
    } else if (!isSameIdentity(cea.avps['Origin-Host'], this.#row.identity)) {
      this.#refused('wrong-identity')
      this.#notOpened(`the peer calls itself ${cea.avps['Origin-Host']}`)
    } else {
      this.#agreed = commonApplications(this.#context.applications, cea.avps)
      if (this.#agreed.length > 0) this.#run('I-Rcv-CEA')
      else {
        this.#refused('no-common-application')
        this.#notOpened('no application in common')
      }
    }
  }

  #notOpened(because: string): void {
    this.#because = because
    this.#run('I-Rcv-Non-CEA')
  }

  #refused(
    reason: 'certificate-name' | 'refused-by-peer' | 'wrong-identity' | 'no-common-application' | 'already-connected',
    address?: string,
  ): void {
    this.emit({ kind: 'peer-refused', reason, remoteAddress: address ?? this.#initiator?.remoteAddress ?? '' })
  }

  #accept(): void {
    const offer = this.#offer
    if (offer === null) return
    this.#because = ''
    this.#isOrderly = false
    this.#accepted = offer
    this.#responder = offer.connection
    offer.connection.reader = this.#readerFor(offer.connection)
    this.channel.note(offer.octets)
  }

  #sendCea(): void {
    if (this.#responder === null || this.#accepted === null) return
    this.channel.send(this.#responder, capabilitiesAnswer(this.#context, this.#responder, this.#accepted.cer, success))
  }

  /** The peer has a connection already; if that one is dead, a watchdog finds out now rather than in a minute. */
  #reject(): void {
    const connection = this.#offer?.connection
    if (connection === undefined) return
    this.#refused('already-connected', connection.remoteAddress)
    connection.end('already-connected')
    if (this.isOpen) this.channel.probe()
  }

  #open(): void {
    const isInitiator = this.#state === 'I-Open'
    const connection = isInitiator ? this.#initiator : this.#responder
    this.#timer?.cancel()
    this.#reconnect?.cancel()
    if (connection === null) return
    this.#openSince = this.#context.options.clock.now()
    this.#openedAt = this.#context.options.clock.monotonicMs()
    this.channel.open(connection, isInitiator ? this.#agreed : (this.#accepted?.applications ?? []))
    this.emit({ kind: 'peer-up', tls: connection.tls, initiatedByUs: isInitiator })
  }

  #sendDpr(): void {
    const connection = this.channel.connection
    if (connection === null) return
    this.#arm(this.#context.timers.disconnectMs, 'no DPA in time')
    const ids = { hopByHop: 0, endToEnd: this.#context.nextEndToEnd() }
    this.channel.sendOwn(connection, 'DPR', ids, { 'Disconnect-Cause': disconnectCauses[this.#stopCause] })
  }

  /** The peer goes; it closes once it has our DPA. */
  #sendDpa(): void {
    const request = this.#disconnectRequest
    const connection = this.channel.connection
    this.#disconnectRequest = null
    if (connection === null || request?.command !== 'DPR') return
    if (this.#because === '') this.#because = 'disconnect-peer'
    this.#isOrderly = true
    this.#isUnwanted = request.avps['Disconnect-Cause'] !== disconnectCauses.rebooting
    this.#arm(this.#context.timers.disconnectMs, 'disconnect-peer')
    this.channel.sendSuccess(connection, request)
  }

  #dropInitiator(atOnce: boolean): void {
    const connection = this.#initiator
    this.#attempt?.cancel()
    this.#attempt = null
    this.#initiator = null
    if (atOnce) connection?.destroy('abandoned')
    else connection?.end('abandoned')
  }

  #dropResponder(atOnce: boolean): void {
    const connection = this.#responder
    this.#responder = null
    this.#accepted = null
    if (atOnce) connection?.destroy('abandoned')
    else connection?.end('abandoned')
  }

  #arm(delayMs: number, because: string): void {
    this.#timer?.cancel()
    this.#timer = this.#context.options.clock.after(delayMs, () => {
      if (this.#because === '') this.#because = because
      this.#run('Timeout')
    })
  }

  #closed(): void {
    this.#timer?.cancel()
    this.#accepted = null
    const because = this.#because === '' ? 'connection-lost' : this.#because
    const wasOpen = this.#openSince !== null
    this.#openSince = null
    if (wasOpen) {
      if (this.#context.options.clock.monotonicMs() - this.#openedAt >= provenOpenMs) this.#backoff.reset()
      this.channel.close(this.#isOrderly)
      this.emit({ kind: 'peer-down', cause: because })
    }
    if (this.#isStopped) this.#finishStop()
    else if (this.#row.connectTo !== null) this.#retry(because, wasOpen)
  }

  #retry(because: string, wasOpen: boolean): void {
    const delayMs = this.#isUnwanted ? this.#context.timers.reconnectMaxMs * unwantedFactor : this.#backoff.nextMs()
    this.#isUnwanted = false
    if (!wasOpen) this.emit({ kind: 'connect-failed', because, retryInMs: delayMs })
    this.#reconnect?.cancel()
    this.#reconnect = this.#context.options.clock.after(delayMs, () => this.start())
  }

  #finishStop(): void {
    this.channel.inbound.stop()
    for (const done of this.#onStopped.splice(0)) done()
  }
}

/** Our CEA to a CER, whatever its result. */
export function capabilitiesAnswer(context: NodeContext, connection: Connection, cer: MessageOf<'CER'>, resultCode: number): Buffer {
  const avps = { 'Result-Code': resultCode, ...ownCapabilities(context, connection.localAddress) }
  return encode(context.options.dictionary, answerTo(cer, avps))
}
