import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Timer } from '#core/clock.ts'
import { Connection, type ConnectionReader, plainAddress } from './connection.ts'
import type { NodeContext } from './context.ts'
import type { RefusalReason } from './events.ts'
import { listenerTlsOptions } from './tls.ts'

/** A connection that nobody has been named for yet. */
interface Stranger {
  /** The TCP socket, also under TLS. */
  readonly raw: Socket
  readonly address: string
  readonly timer: Timer
  connection: Connection | null
}

/** Takes the first message of a connection. True: it belongs to a peer now. False: it has been refused and ended. */
export type Admit = (connection: Connection, octets: Buffer) => boolean

/**
 * Accepts connections and holds them, few and for a few seconds, until their first message. When too many wait, the oldest
 * of the address that has most of them goes: one sender cannot keep the others out.
 */
export class Listener {
  readonly #context: NodeContext
  readonly #admit: Admit
  readonly #servers: Server[] = []
  readonly #strangers = new Map<string, Stranger>()
  /** TCP sockets of every connection accepted, until they close. */
  readonly #sockets = new Set<Socket>()

  constructor(context: NodeContext, admit: Admit) {
    this.#context = context
    this.#admit = admit
  }

  get strangers(): number {
    return this.#strangers.size
  }

  async listen(at: { host?: string; port: number; tls?: boolean }): Promise<{ host: string; port: number }> {
    const { tls } = this.#context.options
    if (at.tls === true && tls === undefined) throw new TypeError('a TLS listener needs key, certificate and authorities')
    const server = at.tls === true && tls !== undefined ? this.#tlsServer(createTlsServer(listenerTlsOptions(tls))) : this.#tcpServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: at.host ?? '127.0.0.1', port: at.port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    server.on('error', () => {})
    this.#servers.push(server)
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new TypeError('a listener without an address')
    return { host: bound.address, port: bound.port }
  }

  /** Stops accepting, and closes what never became a peer's. Resolves when every accepted socket is closed. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const stranger of this.#strangers.values()) stranger.raw.destroy()
    for (const socket of this.#sockets) socket.destroySoon()
    await Promise.all(closed)
  }

  #tcpServer(): Server {
    const server = createTcpServer()
    server.on('connection', (socket: Socket) => {
      const key = this.#hold(socket)
      if (key !== null) this.#read(key, socket, false)
    })
    return server
  }

  #tlsServer(server: Server): Server {
    server.on('connection', (socket: Socket) => {
      // The handshake has its own reader; a raw socket's error is told by it too.
      socket.on('error', () => {})
      this.#hold(socket)
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      const key = keyOf(socket)
      if (this.#strangers.has(key)) this.#read(key, socket, true)
      else socket.destroy()
    })
    server.on('tlsClientError', (_error: Error, socket: TLSSocket) => {
      const stranger = this.#strangers.get(keyOf(socket))
      this.#refused('handshake-failed', stranger?.address ?? plainAddress(socket.remoteAddress))
      socket.on('error', () => {})
      socket.destroy()
      stranger?.raw.destroy()
    })
    return server
  }

  /** Starts the clock for a new connection; null: it was gone before it came. */
  #hold(raw: Socket): string | null {
    if (raw.remoteAddress === undefined) {
      raw.destroy()
      return null
    }
    const { limits, options } = this.#context
    if (this.#strangers.size >= limits.unidentifiedConnections) this.#evict()
    const key = keyOf(raw)
    const address = plainAddress(raw.remoteAddress)
    const timer = options.clock.after(limits.cerTimeoutMs, () => {
      this.#refused('cer-timeout', address)
      const stranger = this.#strangers.get(key)
      stranger?.raw.destroy()
    })
    this.#strangers.set(key, { raw, address, timer, connection: null })
    this.#sockets.add(raw)
    raw.once('close', () => {
      this.#sockets.delete(raw)
      this.#release(key)
    })
    return key
  }

  #release(key: string): void {
    this.#strangers.get(key)?.timer.cancel()
    this.#strangers.delete(key)
  }

  #evict(): void {
    this.#context.emit({ kind: 'overflow', what: 'unidentified-connections' }, null, '')
    const perAddress = new Map<string, number>()
    for (const { address } of this.#strangers.values()) perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
    const most = Math.max(...perAddress.values())
    for (const [key, stranger] of this.#strangers) {
      if (perAddress.get(stranger.address) !== most) continue
      this.#release(key)
      stranger.raw.destroy()
      return
    }
  }

  #read(key: string, socket: Socket, tls: boolean): void {
    const { limits, options } = this.#context
    const { messageBytes, sendBufferBytes } = limits
    let isTaken = false
    const reader: ConnectionReader = {
      message: (octets) => {
        if (isTaken) return
        isTaken = true
        // A refused connection keeps its place until it is closed, so that refusals cannot pile up.
        if (this.#admit(connection, octets)) this.#release(key)
      },
      fault: (fault) => {
        const because = fault === 'send-buffer' ? fault : fault.message
        this.#context.emit({ kind: 'malformed', because, spec: 'RFC 6733 §3', resultCode: null }, null, '')
      },
      closed: () => {},
    }
    const connection = new Connection(socket, { clock: options.clock, messageBytes, sendBufferBytes, tls }, reader)
    this.#context.track(connection)
  }

  #refused(reason: RefusalReason, remoteAddress: string): void {
    this.#context.emit({ kind: 'peer-refused', reason, remoteAddress }, null, '')
  }
}

/** One TCP connection, whether seen through its own socket or through TLS. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`
}
