import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import { type Action, type Reason, reasons } from '#guard/verdict.ts'
import { type LatencyColumn, latencyColumn, latencyColumns } from './latency.ts'
import type { SignalEvent } from './ports.ts'
import { createSeries, type Series } from './series.ts'

const actions = ['allow', 'reject', 'drop', 'sinkhole', 'hold', 'challenge', 'home-route'] as const satisfies readonly Action[]

type LoadColumn = 'critical' | 'standard' | 'deferrable' | 'offered' | 'rejected' | 'good' | 'bad' | 'vectors' | 'unproven' | 'judged'
type VerdictColumn = `${Action}/${Reason}`
type PartnerColumn = 'registrations' | 'good' | 'bad' | 'refused' | LatencyColumn

const loadColumns: readonly LoadColumn[] = [
  'critical',
  'standard',
  'deferrable',
  'offered',
  'rejected',
  'good',
  'bad',
  'vectors',
  'unproven',
  'judged',
]
const verdictColumns: readonly VerdictColumn[] = actions.flatMap((action) => reasons.map((reason): VerdictColumn => `${action}/${reason}`))
const partnerColumns: readonly PartnerColumn[] = ['registrations', 'good', 'bad', 'refused', ...latencyColumns]

/** Reasons that say: we could not, though we should have. They, and faults of ours, count against the objective. */
const ourFault: ReadonlySet<Reason> = new Set(['storm', 'busy', 'store-unavailable'])
/** Reasons by which a peer or message was refused for what it claims: an attack, or stale data. */
export const forgedReasons: ReadonlySet<Reason> = new Set([
  'unknown-peer',
  'forged-realm',
  'forged-host',
  'forged-network',
  'own-identity-from-outside',
  'operation-from-outside',
  'unsolicited-answer',
  'not-registered-node',
  'out-of-sequence',
  'replay',
  'vector-cap',
  'rate-cap',
  'separation-bit',
  'malformed',
])

const success = 2001

/** Per second for an hour, and per half minute for a day: whichever covers the window. */
interface Two<Column extends string> {
  fine: Series<Column>
  coarse: Series<Column>
}

function two<const Column extends string>(columns: readonly Column[], fineStepMs: number, fineSteps: number): Two<Column> {
  return { fine: createSeries(columns, fineStepMs, fineSteps), coarse: createSeries(columns, 120_000, 720) }
}

function addTo<Column extends string>(series: Two<Column>, now: number, column: Column, amount = 1): void {
  if (amount === 0) return
  series.fine.add(now, column, amount)
  series.coarse.add(now, column, amount)
}

export interface RuleCount {
  /** Messages that the rule decided while it acted. */
  decided: number
  /** Messages that passed and that it would have decided, were it active for them. */
  wouldHave: number
  lastAt: number | null
  /** The last message that passed though the rule was against it. */
  lastPassed: { at: number; signalId: string } | null
}

interface Tally {
  count: number
}

/** Counts of judged messages: over time by class, verdict, partner and latency, and since start by rule. */
export class SignalCounts {
  readonly load = two(loadColumns, 1_000, 3_600)
  readonly verdicts = two(verdictColumns, 5_000, 720)
  readonly latency = two(latencyColumns, 5_000, 720)
  readonly partners = new LruMap<string, Two<PartnerColumn>>(limits.events.partners)
  readonly rules = new LruMap<string, RuleCount>(1_024)
  /** Since start, by interface and operation: when the last message of it was judged. */
  readonly operations = new LruMap<string, { count: number; lastAt: number }>(1_024)
  /** Result codes by verdict column, to tell the one that is mostly given. */
  readonly answers = new LruMap<VerdictColumn, LruMap<number, Tally>>(512)
  /** Since start, by operation, action and reason: what /metrics shows. */
  readonly totals = new LruMap<string, Tally>(4_096)
  /** Since start, by partner and rule: messages that broke the rule and passed, by waiver, mode or gate. */
  readonly passedBy = new LruMap<string, Tally>(4_096)

