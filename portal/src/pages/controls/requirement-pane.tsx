import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Control, Requirement } from '../../api/types.ts'
import { citation } from '../../logic/cite.ts'
import { Ago } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { audienceWords, kindWords, sourceClassWords, strengthWords } from '../../words/controls.ts'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'
import { keyOf, StatusTag } from './status.tsx'
import { inLanguage } from './texts.ts'

/** One requirement: what it asks, where it stands and why, and the controls that check it with their evidence. */
export function RequirementPane({
  requirement,
  controls,
  onClose,
}: {
  requirement: Requirement
  controls: readonly Control[]
  onClose: () => void
}) {
  const { t, i18n } = useLingui()
  const mine = controls.filter((control) => requirement.controlIds.includes(control.id))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <aside className="pane" tabIndex={0} aria-label={t`Requirement`}>
      <section>
        <div className="bar-top">
          <StatusTag status={requirement.status} />
          <span>
            {citation(keyOf(requirement))}, {requirement.number}
          </span>
          <span className="x">
            <button type="button" aria-label={t`Close`} onClick={onClose}>
              <Icon name="x" />
            </button>
          </span>
        </div>
        <h2>{inLanguage(requirement.title, i18n.locale)}</h2>
        <p>{inLanguage(requirement.requirement, i18n.locale)}</p>
      </section>
      <section>
        <h4>
          <Trans>Why</Trans>
        </h4>
        <p className="says">{said(i18n, requirement.because)}</p>
        <dl className="why">
          <dt>
            <Trans>Strength</Trans>
          </dt>
          <dd>{word(i18n, strengthWords, requirement.strength)}</dd>
          <dt>
            <Trans>Addressed to</Trans>
          </dt>
          <dd>{word(i18n, audienceWords, requirement.audience)}</dd>
          <dt>
            <Trans>Kind</Trans>
          </dt>
          <dd>{word(i18n, kindWords, requirement.kind)}</dd>
          <dt>
            <Trans>How</Trans>
          </dt>
          <dd lang="en">{requirement.how}</dd>
          <dt>
            <Trans>Evidence</Trans>
          </dt>
          <dd>
            {requirement.evidenceAt === null ? <Trans>none</Trans> : <Ago at={requirement.evidenceAt} />}
            {requirement.sourceClass !== null && `, ${word(i18n, sourceClassWords, requirement.sourceClass)}`}
          </dd>
        </dl>
      </section>
      {mine.length === 0 && (
        <section>
          <h4>
            <Trans>Controls</Trans>
          </h4>
          <p>
            <Trans>No control of this installation checks it yet. It stays unknown until one does, or until somebody attests it.</Trans>
          </p>
        </section>
      )}
      {mine.map((control) => (
        <ControlSection key={control.id} control={control} />
      ))}
    </aside>
  )
}

function ControlSection({ control }: { control: Control }) {
  const { t, i18n } = useLingui()
  const query = useQuery(queries.control(control.id))
  return (
    <section>
      <h4>
        {said(i18n, control.title)}
        <span>
          <StatusTag status={control.status} />
        </span>
      </h4>
      <p className="says">{said(i18n, control.because)}</p>
      <dl className="why">
        <dt>
          <Trans>Checked</Trans>
        </dt>
        <dd>{control.checkedAt === null ? <Trans>not yet</Trans> : <Ago at={control.checkedAt} />}</dd>
        <dt>
          <Trans>Serves</Trans>
        </dt>
        <dd>{control.coverage === 'whole' ? <Trans>the whole of its requirements</Trans> : <Trans>a part of its requirements</Trans>}</dd>
        <dt>
          <Trans>How</Trans>
        </dt>
        <dd lang="en">{control.how}</dd>
        {control.limits !== null && (
          <>
            <dt>
              <Trans>Leaves out</Trans>
            </dt>
            <dd lang="en">{control.limits}</dd>
          </>
        )}
        {control.ruleIds.length > 0 && (
          <>
            <dt>
              <Trans>Rules</Trans>
            </dt>
            <dd>
              {control.ruleIds.map((id) => (
                <Link key={id} className="link mono rule-link" to={`/controls/rules?rule=${encodeURIComponent(id)}`}>
                  {id}
                </Link>
              ))}
            </dd>
          </>
        )}
      </dl>
      <Loaded query={query} what={t`the evidence`}>
        {({ evidence }) =>
          evidence.length === 0 ? (
            <p>
              <Trans>No evidence yet.</Trans>
            </p>
          ) : (
            <table className="evidence">
              <tbody>
                {evidence.slice(0, 12).map((one) => (
                  <tr key={one.id}>
                    <td>
                      <Ago at={one.at} />
                    </td>
                    <td>
                      <StatusTag status={one.status} />
                    </td>
                    <td title={said(i18n, one.because)}>
                      {one.signalId === null ? (
                        said(i18n, one.because)
                      ) : (
                        <Link className="link" to={`/signalling?open=${encodeURIComponent(one.signalId)}`}>
                          {said(i18n, one.because)}
                        </Link>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </section>
  )
}
