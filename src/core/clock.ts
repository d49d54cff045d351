/** Time as a thing that is passed in: the system's, or one that a test or a simulation turns by hand. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number
  /** Milliseconds that never go backwards; only differences mean anything. */
  monotonicMs(): number
  /** Runs `run` once after `delayMs`; a timer never keeps the process alive on its own. */
  after(delayMs: number, run: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs)
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Resolves after `delayMs` of the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve))
}

interface Entry {
  at: number
  order: number
  run: () => void
}

/** A clock that stands still until told to move. Timers due at the same instant run in the order they were set. */
export class VirtualClock implements Clock {
  readonly #start: number
  #elapsed = 0
  #order = 0
  readonly #heap: Entry[] = []

  constructor(startMs = Date.UTC(2026, 0, 1, 12)) {
    this.#start = startMs
  }

  now(): number {
    return this.#start + this.#elapsed
  }

  monotonicMs(): number {
    return this.#elapsed
  }

  after(delayMs: number, run: () => void): Timer {
    const entry: Entry = { at: this.#elapsed + Math.max(0, delayMs), order: this.#order++, run }
    this.#push(entry)
    return {
      cancel: () => {
        entry.run = () => {}
      },
    }
  }

  /** Number of timers set and not yet run (cancelled ones count until they are due). */
  get pending(): number {
    return this.#heap.length
  }

  /** Moves time forward by `ms`, running every timer that falls due, synchronously. */
  advance(ms: number): void {
    const end = this.#elapsed + ms
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > end) break
      this.#runNext()
    }
    this.#elapsed = Math.max(this.#elapsed, end)
  }

  /** As `advance`, but lets promises settle after every timer. For code that awaits between timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await settle()
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > end) break
      this.#runNext()
      await settle()
    }
    // Another call may have turned further meanwhile.
    this.#elapsed = Math.max(this.#elapsed, end)
    await settle()
  }

  #runNext(): void {
    const entry = this.#pop()
    if (entry === undefined) return
    this.#elapsed = Math.max(this.#elapsed, entry.at)
    entry.run()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let child = heap.push(entry) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, entry)) break
      heap[child] = above
      child = parent
    }
    heap[child] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || last === top) return top
    let parent = 0
    for (;;) {
      let child = parent * 2 + 1
      let below = heap[child]
      if (below === undefined) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, below)) {
        child += 1
        below = right
      }
      if (isBefore(last, below)) break
      heap[parent] = below
      parent = child
    }
    heap[parent] = last
    return top
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Lets everything that is already resolved run: a macrotask turn drains all microtasks. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
