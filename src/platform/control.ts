import type { Ports } from './ports.ts'
import type { Message } from './text.ts'

export const statuses = ['met', 'not-met', 'attested', 'offered', 'not-offered', 'not-applicable', 'unknown'] as const
export type Status = (typeof statuses)[number]

export const sourceClasses = ['observed-in-line', 'observed-by-tap', 'imported', 'attested'] as const
export type SourceClass = (typeof sourceClasses)[number]

/** What a check found. `unknown` where there is no evidence; it is never rounded up. */
export interface CheckResult {
  status: Status
  because: Message
  /** When the newest evidence was made; null where there is none. */
  evidenceAt: number | null
  sourceClass: SourceClass | null
  /** A message that proves it. */
  signalId?: string | null
}

/** What a check may look at. A port that nobody provides here is undefined: then the answer is unknown. */
export interface CheckContext {
  now: number
  ports: Readonly<Partial<Ports>>
  /** Value of a configuration key that the control's function reads. */
  config(key: string): unknown
}

/** A control as data and one check. Ids are stable: they stand in rules, in the ledger and in reports. */
export interface ControlDefinition {
  id: string
  title: Message
  /** Rows of the catalogue, `clp14:5.6.1-06`, that are met where this control (and every other one named) is met. */
  wholeFor: readonly string[]
  /** Rows for which it is one of the things needed: alone it never makes them met, but not met makes them not met. */
  partOf: readonly string[]
  how: string
  /** What this control does not show; null where nothing is left out. */
  limits: string | null
  /** Screening rules whose mode decides. */
  ruleIds: readonly string[]
  /** Evidence older than this no longer proves anything. */
  maxAgeMs: number
  check(context: CheckContext): CheckResult | Promise<CheckResult>
}

export interface StatusCounts {
  met: number
  attested: number
  notMet: number
  unknown: number
  offered: number
  notOffered: number
  notApplicable: number
  total: number
}

export interface ControlsPort {
  counts(): StatusCounts
  /** The control's last status; undefined for an unknown id. */
  statusOf(controlId: string): { status: Status; because: Message; since: number | null } | undefined
  requirementIdsOf(controlId: string): readonly string[]
  /** Controls that are not met now. */
  notMet(): readonly { id: string; title: Message; because: Message; since: number }[]
}
