import type { PartnerWaiver } from '#domain/partner.ts'
import type { Action, Reason } from './verdict.ts'

export const ruleModes = ['off', 'learn', 'shadow', 'active'] as const
/** off: not judged; learn and shadow: judged and recorded, not acted on; active: acted on. */
export type RuleMode = (typeof ruleModes)[number]

/** A predicate over named facts (see facts.ts). `is` compares with a constant, `above` with a number. */
export type Predicate =
  | { all: readonly Predicate[] }
  | { any: readonly Predicate[] }
  | { not: Predicate }
  | { fact: string; is: string | number | boolean }
  | { fact: string; above: number }

/** A data row. Adding one is a recipe in CONTRIBUTING.md. */
export interface Rule {
  id: string
  interface: 'S6a'
  operations: readonly string[]
  /** True where the message should not pass. */
  when: Predicate
  action: Action
  reason: Reason
  alert: boolean
  defaultMode: RuleMode
  /** Partners that are known to break this rule may be waived: it then records, as in shadow, and does not act. */
  waiver?: PartnerWaiver
  /** Whatever its mode, it only learns while the registrations of before the cut-over are not all known. */
  learnsUntilCutOver?: true
  /** About the device, not the peer: the exemption gate is asked first, and where it says no the rule only records. */
  asksGate?: true
  /** The control that this rule serves. */
  control: string
  /** One plain sentence for the person who reads the verdict. */
  says: string
  spec: string
}
