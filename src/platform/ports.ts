import type { Partner, PeerRow } from '#domain/partner.ts'
import type { Action, Fact, Reason } from '#guard/verdict.ts'

/**
 * The ports by which functions, the platform and the composition root meet. A function that offers one names it in
 * `provides`; one that wants it names it in `needs`. Nothing here does anything.
 */

/** One judged message, as the portal, the evidence and the recorder see it. */
export interface SignalEvent {
  id: string
  at: number
  interface: string
  operation: string
  direction: 'in' | 'out'
  peerId: string
  partnerId: string | null
  originHost: string
  originRealm: string
  visitedPlmn: string | null
  imsi: string | null
  providerId: string | null
  class: string | null
  action: Action
  reason: Reason
  ruleId: string
  facts: readonly Fact[]
  shadow: readonly { ruleId: string; action: Action; reason: Reason }[]
  alert: boolean
  /** Result-Code or Experimental-Result-Code sent; null for none. */
  resultCode: number | null
  /** From last octet in to first octet out. */
  latencyMs: number
  /** How long admission control held it. */
  heldMs: number
  /** E-UTRAN or UTRAN vectors that left with the answer. */
  vectors: number
  /** The octets, kept for what is alerted or sampled. */
  request: Uint8Array | null
  answer: Uint8Array | null
}

/** Where every judged message goes: counted always, kept as a row when of note. Never blocks, never throws. */
export interface SignalRecorder {
  record(event: Omit<SignalEvent, 'id'>): void
}

/** What may change while running: peers and partners. Emits the whole list; readers replace theirs. */
export interface NetworkDirectory {
  peers(): readonly PeerRow[]
  partners(): readonly Partner[]
  /** Returns a function that stops listening. */
  onChange(listener: () => void): () => void
}
