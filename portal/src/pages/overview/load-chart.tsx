import { Trans, useLingui } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import type { Load, Overview } from '../../api/types.ts'
import { clock, count, hourMinute, rate } from '../../logic/format.ts'
import { linearScale, niceTicks, runsAbove, type Scale, stepArea, stepLine, timeTicks } from '../../logic/steps.ts'
import { isSaid, said } from '../../words/server.ts'

const height = 300
const left = 32
const bottom = 276

type Event = Overview['events'][number]

/** Load against capacity by class: step shapes, critical at the bottom, the limit always drawn, what did not happen dashed. */
export function LoadChart({ load, events, from, to }: { load: Load; events: readonly Event[]; from: number; to: number }) {
  const { t, i18n } = useLingui()
  const { ref, width: measured } = useElementSize()
  const width = Math.max(measured, 300)
  const stepMs = load.stepS * 1000
  const { computed, capacity, points } = load
  // On a narrow screen there is no room on the curve: the same words stand below it.
  const isNarrow = width < 560
  const hasLabels = !isNarrow && (computed !== null || events.length > 0)
  // Headroom above the limit, so that its name stands on its line and not among the annotations.
  const highest = Math.max((capacity ?? 0) * 1.15, computed?.peak ?? 0, ...points.map((p) => p.critical + p.standard + p.deferrable), 1)
  const ticks = niceTicks(highest)
  const scale: Scale = {
    x: linearScale([from, to], [left, width]),
    y: linearScale([0, ticks.at(-1) ?? highest], [bottom, hasLabels ? 61 : 20]),
  }
  const stacked = (of: (p: Load['points'][number]) => number) => points.map((p) => ({ at: p.at, value: of(p) }))
  const total = stacked((p) => p.critical + p.standard + p.deferrable)
  const locale = i18n.locale
  const limit = capacity === null ? '' : t`capacity ${rate(capacity, locale).replace(/\.0$/, '')}/s`
  return (
    <div ref={ref} className="chart-box">
      <svg
        className="chart"
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t`Registrations per second by class against the capacity`}
      >
        <defs>
          <pattern id="hatch" className="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="6" />
          </pattern>
        </defs>
        <Axes ticks={ticks} capacity={capacity} scale={scale} width={width} from={from} to={to} locale={locale} />
        {computed !== null &&
          runsAbove(computed.points, capacity ?? 0).map((run) => (
            <path key={run[0]?.at} d={stepArea(run, stepMs, scale, capacity ?? 0)} fill="url(#hatch)" />
          ))}
        <path className="f-d" d={stepArea(total, stepMs, scale)} />
        <path
          className="f-s"
          d={stepArea(
            stacked((p) => p.critical + p.standard),
            stepMs,
            scale,
          )}
        />
        <path
          className="f-c"
          d={stepArea(
            stacked((p) => p.critical),
            stepMs,
            scale,
          )}
        />
        <path className="edge" d={stepLine(total, stepMs, scale)} />
        {computed !== null && <path className="ghost" d={stepLine(computed.points, stepMs, scale)} />}
        <line className="axis" x1={left} x2={width} y1={bottom + 0.5} y2={bottom + 0.5} />
        {capacity !== null && (
          <>
            <line className="cap" x1={left} x2={width} y1={Math.round(scale.y(capacity))} y2={Math.round(scale.y(capacity))} />
            <text className="strong halo" x={width} y={scale.y(capacity) - 6} textAnchor="end">
              {limit}
            </text>
          </>
        )}
        <Events events={events} scale={scale} from={from} to={to} capacity={capacity} width={width} isNarrow={isNarrow} />
        {computed !== null && !isNarrow && (
          <ComputedLabel load={load} computed={computed} scale={scale} width={width} events={events} to={to} />
        )}
      </svg>
      {isNarrow && <Notes load={load} events={events} />}
      <span className="hidden-text">
        <Trans>The highest load was {count(Math.round(Math.max(...total.map((p) => p.value), 0)), locale)} per second.</Trans>
        {computed !== null && ` ${said(i18n, { key: computed.key, params: computed.params })}`}
      </span>
    </div>
  )
}

function Axes({
  ticks,
  capacity,
  scale,
  width,
  from,
  to,
  locale,
}: {
  ticks: readonly number[]
  capacity: number | null
  scale: Scale
  width: number
  from: number
  to: number
  locale: string
}) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          {tick > 0 && tick !== capacity && (
            <line className="grid-l" x1={left} x2={width} y1={Math.round(scale.y(tick)) - 0.5} y2={Math.round(scale.y(tick)) - 0.5} />
          )}
          <text x={left - 8} y={scale.y(tick) + 4} textAnchor="end" className={tick === capacity ? 'strong' : undefined}>
            {count(tick, locale)}
          </text>
        </g>
      ))}
      {capacity !== null && ticks.every((tick) => Math.abs(scale.y(tick) - scale.y(capacity)) > 13) && (
        <text x={left - 8} y={scale.y(capacity) + 4} textAnchor="end" className="strong">
          {count(capacity, locale)}
        </text>
      )}
      {timeTicks(from, to, width < 500 ? 5 : 6).map((at) => {
        const x = Math.round(scale.x(at)) + 0.5
        return x < left + 12 || x > width - 12 ? null : (
          <g key={at}>
            <line className="axis" x1={x} x2={x} y1={bottom} y2={bottom + 4} />
            <text x={x} y={bottom + 20} textAnchor="middle">
              {hourMinute(at)}
            </text>
          </g>
        )
      })}
    </>
  )
}

