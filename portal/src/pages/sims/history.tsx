import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../api/queries.ts'
import type { SimAction, SimDetail } from '../../api/types.ts'
import { Ago, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { changeText } from '../../words/sim-changes.ts'

/** Who changed what of it, from where, why: the identity's own history beside the timeline (CLP.14 §3.1). */
export function HistoryPanel({ sim }: { sim: SimDetail }) {
  const { t } = useLingui()
  const query = useQuery(queries.actionsOf(sim.imsi))
  const count = query.data?.items.length ?? 0
  return (
    <Panel title={<Trans>Changes</Trans>} meta={count === 0 ? undefined : count}>
      {/* No answer is not the same as no change. */}
      <Loaded query={query} what={t`the changes`}>
        {({ items }) => <History items={items} />}
      </Loaded>
    </Panel>
  )
}

function History({ items }: { items: readonly SimAction[] }) {
  const { i18n } = useLingui()
  if (items.length === 0)
    return (
      <p className="dim">
        <Trans>Nobody has changed it yet.</Trans>
      </p>
    )
  return (
    <ol className="history">
      {items.slice(0, 8).map((action) => (
        <li key={action.id} title={`${action.reason}${action.address === null ? '' : ` (${action.address})`}`}>
          <Icon {...markOf(action)} size={12} />
          <div>
            {action.changes.map((change) => (
              <span key={change.kind} className="clip">
                {changeText(i18n, change)}
              </span>
            ))}
            <small className="clip">
              {action.actorName ?? action.actor}, <Ago at={action.requestedAt} />, “{action.reason}”
            </small>
          </div>
        </li>
      ))}
    </ol>
  )
}

function markOf({ state }: SimAction): { name: 'ok' | 'att' | 'no'; tone: 'ok' | 'att' | 'dim3' } {
  if (state === 'waiting') return { name: 'att', tone: 'att' }
  return state === 'failed' || state === 'dropped' ? { name: 'no', tone: 'dim3' } : { name: 'ok', tone: 'ok' }
}
