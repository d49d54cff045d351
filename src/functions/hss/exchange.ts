import type { Signal } from '#guard/signal.ts'
import type { Fact, Verdict } from '#guard/verdict.ts'
import type { DiameterAnswer } from '#guard/wire/diameter.ts'
import type { PeerLink, Respond } from '#links/diameter/types.ts'
import type { Message } from '#protocols/diameter/message.ts'
import type { SubscriberState } from './subscriber-state.ts'

/** One request on its way through the HSS, from the last octet in to the answer out. */
export interface Exchange {
  readonly request: Message
  readonly link: PeerLink
  readonly signal: Signal
  /** `clock.monotonicMs()` when it came in. */
  readonly receivedMs: number
  /** Returns the octets as they leave, where there are any. */
  readonly respond: Respond
  /** The request as it came; null where it never was on a wire. */
  readonly octets: Buffer | null
  verdict: Verdict
  /** Facts that a procedure found after the verdict. */
  readonly found: Fact[]
  state: SubscriberState | null
  heldMs: number
  vectors: number
}

/** An exchange that is over, as the recorder and the demo see it. */
export interface Judged {
  readonly exchange: Exchange
  readonly answer: Message | null
  /** The answer as it left. */
  readonly answerOctets: Buffer | null
  /** Result-Code or Experimental-Result-Code sent; null where nothing was. */
  readonly resultCode: number | null
  /** From the last octet in to the answer out. */
  readonly latencyMs: number
}

/** DIAMETER_SUCCESS. */
export const success: DiameterAnswer = { resultCode: 2001 }

export function resultNumber(result: DiameterAnswer): number {
  return 'resultCode' in result ? result.resultCode : result.experimental
}
