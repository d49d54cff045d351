import { predicateText } from '#guard/guard.ts'
import { type Rule, type RuleMode, ruleModes } from '#guard/rule.ts'
import type { RuleView } from '#platform/http/schemas/network.ts'
import type { Ports } from '#platform/ports.ts'
import type { RuleBook } from './rules.ts'

export function isRuleMode(text: string): text is RuleMode {
  return (ruleModes as readonly string[]).includes(text)
}

/** A rule with its mode, who set it, and what it did since start. */
export function ruleView(rule: Rule, book: RuleBook, ports: Readonly<Partial<Ports>>): RuleView {
  const change = book.changeOf(rule.id)
  const count = ports.history?.counts.rules.peek(rule.id)
  return {
    id: rule.id,
    interface: rule.interface,
    operations: [...rule.operations],
    when: predicateText(rule.when),
    action: rule.action,
    reason: rule.reason,
    alert: rule.alert,
    says: rule.says,
    spec: rule.spec,
    control: rule.control,
    requirementIds: [...(ports.controls?.requirementIdsOf(rule.control) ?? [])],
    mode: book.modeOf(rule.id),
    defaultMode: rule.defaultMode,
    changedBy: change?.changedBy ?? null,
    changedAt: change?.changedAt ?? null,
    changeReason: change?.reason ?? null,
    decided: count?.decided ?? 0,
    wouldHave: count?.wouldHave ?? 0,
    lastAt: count?.lastAt ?? null,
  }
}
