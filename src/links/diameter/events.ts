import type { Clock } from '#core/clock.ts'

/** Why a connection or its CER was refused. */
export type RefusalReason =
  | 'unknown-peer'
  | 'peer-disabled'
  | 'tls-required'
  | 'certificate-name'
  | 'handshake-failed'
  | 'realm-mismatch'
  | 'no-common-application'
  | 'no-common-security'
  | 'already-connected'
  | 'cer-timeout'
  | 'not-a-cer'
  | 'malformed-cer'
  | 'refused-by-peer'
  | 'wrong-identity'

export type LinkEventKind =
  | { kind: 'peer-up'; tls: boolean; initiatedByUs: boolean }
  /** `cause`: `watchdog`, `disconnect-peer`, `connection-lost`, `row-changed`, `shutdown`, `framing`, `overflow`. */
  | { kind: 'peer-down'; cause: string }
  | { kind: 'peer-suspect' }
  | { kind: 'peer-recovered' }
  | { kind: 'connect-failed'; because: string; retryInMs: number }
  | { kind: 'peer-refused'; reason: RefusalReason; remoteAddress: string }
  | { kind: 'unsolicited-answer'; command: number; endToEnd: number }
  | {
      kind: 'altered-answer'
      command: number
      endToEnd: number
      because: 'origin-host' | 'session-id' | 'end-to-end' | 'command' | 'application'
    }
  /** Bad octets: `resultCode` is what was answered, null where nothing could be (framing lost, or it was an answer). */
  | { kind: 'malformed'; because: string; spec: string; resultCode: number | null }
  /** Answered 3xxx before any function saw it: 3001, 3002, 3003, 3005, 3007. */
  | { kind: 'not-for-us'; resultCode: number; command: number; application: number }
  | { kind: 'overflow'; what: 'pending' | 'send-buffer' | 'receive-buffer' | 'unidentified-connections' | 'peers' }
  /** A function threw or answered with something that cannot be encoded; the peer got 5012. */
  | { kind: 'function-failed'; because: string }

/** Something of note on a link. `peerId` is null before a connection is known to be a peer's. */
export type LinkEvent = LinkEventKind & {
  at: number
  peerId: string | null
  /** The peer's identity, or the one claimed; empty where none was read. */
  identity: string
  /** Events of the same kind and peer left out just before this one. */
  suppressed: number
}

export type EmitEvent = (event: LinkEventKind, peerId: string | null, identity: string) => void

interface Window {
  startedAt: number
  count: number
  suppressed: number
}

const windowMs = 1_000
const perWindow = 20
const windowsKept = 2_048

/** Never left out: who follows a link's state must see every change. Each costs the peer a whole exchange of its own. */
const always: ReadonlySet<string> = new Set(['peer-up', 'peer-down', 'peer-suspect', 'peer-recovered'])

/** Emits at most 20 events a second of each kind and peer: a peer that misbehaves must not flood who listens. */
export function createEventLimiter(clock: Clock, listener: ((event: LinkEvent) => void) | undefined): EmitEvent {
  const windows = new Map<string, Window>()
  return (event, peerId, identity) => {
    if (listener === undefined) return
    if (always.has(event.kind)) {
      listener({ ...event, at: clock.now(), peerId, identity, suppressed: 0 })
      return
    }
    const key = `${event.kind} ${peerId ?? ''}`
    const now = clock.monotonicMs()
    let window = windows.get(key)
    if (window === undefined) {
      if (windows.size >= windowsKept) windows.clear()
      window = { startedAt: now, count: 0, suppressed: 0 }
      windows.set(key, window)
    } else if (now - window.startedAt >= windowMs) {
      window.startedAt = now
      window.count = 0
    }
    window.count += 1
    if (window.count > perWindow) {
      window.suppressed += 1
      return
    }
    const suppressed = window.suppressed
    window.suppressed = 0
    listener({ ...event, at: clock.now(), peerId, identity, suppressed })
  }
}
