import { connect, type Socket } from 'node:net'
import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { createFramer } from '#links/diameter/framing.ts'
import { decode, encode, type Message, peekHeader, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'

/**
 * A Diameter connection without manners: it sends what it is told, also what no node would, and hands over whatever
 * comes. For attackers, and for tests of what a peer may not do.
 */

export interface RawPeerOptions {
  host: string
  port: number
  identity: string
  realm: string
  clock: Clock
}

export interface RawPeer {
  /** CER; resolves with the CEA, or null where the connection was closed instead. */
  open(): Promise<Message | null>
  send(message: Message | Buffer): void
  /** The next message that `wanted` accepts, among those not yet taken; null on close or after `timeoutMs`. */
  next(wanted: (message: Message) => boolean, timeoutMs?: number): Promise<Message | null>
  /** A request, numbered, and its answer. */
  ask(message: Message, timeoutMs?: number): Promise<Message | null>
  /** Whether the other side still answers a watchdog request. */
  isAlive(): Promise<boolean>
  readonly isClosed: boolean
  close(): void
}

/** Resolves once connected; rejects with the socket's error. */
export function connectRawPeer(options: RawPeerOptions): Promise<RawPeer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: options.host, port: options.port })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(new Raw(options, socket))
    })
  })
}

interface Waiting {
  wanted(message: Message): boolean
  settle(message: Message | null): void
}

const kept = 1024

class Raw implements RawPeer {
  readonly #options: RawPeerOptions
  readonly #socket: Socket
  readonly #waiting = new Set<Waiting>()
  readonly #unread: Message[] = []
  #numbers = 1
  #isClosed = false

  constructor(options: RawPeerOptions, socket: Socket) {
    this.#options = options
    this.#socket = socket
    const framer = createFramer(limits.diameter.messageBytes)
    socket.setNoDelay(true)
    socket.on('data', (chunk) => framer.push(chunk, (octets) => this.#take(octets)))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isClosed = true
      for (const waiting of [...this.#waiting]) waiting.settle(null)
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  open(): Promise<Message | null> {
    return this.ask(
      requestOf(diameter, 'CER', {
        'Origin-Host': this.#options.identity,
        'Origin-Realm': this.#options.realm,
        'Host-IP-Address': ['127.0.0.1'],
        'Vendor-Id': 0,
        'Product-Name': 'Simulated attacker',
        'Supported-Vendor-Id': [10415],
        'Vendor-Specific-Application-Id': [{ 'Vendor-Id': 10415, 'Auth-Application-Id': 16_777_251 }],
      }),
    )
  }

  send(message: Message | Buffer): void {
    if (!this.#isClosed) this.#socket.write(Buffer.isBuffer(message) ? message : encode(diameter, message))
  }

  ask(message: Message, timeoutMs = 6_000): Promise<Message | null> {
    const number = this.#numbers++
    this.send({ ...message, hopByHop: number, endToEnd: message.endToEnd === 0 ? number : message.endToEnd })
    return this.next((answer) => !answer.request && answer.hopByHop === number, timeoutMs)
  }

  async isAlive(): Promise<boolean> {
    if (this.#isClosed) return false
    const { identity, realm } = this.#options
    const answer = await this.ask(requestOf(diameter, 'DWR', { 'Origin-Host': identity, 'Origin-Realm': realm }))
    return answer?.command === 'DWA'
  }

  next(wanted: (message: Message) => boolean, timeoutMs = 6_000): Promise<Message | null> {
    const at = this.#unread.findIndex(wanted)
    const found = at >= 0 ? this.#unread.splice(at, 1)[0] : undefined
    if (found !== undefined) return Promise.resolve(found)
    if (this.#isClosed) return Promise.resolve(null)
    return new Promise((resolve) => {
      const waiting: Waiting = {
        wanted,
        settle: (message) => {
          timer.cancel()
          this.#waiting.delete(waiting)
          resolve(message)
        },
      }
      const timer = this.#options.clock.after(timeoutMs, () => waiting.settle(null))
      this.#waiting.add(waiting)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(octets: Buffer): void {
    const message = this.#decoded(octets)
    for (const waiting of this.#waiting) {
      if (!waiting.wanted(message)) continue
      waiting.settle(message)
      return
    }
    if (this.#unread.length < kept) this.#unread.push(message)
  }

  /** What cannot be read is still an answer to something: its header is enough. */
  #decoded(octets: Buffer): Message {
    try {
      return decode(diameter, octets, { keepUnknown: true, lenientMBits: true })
    } catch {
      const { code, application, request, proxiable, error, retransmitted, hopByHop, endToEnd } = peekHeader(octets)
      return { command: 'unknown', code, application, request, proxiable, error, retransmitted, hopByHop, endToEnd, avps: {}, others: [] }
    }
  }
}
