import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { createLive, type Live, type LiveState, liveTopics } from './live.ts'
import { createRefresher, staleAfter } from './refresh.ts'

/** What changes often is asked for anew this often at most. */
const refreshEveryMs = 2_000

const LiveContext = createContext<Live | null>(null)

/** Opens the stream once for the whole portal, and closes it with the page. `serverNow` is the session's. */
export function LiveProvider({ serverNow, children }: { serverNow: number | undefined; children: ReactNode }) {
  const [live, setLive] = useState<Live | null>(null)
  const client = useQueryClient()
  useEffect(() => {
    const made = createLive({ open: () => new EventSource(`/api/v1/events?topics=${liveTopics.join(',')}`), now: () => Date.now() })
    made.on('reset', () => void client.invalidateQueries())
    const refresh = createRefresher({
      everyMs: refreshEveryMs,
      refresh: (key) => void client.invalidateQueries({ queryKey: key }, { cancelRefetch: false }),
      after: (ms, run) => void setTimeout(run, ms),
    })
    for (const topic of liveTopics) made.on(topic, (data) => staleAfter(topic, data).forEach(refresh))
    setLive(made)
    return () => made.close()
  }, [client])
  useEffect(() => {
    if (serverNow !== undefined) live?.setClock(serverNow)
  }, [live, serverNow])
  return <LiveContext value={live}>{children}</LiveContext>
}

const notYet: LiveState = { status: 'connecting', offsetMs: 0, behindMs: 0, heardAt: null }

export function useLiveState(): LiveState {
  const live = useContext(LiveContext)
  return useSyncExternalStore(
    useCallback((listener: () => void) => live?.onState(listener) ?? (() => {}), [live]),
    () => live?.state() ?? notYet,
  )
}

/** Calls `listener` with what the server sends on this topic. The listener must keep its identity (useCallback). */
export function useTopic(topic: (typeof liveTopics)[number], listener: (data: unknown) => void): void {
  const live = useContext(LiveContext)
  useEffect(() => live?.on(topic, listener), [live, topic, listener])
}

/** The server's time, renewed every second (or `everyMs`). */
export function useNow(everyMs = 1000): number {
  const live = useContext(LiveContext)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now + (live?.state().offsetMs ?? 0)
}
