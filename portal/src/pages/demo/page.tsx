import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Attack, StoryStep } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { citations } from '../../logic/cite.ts'
import { count, rate } from '../../logic/format.ts'
import { Ago, Answer, Button, Clock, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded, useFailure } from '../../parts/loaded.tsx'
import { attackWords } from '../../words/attacks.ts'
import { chapterWords, stepStateWords } from '../../words/demo.ts'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'
import { reasonWords } from '../../words/verdicts.ts'
import { TryAgain } from './try-again.tsx'

export function DemoPage() {
  const { t } = useLingui()
  const attacks = useQuery(queries.attacks())
  const story = useQuery(queries.story())
  const client = useQueryClient()
  const renew = useCallback(() => void client.invalidateQueries({ queryKey: ['demo'] }, { cancelRefetch: false }), [client])
  useTopic('demo', renew)
  return (
    <Page title={t`Demo`}>
      <Loaded query={attacks} what={t`the attacks`}>
        {({ items }) => (
          <>
            <DemoAnswer attacks={items} />
            <div className="grid ov-a">
              <Attacks attacks={items} />
              <Loaded query={story} what={t`the story`}>
                {(told) => (
                  <div className="stack">
                    <Outage outage={told.outage} />
                    <Story steps={told.steps} done={told.done} />
                  </div>
                )}
              </Loaded>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function DemoAnswer({ attacks }: { attacks: readonly Attack[] }) {
  const { t } = useLingui()
  const tried = attacks.filter((attack) => attack.last !== null)
  const passed = tried.filter((attack) => attack.last?.refused === false)
  // What policy lets any partner have is no leak: only what a passed attack brought counts.
  const vectors = passed.reduce((sum, attack) => sum + (attack.last?.vectors ?? 0), 0)
  const title =
    tried.length === 0
      ? t`No attack was tried yet`
      : passed.length === 0
        ? t`${tried.length} of ${attacks.length} attacks tried, all refused, 0 vectors leaked`
        : t`${passed.length} of ${tried.length} attacks passed, ${vectors} vectors leaked`
  return (
    <Answer
      state={passed.length > 0 ? 'refused' : tried.length === 0 ? 'unknown' : 'ok'}
      title={title}
      text={
        <Trans>
          Each button sends real messages over a real socket. Put a rule in shadow and the same attack passes; its control turns not met
          within five seconds.
        </Trans>
      }
    />
  )
}

function Attacks({ attacks }: { attacks: readonly Attack[] }) {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const chosen = search.get('attack')
  return (
    <Panel title={<Trans>Attacks</Trans>} meta={<Trans>who claims to be whom, what it would have brought, what it got</Trans>}>
      {attacks.length === 0 && <Blank title={<Trans>No attack is at hand</Trans>} text={t`The simulator has not started yet.`} />}
      <ul className="attacks">
        {attacks.map((attack) => (
          <AttackItem key={attack.name} attack={attack} chosen={attack.name === chosen} />
        ))}
      </ul>
    </Panel>
  )
}

function AttackItem({ attack, chosen }: { attack: Attack; chosen: boolean }) {
  const { i18n, t } = useLingui()
  const client = useQueryClient()
  const failure = useFailure()
  const rules = useQuery(queries.rules()).data?.items ?? []
  const rule = rules.find((one) => one.id === attack.ruleId)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const run = async (): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      answerOf(await api.POST('/api/v1/demo/attacks/{name}', { params: { path: { name: attack.name } } }))
      await client.invalidateQueries({ queryKey: ['demo', 'attacks'] })
    } catch (problem) {
      setError(failure(problem))
    } finally {
      setBusy(false)
    }
  }
  const { last } = attack
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    // After the frame has put the new page at its top.
    if (chosen) requestAnimationFrame(() => void item.current?.scrollIntoView({ block: 'nearest' }))
  }, [chosen])
  return (
    <li ref={item} aria-current={chosen || undefined}>
      <Icon name={last === null ? 'unk' : last.refused ? 'ok' : 'ref'} tone={last === null ? 'unk' : last.refused ? 'ok' : 'ref'} />
      <div>
        <h3>{word(i18n, attackWords, attack.name)}</h3>
        <p>{said(i18n, attack.claims)}</p>
        <p className="dim">{said(i18n, attack.wouldHaveGiven)}</p>
        <p className="dim3">
          <Link className="link mono" to={`/controls/rules?rule=${encodeURIComponent(attack.ruleId)}`}>
            {attack.ruleId}
          </Link>
          {attack.requirementIds.length > 0 && `, ${citations(attack.requirementIds)}`}
        </p>
        {last !== null && (
          <p className={last.refused ? undefined : 'ref'}>
            <b>{!last.refused ? t`It passed` : last.reason === 'ok' ? t`Kept within bounds` : t`Refused`}</b>
            {last.refused && last.reason !== 'ok' ? `: ${word(i18n, reasonWords, last.reason)}, ` : ', '}
            {last.refused && `${last.resultCode ?? t`no answer`}, `}
            <Trans>{last.vectors} vectors</Trans>, <Ago at={last.at} />{' '}
            {last.signalId !== null && (
              <Link className="link" to={`/signalling?open=${encodeURIComponent(last.signalId)}`}>
                <Trans>see the message</Trans>
              </Link>
            )}
          </p>
        )}
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
      </div>
      <div className="btns">
        {rule !== undefined && last !== null && <TryAgain rule={rule} />}
        <Button small primary={last === null} busy={busy} onClick={() => void run()}>
          {busy ? t`Attacking…` : last === null ? t`Attack` : t`Attack again`}
        </Button>
      </div>
    </li>
  )
}

