import { LruMap } from '#core/lru.ts'
import type { SubscriberRow } from './subscriber.ts'

/** `null`: the store positively says that there is none. */
export type Lookup<S> = { found: S | null; unavailable?: never } | { found?: never; unavailable: true }

export interface SubscriberCacheOptions<S> {
  load(imsis: readonly string[]): Promise<ReadonlyMap<string, SubscriberRow>>
  /** Makes the in-memory state of a row. `ahead` is a forgotten state whose writes the row may not show yet. */
  build(row: SubscriberRow, ahead: S | undefined): S
  capacity: number
  batch: number
  /** Most IMSIs that may wait for a load; past it the answer is "unavailable". */
  maxWaiting: number
}

/**
 * Subscriber state in memory, read through: all misses of one turn become one query. While writes of an IMSI are under
 * way memory is ahead of the store: it is pinned, and a state that is then forgotten or evicted is set aside, so that a
 * row read before their commit cannot bring back a SEQ that was issued.
 */
export class SubscriberCache<S> {
  readonly #options: SubscriberCacheOptions<S>
  readonly #cache: LruMap<string, S>
  readonly #ahead = new Map<string, S>()
  /** Writes under way, by IMSI: they may belong to states that have been replaced since. */
  readonly #pins = new Map<string, number>()
  #waiting = new Map<string, ((lookup: Lookup<S>) => void)[]>()
  readonly #loading = new Map<string, ((lookup: Lookup<S>) => void)[]>()
  #scheduled = false
  #inFlight = 0

  constructor(options: SubscriberCacheOptions<S>) {
    this.#options = options
    this.#cache = new LruMap(options.capacity, (imsi, state) => this.#setAside(imsi, state))
  }

  get size(): number {
    return this.#cache.size
  }

  /** Calls back at once when the state is in memory. */
  with(imsi: string, use: (lookup: Lookup<S>) => void): void {
    const cached = this.#cache.get(imsi)
    if (cached !== undefined) {
      use({ found: cached })
      return
    }
    const queue = this.#loading.get(imsi) ?? this.#waiting.get(imsi)
    if (queue !== undefined) {
      queue.push(use)
      return
    }
    if (this.#waiting.size >= this.#options.maxWaiting) {
      use({ unavailable: true })
      return
    }
    this.#waiting.set(imsi, [use])
    this.#schedule()
  }

  peek(imsi: string): S | undefined {
    return this.#cache.peek(imsi)
  }

  /** Forgets, so that the next use reads the store. */
  forget(imsi: string): void {
    const state = this.#cache.peek(imsi)
    if (state === undefined) return
    this.#cache.delete(imsi)
    this.#setAside(imsi, state)
  }

  /** As `forget`, for every state. */
  forgetAll(): void {
    for (const imsi of [...this.#cache.keys()]) this.forget(imsi)
  }

  /** A write of this IMSI is under way until `unpin`. */
  pin(imsi: string): void {
    this.#pins.set(imsi, (this.#pins.get(imsi) ?? 0) + 1)
  }

  /** A write has been committed or has failed. */
  unpin(imsi: string): void {
    const left = (this.#pins.get(imsi) ?? 0) - 1
    if (left > 0) {
      this.#pins.set(imsi, left)
      return
    }
    this.#pins.delete(imsi)
    // A load under way may have read the row from before the commit: then the state stays aside until it arrives.
    if (!this.#loading.has(imsi)) this.#ahead.delete(imsi)
  }

  isPinned(imsi: string): boolean {
    return this.#pins.has(imsi)
  }

  #setAside(imsi: string, state: S): void {
    if (this.#pins.has(imsi)) this.#ahead.set(imsi, state)
  }

  #schedule(): void {
    // Two loads at once keep the store busy while a batch is being built; more would only queue inside the driver.
    if (this.#scheduled || this.#inFlight >= 2 || this.#waiting.size === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#loadBatch()
    })
  }

  #loadBatch(): void {
    const imsis: string[] = []
    for (const [imsi, queue] of this.#waiting) {
      if (imsis.length >= this.#options.batch) break
      imsis.push(imsi)
      this.#waiting.delete(imsi)
      this.#loading.set(imsi, queue)
    }
    if (imsis.length === 0) return
    this.#inFlight += 1
    this.#options.load(imsis).then(
      (rows) => this.#deliver(imsis, rows),
      () => this.#deliver(imsis, undefined),
    )
    this.#schedule()
  }

  #deliver(imsis: readonly string[], rows: ReadonlyMap<string, SubscriberRow> | undefined): void {
    this.#inFlight -= 1
    for (const imsi of imsis) {
      const queue = this.#loading.get(imsi) ?? []
      this.#loading.delete(imsi)
      const lookup = this.#lookupOf(imsi, rows)
      for (const use of queue) use(lookup)
    }
    this.#schedule()
  }

  #lookupOf(imsi: string, rows: ReadonlyMap<string, SubscriberRow> | undefined): Lookup<S> {
    if (rows === undefined) return { unavailable: true }
    const row = rows.get(imsi)
    if (row === undefined) return { found: null }
    const ahead = this.#ahead.get(imsi)
    const state = this.#options.build(row, ahead)
    this.#ahead.delete(imsi)
    this.#cache.set(imsi, state)
    return { found: state }
  }
}
