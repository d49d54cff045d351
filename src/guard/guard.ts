import { isWaived } from '#domain/partner-index.ts'
import { partnersOf } from './claims.ts'
import { type FactDefinition, factTable } from './facts.ts'
import type { Gate } from './gate.ts'
import type { Known } from './known.ts'
import type { Predicate, Rule, RuleMode } from './rule.ts'
import type { Signal } from './signal.ts'
import type { Fact, Verdict } from './verdict.ts'

export interface Guard {
  /** Pure and synchronous; safe to call for every message. An operation that no rule row names is refused. */
  judge(signal: Signal, known: Known): Verdict
}

export interface GuardOptions {
  rules: readonly Rule[]
  /** The mode in force; asked at every judgement, so that a change acts at once. */
  modeOf(ruleId: string): RuleMode
  /** Asked before a rule about the device acts; absent: always allowed. */
  gate?: Gate
}

type Test = (signal: Signal, known: Known) => boolean

interface CompiledRule {
  rule: Rule
  test: Test
  facts: readonly FactDefinition[]
}

/** Compiles the rules once. Throws where a rule names a fact that does not exist or its id is used twice. */
export function createGuard(options: GuardOptions): Guard {
  const byOperation = compileAll(options.rules)
  return {
    judge(signal, known) {
      const rules = byOperation.get(`${signal.interface} ${signal.operation}`)
      return rules === undefined ? unknownOperation(signal) : judgeBy(rules, signal, known, options)
    },
  }
}

/** The first rule that matches in active mode decides; those before it that only record are listed in `shadow`. */
function judgeBy(rules: readonly CompiledRule[], signal: Signal, known: Known, { modeOf, gate }: GuardOptions): Verdict {
  const shadow: Verdict['shadow'][number][] = []
  let noted: CompiledRule | undefined
  let alert = false
  for (const compiled of rules) {
    const { rule, test } = compiled
    if (!test(signal, known)) continue
    const mode = modeOf(rule.id)
    if (mode === 'off') continue
    const isExempt = mode === 'active' && !gateAllows(rule, known, gate)
    // The gate takes the refusal away, not the alarm.
    if (isExempt) alert ||= rule.alert
    if (isExempt || !acts(rule, mode, signal, known)) shadow.push({ ruleId: rule.id, action: rule.action, reason: rule.reason })
    else if (rule.action === 'allow') {
      noted ??= compiled
      alert ||= rule.alert
    } else return verdictOf(compiled, signal, known, alert || rule.alert, shadow)
  }
  if (noted !== undefined) return verdictOf(noted, signal, known, alert, shadow)
  return shadow.length === 0 ? allowed : { ...allowed, alert, shadow }
}

const allowed: Verdict = { action: 'allow', reason: 'ok', ruleId: 'default', facts: [], alert: false, shadow: [] }

function acts(rule: Rule, mode: RuleMode, signal: Signal, known: Known): boolean {
  if (mode !== 'active') return false
  if (rule.learnsUntilCutOver === true && !known.cutOverComplete) return false
  return rule.waiver === undefined || !isWaived(partnersOf(signal, known), rule.waiver)
}

function gateAllows(rule: Rule, known: Known, gate: Gate | undefined): boolean {
  if (rule.asksGate !== true || gate === undefined || typeof known.subscriber === 'string') return true
  return gate.ask({ kind: 'refuse', ruleId: rule.id, reason: rule.reason }, known.subscriber).allowed
}

function verdictOf({ rule, facts }: CompiledRule, signal: Signal, known: Known, alert: boolean, shadow: Verdict['shadow']): Verdict {
  return { action: rule.action, reason: rule.reason, ruleId: rule.id, facts: gather(facts, signal, known), alert, shadow }
}

function gather(definitions: readonly FactDefinition[], signal: Signal, known: Known): readonly Fact[] {
  const found = new Map<string, Fact>()
  for (const definition of definitions) for (const fact of definition.shows(signal, known)) found.set(fact.name, fact)
  return [...found.values()]
}

