import type { Clock } from '#core/clock.ts'
import type { DecodeOptions } from '#protocols/diameter/codec.ts'
import type { Dictionary } from '#protocols/diameter/dictionary.ts'
import type { Message } from '#protocols/diameter/message.ts'
import type { LinkEvent } from './events.ts'

/** A Diameter neighbour as configured. What it may claim is this row, not what it says. */
export interface PeerRow {
  id: string
  /** Its Origin-Host in CER and CEA, and the certificate name where TLS is used. Compared case-insensitively. */
  identity: string
  realm: string
  role: 'node' | 'agent'
  linkClass: 'own' | 'national' | 'ipx'
  /** `tls`: never accepted in plain TCP. */
  transport: 'tcp' | 'tls'
  /** Realms that may be reached through it and that it may speak for. */
  realms: readonly string[]
  /** Where we connect to; null: it connects to us. */
  connectTo: { host: string; port: number } | null
  enabled: boolean
}

/** Vendor and number of an application, as Vendor-Specific-Application-Id carries them; vendor 0 for IETF ones. */
export interface ApplicationId {
  vendor: number
  id: number
}

/** Our certificate (chain), its key, and the authorities that may sign a peer's; PEM. */
export interface TlsMaterial {
  key: string | Buffer
  cert: string | Buffer
  ca: string | Buffer | readonly (string | Buffer)[]
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** Bounds of one node; each has its default in `core/limits.ts`. */
export interface LinkLimits {
  messageBytes: number
  receiveBufferBytes: number
  sendBufferBytes: number
  pendingPerPeer: number
  pendingMs: number
  outstandingPerPeer: number
  peers: number
  unidentifiedConnections: number
  cerTimeoutMs: number
  answerTimeoutMs: number
  storedAnswersPerPeer: number
}

/** Times of one node, milliseconds. */
export interface LinkTimers {
  /** Watchdog interval Tw; at least 6,000 (RFC 3539 §3.4.1). Default 30,000. */
  watchdogMs: number
  /** First and longest pause before connecting again; each is drawn between half and the whole. */
  reconnectMinMs: number
  reconnectMaxMs: number
  /** How long a DPA is waited for. */
  disconnectMs: number
}

/**
 * Answers the request; null says that no answer will be sent (a drop). Only the first call counts. Returns the octets as they
 * leave, or null where none do.
 */
export type Respond = (answer: Message | null) => Buffer | null

export interface DiameterNodeOptions {
  /** Our Diameter identity: Origin-Host of CER, and the certificate's name. */
  identity: string
  realm: string
  productName: string
  /** Vendor-Id of CER: the IANA enterprise number of the product; default 0. */
  vendorId?: number
  originStateId: number
  applications: readonly ApplicationId[]
  clock: Clock
  dictionary: Dictionary
  /** The rows in force; read at the start and at `refreshPeers`. */
  peers: () => readonly PeerRow[]
  tls?: TlsMaterial
  /**
   * Requests for which we are the destination; default: our identity and our realm. `hosts: 'any'` is for a node that
   * plays many hosts. Compared case-insensitively.
   */
  own?: { hosts?: readonly string[] | 'any'; realms?: readonly string[] | 'any' }
  /** How leniently requests of a peer are read: what its partners' waivers let pass is named in `message.waived`. */
  leniency?(link: PeerLink): DecodeOptions
  /** `octets` is the request as it came; they are the connection's: copy what is to be kept. */
  onRequest(request: Message, link: PeerLink, respond: Respond, octets: Buffer): void
  onEvent?(event: LinkEvent): void
  /** Every message of a peer, as it stood on the wire; must not keep the octets without copying them. */
  tap?(direction: 'in' | 'out', octets: Buffer, peerId: string): void
  limits?: Partial<LinkLimits>
  timers?: Partial<LinkTimers>
  /** Uniform in [0, 1): jitter and first identifiers. */
  random?: () => number
}

export type PeerLinkState = 'closed' | 'connecting' | 'opening' | 'open' | 'suspect' | 'closing'

export interface LinkCounters {
  requestsIn: number
  answersOut: number
  requestsOut: number
  answersIn: number
  octetsIn: number
  octetsOut: number
  malformed: number
  unsolicited: number
  altered: number
  /** Requests answered 3004 because too many were pending. */
  busy: number
  /** T-flagged requests that got the stored answer. */
  retransmitted: number
  /** Requests that nobody answered within `pendingMs`. */
  unanswered: number
  /** Our requests that got no answer in time. */
  timeouts: number
  connects: number
}

/** A configured peer and its connection, if any. One object per peer row for as long as the row stands. */
export interface PeerLink {
  readonly peerId: string
  readonly identity: string
  readonly realm: string
  readonly role: 'node' | 'agent'
  readonly linkClass: 'own' | 'national' | 'ipx'
  readonly state: PeerLinkState
  readonly tls: boolean
  /** null while closed. */
  readonly remoteAddress: string | null
  /** Wall time, ms; null while not open. */
  readonly openSince: number | null
  /** Application numbers in common; 4294967295 where the peer relays. */
  readonly applications: readonly number[]
  readonly counters: Readonly<LinkCounters>
  /** Requests that wait for our answer, and ours that wait for the peer's. */
  readonly pending: number
  readonly outstanding: number
  /** Whether a request sent now would be written. */
  readonly writable: boolean
}

/** Where a request of ours goes: one peer, or by host and realm; `via` names the peers that may carry it. */
export type RequestTarget = { peerId: string } | { host?: string; realm: string; via?: readonly string[] }

export type RequestResult = { ok: true; answer: Message } | { ok: false; why: 'timeout' | 'no-route' | 'busy' | 'closed' }

export interface DiameterNode {
  /** Port 0 takes a free one. Resolves with the bound address; rejects with the socket's error. Default host 127.0.0.1. */
  listen(at: { host?: string; port: number; tls?: boolean }): Promise<{ host: string; port: number }>
  /** Reads the peer rows again: new ones start, removed and changed ones are disconnected. */
  refreshPeers(): void
  /**
   * Hop-by-Hop is set here; End-to-End too unless the message brings one that is not 0 (a retransmission). `timeoutMs`
   * defaults to 6,000. A connection lost under it fails over to another that leads there. Rejects only where the message
   * cannot be encoded.
   */
  request(message: Message, to: RequestTarget, timeoutMs?: number): Promise<RequestResult>
  links(): readonly PeerLink[]
  /** Disconnect-Cause for the DPR, RFC 6733 §5.4.3; default `rebooting`. Resolves when every socket is closed. */
  close(cause?: 'rebooting' | 'busy' | 'do-not-want-to-talk'): Promise<void>
}
