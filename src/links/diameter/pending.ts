import type { Clock, Timer } from '#core/clock.ts'

/** What an answer must match besides the connection it comes on. */
interface AnswerIds {
  hopByHop: number
  endToEnd: number
  code: number
  application: number
}

type MatchFault = 'unsolicited' | 'end-to-end' | 'command' | 'application'

export interface Outstanding<Context> {
  readonly size: number
  /** The next Hop-by-Hop Identifier that is not in use on this connection (RFC 6733 §3). */
  nextHopByHop(): number
  add(ids: AnswerIds, context: Context, timeoutMs: number): void
  /** The request that the answer belongs to, still kept; or how it fails to match. */
  find(ids: AnswerIds): Context | MatchFault
  /** Takes a request out once its answer is accepted. */
  settle(hopByHop: number): void
  /** Takes everything out, oldest first: the connection is gone. */
  drain(): Context[]
}

interface Entry<Context> {
  ids: AnswerIds
  context: Context
  deadline: number
}

/** Timers are not set closer to each other than this; an answer that is late by less may still be taken. */
const sweepSlackMs = 10

/**
 * Our requests on one connection that wait for an answer. One timer serves all: it stands at the earliest deadline known
 * when it was set, and looks through the whole (bounded) map when it fires.
 */
export function createOutstanding<Context extends object>(options: {
  clock: Clock
  firstHopByHop: number
  onTimeout: (context: Context) => void
}): Outstanding<Context> {
  const { clock, onTimeout } = options
  const entries = new Map<number, Entry<Context>>()
  let lastHopByHop = options.firstHopByHop >>> 0
  let timer: Timer | null = null
  let timerAt = Number.POSITIVE_INFINITY

  const arm = (at: number): void => {
    timer?.cancel()
    timerAt = at
    timer = clock.after(Math.max(0, at - clock.monotonicMs()), sweep)
  }

  function sweep(): void {
    timer = null
    timerAt = Number.POSITIVE_INFINITY
    const now = clock.monotonicMs()
    let earliest = Number.POSITIVE_INFINITY
    const due: Context[] = []
    for (const [hopByHop, entry] of entries) {
      if (entry.deadline <= now) {
        entries.delete(hopByHop)
        due.push(entry.context)
      } else if (entry.deadline < earliest) earliest = entry.deadline
    }
    if (earliest !== Number.POSITIVE_INFINITY) arm(Math.max(earliest, now + sweepSlackMs))
    for (const context of due) onTimeout(context)
  }

  return {
    get size() {
      return entries.size
    },
    nextHopByHop() {
      do lastHopByHop = (lastHopByHop + 1) >>> 0
      while (entries.has(lastHopByHop))
      return lastHopByHop
    },
    add(ids, context, timeoutMs) {
      const deadline = clock.monotonicMs() + timeoutMs
      entries.set(ids.hopByHop, { ids, context, deadline })
      if (deadline < timerAt) arm(deadline)
    },
    find(ids) {
      const entry = entries.get(ids.hopByHop)
      if (entry === undefined) return 'unsolicited'
      if (entry.ids.endToEnd !== ids.endToEnd) return 'end-to-end'
      if (entry.ids.code !== ids.code) return 'command'
      if (entry.ids.application !== ids.application) return 'application'
      return entry.context
    },
    settle(hopByHop) {
      entries.delete(hopByHop)
    },
    drain() {
      timer?.cancel()
      timer = null
      timerAt = Number.POSITIVE_INFINITY
      const all = [...entries.values()].map((entry) => entry.context)
      entries.clear()
      return all
    },
  }
}

/** End-to-End Identifiers: 12 low bits of the time in seconds, then 20 bits that start at random (RFC 6733 §3). */
export function createEndToEndIds(nowMs: number, random: () => number): () => number {
  const high = (Math.floor(nowMs / 1000) & 0xfff) * 0x10_0000
  let low = Math.floor(random() * 0x10_0000)
  return () => {
    low = (low + 1) & 0xf_ffff
    const id = high + low
    return id === 0 ? 1 : id
  }
}
