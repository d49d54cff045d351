import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import { type EventEntry, EventReader, type EventSink } from './event-reader.ts'

/** Who an event is for: the operator, or one provider. What concerns a provider is published to both, separately. */
type Audience = { operator: true } | { providerId: string }

export interface EventPublisher {
  /** Never blocks and never throws for a slow reader. Default audience: the operator. */
  publish(topic: string, payload: unknown, audience?: Audience): void
  /** Whether anyone of that audience listens or may come back and resume. */
  wanted(audience: Audience): boolean
}

interface EventSubscription {
  onDrain(): void
  close(): void
}

export interface EventHub extends EventPublisher {
  /** null where too many readers listen already. */
  subscribe(options: {
    topics: readonly string[]
    audience: Audience
    lastEventId: string | null
    sink: EventSink
  }): EventSubscription | null
  readonly readers: number
  close(): void
}

export interface EventHubOptions {
  clock: Clock
  /** Distinguishes this process's event ids from those of a former one. */
  epoch: string
  ring?: number
  queuePerSubscriber?: number
  subscribers?: number
  /** Characters of the ring, and of what waits for one reader. */
  characters?: number
}

const heartbeatMs = 15_000
const nameOf = (audience: Audience): string => ('operator' in audience ? 'operator' : audience.providerId)

/**
 * Server-sent events: a ring that a reader may resume in by Last-Event-ID, a bounded queue per reader, and `reset` for
 * one that missed something: it must read the lists again. A slow reader costs only itself.
 */
export function createEventHub(options: EventHubOptions): EventHub {
  const { clock, epoch } = options
  const ringSize = options.ring ?? limits.events.sseRing
  const capacity = options.queuePerSubscriber ?? limits.events.queuePerSubscriber
  const characters = options.characters ?? limits.events.sseCharacters
  const ring: EventEntry[] = []
  let ringCharacters = 0
  const readers = new Set<EventReader>()
  /** Audiences that listened lately: they may come back and resume. */
  const seen = new LruMap<string, true>(limits.events.audiences)
  let sequence = 0

  const reset = (because: string): string => `id: ${epoch}-${sequence}\nevent: reset\ndata: ${JSON.stringify({ because })}\n\n`
  const drop = (reader: EventReader): void => {
    readers.delete(reader)
    reader.end()
  }
  const keep = (entry: EventEntry): void => {
    ring.push(entry)
    ringCharacters += entry.text.length
    while (ring.length > ringSize || ringCharacters > characters) ringCharacters -= ring.shift()?.text.length ?? ringCharacters
  }
  let timer: Timer
  /** Keeps proxies from closing an idle stream, and finds readers that are gone. */
  const beat = (): void => {
    timer = clock.after(heartbeatMs, beat)
    for (const reader of readers) reader.write(': still here\n\n')
  }
  timer = clock.after(heartbeatMs, beat)

  return {
    get readers() {
      return readers.size
    },
    wanted: (audience) => seen.peek(nameOf(audience)) !== undefined,
    publish(topic, payload, audience = { operator: true }) {
      sequence += 1
      // Who never listened cannot come back either.
      if (seen.peek(nameOf(audience)) === undefined) return
      const text = `id: ${epoch}-${sequence}\nevent: ${topic}\ndata: ${JSON.stringify(payload)}\n\n`
      const entry = { sequence, topic, audience: nameOf(audience), text }
      keep(entry)
      for (const reader of readers) reader.send(entry)
    },
    subscribe({ topics, audience, lastEventId, sink }) {
      if (readers.size >= (options.subscribers ?? limits.events.subscribers)) return null
      const reader = new EventReader({ topics, audience: nameOf(audience), sink, capacity, characters })
      const isBack = seen.peek(reader.audience) !== undefined
      seen.set(reader.audience, true)
      readers.add(reader)
      reader.write(`retry: 2000\n: ${epoch}-${sequence}\n\n`)
      const replay = lastEventId === null ? [] : isBack ? missedSince(lastEventId, epoch, ring, sequence) : null
      if (replay === null) reader.write(reset('too long away'))
      else for (const entry of replay) reader.send(entry)
      return {
        onDrain() {
          if (readers.has(reader) && !reader.drain(reset('too slow'))) drop(reader)
        },
        close: () => void readers.delete(reader),
      }
    },
    close() {
      timer.cancel()
      for (const reader of [...readers]) drop(reader)
    },
  }
}

/** What a returning reader missed; null where the ring no longer holds all of it, or the id is not of this process. */
function missedSince(lastEventId: string, epoch: string, ring: readonly EventEntry[], newest: number): EventEntry[] | null {
  const dash = lastEventId.lastIndexOf('-')
  const number = Number(lastEventId.slice(dash + 1))
  if (lastEventId.slice(0, dash) !== epoch || !Number.isSafeInteger(number) || number < 0 || number > newest) return null
  const oldest = ring[0]?.sequence ?? newest + 1
  return number + 1 < oldest ? null : ring.filter((entry) => entry.sequence > number)
}