/** Deny by default: what no row names is not for us. */
function unknownOperation({ interface: on, operation }: Signal): Verdict {
  return {
    action: 'reject',
    reason: 'operation-from-outside',
    ruleId: 'default',
    facts: [{ name: 'operation', value: `${on} ${operation}`, source: 'claimed' }],
    alert: true,
    shadow: [],
  }
}

/**
 * The verdict of a rule whose event is seen elsewhere than in a request: by a link, the sequence numbers, admission or
 * a challenge. `facts` are named in `signal.facts`. Null where the rule is off or does not match; a rule that only
 * records gives an `allow` with itself in `shadow`.
 */
export function judgeLate(rule: Rule, signal: Signal, known: Known, mode: RuleMode): Verdict | null {
  const compiled = compile(rule)
  if (mode === 'off' || !compiled.test(signal, known)) return null
  if (!acts(rule, mode, signal, known)) {
    return { ...allowed, shadow: [{ ruleId: rule.id, action: rule.action, reason: rule.reason }] }
  }
  return verdictOf(compiled, signal, known, rule.alert, [])
}

function compileAll(rules: readonly Rule[]): ReadonlyMap<string, readonly CompiledRule[]> {
  const byOperation = new Map<string, CompiledRule[]>()
  const ids = new Set<string>()
  for (const rule of rules) {
    if (ids.has(rule.id)) throw new Error(`rule ${rule.id} stands twice in the table`)
    ids.add(rule.id)
    const compiled = compile(rule)
    for (const operation of rule.operations) {
      const key = `${rule.interface} ${operation}`
      const row = byOperation.get(key)
      if (row === undefined) byOperation.set(key, [compiled])
      else row.push(compiled)
    }
  }
  return byOperation
}

function compile(rule: Rule): CompiledRule {
  const facts: FactDefinition[] = []
  const test = compilePredicate(rule.when, (name) => {
    const definition = factTable[name]
    if (definition === undefined) throw new Error(`rule ${rule.id} uses the fact ${name}, which facts.ts does not have`)
    if (!facts.includes(definition)) facts.push(definition)
    return definition
  })
  return { rule, test, facts }
}

function compilePredicate(predicate: Predicate, find: (name: string) => FactDefinition): Test {
  if ('all' in predicate) {
    const tests = predicate.all.map((part) => compilePredicate(part, find))
    const [first, second] = tests
    // The usual case without a loop: every message passes here some thirty times.
    if (first !== undefined && second !== undefined && tests.length === 2)
      return (signal, known) => first(signal, known) && second(signal, known)
    return (signal, known) => tests.every((test) => test(signal, known))
  }
  if ('any' in predicate) {
    const tests = predicate.any.map((part) => compilePredicate(part, find))
    return (signal, known) => tests.some((test) => test(signal, known))
  }
  if ('not' in predicate) {
    const test = compilePredicate(predicate.not, find)
    return (signal, known) => !test(signal, known)
  }
  const { read } = find(predicate.fact)
  if ('is' in predicate) {
    const { is } = predicate
    return (signal, known) => read(signal, known) === is
  }
  const { above } = predicate
  return (signal, known) => Number(read(signal, known)) > above
}

/** The predicate as a person reads it. */
export function predicateText(predicate: Predicate): string {
  if ('all' in predicate) return predicate.all.map(bracketed).join(' and ')
  if ('any' in predicate) return predicate.any.map(bracketed).join(' or ')
  if ('not' in predicate) return `not ${bracketed(predicate.not)}`
  return 'is' in predicate ? `${predicate.fact} = ${predicate.is}` : `${predicate.fact} > ${predicate.above}`
}

function bracketed(predicate: Predicate): string {
  const text = predicateText(predicate)
  return 'fact' in predicate ? text : `(${text})`
}
