import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from 'react-router'
import type { Job } from '../../api/types.ts'
import { count } from '../../logic/format.ts'
import { Panel } from '../../parts/basics.tsx'
import { rowWords, wouldWords } from '../../words/jobs.ts'
import { word } from '../../words/say.ts'
import { intendedWords } from '../../words/sims.ts'
import { classWords } from '../../words/verdicts.ts'
import { CountBars } from './parts.tsx'

type Preview = NonNullable<Job['preview']>

/** What would happen, and to whom: counted over the whole set, with some of its rows. */
export function PreviewPanels({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  const { preview } = job
  if (preview === null)
    return (
      <Panel title={<Trans>Preview</Trans>}>
        <p className="job-why">
          {job.total === 0 ? <Trans>No row yet.</Trans> : <Trans>{count(job.total, i18n.locale)} rows, not yet looked at.</Trans>}
        </p>
      </Panel>
    )
  const looked = Object.values(preview.outcomes).reduce((sum, n) => sum + n, 0)
  const tones = { changed: 'ok', unchanged: 'dim', refused: 'ref', needsApproval: 'att' } as const
  const ids = ['changed', 'needsApproval', 'unchanged', 'refused'] as const
  return (
    <>
      <Panel
        title={<Trans>What would happen</Trans>}
        meta={job.state === 'previewing' ? <span aria-live="polite">{t`${count(looked, i18n.locale)} looked at…`}</span> : undefined}
      >
        <CountBars
          total={looked}
          rows={ids.map((id) => ({ id, text: word(i18n, wouldWords, id), n: preview.outcomes[id], tone: tones[id] }))}
        />
        <Refusals preview={preview} />
      </Panel>
      <Panel title={<Trans>Who they are now</Trans>}>
        <CountBars
          total={looked}
          rows={[
            ...Object.entries(preview.states).map(([id, n]) => ({
              id,
              text: id === 'new' ? t`New` : word(i18n, intendedWords, id),
              n,
              tone: 'dim' as const,
            })),
            ...Object.entries(preview.classes).map(([id, n]) => ({
              id: `class ${id}`,
              text: word(i18n, classWords, id),
              n,
              tone: id === 'critical' ? ('att' as const) : ('dim' as const),
            })),
          ]}
        />
      </Panel>
      <Sample preview={preview} />
    </>
  )
}

function Refusals({ preview }: { preview: Preview }) {
  const { i18n } = useLingui()
  const codes = Object.entries(preview.refusals)
  if (codes.length === 0) return null
  return (
    <ul className="job-why">
      {codes.map(([code, n]) => (
        <li key={code}>
          {count(n, i18n.locale)} × {word(i18n, rowWords, code)}
        </li>
      ))}
    </ul>
  )
}

function Sample({ preview }: { preview: Preview }) {
  const { i18n } = useLingui()
  if (preview.sample.length === 0) return null
  return (
    <Panel title={<Trans>Some of them</Trans>}>
      <table className="tbl">
        <thead>
          <tr>
            <th>IMSI</th>
            <th>
              <Trans>Now</Trans>
            </th>
            <th>
              <Trans>Would be</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {preview.sample.slice(0, 10).map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a SIM may stand twice, with two changes
            <tr key={i}>
              <td>
                <Link className="mono" to={`/sims/${row.imsi}`}>
                  {row.imsi}
                </Link>
              </td>
              <td>{row.state === null ? '–' : word(i18n, intendedWords, row.state)}</td>
              <td className={row.outcome === 'refused' ? 'ref' : row.outcome === 'needsApproval' ? 'att' : ''}>
                {row.code === null ? word(i18n, wouldWords, row.outcome) : word(i18n, rowWords, row.code)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
