/** Error budgets: how good a service was, beside how good it should be, and how fast it spends what it may miss. */

/** Good and asked within one window. */
export interface Measured {
  good: number
  asked: number
}

export interface Burn {
  windowS: number
  /** 1: the budget lasts exactly as long as its window; null where nothing was asked. */
  rate: number | null
}

const burnWindowsS = [300, 3_600, 21_600] as const

/** Burn rates over a short and a long window together: fast ones page, slow ones wait for the day. */
export const burnAlarms = [
  { windowsS: [300, 3_600], rate: 14.4, severity: 'critical' },
  { windowsS: [3_600, 21_600], rate: 6, severity: 'major' },
] as const

export interface ObjectiveState {
  /** Share that was good; null where nothing was asked: silence is not success. */
  good: number | null
  budgetLeft: number | null
  burn: Burn[]
  state: 'ok' | 'attention' | 'refused' | 'unknown'
}

/** How what was measured over the objective's own window, and over the windows of the burn alarms, stands against the target. */
export function againstObjective(target: number, over: Measured, measure: (windowS: number) => Measured): ObjectiveState {
  const allowed = Math.max(1e-9, 1 - target)
  const burn = burnWindowsS.map((windowS) => {
    const share = shareOf(measure(windowS))
    return { windowS, rate: share === null ? null : (1 - share) / allowed }
  })
  const good = shareOf(over)
  const budgetLeft = good === null ? null : 1 - (1 - good) / allowed
  const isBurning = burnAlarms.some((alarm) => isOver(burn, alarm))
  const state = good === null ? 'unknown' : isBurning ? 'refused' : good < target ? 'attention' : 'ok'
  return { good, budgetLeft, burn, state }
}

function shareOf({ good, asked }: Measured): number | null {
  return asked === 0 ? null : good / asked
}

/** True where the error budget burns faster than the rate in every window of the alarm. */
export function isOver(burn: readonly Burn[], alarm: (typeof burnAlarms)[number]): boolean {
  return alarm.windowsS.every((seconds) => (burn.find(({ windowS }) => windowS === seconds)?.rate ?? 0) > alarm.rate)
}
