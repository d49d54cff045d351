import type { Plan } from '../../api/types.ts'

/** What was used beside what is included: the limit is a line, and what lies beyond it has its own colour. */
export function UsageBar({
  bytes,
  plan: { includedBytes: included, cutOffPercent, alertsPercent },
  label,
}: {
  bytes: number
  plan: Pick<Plan, 'includedBytes' | 'cutOffPercent' | 'alertsPercent'>
  label: string
}) {
  const end = Math.max(included * 1.1, bytes, (included * (cutOffPercent ?? 0)) / 100) || 1
  const at = (value: number): number => (value / end) * 200
  const isOver = bytes > included
  return (
    <svg className="usage-bar" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className="track" y="4" width="200" height="8" />
      <rect className={isOver ? 'over' : 'used'} y="4" width={at(bytes)} height="8" />
      {alertsPercent
        .filter((percent) => percent !== 100 && (included * percent) / 100 < end)
        .map((percent) => (
          <rect key={percent} className="told" x={at((included * percent) / 100) - 0.5} y="4" width="1" height="8" />
        ))}
      <rect className="limit" x={at(included) - 0.75} width="1.5" height="16" />
      {cutOffPercent !== null && cutOffPercent !== 100 && (
        <rect className="cut" x={at((included * cutOffPercent) / 100) - 0.75} width="1.5" height="16" />
      )}
    </svg>
  )
}
