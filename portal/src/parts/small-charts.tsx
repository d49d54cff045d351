import { useLingui } from '@lingui/react/macro'
import type { StatusCounts } from '../api/types.ts'
import { linearScale } from '../logic/steps.ts'

/** 60 x 16, no axis: a shape, not a figure. */
export function Spark({ values, bad }: { values: readonly number[]; bad: boolean }) {
  const max = Math.max(...values, 1e-9)
  const x = linearScale([0, Math.max(values.length - 1, 1)], [0, 60])
  const y = linearScale([0, max * 1.15], [14.5, 1.5])
  const path = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join('')
  return (
    <svg className={`spark${bad ? ' bad' : ''}`} width="60" height="16" viewBox="0 0 60 16" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}

/** When in the window: a histogram for the usual, one tick each for the exceptional. */
export function WhenStrip({ buckets, tone }: { buckets: readonly number[]; tone: 'att' | 'ref' | '' }) {
  const max = Math.max(...buckets, 1)
  const step = 64 / Math.max(buckets.length, 1)
  return (
    <svg className="when" width="64" height="16" viewBox="0 0 64 16" aria-hidden="true">
      <rect className="base" x="0" y="15" width="64" height="1" />
      {buckets.map((value, i) => {
        if (value === 0) return null
        const x = (i * step).toFixed(1)
        const height = max <= 3 ? 10 : Math.max(2, Math.round((value / max) * 13))
        return <rect key={x} className={tone} x={x} y={15 - height} width={Math.max(1, Math.min(step - 0.5, 1.5))} height={height} />
      })}
    </svg>
  )
}

const bar = 360

/** Requirements by status; what is unknown is hatched, never filled. */
export function ControlsBar({ counts }: { counts: StatusCounts }) {
  const { t } = useLingui()
  const rest = counts.offered + counts.notOffered + counts.notApplicable
  const parts = [
    { key: 'met', n: counts.met, fill: 'var(--ok)' },
    { key: 'attested', n: counts.attested, fill: 'var(--att-mark)' },
    { key: 'notMet', n: counts.notMet, fill: 'var(--ref)' },
    { key: 'unknown', n: counts.unknown, fill: 'url(#hatch-unknown)' },
    { key: 'rest', n: rest, fill: 'none' },
  ]
  const total = Math.max(counts.total, 1)
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + (part.n / total) * bar, 0))
  return (
    <svg
      className="ctlbar"
      width="100%"
      height="8"
      viewBox={`0 0 ${bar} 8`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t`Requirements by status`}
    >
      <defs>
        <pattern id="hatch-unknown" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1.5" height="4" fill="var(--unk)" />
        </pattern>
      </defs>
      {parts.map((part, i) =>
        part.n === 0 ? null : (
          <rect
            key={part.key}
            x={(starts[i] ?? 0) + 0.5}
            y=".5"
            width={Math.max(1.5, (part.n / total) * bar - 1.5)}
            height="7"
            fill={part.fill}
            stroke={part.key === 'unknown' || part.key === 'rest' ? 'var(--line-strong)' : undefined}
          />
        ),
      )}
    </svg>
  )
}
