import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { peopleQueries } from '../../api/people-queries.ts'
import type { Group } from '../../api/types.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { cappedCount, count } from '../../logic/format.ts'
import { Button, Panel } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { answerWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'
import { durationText } from '../../words/units.ts'
import { depths } from './depths.ts'
import { GroupDialog, RemoveDialog } from './dialogs.tsx'

/** Why groups cannot be changed here; null where they can. */
function useGroupLock(): string | null {
  const { t } = useLingui()
  const demo = useSession()?.mode === 'demo'
  const may = useMay('sims:write')
  if (demo) return t`The demo has no sign-in: its groups are made up and stay as they are.`
  return may ? null : t`Changing groups needs the permission sims:write; your role does not have it.`
}

type Asking = { what: 'new' } | { what: 'change' | 'remove'; group: Group }

/** The groups of one provider, each below the one that it is in, with the SIMs that are in itself. */
export function GroupTree({ providerId }: { providerId: string }) {
  const { t, i18n } = useLingui()
  const lock = useGroupLock()
  const query = useQuery(peopleQueries.groups(providerId))
  const [asking, setAsking] = useState<Asking | null>(null)
  const groups = query.data?.items ?? []
  const isFull = query.data !== undefined && groups.length >= query.data.most
  const create = (
    <Button
      primary={groups.length === 0}
      because={lock ?? (isFull ? t`This provider has as many groups as it can have.` : null)}
      onClick={() => setAsking({ what: 'new' })}
    >
      <Trans>New group…</Trans>
    </Button>
  )
  return (
    <Panel title={<Trans>Groups</Trans>} meta={count(groups.length, i18n.locale)}>
      <Loaded query={query} what={t`the groups`}>
        {({ items }) =>
          items.length === 0 ? (
            <Blank
              title={<Trans>No group yet</Trans>}
              text={t`Make one for each service or place; then put SIMs into it, one by one or by a job.`}
            >
              {create}
            </Blank>
          ) : (
            <>
              <GroupTable groups={items} lock={lock} onAsk={setAsking} />
              <div className="panel-foot">{create}</div>
            </>
          )
        }
      </Loaded>
      {asking !== null && asking.what !== 'remove' && (
        <GroupDialog
          providerId={providerId}
          groups={groups}
          group={asking.what === 'change' ? asking.group : null}
          onClose={() => setAsking(null)}
        />
      )}
      {asking?.what === 'remove' && <RemoveDialog group={asking.group} onClose={() => setAsking(null)} />}
    </Panel>
  )
}

function GroupTable({ groups, lock, onAsk }: { groups: readonly Group[]; lock: string | null; onAsk: (asking: Asking) => void }) {
  const { t, i18n } = useLingui()
  const depth = depths(groups)
  const parents = new Set(groups.map(({ parentId }) => parentId))
  const holds = ({ id, sims }: Group): string | null =>
    parents.has(id) || sims.value > 0 ? t`The group still holds SIMs or other groups: move them first.` : null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x" tabIndex={0} aria-label={t`Groups`}>
      <table className="tbl many">
        <thead>
          <tr>
            <th>
              <Trans>Name</Trans>
            </th>
            <th>
              <Trans>Objective</Trans>
            </th>
            <th>
              <Trans>Cards for</Trans>
            </th>
            <th className="num">
              <Trans>SIMs</Trans>
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.id}>
              <td>
                <span className={`tree-${Math.min(depth.get(group.id) ?? 0, 5)}`}>
                  <Link className="strong" to={`/sims?filter=${encodeURIComponent(`group:${group.id}`)}`}>
                    {group.name}
                  </Link>
                </span>
              </td>
              <td>
                <Objective service={group.service} />
              </td>
              <td className="dim">{group.cardUse === null ? '–' : word(i18n, answerWords, `cardUse.${group.cardUse}`)}</td>
              <td className="num">{cappedCount(group.sims, i18n.locale)}</td>
              <td className="num">
                <span className="row-means">
                  <Button small because={lock} onClick={() => onAsk({ what: 'change', group })}>
                    <Trans>Change…</Trans>
                  </Button>
                  <Button small because={lock ?? holds(group)} onClick={() => onAsk({ what: 'remove', group })}>
                    <Trans>Remove…</Trans>
                  </Button>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Objective({ service }: { service: Group['service'] }) {
  const { i18n } = useLingui()
  if (service === null) return <span className="dim3">–</span>
  const share = `${new Intl.NumberFormat(i18n.locale, { maximumFractionDigits: 3 }).format(service.objective * 100)} %`
  const window = durationText(i18n, service.windowS * 1000)
  return (
    <Trans>
      {share} in {window}
    </Trans>
  )
}
