import { useLingui } from '@lingui/react/macro'
import type { Job } from '../../api/types.ts'
import { count, percent } from '../../logic/format.ts'
import { Icon, type IconName } from '../../parts/icon.tsx'

const marks: Readonly<Record<Job['state'], { icon: IconName; tag: 'allow' | 'wait' | 'refuse' | 'none' }>> = {
  draft: { icon: 'no', tag: 'none' },
  receiving: { icon: 'play', tag: 'allow' },
  previewing: { icon: 'play', tag: 'allow' },
  ready: { icon: 'unk', tag: 'none' },
  waiting: { icon: 'hold', tag: 'wait' },
  checking: { icon: 'play', tag: 'allow' },
  running: { icon: 'play', tag: 'allow' },
  paused: { icon: 'hold', tag: 'wait' },
  telling: { icon: 'play', tag: 'allow' },
  done: { icon: 'ok', tag: 'allow' },
  cancelled: { icon: 'no', tag: 'none' },
  failed: { icon: 'ref', tag: 'refuse' },
}

export function JobStateTag({ state, text }: { state: Job['state']; text: string }) {
  const { icon, tag } = marks[state]
  return (
    <span className={`v ${tag}`}>
      <Icon name={icon} size={12} />
      {text}
    </span>
  )
}

const width = 400

/** How far: a bar with its figures in words, so that neither colour nor length is all that says it. */
export function Progress({ done, total, label, small = false }: { done: number; total: number; label: string; small?: boolean }) {
  const { i18n } = useLingui()
  const share = total === 0 ? 0 : done / total
  const text = total === 0 ? '–' : percent(share, i18n.locale)
  return (
    <span className={`progress${small ? ' small' : ''}`}>
      <svg
        width="100%"
        height={small ? 4 : 8}
        viewBox={`0 0 ${width} 8`}
        preserveAspectRatio="none"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
      >
        <rect className="p-all" width={width} height="8" />
        <rect className="p-done" width={share * width} height="8" />
      </svg>
      <small>{text}</small>
    </span>
  )
}

/** Counts as bars beside each other: each as wide as its share of all. */
export function CountBars({
  rows,
  total,
}: {
  rows: readonly { id: string; text: string; n: number; tone: 'ok' | 'dim' | 'ref' | 'att' }[]
  total: number
}) {
  const { i18n } = useLingui()
  return (
    <table className="tbl count-bars">
      <tbody>
        {rows.map(({ id, text, n, tone }) => (
          <tr key={id}>
            <td>{text}</td>
            <td>
              <svg width="100%" height="8" viewBox={`0 0 ${width} 8`} preserveAspectRatio="none" aria-hidden="true">
                <rect className={`c-${tone}`} width={total === 0 ? 0 : Math.max(n > 0 ? 2 : 0, (n / total) * width)} height="8" />
              </svg>
            </td>
            <td className="num">{count(n, i18n.locale)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
