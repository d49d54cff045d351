import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Link } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { SimAction, SimDetail } from '../../api/types.ts'
import { clock } from '../../logic/format.ts'
import { Button } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { changeText } from '../../words/sim-changes.ts'

/** How far the last change has come: committed, told, confirmed; or who must agree first. */
export function Progress({ id, sim, onClose }: { id: string; sim: SimDetail; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const query = useQuery(queries.action(id))
  const state = query.data?.state
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the page shows is read again at each step of the action
  useEffect(() => {
    for (const key of ['sim', 'timeline', 'sims', 'actions']) void client.invalidateQueries({ queryKey: [key] })
  }, [state, client])
  if (query.isError)
    return (
      <p className="sim-progress ref" role="alert">
        {failure(query.error)}
      </p>
    )
  const action = query.data
  if (action === undefined) return null
  const what = action.changes.map((change) => changeText(i18n, change)).join('; ')
  return (
    <section className="sim-progress" role="status" aria-label={t`Last change`}>
      <Icon {...markOf(action)} />
      <div>
        <b>{what}</b>
        <span>
          <Steps action={action} sim={sim} />
        </span>
      </div>
      <Button small onClick={onClose}>
        <Trans>Close</Trans>
      </Button>
    </section>
  )
}

function markOf({ state, told }: SimAction): { name: 'ok' | 'att' | 'hold' | 'ref'; tone: 'ok' | 'att' | 'ref' | 'dim3' } {
  if (state === 'failed' || state === 'dropped') return { name: 'ref', tone: 'ref' }
  if (state === 'waiting' || (state === 'done' && told?.outcome === 'failed')) return { name: 'att', tone: 'att' }
  return state === 'done' ? { name: 'ok', tone: 'ok' } : { name: 'hold', tone: 'dim3' }
}

function Steps({ action, sim }: { action: SimAction; sim: SimDetail }) {
  const { committedAt, told } = action
  const committed = committedAt === null ? '' : clock(committedAt)
  switch (action.state) {
    case 'waiting':
      return (
        <Trans>
          Waits for another person: <Link to={`/approvals/${action.approvalId ?? ''}`}>its approval</Link>
        </Trans>
      )
    case 'failed':
      return (
        <>
          <Trans>Not done:</Trans> {action.problem}
        </>
      )
    case 'dropped':
      return <Trans>Nobody agreed: nothing was changed.</Trans>
    case 'committed':
    case 'telling':
      return <Trans>Committed {committed}; telling its serving node</Trans>
    case 'done':
      return told === null ? (
        <Trans>Committed {committed}; no serving node needs to know</Trans>
      ) : (
        <Confirmed committed={committed} told={told} action={action} sim={sim} />
      )
  }
}

function Confirmed({
  committed,
  told,
  action,
  sim,
}: {
  committed: string
  told: NonNullable<SimAction['told']>
  action: SimAction
  sim: SimDetail
}) {
  const at = clock(told.at)
  const code = `${told.operation ?? ''} ${told.resultCode ?? ''}`.trim()
  if (told.outcome === 'confirmed')
    return (
      <Trans>
        Committed {committed}, MME confirmed {at} ({code})
      </Trans>
    )
  if (told.outcome === 'failed')
    return told.resultCode === null ? (
      <Trans>Committed {committed}; its serving node did not answer: it learns of it at the next update</Trans>
    ) : (
      <Trans>
        Committed {committed}; its serving node refused at {at} ({code})
      </Trans>
    )
  const letsIn = action.changes.some(({ kind, to }) => (kind === 'state' && (to === 'active' || to === 'test')) || kind === 'lift')
  if (!letsIn) return <Trans>Committed {committed}; no node serves it: it meets the new state at its next attempt</Trans>
  const { expectedNext } = sim
  if (expectedNext === null) return <Trans>Committed {committed}; accepted at its next attempt; when that is, is up to the device</Trans>
  const until = clock(expectedNext.to)
  return (
    <Trans>
      Committed {committed}; accepted at its next attempt; the device itself may still wait until {until}
    </Trans>
  )
}
