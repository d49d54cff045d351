import type { Socket } from 'node:net'
import type { Clock, Timer } from '#core/clock.ts'
import { createFramer, type Framer, type FramingFault } from './framing.ts'

/** Who reads a connection; replaced when a connection turns out to be a peer's. */
export interface ConnectionReader {
  message(octets: Buffer): void
  /** Framing is lost or a buffer is over its bound; the connection closes itself right after. */
  fault(fault: FramingFault | 'send-buffer'): void
  closed(because: string): void
}

export interface ConnectionOptions {
  clock: Clock
  messageBytes: number
  /** Past this reading from the peer stops until the kernel has taken all; past four times this the connection closes. */
  sendBufferBytes: number
  tls: boolean
}

/** Why reading is stopped; bits. */
export const pauseReasons = { sendBuffer: 1, pending: 2 } as const

const overflowFactor = 4
/** How long a connection that we ended waits for the peer to end it too. */
const lingerMs = 1_000

/**
 * A socket that speaks whole messages. What is sent within one turn of the event loop leaves in one write: one system call
 * and one TLS record for a whole batch of answers.
 */
export class Connection {
  readonly socket: Socket
  readonly tls: boolean
  readonly remoteAddress: string
  readonly localAddress: string
  octetsIn = 0
  octetsOut = 0
  readonly #options: ConnectionOptions
  readonly #framer: Framer
  #reader: ConnectionReader
  #queue: Buffer[] = []
  #queuedBytes = 0
  #isFlushing = false
  #paused = 0
  #isEnded = false
  #isClosed = false
  #because = 'connection-lost'
  #linger: Timer | null = null

  /** The socket must be connected (and its TLS handshake done). */
  constructor(socket: Socket, options: ConnectionOptions, reader: ConnectionReader) {
    this.socket = socket
    this.tls = options.tls
    this.remoteAddress = plainAddress(socket.remoteAddress)
    this.localAddress = plainAddress(socket.localAddress)
    this.#options = options
    this.#framer = createFramer(options.messageBytes)
    this.#reader = reader
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.resume('sendBuffer'))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#because === 'connection-lost') this.#because = error.code ?? error.message
    })
    socket.on('close', () => this.#close())
    if (socket.destroyed) setImmediate(() => this.#close())
  }

  set reader(reader: ConnectionReader) {
    this.#reader = reader
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Octets given to `send` that the kernel has not taken. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.socket.writableLength
  }

  get isCongested(): boolean {
    return this.bufferedBytes > this.#options.sendBufferBytes
  }

  isPausedFor(reason: keyof typeof pauseReasons): boolean {
    return (this.#paused & pauseReasons[reason]) !== 0
  }

  send(octets: Buffer): void {
    if (this.#isEnded || this.#isClosed) return
    this.#queue.push(octets)
    this.#queuedBytes += octets.length
    this.octetsOut += octets.length
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => this.#flush())
  }

  pause(reason: keyof typeof pauseReasons): void {
    if (this.#isEnded) return
    if (this.#paused === 0) this.socket.pause()
    this.#paused |= pauseReasons[reason]
  }

  resume(reason: keyof typeof pauseReasons): void {
    const was = this.#paused
    this.#paused &= ~pauseReasons[reason]
    if (was !== 0 && this.#paused === 0) this.socket.resume()
  }

  /** Sends what is queued, then ends the stream; the peer has a second to end it too. `closed` follows either way. */
  end(because: string): void {
    if (this.#isEnded || this.#isClosed) return
    this.#because = because
    this.#framer.stop()
    this.#flush()
    this.#isEnded = true
    this.#paused = 0
    this.socket.end()
    this.socket.resume()
    this.#linger = this.#options.clock.after(lingerMs, () => this.socket.destroy())
  }

  /** Closes at once; what is queued is lost. */
  destroy(because: string): void {
    if (this.#isClosed) return
    if (!this.#isEnded) this.#because = because
    this.#framer.stop()
    this.#isEnded = true
    this.socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#isEnded) return
    this.octetsIn += chunk.length
    const fault = this.#framer.push(chunk, (octets) => this.#reader.message(octets))
    if (fault === null) return
    this.#reader.fault(fault)
    this.end('framing')
  }

  #flush(): void {
    this.#isFlushing = false
    const queue = this.#queue
    const first = queue[0]
    if (first === undefined || this.#isClosed) return
    const bytes = this.#queuedBytes
    this.#queue = []
    this.#queuedBytes = 0
    if (this.socket.destroyed || this.socket.writableEnded) return
    this.socket.write(queue.length === 1 ? first : Buffer.concat(queue, bytes))
    const buffered = this.socket.writableLength
    if (buffered <= this.#options.sendBufferBytes) return
    this.pause('sendBuffer')
    if (buffered > this.#options.sendBufferBytes * overflowFactor) {
      this.#reader.fault('send-buffer')
      this.destroy('overflow')
    }
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#queue = []
    this.#queuedBytes = 0
    this.#linger?.cancel()
    this.#framer.stop()
    this.#reader.closed(this.#because)
  }
}

/** IPv4 in its own form where the socket shows it inside IPv6. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
