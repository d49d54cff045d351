/** Sends the answer's octets under the Hop-by-Hop Identifier of the retransmission that waits for it. */
export type AnswerWaiter = (octets: Buffer) => void

/** A request that went to its function, and what became of it. */
export interface Remembered {
  readonly endToEnd: number
  readonly originHost: string
  readonly sessionId: string
  /** null: not answered yet, or `isForgotten`. */
  answer: Buffer | null
  waiting: AnswerWaiter[] | null
  /** There was no answer, or one that must not be repeated. */
  isForgotten: boolean
}

const waitersPerRequest = 4

/**
 * Answers of one peer, kept for T-flagged retransmissions (RFC 6733 §3, §5.5.4): a duplicate is known by Origin-Host and
 * End-to-End Identifier. Session-Id must be the same too, so that nobody gets an answer by guessing 32 bits. The last
 * `capacity` requests are kept; of two with one identifier, the later.
 */
export interface StoredAnswers {
  /** A request goes to its function: what retransmits it from now on waits for the same answer. */
  remember(request: Remembered): void
  /** The kept answer; or `waiting` once `waiter` is noted; or undefined: not seen before (or forgotten). */
  recall(originHost: string, endToEnd: number, sessionId: string, waiter: AnswerWaiter): Buffer | 'waiting' | undefined
  readonly size: number
}

/** The function answered; whoever waits is served. */
export function finish(request: Remembered, octets: Buffer): void {
  request.answer = octets
  const waiting = request.waiting
  request.waiting = null
  if (waiting !== null) for (const waiter of waiting) waiter(octets)
}

export function createStoredAnswers(capacity: number): StoredAnswers {
  const kept = new Map<number, Remembered>()
  // A ring in order of arrival beside the map: forgetting the oldest costs the same however many there are.
  const ring: Remembered[] = []
  let next = 0
  return {
    get size() {
      return kept.size
    },
    remember(request) {
      const oldest = ring[next]
      if (oldest !== undefined && kept.get(oldest.endToEnd) === oldest) kept.delete(oldest.endToEnd)
      ring[next] = request
      next = (next + 1) % capacity
      kept.set(request.endToEnd, request)
    },
    recall(originHost, endToEnd, sessionId, waiter) {
      const found = kept.get(endToEnd)
      if (found === undefined || found.isForgotten || found.sessionId !== sessionId) return undefined
      if (found.originHost.toLowerCase() !== originHost.toLowerCase()) return undefined
      if (found.answer !== null) return found.answer
      found.waiting ??= []
      if (found.waiting.length < waitersPerRequest) found.waiting.push(waiter)
      return 'waiting'
    },
  }
}
