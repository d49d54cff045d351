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
  /** The control that this rule serves. */
  control: string
  /** One plain sentence for the person who reads the verdict. */
  says: string
  spec: string
}