interface OutageState {
  running: boolean
  startedAt: number | null
  devices: number
  spreadS: number
  back: number
}

function Outage({ outage }: { outage: OutageState }) {
  const { i18n } = useLingui()
  const client = useQueryClient()
  const failure = useFailure()
  const [error, setError] = useState<string | null>(null)
  const start = async (): Promise<void> => {
    try {
      answerOf(await api.POST('/api/v1/demo/outage', { body: {} }))
      await client.invalidateQueries({ queryKey: ['demo', 'story'] })
    } catch (problem) {
      setError(failure(problem))
    }
  }
  const devices = count(outage.devices, i18n.locale)
  const back = count(outage.back, i18n.locale)
  const spread = rate(outage.spreadS, i18n.locale).replace(/\.0$/, '')
  return (
    <Panel title={<Trans>Regional outage</Trans>} meta={outage.startedAt === null ? undefined : <Ago at={outage.startedAt} />}>
      <p className="quiet">
        {outage.startedAt === null ? (
          <Trans>
            A region goes dark; its devices return together. The overview draws what was offered, what was admitted and the capacity.
          </Trans>
        ) : outage.running ? (
          <Trans>
            {back} of {devices} devices are back; they return within {spread} s.
          </Trans>
        ) : (
          <Trans>
            {back} of {devices} devices came back; they returned within {spread} s.
          </Trans>
        )}
      </p>
      {error !== null && <p className="ref">{error}</p>}
      <div className="btns">
        <Button busy={outage.running} onClick={() => void start()}>
          {outage.running ? <Trans>Running…</Trans> : <Trans>Start an outage</Trans>}
        </Button>
        <Link className="btn" to="/">
          <Trans>See the load</Trans>
        </Link>
      </div>
    </Panel>
  )
}

const stepMark = {
  waiting: { icon: 'no', tone: 'dim3' },
  running: { icon: 'hold', tone: 'att' },
  done: { icon: 'ok', tone: 'ok' },
  failed: { icon: 'ref', tone: 'ref' },
} as const

function Story({ steps, done }: { steps: readonly StoryStep[]; done: boolean }) {
  const { i18n, t } = useLingui()
  const told = steps.filter((step) => step.state !== 'waiting').length
  const chapters = Map.groupBy(steps, (step) => step.chapter)
  return (
    <Panel
      title={<Trans>The story so far</Trans>}
      meta={
        done ? (
          <Trans>told</Trans>
        ) : (
          <Trans>
            {told} of {steps.length} steps
          </Trans>
        )
      }
    >
      {steps.length === 0 && (
        <p className="quiet">
          <Trans>The story starts in the terminal and is told here too.</Trans>
        </p>
      )}
      {[...chapters].map(([chapter, list]) => (
        <section key={chapter} className="chapter">
          <h3>{word(i18n, chapterWords, chapter)}</h3>
          <ol>
            {list.map((step) => {
              const mark = stepMark[step.state]
              const text = said(i18n, step)
              return (
                <li key={step.id} className={step.state}>
                  <Icon name={mark.icon} tone={mark.tone} size={12} label={word(i18n, stepStateWords, step.state)} />
                  <span>{step.link === null ? text : <Link to={step.link}>{text}</Link>}</span>
                  <span className="dim3">{step.at === null ? '' : <Clock at={step.at} millis={false} />}</span>
                </li>
              )
            })}
          </ol>
        </section>
      ))}
      <span className="hidden-text" role="status">
        {done ? t`The story is told` : ''}
      </span>
    </Panel>
  )
}
