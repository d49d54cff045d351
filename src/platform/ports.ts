import type { Partner, PeerRow } from '#domain/partner.ts'
import type { AdmissionSnapshot } from '#guard/admission-types.ts'
import type { Rule, RuleMode } from '#guard/rule.ts'
import type { Action, Fact, Reason } from '#guard/verdict.ts'
import type { Db } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import type { VerifySignature } from '#store/ledger-verify.ts'
import type { SubjectKeys } from '#store/subject-keys.ts'
import type { AlarmPort } from './alarm.ts'
import type { ApprovalPort } from './approval.ts'
import type { SubscriptionChanges } from './change.ts'
import type { ControlsPort } from './control.ts'
import type { DemoPort } from './demo.ts'
import type { EnrolmentPort } from './enrolment.ts'
import type { NoticeFeed, NoticePort } from './notice.ts'
import type { PasskeyPort } from './passkey.ts'
import type { SignalHistory } from './recorder.ts'
import type { ClientPort, SessionPort } from './session.ts'
import type { UsagePort } from './usage.ts'

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
  /** Subscribers whose state stands in memory, keys opened: what has been asked for since start, within the cache's bound. */
  subscribersInMemory(): number
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
  /** Where we listen. */
  listening(): readonly { host: string; port: number; tls: boolean }[]
  links(): readonly LinkState[]
  /** Connections and CERs refused since start, by reason. */
  refusals(): Readonly<Record<string, number>>
}

export interface AdmissionPort {
  snapshot(): AdmissionSnapshot
}

/** What an auditor needs to check a checkpoint or a receipt without us. */
export interface LedgerKey {
  keyId: string
  /** SubjectPublicKeyInfo, PEM. */
  publicKey: string
}

/** The last verification of the whole ledger; null before the first. */
interface LedgerStatus {
  verification(): { at: number; ok: boolean } | null
  /** The public halves of the keys that checkpoints were ever signed with. */
  publicKeys(): Promise<readonly LedgerKey[]>
  /** Checks signatures with these keys and no others. */
  verifier(keys: readonly LedgerKey[]): VerifySignature
}

/** Rules and the modes in force. The guard reads `modeOf` per message: it must be a map lookup. */
export interface RulePort {
  rules(): readonly Rule[]
  modeOf(ruleId: string): RuleMode
  /** When its mode was last changed, wall time; null where it stands as delivered. */
  changedAt(ruleId: string): number | null
  /** Returns a function that stops listening. */
  onChange(listener: (ruleId: string) => void): () => void
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
  /** Pages of the functions that run, in order. */
  navigation: readonly { id: string; path: string }[]
  recorder: SignalRecorder
  history: SignalHistory
  network: NetworkDirectory
  rules: RulePort
  hss: HssPort
  links: LinkPort
  admission: AdmissionPort
  ledger: Ledger
  ledgerStatus: LedgerStatus
  subjects: SubjectKeys
  alarms: AlarmPort
  controls: ControlsPort
  sessions: SessionPort
  clients: ClientPort
  enrolment: EnrolmentPort
  passkeys: PasskeyPort
  approvals: ApprovalPort
  changes: SubscriptionChanges
  notices: NoticePort
  noticeFeed: NoticeFeed
  usage: UsagePort
  demo: DemoPort
}
export type PortName = keyof Ports