  /** `isProven`: the visited network is one of the partner's that the link proves. `now`: when the answer left. */
  count(event: SignalEvent, now: number, isProven: boolean): void {
    const verdict: VerdictColumn = `${event.heldMs > 0 && event.action === 'allow' ? 'hold' : event.action}/${event.reason}`
    addTo(this.verdicts, now, verdict)
    addTo(this.load, now, 'judged')
    addTo(this.load, now, 'vectors', event.vectors)
    if (!isProven) addTo(this.load, now, 'unproven', event.vectors)
    addTo(this.latency, now, latencyColumn(Math.max(0, event.latencyMs - event.heldMs)))
    tally(this.totals, `${event.interface} ${event.operation} ${event.action} ${event.reason}`)
    this.#countAnswer(verdict, event.resultCode)
    this.#countRules(event, now)
    const operation = `${event.interface} ${event.operation}`
    const seen = this.operations.peek(operation)
    if (seen === undefined) this.operations.set(operation, { count: 1, lastAt: now })
    else {
      seen.count += 1
      seen.lastAt = now
    }
    this.#countAttach(event, now)
  }

  #countAttach(event: SignalEvent, now: number): void {
    const isAttach = event.direction === 'in' && (event.operation === 'AIR' || event.operation === 'ULR')
    const passed = event.action === 'allow' || event.action === 'hold' || event.action === 'challenge'
    const isGood = isAttach && passed && event.resultCode === success
    const isBad = isAttach && (ourFault.has(event.reason) || (passed && event.resultCode !== null && event.resultCode !== success))
    const isRegistration = isGood && event.operation === 'ULR'
    if (isAttach && event.operation === 'AIR' && (passed || ourFault.has(event.reason))) addTo(this.load, now, 'offered')
    if (isAttach && (event.reason === 'storm' || event.reason === 'busy')) addTo(this.load, now, 'rejected')
    if (isGood) addTo(this.load, now, 'good')
    if (isBad) addTo(this.load, now, 'bad')
    if (isRegistration) addTo(this.load, now, classColumn(event.class))
    if (event.partnerId === null) return
    const partner = this.#partner(event.partnerId)
    if (isGood) addTo(partner, now, 'good')
    if (isBad) addTo(partner, now, 'bad')
    if (isRegistration) addTo(partner, now, 'registrations')
    if (!passed && forgedReasons.has(event.reason)) addTo(partner, now, 'refused')
    addTo(partner, now, latencyColumn(Math.max(0, event.latencyMs - event.heldMs)))
  }

  #countRules(event: SignalEvent, now: number): void {
    const rule = this.#rule(event.ruleId)
    rule.decided += 1
    rule.lastAt = now
    for (const { ruleId } of event.shadow) {
      const shadowed = this.#rule(ruleId)
      shadowed.wouldHave += 1
      shadowed.lastAt = now
      if (event.action !== 'allow') continue
      shadowed.lastPassed = { at: now, signalId: event.id }
      if (event.partnerId !== null) tally(this.passedBy, `${event.partnerId} ${ruleId}`)
    }
  }

  #rule(id: string): RuleCount {
    const known = this.rules.peek(id)
    if (known !== undefined) return known
    const made: RuleCount = { decided: 0, wouldHave: 0, lastAt: null, lastPassed: null }
    this.rules.set(id, made)
    return made
  }

  #countAnswer(verdict: VerdictColumn, resultCode: number | null): void {
    if (resultCode === null) return
    let codes = this.answers.peek(verdict)
    if (codes === undefined) {
      codes = new LruMap(16)
      this.answers.set(verdict, codes)
    }
    tally(codes, resultCode)
  }

  #partner(id: string): Two<PartnerColumn> {
    const known = this.partners.peek(id)
    if (known !== undefined) return known
    const made = two(partnerColumns, 15_000, 240)
    this.partners.set(id, made)
    return made
  }
}

function classColumn(name: string | null): 'critical' | 'standard' | 'deferrable' {
  return name === 'critical' || name === 'deferrable' ? name : 'standard'
}

/** Counts in place: what is counted often must not be put anew each time. */
function tally<K>(map: LruMap<K, Tally>, key: K): void {
  const known = map.peek(key)
  if (known === undefined) map.set(key, { count: 1 })
  else known.count += 1
}

/** The series that covers the window. */
export function seriesFor<Column extends string>(series: Two<Column>, windowMs: number): Series<Column> {
  return windowMs <= 3_600_000 ? series.fine : series.coarse
}
