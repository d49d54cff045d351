import { LruMap } from '#core/lru.ts'

/** Sends the answer's octets under the Hop-by-Hop Identifier of the retransmission that waits for it. */
export type AnswerWaiter = (octets: Buffer) => void

interface Stored {
  sessionId: string
  octets: Buffer | null
  waiting: AnswerWaiter[] | null
}

const waitersPerRequest = 4

/**
 * Answers of one peer, kept for T-flagged retransmissions (RFC 6733 §3, §5.5.4): a duplicate is known by Origin-Host and
 * End-to-End Identifier. Session-Id must be the same too, so that nobody gets an answer by guessing 32 bits.
 */
export interface StoredAnswers {
  /** A request goes to its function: what retransmits it from now on waits for the same answer. */
  begin(originHost: string, endToEnd: number, sessionId: string): void
  /** The function answered; wakes whoever waits. */
  finish(originHost: string, endToEnd: number, octets: Buffer): void
  /** There will be no answer, or one that must not be repeated. */
  forget(originHost: string, endToEnd: number): void
  /** The kept answer; or `waiting` once `waiter` is noted; or undefined: not seen before (or forgotten). */
  recall(originHost: string, endToEnd: number, sessionId: string, waiter: AnswerWaiter): Buffer | 'waiting' | undefined
  readonly size: number
}

export function createStoredAnswers(capacity: number): StoredAnswers {
  const kept = new LruMap<string, Stored>(capacity)
  const keyOf = (originHost: string, endToEnd: number): string => `${endToEnd} ${originHost.toLowerCase()}`
  return {
    get size() {
      return kept.size
    },
    begin(originHost, endToEnd, sessionId) {
      kept.set(keyOf(originHost, endToEnd), { sessionId, octets: null, waiting: null })
    },
    finish(originHost, endToEnd, octets) {
      const stored = kept.peek(keyOf(originHost, endToEnd))
      if (stored === undefined) return
      stored.octets = octets
      const waiting = stored.waiting
      stored.waiting = null
      for (const waiter of waiting ?? []) waiter(octets)
    },
    forget(originHost, endToEnd) {
      kept.delete(keyOf(originHost, endToEnd))
    },
    recall(originHost, endToEnd, sessionId, waiter) {
      const stored = kept.get(keyOf(originHost, endToEnd))
      if (stored === undefined || stored.sessionId !== sessionId) return undefined
      if (stored.octets !== null) return stored.octets
      stored.waiting ??= []
      if (stored.waiting.length < waitersPerRequest) stored.waiting.push(waiter)
      return 'waiting'
    },
  }
}
