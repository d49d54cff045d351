import type { AdmissionDecision, AdmissionRequest } from '../admission-types.ts'

/** An AIR, or a ULR that opens a registration, which waits for its turn. */
export interface Waiting {
  readonly request: AdmissionRequest
  readonly decide: (decision: AdmissionDecision) => void
  readonly partner: string
  /** Monotonic ms. */
  readonly since: number
  readonly deadline: number
  /** 1 to 5: who has tried more often is nearer to T3402. */
  readonly urgency: number
  /** Expected to be served in time; the others are only spread out. */
  readonly firm: boolean
  done: boolean
}

const mostUrgent = 5

interface PartnerLine {
  /** By urgency 1 to 5; entries that are done stay until they are reached or swept. */
  buckets: Waiting[][]
  heads: number[]
  live: number
}

/**
 * Those of one class that wait: fairly across partners, so that a partner that floods delays itself first, and within
 * a partner the most urgent first, then in the order of arrival.
 */
export class WaitingLine {
  readonly #partners = new Map<string, PartnerLine>()
  /** Partners in turn; one that is served goes to the end. */
  #turn: string[] = []
  readonly #firm = [0, 0, 0, 0, 0, 0]
  #live = 0
  #dead = 0

  get size(): number {
    return this.#live
  }

  /** Firm entries at least as urgent. */
  ahead(urgency: number): number {
    let sum = 0
    for (let level = urgency; level <= mostUrgent; level++) sum += this.#firm[level] ?? 0
    return sum
  }

  push(waiting: Waiting): void {
    let line = this.#partners.get(waiting.partner)
    if (line === undefined) {
      line = { buckets: [[], [], [], [], [], []], heads: [0, 0, 0, 0, 0, 0], live: 0 }
      this.#partners.set(waiting.partner, line)
      this.#turn.push(waiting.partner)
    }
    line.buckets[waiting.urgency]?.push(waiting)
    line.live += 1
    this.#live += 1
    if (waiting.firm) this.#firm[waiting.urgency] = (this.#firm[waiting.urgency] ?? 0) + 1
  }

  /** The next one among the partners that `accepts` takes, or undefined. It is marked done. */
  shift(accepts: (partner: string) => boolean): Waiting | undefined {
    for (let i = 0; i < this.#turn.length; i++) {
      const partner = this.#turn[i]
      const line = partner === undefined ? undefined : this.#partners.get(partner)
      if (partner === undefined || line === undefined || line.live === 0 || !accepts(partner)) continue
      const found = this.#first(line)
      if (found === undefined) continue
      this.#turn.splice(i, 1)
      this.#turn.push(partner)
      this.finish(found)
      return found
    }
    return undefined
  }

  hasAny(accepts: (partner: string) => boolean): boolean {
    for (const [partner, line] of this.#partners) if (line.live > 0 && accepts(partner)) return true
    return false
  }

  /** Takes one out, wherever it stands. */
  finish(waiting: Waiting): void {
    if (waiting.done) return
    waiting.done = true
    this.#live -= 1
    this.#dead += 1
    if (waiting.firm) this.#firm[waiting.urgency] = (this.#firm[waiting.urgency] ?? 1) - 1
    const line = this.#partners.get(waiting.partner)
    if (line !== undefined) line.live -= 1
    if (this.#dead > this.#live + 1_024) this.#sweep()
  }

  *all(): Generator<Waiting> {
    for (const line of this.#partners.values())
      for (const bucket of line.buckets) for (const waiting of bucket) if (!waiting.done) yield waiting
  }

  #first(line: PartnerLine): Waiting | undefined {
    for (let level = mostUrgent; level >= 1; level--) {
      const bucket = line.buckets[level] ?? []
      let head = line.heads[level] ?? 0
      while (head < bucket.length && bucket[head]?.done === true) head += 1
      line.heads[level] = head
      if (head < bucket.length) return bucket[head]
    }
    return undefined
  }

  /** Drops what is done, and partners for whom nothing waits. */
  #sweep(): void {
    this.#dead = 0
    for (const [partner, line] of this.#partners) {
      if (line.live === 0) this.#partners.delete(partner)
      else {
        line.buckets = line.buckets.map((bucket) => bucket.filter((waiting) => !waiting.done))
        line.heads = [0, 0, 0, 0, 0, 0]
      }
    }
    this.#turn = this.#turn.filter((partner) => this.#partners.has(partner))
  }
}
