import type { Clock } from '#core/clock.ts'
import { sleep } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { BoundedQueue } from '#core/queue.ts'
import type { AlarmView } from '#platform/alarm.ts'

type OutletId = 'webhook' | 'syslog' | 'email'

/** A way out for alarms. `send` rejects with a message that a person understands. */
export interface Outlet {
  id: OutletId
  /** Where it goes, without secrets; or, where `send` is null, which setting to give. */
  detail: string
  send: ((alarm: AlarmView) => Promise<void>) | null
}

interface OutletState {
  id: OutletId
  configured: boolean
  detail: string
  sent: number
  failed: number
  dropped: number
  lastError: string | null
}

export interface Outlets {
  /** Never blocks: each outlet has a bounded queue of its own. */
  send(alarm: AlarmView): void
  states(): readonly OutletState[]
  /** Resolves when nothing waits or is being sent. */
  settled(): Promise<void>
  close(): void
}

/** Pauses between tries, ms; then the alarm counts as failed. */
const retries = [1_000, 5_000, 30_000] as const

export function createOutlets(outlets: readonly Outlet[], clock: Clock): Outlets {
  const lines = outlets.map((outlet) => createLine(outlet, clock))
  return {
    send(alarm) {
      for (const line of lines) line.send(alarm)
    },
    states: () => lines.map(({ state }) => ({ ...state })),
    async settled() {
      await Promise.all(lines.map((line) => line.settled()))
    },
    close() {
      for (const line of lines) line.close()
    },
  }
}

function createLine({ id, detail, send }: Outlet, clock: Clock) {
  const state: OutletState = { id, configured: send !== null, detail, sent: 0, failed: 0, dropped: 0, lastError: null }
  const queue = new BoundedQueue<AlarmView>(limits.alarms.outletQueue)
  let isClosed = false
  let running: Promise<void> | null = null

  const deliver = async (alarm: AlarmView): Promise<void> => {
    for (const pauseMs of [...retries, null]) {
      if (send === null || isClosed) return
      try {
        await send(alarm)
        state.sent += 1
        state.lastError = null
        return
      } catch (error) {
        state.lastError = error instanceof Error ? error.message : String(error)
      }
      if (pauseMs !== null) await sleep(clock, pauseMs)
    }
    state.failed += 1
  }
  const drain = async (): Promise<void> => {
    for (let alarm = queue.shift(); alarm !== undefined; alarm = queue.shift()) await deliver(alarm)
    running = null
  }
  return {
    state,
    send(alarm: AlarmView) {
      if (send === null || isClosed) return
      if (!queue.push(alarm)) state.dropped += 1
      running ??= drain()
    },
    settled: async (): Promise<void> => {
      while (running !== null) await running
    },
    close() {
      isClosed = true
    },
  }
}
