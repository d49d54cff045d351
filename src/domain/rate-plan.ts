/** What a provider's SIMs may use in one period, and what happens on the way there. */
export interface RatePlan {
  period: { kind: 'calendar-month' } | { kind: 'days'; days: number; anchor: number }
  /** Both ways together. */
  includedBytes: number
  /** In percent of what is included, ascending. */
  alertsPercent: readonly number[]
  /** null: nobody is cut off. Critical SIMs never are. */
  cutOffPercent: number | null
}

export interface Period {
  start: number
  end: number
}

const dayMs = 86_400_000

/** The period that holds `at`, in UTC; without a plan the calendar month. `at`: wall time, ms. */
export function periodOf(plan: Pick<RatePlan, 'period'> | null, at: number): Period {
  if (plan === null || plan.period.kind === 'calendar-month') {
    const date = new Date(at)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
    return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) }
  }
  const { days, anchor } = plan.period
  const length = days * dayMs
  const start = anchor + Math.floor((at - anchor) / length) * length
  return { start, end: start + length }
}

/** The highest threshold that so many bytes have reached, in percent; 0 for none. */
export function alertReached({ alertsPercent, includedBytes }: RatePlan, bytes: number): number {
  return alertsPercent.reduce((highest, percent) => (isReached(includedBytes, percent, bytes) && percent > highest ? percent : highest), 0)
}

export function isCutOff({ cutOffPercent, includedBytes }: RatePlan, bytes: number): boolean {
  return cutOffPercent !== null && isReached(includedBytes, cutOffPercent, bytes)
}

/** Exact also beyond 2^53: octets of a fleet for years fit no double. */
function isReached(includedBytes: number, percent: number, bytes: number): boolean {
  return BigInt(bytes) * 100n >= BigInt(includedBytes) * BigInt(percent)
}

type PlanFaultCode = 'alerts-order' | 'cut-off-below-alert'

/** What is wrong with a plan that has the right shape; null where nothing is. */
export function planFault({ alertsPercent, cutOffPercent }: RatePlan): PlanFaultCode | null {
  if (alertsPercent.some((percent, i) => i > 0 && percent <= (alertsPercent[i - 1] ?? 0))) return 'alerts-order'
  if (cutOffPercent !== null && alertsPercent.some((percent) => percent > cutOffPercent)) return 'cut-off-below-alert'
  return null
}
