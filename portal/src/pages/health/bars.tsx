import { useLingui } from '@lingui/react/macro'
import { linearScale } from '../../logic/steps.ts'

const width = 480
const height = 48

/** Attacks over the window: a step per hour or day, from 0, the highest one said beside it. */
export function TimeBars({ points, label }: { points: readonly { at: number; count: number }[]; label: string }) {
  const most = Math.max(...points.map(({ count }) => count), 1)
  const step = width / Math.max(points.length, 1)
  const y = linearScale([0, most], [0, height - 2])
  return (
    <svg className="time-bars" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className="base" x="0" y={height - 1} width={width} height="1" />
      {points.map(({ at, count }, i) =>
        count === 0 ? null : (
          <rect key={at} className="ref" x={i * step + 0.5} y={height - 1 - y(count)} width={Math.max(step - 1, 1)} height={y(count)} />
        ),
      )}
    </svg>
  )
}

/** How much of the error budget is spent: from 0 to twice the budget, the limit drawn where it is used up. */
export function BudgetBar({ good, target }: { good: number; target: number }) {
  const { t } = useLingui()
  const spent = (1 - good) / Math.max(1 - target, 1e-9)
  const shown = Math.min(spent, 2)
  const percentSpent = Math.round(spent * 100)
  return (
    <svg
      className={`budget${spent > 1 ? ' over' : ''}`}
      width="96"
      height="12"
      viewBox="0 0 96 12"
      role="img"
      aria-label={t`${percentSpent} % of the budget spent`}
    >
      <rect className="base" x="0" y="4" width="96" height="4" />
      <rect className="spent" x="0" y="4" width={(shown / 2) * 96} height="4" />
      <rect className="limit" x="47.25" y="0" width="1.5" height="12" />
    </svg>
  )
}
