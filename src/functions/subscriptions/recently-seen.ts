import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'

export interface Seen {
  imsi: string
  at: number
}

/** When each of the SIMs that signalled lately was last heard of. Bounded; a restart forgets. */
export class RecentlySeen {
  readonly #at = new LruMap<string, number>(limits.subscriptions.recentlySeen)

  note(imsi: string, at: number): void {
    this.#at.set(imsi, at)
  }

  lastOf(imsi: string): number | null {
    return this.#at.peek(imsi) ?? null
  }

  /** Chunks of `size`, at most `chunks` of them, the last heard of first, from behind `after`. */
  *newestFirst(after: Seen | undefined, size: number, chunks: number): Generator<Seen[]> {
    const all = this.#ordered(after)
    for (let i = 0; i < chunks && i * size < all.length; i++) yield all.slice(i * size, (i + 1) * size)
  }

  hasAfter(place: Seen): boolean {
    return this.#ordered(place).length > 0
  }

  /** Equal times are told apart by IMSI, so that a cursor names one place. */
  #ordered(after: Seen | undefined): Seen[] {
    const all: Seen[] = []
    for (const imsi of this.#at.keys()) {
      const seen = { imsi, at: this.#at.peek(imsi) ?? 0 }
      if (after === undefined || compare(seen, after) > 0) all.push(seen)
    }
    return all.toSorted(compare)
  }
}

function compare(a: Seen, b: Seen): number {
  return b.at - a.at || (a.imsi < b.imsi ? -1 : a.imsi > b.imsi ? 1 : 0)
}
