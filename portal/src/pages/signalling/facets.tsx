import { Trans, useLingui } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import { markOf } from '../../api/state.ts'
import type { Action, Count, Overview } from '../../api/types.ts'
import { toggleValue, valuesOf, withValues } from '../../logic/filter.ts'
import { cappedCount, count, hourMinute } from '../../logic/format.ts'
import { linearScale, timeTicks } from '../../logic/steps.ts'
import { isAttack, toneBuckets } from '../../logic/verdict.ts'
import { Icon } from '../../parts/icon.tsx'
import { word } from '../../words/say.ts'
import { actionWords } from '../../words/verdicts.ts'

const shown: readonly Action[] = ['allow', 'hold', 'challenge', 'reject', 'drop']

/** The verdicts as switches that write into the filter, with how many there were in the last five minutes. */
export function Facets({
  filter,
  onChange,
  overview,
  held,
  total,
}: {
  filter: string
  onChange: (filter: string) => void
  overview: Overview | undefined
  held: boolean
  total: Count | undefined
}) {
  const { t, i18n } = useLingui()
  const chosen = valuesOf(filter, 'verdict')
  const countOf = (action: Action): string => {
    if (overview === undefined) return ''
    const sum = overview.verdicts.reduce((all, row) => all + (row.action === action ? row.count : 0), 0)
    return count(sum, i18n.locale)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row in every browser
    <div className="facets" role="group" aria-label={t`Verdicts in the last 5 min`}>
      <button type="button" aria-pressed={chosen.length === 0} onClick={() => onChange(withValues(filter, 'verdict', []))}>
        <Trans>All</Trans> <b>{total === undefined || chosen.length > 0 ? '' : cappedCount(total, i18n.locale)}</b>
      </button>
      {shown.map((action) => {
        const mark = markOf(action, 'ok')
        return (
          <button
            key={action}
            type="button"
            aria-pressed={chosen.includes(action)}
            onClick={() => onChange(toggleValue(filter, 'verdict', action))}
          >
            <Icon name={mark.icon} tone={mark.tone} size={12} />
            {word(i18n, actionWords, action)} <b>{countOf(action)}</b>
          </button>
        )
      })}
      {held && (
        <span className="right">
          <Icon name="pause" size={12} />
          <Trans>Paused</Trans>
        </span>
      )}
    </div>
  )
}

/** When, over the window of the overview: usual messages grey, those told to wait amber, refusals red. */
export function VerdictStrip({ overview }: { overview: Overview }) {
  const { t } = useLingui()
  const { ref, width: measured } = useElementSize()
  const width = Math.max(measured, 300)
  // Red only where somebody claimed what they may not: policy that stops a device is every day's work.
  const buckets = toneBuckets(overview.verdicts, (action, reason) =>
    isAttack(action, reason) ? 'refuse' : markOf(action, reason).tag === 'wait' ? 'wait' : 'allow',
  )
  const from = overview.at - overview.windowS * 1000
  const max = Math.max(1, ...buckets.map((b) => b.allow + b.wait))
  const y = linearScale([0, max], [0, 30])
  const step = width / Math.max(buckets.length, 1)
  const mark = Math.min(5, Math.max(2, step - 1))
  const x = linearScale([from, overview.at], [0, width])
  return (
    <div className="strip" ref={ref}>
      <svg className="chart" width={width} height="52" viewBox={`0 0 ${width} 52`} role="img" aria-label={t`Verdicts over the last 5 min`}>
        {buckets.map((bucket, i) => {
          const allow = bucket.allow === 0 ? 0 : Math.max(2, y(bucket.allow))
          const wait = bucket.wait === 0 ? 0 : Math.max(2, y(bucket.wait))
          const place = { x: i * step, width: Math.max(1, step - 1) }
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bucket is its place in the window
            <g key={i}>
              <rect {...place} y={36 - allow} height={allow} className="s-allow" />
              <rect {...place} y={36 - allow - wait} height={wait} className="s-wait" />
              {bucket.refuse > 0 && (
                <rect x={i * step + step / 2 - mark / 2} width={mark} y={36 - allow - wait - 7} height={6} className="s-refuse" />
              )}
            </g>
          )
        })}
        {timeTicks(from, overview.at).map((at) => {
          const tx = x(at)
          return tx < 20 || tx > width - 20 ? null : (
            <text key={at} x={tx} y="51" textAnchor="middle">
              {hourMinute(at)}
            </text>
          )
        })}
      </svg>
    </div>
  )
}
