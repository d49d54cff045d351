import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { Db } from '#store/db.ts'
import type { SubjectKeys } from '#store/subject-keys.ts'
import type { EventPublisher } from './http/event-hub.ts'
import type { NetworkDirectory, SignalEvent, SignalRecorder } from './ports.ts'
import { SignalCounts } from './signal-counts.ts'
import { createSignalWriter, type SignalWriter } from './signal-writer.ts'

/** A judged message without its octets, as lists and streams show it. */
export type SignalSummary = Omit<SignalEvent, 'request' | 'answer'> & { partnerName: string | null }

/** What was recorded, for whoever shows or checks it. */
export interface SignalHistory {
  readonly counts: SignalCounts
  readonly writer: Pick<SignalWriter, 'counts' | 'flush'>
  /** Recent messages, newest first, from the ring; `beforeId` excludes it and what is newer. */
  recent(beforeId?: string): IterableIterator<SignalEvent>
  byId(id: string): SignalEvent | undefined
  /** Id of the oldest message in the ring; null while it is empty. */
  oldestId(): string | null
  summary(event: SignalEvent): SignalSummary
  /** Called for every message, at once; must not throw. Returns a function that stops it. */
  onSignal(listener: (event: SignalEvent) => void): () => void
}

export interface RecorderOptions {
  store: Db
  subjects?: SubjectKeys
  network: NetworkDirectory
  events: EventPublisher
  clock: Clock
  log: Logger
  newId(): string
  rowsPerSecond: number
  samplesPerSecond: number
  ring?: number
}

const streamEveryMs = 250

/** Counts every judged message, keeps the newest in memory, writes those of note, and tells who listens. */
export function createRecorder(options: RecorderOptions): { recorder: SignalRecorder; history: SignalHistory; close(): Promise<void> } {
  const { clock, log, newId } = options
  const counts = new SignalCounts()
  const ring = new EventRing(options.ring ?? limits.events.ring)
  const writer = createSignalWriter({ ...options, subjects: options.subjects })
  const proofs = createProofs(options.network)
  const listeners = new Set<(event: SignalEvent) => void>()
  const summary = (event: SignalEvent): SignalSummary => {
    const { request: _request, answer: _answer, ...rest } = event
    return { ...rest, partnerName: event.partnerId === null ? null : proofs.nameOf(event.partnerId) }
  }
  const stream = createStream(options.events, clock, summary)
  return {
    recorder: {
      record(event) {
        try {
          const full: SignalEvent = { ...event, id: newId() }
          ring.push(full)
          counts.count(full, clock.now(), full.vectors === 0 || proofs.isProven(full))
          writer.offer(full)
          stream.add(full)
          for (const listener of listeners) listener(full)
        } catch (error) {
          log.error({ err: error }, 'a judged message could not be recorded')
        }
      },
    },
    history: {
      counts,
      writer,
      recent: (beforeId) => ring.newestFirst(beforeId),
      byId: (id) => ring.get(id),
      oldestId: () => ring.oldestId(),
      summary,
      onSignal(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    async close() {
      stream.close()
      proofs.close()
      await writer.close()
    },
  }
}

/** The newest events, by position and, since ids rise with time, by id. */
class EventRing {
  readonly #slots: (SignalEvent | undefined)[]
  #next = 0

  constructor(size: number) {
    this.#slots = new Array<SignalEvent | undefined>(size).fill(undefined)
  }

  push(event: SignalEvent): void {
    this.#slots[this.#next % this.#slots.length] = event
    this.#next += 1
  }

  get(id: string): SignalEvent | undefined {
    let low = Math.max(0, this.#next - this.#slots.length)
    let high = this.#next - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const event = this.#slots[middle % this.#slots.length]
      if (event === undefined || event.id === id) return event
      if (event.id < id) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  oldestId(): string | null {
    const oldest = this.#next < this.#slots.length ? 0 : this.#next
    return this.#slots[oldest % this.#slots.length]?.id ?? null
  }

  /** Ids rise with time, so `beforeId` cuts by comparison. */
  *newestFirst(beforeId?: string): IterableIterator<SignalEvent> {
    const newest = this.#next
    for (let i = newest - 1; i >= 0 && i >= newest - this.#slots.length; i--) {
      const event = this.#slots[i % this.#slots.length]
      if (event === undefined) return
      if (beforeId === undefined || event.id < beforeId) yield event
    }
  }
}

/** Whether a visited network is one of the partner's that the link proves; independent of any rule or its mode. */
function createProofs(network: NetworkDirectory) {
  let plmns = new Map<string, ReadonlySet<string>>()
  let names = new Map<string, string>()
  const load = (): void => {
    plmns = new Map(network.partners().map((partner) => [partner.id, new Set([...partner.plmns, ...partner.equivalentPlmns])]))
    names = new Map(network.partners().map((partner) => [partner.id, partner.name]))
  }
  load()
  return {
    nameOf: (partnerId: string): string | null => names.get(partnerId) ?? null,
    isProven: ({ partnerId, visitedPlmn }: SignalEvent): boolean =>
      partnerId !== null && visitedPlmn !== null && plmns.get(partnerId)?.has(visitedPlmn) === true,
    close: network.onChange(load),
  }
}

/** Sends what happened in a quarter second as one event per audience; past a number of rows only how many more. */
function createStream(events: EventPublisher, clock: Clock, summary: (event: SignalEvent) => SignalSummary) {
  let rows: SignalEvent[] = []
  let skipped = 0
  let timer: Timer | undefined
  const publish = (): void => {
    timer = undefined
    const sent = rows.map(summary)
    events.publish('signals', { rows: sent, skipped })
    const providers = new Set(rows.flatMap((row) => row.providerId ?? []))
    for (const providerId of providers) {
      const own = sent.filter((row) => row.providerId === providerId)
      if (events.wanted({ providerId })) events.publish('signals', { rows: own, skipped: 0 }, { providerId })
    }
    rows = []
    skipped = 0
  }
  return {
    add(event: SignalEvent) {
      // Attacks must not be lost among ordinary rows of the same quarter second.
      if (rows.length < limits.events.signalsPerEvent || event.alert) rows.push(event)
      else skipped += 1
      if (rows.length > 2 * limits.events.signalsPerEvent) {
        rows.shift()
        skipped += 1
      }
      timer ??= clock.after(streamEveryMs, publish)
    },
    close: () => timer?.cancel(),
  }
}