/** Annotations stand beside their line; what is yet to come stands at the right edge with an arrow. */
function Events({
  events,
  scale,
  from,
  to,
  capacity,
  width,
  isNarrow,
}: {
  events: readonly Event[]
  scale: Scale
  from: number
  to: number
  capacity: number | null
  width: number
  isNarrow: boolean
}) {
  const { i18n } = useLingui()
  const top = capacity === null ? bottom : scale.y(capacity)
  return events.map((event) => {
    const text = said(i18n, event)
    const more = !isSaid(`${event.key}.more`) ? null : said(i18n, { key: `${event.key}.more`, params: event.params })
    if (event.at > to) {
      return (
        <text key={`${event.key}${event.at}`} className="halo" x={width} y={top + 20} textAnchor="end">
          {`${text} →`}
        </text>
      )
    }
    if (event.at < from) return null
    const x = Math.round(scale.x(event.at)) + 0.5
    if (isNarrow) return <line key={`${event.key}${event.at}`} className="axis" x1={x} x2={x} y1="8" y2={top} />
    const atLeft = x > width * 0.25
    const tx = atLeft ? x - 8 : x + 8
    return (
      <g key={`${event.key}${event.at}`}>
        <line className="axis" x1={x} x2={x} y1="8" y2={top} />
        <text className="lab halo" x={tx} y="18" textAnchor={atLeft ? 'end' : 'start'}>
          {`${clock(event.at)} ${text}`}
        </text>
        {more !== null && (
          <text className="halo" x={tx} y="34" textAnchor={atLeft ? 'end' : 'start'}>
            {more}
          </text>
        )}
      </g>
    )
  })
}

/** What the computed curve says in words: its name, its peak, whom it would have silenced. */
function useComputedText(): (load: Load, computed: NonNullable<Load['computed']>) => { title: string; lines: string[] } {
  const { t, i18n } = useLingui()
  return (load, computed) => {
    const capacity = load.capacity ?? 0
    const peak = Math.round(computed.peak)
    const times = capacity > 0 ? Math.round(computed.peak / capacity) : 0
    const total = Number(computed.params.criticalTotal ?? 0)
    const all = count(total, i18n.locale)
    const silent = count(computed.criticalSilent, i18n.locale)
    return {
      title: said(i18n, { key: computed.key, params: computed.params }),
      lines: [
        times > 1 ? t`peak ${peak}/s, ${times} times the capacity` : t`peak ${peak}/s`,
        total > 0 ? t`${silent} of ${all} critical devices silent for 12 min` : t`${silent} critical devices silent for 12 min`,
      ],
    }
  }
}

function ComputedLabel({
  load,
  computed,
  scale,
  width,
  events,
  to,
}: {
  load: Load
  computed: NonNullable<Load['computed']>
  scale: Scale
  width: number
  events: readonly Event[]
  to: number
}) {
  const text = useComputedText()(load, computed)
  const above = computed.points.filter((point) => point.value > (load.capacity ?? 0))
  const end = above.at(-1)?.at ?? computed.points.at(-1)?.at
  if (end === undefined) return null
  // Right of the curve; where an annotated event leaves no room there, below the words of the event.
  const lastEvent = Math.max(...events.filter((event) => event.at <= to).map((event) => scale.x(event.at)), Number.NEGATIVE_INFINITY)
  const isCrowded = lastEvent > width - 280
  const x = isCrowded ? lastEvent - 8 : Math.max(left, Math.min(scale.x(end) + 8, width - 264))
  const y = isCrowded ? 58 : 18
  const anchor = isCrowded ? 'end' : 'start'
  return (
    <g className="computed-label">
      <text x={x} y={y} textAnchor={anchor} className="halo title">
        {text.title}
      </text>
      {text.lines.map((line, i) => (
        <text key={line} x={x} y={y + 16 + i * 16} textAnchor={anchor} className="halo">
          {line}
        </text>
      ))}
    </g>
  )
}

/** The annotations as lines of text, where the curve has no room for them. */
function Notes({ load, events }: { load: Load; events: readonly Event[] }) {
  const { i18n } = useLingui()
  const textOf = useComputedText()
  const { computed } = load
  const text = computed === null ? null : textOf(load, computed)
  return (
    <ul className="chart-notes">
      {events.map((event) => (
        <li key={`${event.key}${event.at}`}>
          {clock(event.at)} {said(i18n, event)}
          {isSaid(`${event.key}.more`) && `: ${said(i18n, { key: `${event.key}.more`, params: event.params })}`}
        </li>
      ))}
      {text !== null && (
        <li>
          <span className="ref">{text.title}</span>: {text.lines.join(', ')}
        </li>
      )}
    </ul>
  )
}
