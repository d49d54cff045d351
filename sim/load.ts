import { connect, type Socket } from 'node:net'
import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { createFramer } from '#links/diameter/framing.ts'
import { answerTo, decode, encode, type Message, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { imsiAt } from './cards.ts'
import { createLoadTemplate, type LoadTemplate, readAnswer } from './load-template.ts'
import { LatencyHistogram } from './statistics.ts'
import { network, peerRow, sparePeerId } from './world.ts'

/**
 * A load generator: one Diameter node that keeps a window of requests under way, each about another IMSI. Messages are
 * encoded once and patched, so that it can saturate an HSS from another process.
 */

export interface LoadOptions {
  target: { host: string; port: number }
  clock: Clock
  /** `attach` sends an AIR and, once it is answered, the ULR of the same IMSI. */
  operation: 'AIR' | 'ULR' | 'attach'
  /** Requests to send (registrations, for `attach`); the run ends when all are answered or given up. */
  total: number
  /** Requests under way at most. Default 256. */
  window?: number
  /** Requests a second; absent: as fast as the window lets. */
  ratePerSecond?: number
  /** The SIMs of the world to walk through: from `first`, `count` of them, then over again. Default all distinct. */
  sims?: { first?: number; count?: number }
  /** IMSIs instead of the world's; walked through likewise. */
  imsis?: readonly string[]
  /** Who it says it is; the operator must list it as a peer. Default: the world's spare line. */
  peer?: { identity: string; realm: string; plmn: string }
  /** Hears once a second of the run so far. */
  progress?(result: LoadResult): void
  signal?: AbortSignal
}

export interface LoadResult {
  operation: LoadOptions['operation']
  sent: number
  answered: number
  /** Answers by Result-Code; experimental codes as `e5001`. */
  byResult: Record<string, number>
  /** Requests that no answer came to within ten seconds. */
  timeouts: number
  /** From the first request to the last answer. */
  seconds: number
  perSecond: number
  latencyMs: { p50: number; p95: number; p99: number; max: number }
  /** True when the connection was lost or refused before the end. */
  interrupted: boolean
}

const giveUpMs = 10_000
const tickMs = 5
/** How long the peer has for its DPA. */
const disconnectMs = 1_000
/** Disconnect-Cause REBOOTING (RFC 6733 §5.4.3): the peer may expect us back. */
const rebooting = 0

/** Resolves when done; rejects where no connection or no capabilities exchange comes about. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const socket = await open(options.target)
  const run = new LoadRun(options, socket)
  try {
    await run.exchangeCapabilities()
    const result = await run.finish()
    await run.disconnect()
    return result
  } finally {
    socket.destroy()
  }
}

function open(target: { host: string; port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target)
    socket.setNoDelay(true)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

class LoadRun {
  readonly #options: LoadOptions
  readonly #socket: Socket
  readonly #window: number
  readonly #peer: { identity: string; realm: string; plmn: string }
  readonly #templates: { AIR: LoadTemplate; ULR: LoadTemplate }
  readonly #imsis: readonly string[]
  /** By slot: when it was sent (0: free), how often it was used, what it carries. */
  readonly #sentAt: Float64Array
  readonly #generation: Uint16Array
  readonly #imsiOf: Uint32Array
  readonly #isAir: Uint8Array
  readonly #free: number[] = []
  readonly #updates: number[] = []
  readonly #histogram = new LatencyHistogram()
  readonly #byResult = new Map<number, number>()
  #started = 0
  #sent = 0
  #answered = 0
  #timeouts = 0
  #startMs = 0
  #endMs = 0
  #isInterrupted = false
  #end: () => void = () => {}
  #onCapabilities: (message: Message | null) => void = () => {}
  #onDisconnect: () => void = () => {}

  constructor(options: LoadOptions, socket: Socket) {
    this.#options = options
    this.#socket = socket
    this.#window = options.window ?? 256
    this.#peer = options.peer ?? spareLine()
    this.#templates = { AIR: createLoadTemplate('AIR', this.#peer), ULR: createLoadTemplate('ULR', this.#peer) }
    this.#imsis = options.imsis ?? walk(options)
    this.#sentAt = new Float64Array(this.#window)
    this.#generation = new Uint16Array(this.#window)
    this.#imsiOf = new Uint32Array(this.#window)
    this.#isAir = new Uint8Array(this.#window)
    for (let slot = this.#window - 1; slot >= 0; slot--) this.#free.push(slot)
    const framer = createFramer(limits.diameter.messageBytes)
    socket.on('data', (chunk) => {
      framer.push(chunk, (octets) => this.#take(octets))
      this.#pump()
    })
    socket.on('close', () => {
      this.#isInterrupted = !this.#isDone()
      this.#onCapabilities(null)
      this.#onDisconnect()
      this.#end()
    })
  }

  async exchangeCapabilities(): Promise<void> {
    const { identity, realm } = this.#peer
    const answer = await new Promise<Message | null>((resolve) => {
      this.#onCapabilities = resolve
      const cer = requestOf(diameter, 'CER', {
        'Origin-Host': identity,
        'Origin-Realm': realm,
        'Host-IP-Address': ['127.0.0.1'],
        'Vendor-Id': 0,
        'Product-Name': 'Load generator',
        'Supported-Vendor-Id': [10415],
        'Vendor-Specific-Application-Id': [{ 'Vendor-Id': 10415, 'Auth-Application-Id': 16_777_251 }],
      })
      this.#socket.write(encode(diameter, { ...cer, hopByHop: 1, endToEnd: 1 }))
    })
    this.#onCapabilities = () => {}
    if (answer?.command !== 'CEA' || answer.avps['Result-Code'] !== 2001) {
      const why = answer === null ? 'the connection was closed' : `Result-Code ${JSON.stringify(answer.avps)}`
      throw new Error(`${identity} was not accepted as a peer: ${why}`)
    }
  }

  finish(): Promise<LoadResult> {
    const { clock, progress, signal } = this.#options
    this.#startMs = clock.monotonicMs()
    return new Promise((resolve) => {
      let isOver = false
      this.#end = () => {
        if (isOver) return
        isOver = true
        this.#endMs = clock.monotonicMs()
        resolve(this.#result())
      }
      signal?.addEventListener('abort', this.#end, { once: true })
      let nextReportMs = this.#startMs + 1_000
      const tick = (): void => {
        if (isOver) return
        const now = clock.monotonicMs()
        if (now >= nextReportMs) {
          nextReportMs = now + 1_000
          this.#giveUp(now)
          progress?.(this.#result())
        }
        this.#pump()
        clock.after(tickMs, tick)
      }
      tick()
    })
  }

  /** Leaves in order (RFC 6733 §5.4): a peer that lost us without a word distrusts our next connection for a while (RFC 3539). */
  async disconnect(): Promise<void> {
    if (this.#socket.destroyed) return
    const { identity, realm } = this.#peer
    const dpr = requestOf(diameter, 'DPR', { 'Origin-Host': identity, 'Origin-Realm': realm, 'Disconnect-Cause': rebooting })
    await new Promise<void>((resolve) => {
      this.#onDisconnect = resolve
      this.#options.clock.after(disconnectMs, resolve)
      this.#socket.write(encode(diameter, { ...dpr, hopByHop: 2, endToEnd: 2 }))
    })
  }

  #result(): LoadResult {
    const seconds = ((this.#endMs || this.#options.clock.monotonicMs()) - this.#startMs) / 1000
    const byResult: Record<string, number> = {}
    for (const [code, count] of this.#byResult) byResult[code < 0 ? `e${-code}` : `${code}`] = count
    const at = (share: number): number => Math.round(this.#histogram.at(share) * 100) / 100
    return {
      operation: this.#options.operation,
      sent: this.#sent,
      answered: this.#answered,
      byResult,
      timeouts: this.#timeouts,
      seconds: Math.round(seconds * 1000) / 1000,
      perSecond: seconds === 0 ? 0 : Math.round(this.#answered / seconds),
      latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
      interrupted: this.#isInterrupted,
    }
  }

  /** Fills free slots as far as window and rate allow, in one write. */
  #pump(): void {
    if (this.#startMs === 0 || this.#socket.destroyed) return
    const now = this.#options.clock.monotonicMs()
    const isAttach = this.#options.operation === 'attach'
    const opening = this.#options.operation === 'ULR' ? 'ULR' : 'AIR'
    const parts: Buffer[] = []
    while (this.#free.length > 0) {
      const update = isAttach ? this.#updates.pop() : undefined
      if (update !== undefined) {
        parts.push(this.#request('ULR', update, now))
        continue
      }
      if (this.#started >= this.#options.total || !this.#mayStart(now)) break
      const index = this.#started++ % this.#imsis.length
      parts.push(this.#request(opening, index, now))
    }
    if (parts.length > 0) this.#socket.write(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts))
    if (this.#isDone()) this.#end()
  }

  #mayStart(now: number): boolean {
    const { ratePerSecond } = this.#options
    return ratePerSecond === undefined || this.#started < ((now - this.#startMs) / 1000) * ratePerSecond + 1
  }

  #isDone(): boolean {
    return this.#started >= this.#options.total && this.#free.length === this.#window && this.#updates.length === 0
  }

  #request(operation: 'AIR' | 'ULR', imsiIndex: number, now: number): Buffer {
    const slot = this.#free.pop() ?? 0
    const generation = ((this.#generation[slot] ?? 0) + 1) & 0xffff
    this.#generation[slot] = generation
    this.#sentAt[slot] = now
    this.#imsiOf[slot] = imsiIndex
    this.#isAir[slot] = operation === 'AIR' ? 1 : 0
    this.#sent += 1
    return this.#templates[operation].make(this.#imsis[imsiIndex] ?? '', generation * 0x1_0000 + slot, this.#sent)
  }

  #take(octets: Buffer): void {
    const answer = readAnswer(octets)
    if (answer === null || (answer.code !== this.#templates.AIR.code && answer.code !== this.#templates.ULR.code)) {
      this.#takeOther(octets)
      return
    }
    const slot = answer.hopByHop & 0xffff
    const sentAt = this.#sentAt[slot] ?? 0
    if (sentAt === 0 || this.#generation[slot] !== answer.hopByHop >>> 16) return
    this.#histogram.add(this.#options.clock.monotonicMs() - sentAt)
    this.#byResult.set(answer.result, (this.#byResult.get(answer.result) ?? 0) + 1)
    this.#answered += 1
    if (this.#options.operation === 'attach' && this.#isAir[slot] === 1 && answer.result === 2001)
      this.#updates.push(this.#imsiOf[slot] ?? 0)
    this.#release(slot)
  }

  #release(slot: number): void {
    this.#sentAt[slot] = 0
    this.#free.push(slot)
  }

  #giveUp(now: number): void {
    for (let slot = 0; slot < this.#window; slot++) {
      const sentAt = this.#sentAt[slot] ?? 0
      if (sentAt === 0 || now - sentAt < giveUpMs) continue
      this.#timeouts += 1
      this.#release(slot)
    }
  }

  /** Capabilities, watchdogs and what the home network asks of us; anything else is of no interest here. */
  #takeOther(octets: Buffer): void {
    const message = decode(diameter, octets, { keepUnknown: true, lenientMBits: true })
    if (message.command === 'CEA') {
      this.#onCapabilities(message)
      return
    }
    if (message.command === 'DPA') {
      this.#onDisconnect()
      return
    }
    const reply = replyTo(message, { 'Origin-Host': this.#peer.identity, 'Origin-Realm': this.#peer.realm, 'Result-Code': 2001 })
    if (reply !== null) this.#socket.write(encode(diameter, reply))
  }
}

function replyTo(message: Message, done: { 'Origin-Host': string; 'Origin-Realm': string; 'Result-Code': number }): Message | null {
  switch (message.command) {
    case 'DWR':
      return answerTo(message, done)
    case 'DPR':
      return answerTo(message, done)
    case 'CLR':
    case 'IDR':
    case 'DSR':
    case 'RSR':
      return answerTo(message, { ...done, 'Auth-Session-State': 1 })
    default:
      return null
  }
}

function spareLine(): { identity: string; realm: string; plmn: string } {
  const { identity, realm } = peerRow(sparePeerId)
  return { identity, realm, plmn: network('estrel').plmns[0] }
}

function walk({ sims, total }: LoadOptions): string[] {
  const { first = 0, count = total } = sims ?? {}
  return Array.from({ length: Math.max(1, Math.min(count, total)) }, (_, i) => imsiAt(first + i))
}
