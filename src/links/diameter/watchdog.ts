import type { Clock, Timer } from '#core/clock.ts'

/** The watchdog of RFC 3539 §3.4.1, its algorithm as rows. */
type WatchdogState = 'initial' | 'okay' | 'suspect' | 'down' | 'reopen'
type WatchdogEvent = 'connection-up' | 'connection-down' | 'timer' | 'dwa' | 'other'
type WatchdogAction = 'send' | 'failover' | 'failback' | 'close' | 'count' | 'discount'

interface WatchdogRow {
  from: WatchdogState
  event: WatchdogEvent
  /** The row holds only while a DWA is (true) or is not (false) awaited, or while this many have been counted. */
  awaited?: boolean
  counted?: number
  to: WatchdogState
  actions: readonly WatchdogAction[]
}

/** DWAs that bring a reopened connection back. */
const provenAfter = 3

/** First match counts; what no row names changes nothing. Every row sets the timer again, except into `down`. */
export const watchdogTable: readonly WatchdogRow[] = [
  { from: 'initial', event: 'connection-up', to: 'okay', actions: [] },
  { from: 'down', event: 'connection-up', to: 'reopen', actions: ['send'] },
  { from: 'okay', event: 'connection-down', to: 'down', actions: [] },
  { from: 'suspect', event: 'connection-down', to: 'down', actions: [] },
  { from: 'reopen', event: 'connection-down', to: 'down', actions: [] },
  { from: 'okay', event: 'timer', awaited: false, to: 'okay', actions: ['send'] },
  { from: 'okay', event: 'timer', awaited: true, to: 'suspect', actions: ['failover'] },
  { from: 'suspect', event: 'timer', to: 'down', actions: ['close'] },
  { from: 'reopen', event: 'timer', awaited: false, to: 'reopen', actions: ['send'] },
  { from: 'reopen', event: 'timer', awaited: true, counted: -1, to: 'down', actions: ['close'] },
  { from: 'reopen', event: 'timer', awaited: true, to: 'reopen', actions: ['discount'] },
  { from: 'okay', event: 'dwa', to: 'okay', actions: [] },
  { from: 'okay', event: 'other', to: 'okay', actions: [] },
  { from: 'suspect', event: 'dwa', to: 'okay', actions: ['failback'] },
  { from: 'suspect', event: 'other', to: 'okay', actions: ['failback'] },
  { from: 'reopen', event: 'dwa', counted: provenAfter - 1, to: 'okay', actions: ['failback'] },
  { from: 'reopen', event: 'dwa', to: 'reopen', actions: ['count'] },
]

export interface Watchdog {
  readonly state: WatchdogState
  up(): void
  down(): void
  /** Anything arrived. Other messages than a DWA leave an awaited DWA awaited. */
  heard(isDwa: boolean): void
  /** Forgets the past: the next connection is a first one. Used after an orderly disconnection. */
  reset(): void
}

/** Shortest interval that RFC 3539 §3.4.1 allows, and the jitter around each. */
const floorMs = 6_000
const jitterMs = 2_000

/**
 * @param options.isDeaf true while we do not read from the peer by our own choice: its silence then proves nothing.
 */
export function createWatchdog(options: {
  clock: Clock
  random: () => number
  intervalMs: number
  send: () => void
  onSuspect: () => void
  onRecovered: () => void
  close: () => void
  isDeaf: () => boolean
}): Watchdog {
  const { clock } = options
  const intervalMs = Math.max(floorMs, options.intervalMs)
  let state: WatchdogState = 'initial'
  let isAwaited = false
  let counted = 0
  let timer: Timer | null = null
  let setAt = 0
  let currentMs = intervalMs
  let heardAt = 0

  const arm = (delayMs: number): void => {
    timer?.cancel()
    timer = clock.after(delayMs, elapsed)
  }
  const set = (): void => {
    setAt = clock.monotonicMs()
    currentMs = intervalMs + (options.random() * 2 - 1) * jitterMs
    arm(currentMs)
  }

  function elapsed(): void {
    timer = null
    // While all is well a message only notes its time: setting a timer per message would cost more than the message.
    const rest = Math.max(setAt, options.isDeaf() ? clock.monotonicMs() : heardAt) + currentMs - clock.monotonicMs()
    if (state === 'okay' && rest > 0) arm(rest)
    else if (options.isDeaf()) set()
    else run('timer')
  }

  function act(action: WatchdogAction): void {
    if (action === 'send') {
      isAwaited = true
      options.send()
    } else if (action === 'failover') options.onSuspect()
    else if (action === 'failback') options.onRecovered()
    else if (action === 'close') options.close()
    else if (action === 'count') counted += 1
    else counted = -1
  }

  function run(event: WatchdogEvent): void {
    const row = watchdogTable.find(
      (each) =>
        each.from === state &&
        each.event === event &&
        (each.awaited === undefined || each.awaited === isAwaited) &&
        (each.counted === undefined || each.counted === counted),
    )
    if (event === 'dwa') isAwaited = false
    if (row === undefined) return
    state = row.to
    if (event === 'connection-up' || row.to === 'down') {
      isAwaited = false
      counted = 0
    }
    if (row.to === 'down') {
      timer?.cancel()
      timer = null
    } else set()
    for (const action of row.actions) act(action)
  }

  return {
    get state() {
      return state
    },
    up: () => run('connection-up'),
    down: () => run('connection-down'),
    heard(isDwa) {
      if (!isDwa && state === 'okay') heardAt = clock.monotonicMs()
      else run(isDwa ? 'dwa' : 'other')
    },
    reset() {
      timer?.cancel()
      timer = null
      state = 'initial'
      isAwaited = false
      counted = 0
    },
  }
}
