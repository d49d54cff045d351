import type { Overview } from '#platform/http/schemas/overview.ts'
import type { Ports } from '#platform/ports.ts'
import { forgedReasons } from '#platform/signal-counts.ts'
import { say } from '#platform/text.ts'

type Verdict = Overview['verdict']

/** The first line: how it stands, worst thing first; the portal writes the sentence from key and figures. */
export function verdictOf(overview: Pick<Overview, 'readouts' | 'verdicts' | 'judged' | 'ledger' | 'store'>): Verdict {
  const { readouts, judged } = overview
  const refused = overview.verdicts.filter(({ action, reason }) => action !== 'allow' && action !== 'hold' && forgedReasons.has(reason))
  const attacks = refused.reduce((sum, { count }) => sum + count, 0)
  const params = {
    attacks,
    leaked: readouts.vectorsToUnproven,
    back: readouts.criticalBack,
    critical: readouts.criticalTotal,
    judged,
    registrationsPerSecond: readouts.registrationsPerSecond,
  }
  const line = lineOf(overview)
  if (overview.store.latencyMs === null) return { state: 'refused', key: 'overview.store-away', params, line }
  if (overview.ledger.ok === false) return { state: 'refused', key: 'overview.ledger-broken', params, line }
  if (readouts.vectorsToUnproven > 0) return { state: 'refused', key: 'overview.vectors-leaked', params, line }
  if (judged === 0) return { state: 'unknown', key: 'overview.quiet', params, line }
  const isMissing = readouts.criticalTotal !== null && readouts.criticalBack !== null && readouts.criticalBack < readouts.criticalTotal
  if (isMissing) return { state: 'attention', key: 'overview.critical-missing', params, line }
  const isBelow = readouts.attachSuccess !== null && readouts.attachSuccess < readouts.attachObjective
  if (isBelow) return { state: 'attention', key: 'overview.below-objective', params, line }
  const isSlow = readouts.answerP99Ms !== null && readouts.answerP99Ms > readouts.answerObjectiveMs
  if (isSlow) return { state: 'attention', key: 'overview.answers-slow', params, line }
  return { state: 'ok', key: attacks > 0 ? 'overview.attacks-refused' : 'overview.normal', params, line }
}

function lineOf({ readouts }: Pick<Overview, 'readouts'>): Verdict['line'] {
  const { devicesInT3402, capacity } = readouts
  return devicesInT3402 !== null && devicesInT3402 > 0 ? say('overview.line.t3402', { devices: devicesInT3402, capacity }) : null
}

const dayMs = 86_400_000
const partnerDataDays = 90

/** What waits for a person: alarms that nobody has taken, controls out of force, partner data that grew old. */
export function needsYou(ports: Readonly<Partial<Ports>>, now: number): Overview['needsYou'] {
  const alarms = (ports.alarms?.standing() ?? [])
    .filter(({ state, kind }) => state === 'raised' && kind !== 'control')
    .map((alarm) => ({
      ...alarm.title,
      state: alarm.severity === 'critical' ? ('refused' as const) : ('attention' as const),
      since: alarm.raisedAt,
      link: `/alarms?id=${alarm.id}`,
    }))
  const controls = (ports.controls?.notMet() ?? []).map(({ id, because, since }) => ({
    ...because,
    state: 'attention' as const,
    since,
    link: `/controls?control=${id}`,
  }))
  const stale = (ports.network?.partners() ?? [])
    .filter(({ confirmedAt }) => now - confirmedAt > partnerDataDays * dayMs)
    .map(({ id, name, confirmedAt }) => ({
      ...say('need.partner-data-old', { partner: name, days: Math.floor((now - confirmedAt) / dayMs) }),
      state: 'attention' as const,
      since: confirmedAt + partnerDataDays * dayMs,
      link: `/partners?id=${id}`,
    }))
  return [...alarms, ...controls, ...stale]
    .toSorted((a, b) => Number(b.state === 'refused') - Number(a.state === 'refused') || b.since - a.since)
    .slice(0, 20)
}
