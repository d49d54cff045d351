import type { Partner, PeerRow } from '#domain/partner.ts'
import type { Rule, RuleMode } from '#guard/rule.ts'
import type { Action, Fact, Reason } from '#guard/verdict.ts'
import type { Db } from '#store/db.ts'
import type { AlarmPort } from './alarm.ts'
import type { ControlsPort } from './control.ts'
import type { DemoPort } from './demo.ts'
import type { SignalHistory } from './recorder.ts'
import type { SessionPort } from './session.ts'

/**
 * The ports by which functions, the platform and the composition root meet. A function that offers one names it in
 * `provides`; one that wants it names it in `needs`. Nothing here does anything.
 */

/** One judged message, as the portal, the evidence and the recorder see it. */
export interface SignalEvent {
  id: string
  at: number
  interface: string
  operation: string
  direction: 'in' | 'out'
  peerId: string
  partnerId: string | null
  originHost: string
  originRealm: string
  visitedPlmn: string | null
  imsi: string | null
  providerId: string | null
  class: string | null
  action: Action
  reason: Reason
  ruleId: string
  facts: readonly Fact[]
  shadow: readonly { ruleId: string; action: Action; reason: Reason }[]
  alert: boolean
  /** Result-Code or Experimental-Result-Code sent; null for none. */
  resultCode: number | null
  /** From last octet in to first octet out. */
  latencyMs: number
  /** How long admission control held it. */
  heldMs: number
  /** E-UTRAN or UTRAN vectors that left with the answer. */
  vectors: number
  /** The octets, kept for what is alerted or sampled. */
  request: Uint8Array | null
  answer: Uint8Array | null
}

/** Where every judged message goes: counted always, kept as a row when of note. Never blocks, never throws. */
export interface SignalRecorder {
  record(event: Omit<SignalEvent, 'id'>): void
}

/** What may change while running: peers and partners. Emits the whole list; readers replace theirs. */
export interface NetworkDirectory {
  peers(): readonly PeerRow[]
  partners(): readonly Partner[]
  /** Returns a function that stops listening. */
  onChange(listener: () => void): () => void
}

/** Live subscriber state as the HSS holds it; the store may lag by one commit window. */
export interface HssPort {
  /** The last permanent cause given to the device and not yet followed by a success; null where none. */
  stickyCauseOf(imsi: string): { resultCode: number; at: number } | null
  /** When its next attempt is due, where the last refusal or the periodic timer says so (TS 24.301 §10.2); else null. */
  expectedNext(imsi: string): { from: number; to: number; because: 'T3411' | 'T3402' | 'T3346' | 'periodic-tau' } | null
  /** Profile or state changed in the store: read it again and tell the serving node (IDR, DSR or CLR), paced. */
  pushProfileChange(imsi: string): void
  /** Vectors in fact given since start, by algorithm: what the authentication control looks at. */
  authentication(): {
    vectors: { MILENAGE: number; TUAK: number }
    lastVectorAt: number | null
    /** AUTS accepted, and refused because MAC-S differed or the value was an old one. */
    resynchronised: number
    resynchronisationRefused: number
    /** Keys that are not sealed; anything but 0 is a fault. */
    unsealedKeys: number
  }
}

/** One Diameter link as it stands now. */
export interface LinkState {
  peerId: string
  state: string
  up: boolean
  tls: { version: string; cipher: string; certificateExpiresAt: number | null } | null
  remoteAddress: string | null
  openSince: number | null
  messagesIn: number
  messagesOut: number
}

export interface LinkPort {
  links(): readonly LinkState[]
  /** Connections and CERs refused since start, by reason. */
  refusals(): Readonly<Record<string, number>>
}

export interface AdmissionSnapshot {
  capacityPerSecond: number
  /** Completed registrations within the last sliding second, and the most that any second since start has seen. */
  processedLastSecond: number
  processedPeak: number
  held: { critical: number; standard: number; deferrable: number }
  rejected: { critical: number; standard: number; deferrable: number }
  overloaded: boolean
  /** Wall time of the last second in which more was offered than the capacity; null: never. */
  lastOverloadAt: number | null
}

export interface AdmissionPort {
  snapshot(): AdmissionSnapshot
}

/** What goes into the ledger: what was done, by whom, about what. Identifiers of persons and SIMs go into `sealed`. */
export interface LedgerRecord {
  kind: string
  actor: string
  providerId?: string | null
  /** The SIM or person that it is about; the entry's `sealed` part is readable only while that subject's key stands. */
  subject?: { kind: 'imsi' | 'person'; id: string }
  body: Readonly<Record<string, unknown>>
  sealed?: Readonly<Record<string, unknown>>
}

/** An entry as a person reads it. */
export interface LedgerView {
  id: string
  at: number
  kind: string
  actor: string
  body: Readonly<Record<string, unknown>>
  /** null where it was never there, or the key is erased. */
  sealed: Readonly<Record<string, unknown>> | null
}

export interface LedgerPort {
  /** Resolves once the row is durable. */
  append(record: LedgerRecord): Promise<void>
  /** The last verification of the whole chain; null before the first. */
  verification(): { at: number; ok: boolean } | null
  /** Entries about one subject, newest first, older than `beforeId` where given. */
  about(subject: { kind: 'imsi' | 'person'; id: string }, options: { beforeId?: string; limit: number }): Promise<readonly LedgerView[]>
}

/** Seals octets under a subject's key, so that erasure makes recorded messages unreadable (GDPR art. 17). */
export interface SubjectSeal {
  seal(subject: { kind: 'imsi'; id: string; providerId: string | null }, octets: Uint8Array): Promise<{ subjectId: string; sealed: Buffer }>
  /** null where the key is erased. */
  open(subjectId: string, sealed: Uint8Array): Promise<Buffer | null>
}

/** Rules and the modes in force. The guard reads `modeOf` per message: it must be a map lookup. */
export interface RulePort {
  rules(): readonly Rule[]
  modeOf(ruleId: string): RuleMode
  /** Returns a function that stops listening. */
  onChange(listener: (ruleId: string) => void): () => void
}

/** Writes S6a Subscription-Data of a profile as text for people. */
export interface ProfileTextPort {
  compiledText(imsi: string): Promise<string>
}

/** What runs here, for the session answer and the overview. */
export interface Installation {
  mode: 'demo' | 'open'
  name: string
  plmn: string
  node: string
  version: string
  startedAt: number
  language: 'en' | 'zh-Hans' | 'ja' | null
}

/** Every port by name: what `provides` and `needs` of a function may say. */
export interface Ports {
  store: Db
  installation: Installation
  recorder: SignalRecorder
  history: SignalHistory
  network: NetworkDirectory
  rules: RulePort
  hss: HssPort
  links: LinkPort
  admission: AdmissionPort
  ledger: LedgerPort
  subjectSeal: SubjectSeal
  alarms: AlarmPort
  controls: ControlsPort
  sessions: SessionPort
  profileText: ProfileTextPort
  demo: DemoPort
}
export type PortName = keyof Ports
