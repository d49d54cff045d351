/** What we need of the browser's EventSource; a fake in tests. */
export interface EventStream {
  addEventListener(type: string, listener: (event: { data?: string }) => void): void
  close(): void
}

export interface LiveState {
  status: 'connecting' | 'live' | 'lost'
  /** Server time minus ours, ms: ages are counted on the server's clock. */
  offsetMs: number
  /** How far behind the newest event was when it came, ms. */
  behindMs: number
  /** When the last event came, on our clock; null: none yet. */
  heardAt: number | null
}

export interface Live {
  state(): LiveState
  onState(listener: () => void): () => void
  on(topic: string, listener: (data: unknown) => void): () => void
  /** The server's clock as one of its answers told it. */
  setClock(serverNow: number): void
  close(): void
}

export const liveTopics = ['signals', 'overview', 'alarms', 'approvals', 'controls', 'demo', 'jobs', 'notices'] as const

/** One stream for the whole portal. Reconnecting is the browser's, by Last-Event-ID; we only say how it stands. */
export function createLive(options: { open: () => EventStream; now: () => number }): Live {
  let state: LiveState = { status: 'connecting', offsetMs: 0, behindMs: 0, heardAt: null }
  const stateListeners = new Set<() => void>()
  const topicListeners = new Map<string, Set<(data: unknown) => void>>()
  const set = (change: Partial<LiveState>): void => {
    state = { ...state, ...change }
    for (const listener of stateListeners) listener()
  }
  const heard = (data: unknown): void => {
    const now = options.now()
    const at = timeOf(data)
    set({ status: 'live', heardAt: now, ...(at === null ? {} : { behindMs: Math.max(0, now + state.offsetMs - at) }) })
  }
  const stream = options.open()
  stream.addEventListener('open', () => set({ status: 'live' }))
  stream.addEventListener('error', () => set({ status: state.status === 'connecting' ? 'connecting' : 'lost' }))
  for (const topic of ['reset', ...liveTopics]) {
    stream.addEventListener(topic, (event) => {
      const data = parsed(event.data)
      heard(data)
      for (const listener of topicListeners.get(topic) ?? []) listener(data)
    })
  }
  return {
    state: () => state,
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    on(topic, listener) {
      const listeners = topicListeners.get(topic) ?? new Set()
      topicListeners.set(topic, listeners.add(listener))
      return () => listeners.delete(listener)
    },
    setClock: (serverNow) => set({ offsetMs: serverNow - options.now() }),
    close: () => stream.close(),
  }
}

/** When what the event tells of happened: its own time, or that of its newest row. */
function timeOf(data: unknown): number | null {
  if (typeof data !== 'object' || data === null) return null
  const { at, rows } = data as { at?: unknown; rows?: unknown }
  if (typeof at === 'number') return at
  return Array.isArray(rows) ? timeOf(rows.at(-1)) : null
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined || text === '' ? null : JSON.parse(text)
  } catch {
    return null
  }
}
