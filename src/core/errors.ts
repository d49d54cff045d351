/**
 * The two errors that Simward throws on purpose. Everything else that is thrown is a programmer's fault.
 * An expected refusal (an unknown IMEI, a roaming ban) is a returned value, never a throw.
 */

/** What a protocol answers to a message that it could not accept; the protocol's own codec reads it. */
export interface WireAnswer {
  /** Result-Code, MAP error, GTP cause, RADIUS code: the protocol's own number. */
  readonly code: number
  /** Octets of the offending element (a Failed-AVP's content, for one). */
  readonly failed?: Uint8Array
}

/** A peer's octets break the protocol. Costs the sender an answer or its connection, never the process. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: string
  /** Octet offset in the message at which the fault was seen. */
  readonly offset: number
  /** The clause that is broken, for example `RFC 6733 §4.1`. */
  readonly spec: string
  /** What goes back on the wire; absent where nothing may be answered (framing lost). */
  readonly answer: WireAnswer | undefined

  constructor(code: string, message: string, at: { offset: number; spec: string; answer?: WireAnswer }) {
    super(message)
    this.code = code
    this.offset = at.offset
    this.spec = at.spec
    this.answer = at.answer
  }
}

/** A person's or an API client's request cannot be done; becomes an RFC 9457 problem document. */
export class OperationError extends Error {
  override readonly name = 'OperationError'
  /** A literal code from the area's registry, for example `partner-unknown`. */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  /** Member names and values added to the problem document. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, status: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.status = status
    this.details = details
  }
}
