import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { SimChangeAnswer, SimDetail } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { citations } from '../../logic/cite.ts'
import { when } from '../../logic/format.ts'
import { Answer, StateIcon } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'
import { becauseWords, imposedWords, intendedWords } from '../../words/sims.ts'
import { agoText } from '../../words/units.ts'
import { reasonWords } from '../../words/verdicts.ts'
import { IdentityPanel, MayDoPanel } from './facts.tsx'
import { HistoryPanel } from './history.tsx'
import { Means } from './means.tsx'
import { Progress } from './progress.tsx'
import { Timeline } from './timeline.tsx'
import { UsagePanel } from './usage.tsx'

export function SimPage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const query = useQuery(queries.sim(id))
  const [actionId, setActionId] = useState<string | null>(null)
  return (
    <Page title={query.data?.imsi ?? id} mono parent={{ title: t`SIMs`, to: '/sims' }}>
      <Loaded query={query} what={t`this SIM`}>
        {(sim) => (
          <>
            <Header sim={sim} onDone={(answer) => setActionId(answer.action?.id ?? null)} />
            {actionId !== null && <Progress id={actionId} sim={sim} onClose={() => setActionId(null)} />}
            <States sim={sim} />
            <div className="sim">
              <aside aria-label={t`Facts`}>
                <IdentityPanel sim={sim} />
                <MayDoPanel sim={sim} />
                <HistoryPanel sim={sim} />
                <UsagePanel imsi={sim.imsi} />
              </aside>
              <Timeline sim={sim} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Can it connect now, and if not, what stops it, since when, by which control. */
function Header({ sim, onDone }: { sim: SimDetail; onDone: (answer: SimChangeAnswer) => void }) {
  const { t, i18n } = useLingui()
  const now = useNow(10_000)
  const { canConnect: can } = sim
  const cite = citations(can.requirementIds)
  const reason = can.because === null ? '' : word(i18n, { ...reasonWords, ...becauseWords }, can.because.key)
  const since = can.since === null ? '' : when(can.since, now, i18n.locale)
  const by = can.control === null ? (can.by ?? '') : t`control ${can.control}`
  const title = can.value ? (
    <YesTitle sim={sim} />
  ) : since === '' ? (
    t`No: ${reason}`
  ) : by === '' ? (
    t`No: ${reason}, since ${since}`
  ) : (
    t`No: ${reason}, since ${since}, by ${by}`
  )
  return (
    <Answer
      state={can.value ? 'ok' : 'refused'}
      question={t`Can it connect now?`}
      title={title}
      soft={cite === '' || can.value ? undefined : `(${cite})`}
      text={<StickyLine sim={sim} />}
    >
      <Means sim={sim} onDone={onDone} />
    </Answer>
  )
}

function YesTitle({ sim }: { sim: SimDetail }) {
  const { i18n } = useLingui()
  const now = useNow(10_000)
  const { registration } = sim
  if (registration === null)
    return sim.lastSeenAt === null ? <Trans>Yes; it has not tried yet</Trans> : <Trans>Yes; it is registered nowhere now</Trans>
  const place = sim.partnerName ?? registration.visitedPlmn
  if (registration.purged) return <Trans>Yes; switched off, last at {place}</Trans>
  const ago = agoText(i18n, now - registration.registeredAt)
  return (
    <Trans>
      Yes, registered at {place} {ago}
    </Trans>
  )
}

/** What was written on the card or in the device, since it outlives the cause; or that nothing was. */
function StickyLine({ sim }: { sim: SimDetail }) {
  const { i18n, t } = useLingui()
  const now = useNow(60_000)
  const { sticky } = sim.canConnect
  const note = sim.imposed[0]?.note ?? ''
  if (sticky !== null) {
    const at = when(sticky.at, now, i18n.locale)
    const clears = said(i18n, sticky.clears)
    return (
      <Trans>
        A sticky answer, {sticky.resultCode}, was given at {at}. {clears}
      </Trans>
    )
  }
  return (
    <>
      {note !== '' && `${note.replace(/\.?$/, '.')} `}
      {sim.canConnect.value
        ? t`No control stands against it.`
        : t`Nothing was written on the card: after a release the next attempt succeeds.`}
    </>
  )
}

/** Intended + imposed = effective. */
function States({ sim }: { sim: SimDetail }) {
  const { t, i18n } = useLingui()
  const now = useNow(60_000)
  // The flag stands beside what controls imposed, and reads as one of them.
  const heldFlag = { reason: 'held' as const, by: 'hold-next-attach', expiresAt: null }
  const first = sim.imposed[0] ?? (sim.held ? heldFlag : undefined)
  const rest = sim.imposed.length + (sim.held ? 1 : 0) - 1
  const good = sim.intended === 'active' || sim.intended === 'test'
  const { effective } = sim
  const changed = when(sim.changedAt, now, i18n.locale)
  return (
    <section className="states" aria-label={t`State`}>
      <div>
        <span className="lbl">
          <Trans>Intended</Trans>
        </span>
        <StateIcon state={good ? 'ok' : sim.intended === 'inventory' ? 'unknown' : 'refused'} size={16} />
        <span className="val">{word(i18n, intendedWords, sim.intended)}</span>
        <small>
          <Trans>
            {sim.provider.name}, since {changed}
          </Trans>
        </small>
      </div>
      <div className="op" aria-hidden="true">
        <span>+</span>
      </div>
      <div>
        <span className="lbl">
          <Trans>Imposed</Trans>
        </span>
        <StateIcon state={first === undefined ? 'ok' : 'refused'} size={16} />
        <span className="val">
          {first === undefined ? <Trans context="imposed">Nothing</Trans> : word(i18n, imposedWords, first.reason)}
          {rest > 0 && ` +${rest}`}
        </span>
        <small>
          {first === undefined ? (
            <Trans>No control stands against it</Trans>
          ) : first.expiresAt === null ? (
            <Trans>{first.by}, until someone takes it away</Trans>
          ) : (
            <Trans>
              {first.by}, ends {when(first.expiresAt, now, i18n.locale)}
            </Trans>
          )}
        </small>
      </div>
      <div className="op" aria-hidden="true">
        <span>=</span>
      </div>
      <div className={effective.canConnect ? 'eff good' : 'eff'}>
        <span className="lbl">
          <Trans>Effective</Trans>
        </span>
        <StateIcon state={effective.canConnect ? 'ok' : 'refused'} size={16} />
        <span className="val">
          {effective.canConnect ? (
            <Trans>May connect</Trans>
          ) : effective.permanent ? (
            <Trans>Barred for good</Trans>
          ) : (
            <Trans>Barred, not sticky</Trans>
          )}
        </span>
        <small>
          {effective.canConnect ? (
            <Trans>AIR and ULR are answered within its profile</Trans>
          ) : effective.permanent ? (
            <Trans>The answer may stick to the device</Trans>
          ) : (
            <Trans>ULR answered 5012; it may try again</Trans>
          )}
        </small>
      </div>
    </section>
  )
}
