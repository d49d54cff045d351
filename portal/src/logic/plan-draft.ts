import type { Plan } from '../api/types.ts'

export type PlanBody = Pick<Plan, 'period' | 'includedBytes' | 'alertsPercent' | 'cutOffPercent'>

/** What the form holds, as typed. */
export interface PlanDraft {
  name: string
  period: 'calendar-month' | 'days'
  days: string
  anchor: string
  includedMb: string
  alerts: string
  cutOff: string
}

const bytesPerMb = 1_000_000

export function draftOfPlan(plan: (PlanBody & { name: string }) | undefined, now: number): PlanDraft {
  const period = plan?.period
  return {
    name: plan?.name ?? '',
    period: period?.kind ?? 'calendar-month',
    days: String(period?.kind === 'days' ? period.days : 30),
    anchor: new Date(period?.kind === 'days' ? period.anchor : now).toISOString().slice(0, 10),
    includedMb: String((plan?.includedBytes ?? 10 * bytesPerMb) / bytesPerMb),
    alerts: (plan?.alertsPercent ?? [80, 100]).join(', '),
    cutOff: plan === undefined ? '' : String(plan.cutOffPercent ?? ''),
  }
}

export type PlanFault = 'name' | 'days' | 'anchor' | 'includedMb' | 'alerts' | 'cutOff'

export function planFaults(draft: PlanDraft): PlanFault[] {
  const faults: PlanFault[] = []
  if (draft.name.trim() === '') faults.push('name')
  if (draft.period === 'days' && !isPercent(draft.days, 366)) faults.push('days')
  if (draft.period === 'days' && Number.isNaN(Date.parse(draft.anchor))) faults.push('anchor')
  if (!(Number(draft.includedMb) >= 0.000_001 && Number(draft.includedMb) <= 9e9)) faults.push('includedMb')
  const alerts = alertsOf(draft.alerts)
  if (!alerts.every((one) => one >= 1 && one <= 1_000) || alerts.length > 8) faults.push('alerts')
  if (draft.cutOff.trim() !== '' && !isPercent(draft.cutOff, 1_000)) faults.push('cutOff')
  return faults
}

function isPercent(text: string, most: number): boolean {
  return /^\d{1,4}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most
}

/** NaN for what is no number, which the check above finds. */
function alertsOf(text: string): number[] {
  return text
    .split(/[\s,;%]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : Number.NaN))
    .toSorted((a, b) => a - b)
}

export function planBodyOf(draft: PlanDraft): PlanBody {
  return {
    period:
      draft.period === 'days' ? { kind: 'days', days: Number(draft.days), anchor: Date.parse(draft.anchor) } : { kind: 'calendar-month' },
    includedBytes: Math.round(Number(draft.includedMb) * bytesPerMb),
    alertsPercent: alertsOf(draft.alerts),
    cutOffPercent: draft.cutOff.trim() === '' ? null : Number(draft.cutOff),
  }
}
