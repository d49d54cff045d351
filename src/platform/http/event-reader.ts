import { BoundedQueue } from '#core/queue.ts'

/** The writing end of one reader's stream. */
export interface EventSink {
  /** False: the reader is slow; `onDrain` of the subscription is called when it has caught up. */
  write(text: string): boolean
  end(): void
}

/** One event of the ring, ready to be written. */
export interface EventEntry {
  sequence: number
  topic: string
  audience: string
  text: string
}

/** One reader: what it wants, and what waits for it while it is slow. */
export class EventReader {
  readonly audience: string
  readonly #topics: ReadonlySet<string>
  readonly #sink: EventSink
  readonly #capacity: number
  readonly #characters: number
  #waiting = 0
  #queue: BoundedQueue<EventEntry>
  #isBlocked = false
  /** Lost something: the next thing it gets is `reset`, then the end. */
  #hasOverrun = false

  constructor(options: { topics: readonly string[]; audience: string; sink: EventSink; capacity: number; characters: number }) {
    this.audience = options.audience
    this.#topics = new Set(options.topics)
    this.#sink = options.sink
    this.#capacity = options.capacity
    this.#characters = options.characters
    this.#queue = new BoundedQueue(options.capacity)
  }

  send(entry: EventEntry): void {
    if (!this.#topics.has(entry.topic) || this.audience !== entry.audience) return
    if (!this.#isBlocked) {
      this.#isBlocked = !this.#sink.write(entry.text)
      return
    }
    this.#waiting += entry.text.length
    if (!this.#hasOverrun && this.#waiting <= this.#characters && this.#queue.push(entry)) return
    this.#hasOverrun = true
    this.#queue = new BoundedQueue(this.#capacity)
  }

  /** Writes past the queue: comments, and `reset`. */
  write(text: string): void {
    if (!this.#isBlocked) this.#isBlocked = !this.#sink.write(text)
  }

  /** The reader has caught up. False: it had lost something, got `reset`, and is to be dropped. */
  drain(reset: string): boolean {
    this.#isBlocked = false
    if (this.#hasOverrun) {
      this.#sink.write(reset)
      return false
    }
    for (let entry = this.#queue.shift(); entry !== undefined; entry = this.#queue.shift()) {
      this.#waiting -= entry.text.length
      this.#isBlocked = !this.#sink.write(entry.text)
      if (this.#isBlocked) break
    }
    return true
  }

  end(): void {
    this.#sink.end()
  }
}
