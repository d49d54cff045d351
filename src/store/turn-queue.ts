import { BoundedQueue } from '#core/queue.ts'
import { type Priority, storeUnavailable } from './db.ts'

interface Waiting {
  since: number
  resolve: () => void
  reject: (error: Error) => void
}

/** A lower priority that has waited this long may go before signalling, so that steady load does not starve it for ever. */
const patienceMs: Readonly<Record<Priority, number>> = { signalling: 0, portal: 500, job: 2_000 }
/** But only one of them in this time: a portal statement takes up to 50 ms, so signalling keeps three quarters. */
const lateEveryMs = 200
const order = ['signalling', 'portal', 'job'] as const

/** Whose turn it is on the one connection of the embedded store. */
export class TurnQueue {
  readonly #waiting: Readonly<Record<Priority, BoundedQueue<Waiting>>>
  readonly #now: () => number
  #taken = false
  #nextLateAt = 0
  #closed: Error | null = null
  #idle: (() => void)[] = []

  constructor(capacity: number, now: () => number) {
    this.#now = now
    this.#waiting = { signalling: new BoundedQueue(capacity), portal: new BoundedQueue(capacity), job: new BoundedQueue(capacity) }
  }

  /** Resolves when it is the caller's turn; rejects at once when too many wait or the store is closed. */
  async take(priority: Priority): Promise<void> {
    if (this.#closed !== null) throw this.#closed
    if (!this.#taken) {
      this.#taken = true
      return
    }
    await new Promise<void>((resolve, reject) => {
      const accepted = this.#waiting[priority].push({ since: this.#now(), resolve, reject })
      if (!accepted) reject(storeUnavailable('too many statements wait for it', { busy: true }))
    })
  }

  give(): void {
    const next = this.#next()
    if (next !== undefined) {
      next.resolve()
      return
    }
    this.#taken = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Refuses newcomers and everyone who waits; resolves when the present turn has ended. */
  async close(error: Error): Promise<void> {
    this.#closed = error
    for (const priority of order) {
      for (let waiting = this.#waiting[priority].shift(); waiting !== undefined; waiting = this.#waiting[priority].shift()) {
        waiting.reject(error)
      }
    }
    if (this.#taken) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #next(): Waiting | undefined {
    const now = this.#now()
    for (const priority of ['job', 'portal'] as const) {
      const first = this.#waiting[priority].peek()
      if (first === undefined || now < this.#nextLateAt || now - first.since <= patienceMs[priority]) continue
      this.#nextLateAt = now + lateEveryMs
      return this.#waiting[priority].shift()
    }
    for (const priority of order) {
      const next = this.#waiting[priority].shift()
      if (next !== undefined) return next
    }
    return undefined
  }
}
