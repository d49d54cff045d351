import { effectiveState } from '#domain/effective-state.ts'
import type { Rule } from '#guard/rule.ts'
import type { Reason } from '#guard/verdict.ts'
import type { SimDetail } from '#platform/http/schemas/sims.ts'
import type { Ports } from '#platform/ports.ts'
import type { SignalSummary } from '#platform/recorder.ts'
import { say } from '#platform/text.ts'
import type { DetailRow } from './detail.ts'

type CanConnect = SimDetail['canConnect']

/**
 * Reasons that are about the device itself: the next attempt from the same place meets the same refusal, unless the
 * subscription was changed since. What follows from its state is not among them: the state is known.
 */
const aboutDevice: ReadonlySet<Reason> = new Set(['outside-roaming-area', 'partner-not-allowed', 'imei-lock', 'banned'])

/** The fact by which the guard's rules know each effective state. */
const ruleOfState: Readonly<Record<string, string>> = {
  retired: 's6a-retired',
  suspended: 's6a-suspended',
  inventory: 's6a-suspended',
  blocklisted: 's6a-suspended',
  quota: 's6a-suspended',
  abuse: 's6a-suspended',
  'operator-barring': 's6a-suspended',
  held: 's6a-held',
  'imei-lock': 's6a-imei-lock-imposed',
}

/** Can it connect now, and if not, which control stops it. `last`: the newest AIR or ULR about it, where one is known. */
export function canConnect(row: DetailRow, last: SignalSummary | null, ports: Readonly<Partial<Ports>>, now: number): CanConnect {
  const sticky = stickyOf(row.imsi, ports)
  const state = effectiveState({ intended: row.intended, imposed: row.imposed, holdNextAttach: row.hold_next_attach }, now)
  if (!state.canConnect) {
    const imposed = row.imposed.find(
      ({ reason, since, expiresAt }) => reason === state.because && since <= now && (expiresAt === null || now < expiresAt),
    )
    const rule = ruleById(ruleOfState[state.because], ports)
    return { ...stopped(state.because, rule, ports), since: imposed?.since ?? row.changed_at.getTime(), by: state.by, sticky }
  }
  if (last !== null && last.action === 'reject' && aboutDevice.has(last.reason) && last.at >= row.changed_at.getTime()) {
    const rule = ruleById(last.ruleId, ports)
    return { ...stopped(last.reason, rule, ports), since: last.at, by: rule?.control ?? null, sticky }
  }
  return { value: true, because: null, since: null, by: null, control: null, requirementIds: [], ruleId: null, sticky }
}

function stopped(because: string, rule: Rule | undefined, ports: Readonly<Partial<Ports>>): Omit<CanConnect, 'since' | 'by' | 'sticky'> {
  return {
    value: false,
    because: say(because),
    control: rule?.control ?? null,
    requirementIds: rule === undefined ? [] : [...(ports.controls?.requirementIdsOf(rule.control) ?? [])],
    ruleId: rule?.id ?? null,
  }
}

function ruleById(id: string | undefined, { rules }: Readonly<Partial<Ports>>): Rule | undefined {
  return id === undefined ? undefined : rules?.rules().find((rule) => rule.id === id)
}

/** 5001 holds until the device is switched off, 5004 is written to the card, 5420 and 5421 hold for the area (TS 24.301 §5.5.1.2.5). */
function stickyOf(imsi: string, ports: Readonly<Partial<Ports>>): CanConnect['sticky'] {
  const sticky = ports.hss?.stickyCauseOf(imsi) ?? null
  if (sticky === null) return null
  const clears = { 5001: 'sim.clears.power-cycle', 5004: 'sim.clears.fplmn' }[sticky.resultCode] ?? 'sim.clears.timer'
  return { resultCode: sticky.resultCode, at: sticky.at, clears: say(clears) }
}
