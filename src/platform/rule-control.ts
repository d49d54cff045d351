import type { Rule } from '#guard/rule.ts'
import type { CheckContext, CheckResult, ControlDefinition } from './control.ts'
import type { Ports } from './ports.ts'
import { say } from './text.ts'

/** What differs from one group of screening rules to the next. */
export type RuleControlRow = Pick<ControlDefinition, 'id' | 'wholeFor' | 'partOf' | 'how' | 'limits'>

const hourMs = 3_600_000

/** A control that holds where every rule of its group is active and messages have been judged by them since. */
export function ruleControl(row: RuleControlRow, rules: readonly Rule[]): ControlDefinition {
  const own = rules.filter((rule) => rule.control === row.id)
  return {
    ...row,
    title: say(`control.${row.id}`),
    ruleIds: own.map((rule) => rule.id),
    maxAgeMs: hourMs,
    // A rule that is made to record and never to act, such as one that only scores, leaves nothing undone.
    check: (context) =>
      checkRules(
        own.filter((rule) => rule.defaultMode === 'active'),
        context,
      ),
  }
}

function checkRules(rules: readonly Rule[], { now, ports, config }: CheckContext): CheckResult {
  const book = ports.rules
  if (book === undefined || ports.history === undefined)
    return { status: 'unknown', because: say('control.not-running'), evidenceAt: null, sourceClass: null }
  const idle = rules.filter((rule) => book.modeOf(rule.id) !== 'active')
  if (idle.length > 0) return notActive(idle, ports, now)
  const learning = config('cutOverComplete') === true ? [] : rules.filter((rule) => rule.learnsUntilCutOver === true)
  if (learning.length > 0) {
    return {
      status: 'not-met',
      because: say('control.learning-until-cut-over', names(learning)),
      evidenceAt: now,
      sourceClass: 'observed-in-line',
    }
  }
  return judged(rules, ports, now)
}

/** The message that passed says more than the mode: it is named where there is one since the rule stopped acting. */
function notActive(idle: readonly Rule[], { rules, history }: Readonly<Partial<Ports>>, now: number): CheckResult {
  for (const rule of idle) {
    const passed = history?.counts.rules.peek(rule.id)?.lastPassed ?? null
    if (passed === null || passed.at < (rules?.changedAt(rule.id) ?? 0)) continue
    const because = say('control.attack-passed', { rule: rule.id, mode: rules?.modeOf(rule.id) ?? 'off', at: passed.at })
    return { status: 'not-met', because, evidenceAt: passed.at, sourceClass: 'observed-in-line', signalId: passed.signalId }
  }
  const [first] = idle
  const mode = first === undefined ? 'off' : (rules?.modeOf(first.id) ?? 'off')
  return {
    status: 'not-met',
    because: say('control.rules-not-active', { ...names(idle), mode }),
    evidenceAt: now,
    sourceClass: 'observed-in-line',
  }
}

/** Messages that the rules in force have judged; older than an hour, or before the last change, they prove nothing. */
function judged(rules: readonly Rule[], { rules: book, history }: Readonly<Partial<Ports>>, now: number): CheckResult {
  const operations = new Set(rules.flatMap((rule) => rule.operations.map((operation) => `${rule.interface} ${operation}`)))
  const changed = Math.max(0, ...rules.map((rule) => book?.changedAt(rule.id) ?? 0))
  let count = 0
  let lastAt: number | null = null
  for (const operation of operations) {
    const seen = history?.counts.operations.peek(operation)
    if (seen === undefined) continue
    count += seen.count
    lastAt = Math.max(lastAt ?? 0, seen.lastAt)
  }
  if (lastAt === null || lastAt < changed)
    return { status: 'unknown', because: say('control.nothing-judged'), evidenceAt: null, sourceClass: null }
  if (now - lastAt > hourMs)
    return { status: 'unknown', because: say('control.stale', { at: lastAt }), evidenceAt: lastAt, sourceClass: 'observed-in-line' }
  const refused = rules.reduce((sum, rule) => sum + (history?.counts.rules.peek(rule.id)?.decided ?? 0), 0)
  return {
    status: 'met',
    because: say('control.rules-active', { rules: rules.length, judged: count, refused }),
    evidenceAt: lastAt,
    sourceClass: 'observed-in-line',
  }
}

function names(rules: readonly Rule[]): { rules: string; count: number } {
  return { rules: rules.map(({ id }) => id).join(', '), count: rules.length }
}
