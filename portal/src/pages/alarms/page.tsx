import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { alarmState } from '../../api/state.ts'
import type { Alarm, AlarmList, Objective, State } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { useMay, useSession } from '../../app/session.tsx'
import { count, percent, rate } from '../../logic/format.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Answer, Button, Choice, Panel, Since, StateIcon } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { alarmStateWords, objectiveWords, severityWords } from '../../words/alarms.ts'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'
import { durationText } from '../../words/units.ts'

type Shown = 'open' | 'cleared' | 'all'

export function AlarmsPage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const shown: Shown = (['cleared', 'all'] as const).find((one) => one === search.get('state')) ?? 'open'
  const query = useQuery(queries.alarms(shown))
  const client = useQueryClient()
  const renew = useCallback(() => void client.invalidateQueries({ queryKey: ['alarms'] }, { cancelRefetch: false }), [client])
  useTopic('alarms', renew)
  const choose = (value: Shown): void =>
    setSearch(
      (now) => {
        if (value === 'open') now.delete('state')
        else now.set('state', value)
        return now
      },
      { replace: true },
    )
  return (
    <Page title={t`Alarms`}>
      <Loaded query={query} what={t`the alarms`}>
        {(list) => (
          <>
            <AlarmsAnswer items={list.items}>
              <Choice
                label={t`Shown`}
                value={shown}
                onChange={choose}
                options={[
                  { value: 'open', label: t({ message: 'Open', context: 'alarms' }) },
                  { value: 'cleared', label: t`Cleared` },
                  { value: 'all', label: t`All` },
                ]}
              />
            </AlarmsAnswer>
            <div className="grid ov-a">
              <Panel title={<Trans>Alarms</Trans>} meta={<Trans>{list.items.length} shown, worst first</Trans>}>
                {list.items.length === 0 ? <NoAlarms shown={shown} /> : <AlarmItems items={list.items} />}
              </Panel>
              <div className="stack">
                <Objectives objectives={list.objectives} />
                <Outlets outlets={list.outlets} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function AlarmsAnswer({ items, children }: { items: readonly Alarm[]; children: ReactNode }) {
  const { t } = useLingui()
  const open = items.filter((alarm) => alarm.state !== 'cleared')
  const orphans = open.filter((alarm) => alarm.owner === null).length
  const all = plural(open.length, { one: '# alarm', other: '# alarms' })
  const states = open.map(alarmState)
  const state: State = states.includes('refused')
    ? 'refused'
    : states.includes('attention')
      ? 'attention'
      : states.includes('unknown')
        ? 'unknown'
        : 'ok'
  const title =
    open.length === 0
      ? t`No alarm is raised`
      : orphans === 0
        ? t`${all} open, each has an owner`
        : plural(orphans, { one: `${all} open, # has no owner`, other: `${all} open, # have no owner` })
  return (
    <Answer
      state={state}
      title={title}
      text={<Trans>An alarm stays until its cause is gone or a person says so; each says what to do.</Trans>}
    >
      {children}
    </Answer>
  )
}

function NoAlarms({ shown }: { shown: Shown }) {
  const { t } = useLingui()
  return (
    <Blank
      title={shown === 'cleared' ? <Trans>No alarm was cleared</Trans> : <Trans>No alarm is raised</Trans>}
      text={t`Refused attacks, lost peers, missed objectives, certificates that end and stale evidence raise one.`}
    />
  )
}

const order: Readonly<Record<State, number>> = { refused: 0, attention: 1, unknown: 2, ok: 3 }

function AlarmItems({ items }: { items: readonly Alarm[] }) {
  const chosen = useSearchParams()[0].get('id')
  const sorted = items.toSorted((a, b) => order[alarmState(a)] - order[alarmState(b)] || b.lastAt - a.lastAt)
  return (
    <ul className="alarms">
      {sorted.map((alarm) => (
        <AlarmItem key={alarm.id} alarm={alarm} chosen={alarm.id === chosen} />
      ))}
    </ul>
  )
}

function AlarmItem({ alarm, chosen }: { alarm: Alarm; chosen: boolean }) {
  const { i18n, t } = useLingui()
  const may = useMay('alarms:write')
  const demo = useSession()?.mode === 'demo'
  const client = useQueryClient()
  const [asking, setAsking] = useState<'acknowledge' | 'clear' | null>(null)
  const because = may
    ? null
    : demo
      ? t`The demo only reads: there is no person here who could own an alarm.`
      : t`This needs the permission alarms:write; your role does not have it.`
  const title = said(i18n, alarm.title)
  const done = async (note: string): Promise<void> => {
    const at = { params: { path: { id: alarm.id } }, body: { note } }
    answerOf(asking === 'clear' ? await api.POST('/api/v1/alarms/{id}/clear', at) : await api.POST('/api/v1/alarms/{id}/acknowledge', at))
    await client.invalidateQueries({ queryKey: ['alarms'] })
    await client.invalidateQueries({ queryKey: ['overview'] })
  }
  const times = count(alarm.count, i18n.locale)
  return (
    <li aria-current={chosen || undefined}>
      <StateIcon state={alarmState(alarm)} size={16} />
      <div>
        <h3>{title}</h3>
        <p>{said(i18n, alarm.cause)}</p>
        {alarm.state !== 'cleared' && (
          <p className="todo-line">
            <b>
              <Trans>Do:</Trans>
            </b>{' '}
            {said(i18n, alarm.action)}
          </p>
        )}
        {alarm.note !== null && alarm.note !== '' && <p className="quote">“{alarm.note}”</p>}
        <p className="dim3">
          {word(i18n, severityWords, alarm.severity)}, {word(i18n, alarmStateWords, alarm.state)}
          {alarm.count > 1 && (
            <>
              ,{' '}
              <Trans>
                {times} times, last <Ago at={alarm.lastAt} />
              </Trans>
            </>
          )}
          {alarm.imsi !== null && (
            <>
              {', '}
              <Link className="link mono" to={`/sims/${alarm.imsi}`}>
                {alarm.imsi}
              </Link>
            </>
          )}
          {alarm.partnerId !== null && (
            <>
              {', '}
              <Link className="link" to={`/signalling?filter=${encodeURIComponent(`partner:${alarm.partnerId} alert:yes`)}`}>
                <Trans>its messages</Trans>
              </Link>
            </>
          )}
        </p>
      </div>
      <div className="alarm-side">
        <span className={alarm.owner === null && alarm.state !== 'cleared' ? 'ref' : 'dim'}>
          {alarm.state === 'cleared' ? <Trans>cleared</Trans> : (alarm.owner ?? <Trans>nobody</Trans>)}
        </span>
        <span className="dim3">
          <Since at={alarm.raisedAt} />
        </span>
        {alarm.state !== 'cleared' && (
          <div className="btns">
            {alarm.state === 'raised' && (
              <Button small because={because} onClick={() => setAsking('acknowledge')}>
                <Trans>Take it…</Trans>
              </Button>
            )}
            <Button small because={because} onClick={() => setAsking('clear')}>
              <Trans>Clear…</Trans>
            </Button>
          </div>
        )}
      </div>
      {asking !== null && (
        <AskReason
          optional={asking === 'acknowledge'}
          title={title}
          action={asking === 'clear' ? t`Clear` : t`Take it`}
          text={
            <p>
              {asking === 'clear' ? (
                <Trans>You say that the cause is gone. If it comes again, a new alarm is raised.</Trans>
              ) : (
                <Trans>It gets your name. Others see that somebody is on it.</Trans>
              )}
            </p>
          }
          onDone={done}
          onClose={() => setAsking(null)}
        />
      )}
    </li>
  )
}

function Objectives({ objectives }: { objectives: readonly Objective[] }) {
  const { i18n } = useLingui()
  return (
    <Panel title={<Trans>Objectives</Trans>} meta={<Trans>share of good answers</Trans>}>
      {objectives.length === 0 && (
        <p className="quiet">
          <Trans>No objective is set.</Trans>
        </p>
      )}
      <ul className="todo">
        {objectives.map((objective) => {
          const target = percent(objective.target, i18n.locale)
          const span = durationText(i18n, objective.windowS * 1000)
          const good = percent(objective.good ?? 0, i18n.locale)
          const left = objective.budgetLeft === null ? '' : percent(Math.max(0, objective.budgetLeft), i18n.locale)
          return (
            <li key={objective.id}>
              <StateIcon state={objective.state} size={16} />
              <div>
                <h3>{word(i18n, objectiveWords, objective.id)}</h3>
                <p>
                  {objective.good === null ? (
                    <Trans>
                      Nothing was asked yet; the objective is {target} over {span}.
                    </Trans>
                  ) : (
                    <Trans>
                      {good}, objective {target} over {span}; {left} of the error budget left.
                    </Trans>
                  )}
                </p>
                <p className="dim3">
                  {objective.burn
                    .filter((one) => one.rate !== null)
                    .map((one) => `${durationText(i18n, one.windowS * 1000)}: ×${rate(one.rate ?? 0, i18n.locale)}`)
                    .join(', ')}
                </p>
              </div>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

function Outlets({ outlets }: { outlets: AlarmList['outlets'] }) {
  const { t, i18n } = useLingui()
  const names = { webhook: 'Webhook', syslog: 'Syslog', email: t`E-mail` } as const
  return (
    <Panel title={<Trans>Where alarms go</Trans>}>
      <ul className="todo">
        {outlets.map((outlet) => (
          <li key={outlet.id}>
            <Icon
              name={!outlet.configured ? 'no' : outlet.failed > 0 ? 'att' : 'ok'}
              tone={!outlet.configured ? 'dim3' : outlet.failed > 0 ? 'att' : 'ok'}
            />
            <div>
              <h3>{names[outlet.id]}</h3>
              <p>
                {outlet.configured ? (
                  <Trans>
                    {count(outlet.sent, i18n.locale)} sent, {count(outlet.failed, i18n.locale)} failed
                  </Trans>
                ) : (
                  <Trans>not set up</Trans>
                )}
                {'. '}
                <span className="mono">{outlet.lastError ?? outlet.detail}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
