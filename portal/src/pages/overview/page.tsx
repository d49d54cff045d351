import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback } from 'react'
import { useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import { type Overview, type WindowS, windows } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { useSession } from '../../app/session.tsx'
import { count, latency, percent, rate } from '../../logic/format.ts'
import { Answer, Choice, Panel } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { said } from '../../words/server.ts'
import { DemoStrip } from '../demo/strip.tsx'
import { LoadChart } from './load-chart.tsx'
import { AlarmsAndControls, NeedsYou, Partners, Verdicts } from './panels.tsx'
import { useVerdictSentence } from './sentence.tsx'

export function OverviewPage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const asked = Number(search.get('window'))
  const windowS: WindowS = windows.find((one) => one === asked) ?? 300
  const query = useQuery(queries.overview(windowS))
  const client = useQueryClient()
  const renew = useCallback(() => void client.invalidateQueries({ queryKey: ['overview'] }, { cancelRefetch: false }), [client])
  useTopic('overview', renew)
  const choose = (value: WindowS): void =>
    setSearch(
      (now) => {
        if (value === 300) now.delete('window')
        else now.set('window', String(value))
        return now
      },
      { replace: true },
    )
  return (
    <Page title={t`Overview`}>
      <Loaded query={query} what={t`the overview`} keepLast>
        {(overview) => (
          <Body
            overview={overview}
            choice={
              <Choice
                label={t`Window`}
                value={windowS}
                onChange={choose}
                options={[
                  { value: 300, label: t`5 min` },
                  { value: 3600, label: t`1 h` },
                  { value: 86_400, label: t`24 h` },
                ]}
              />
            }
          />
        )}
      </Loaded>
    </Page>
  )
}

function Body({ overview, choice }: { overview: Overview; choice: ReactNode }) {
  const { i18n, t } = useLingui()
  const say = useVerdictSentence()
  const demo = useSession()?.mode === 'demo'
  const urgent = overview.needsYou.filter((item) => item.state === 'refused').length
  const to = overview.at
  return (
    <>
      <Answer
        state={overview.verdict.state}
        title={say(overview)}
        text={
          <>
            {overview.verdict.line !== null && `${said(i18n, overview.verdict.line)} `}
            <NeedsLine urgent={urgent} all={overview.needsYou.length} />
          </>
        }
      >
        {choice}
      </Answer>
      <ReadoutRow overview={overview} />
      <div className="grid ov-a">
        <Panel
          title={
            <span className="title-row">
              <Trans>Load against capacity, by class</Trans>
              <ClassKey />
            </span>
          }
          meta={overview.load === null ? undefined : <Trans>registrations/s, {overview.load.stepS} s steps</Trans>}
        >
          {overview.load === null || overview.load.points.length === 0 ? (
            <Blank title={<Trans>No load yet</Trans>} text={t`The curve starts with the first registration.`} />
          ) : (
            <LoadChart load={overview.load} events={overview.events} from={to - overview.windowS * 1000} to={to} />
          )}
        </Panel>
        <NeedsYou items={overview.needsYou} />
      </div>
      <div className="grid ov-b">
        <Verdicts overview={overview} />
        <Partners overview={overview} />
        <AlarmsAndControls overview={overview} />
      </div>
      {demo && <DemoStrip />}
    </>
  )
}

function NeedsLine({ urgent, all }: { urgent: number; all: number }) {
  if (urgent === 1) return <Trans>One thing needs you now.</Trans>
  if (urgent > 1) return <Trans>{urgent} things need you now.</Trans>
  return all === 0 ? <Trans>Nothing needs you.</Trans> : <Trans>Nothing needs you now.</Trans>
}

function ClassKey() {
  return (
    <span className="key">
      <span>
        <i className="f-c" />
        <Trans context="class">critical</Trans>
      </span>
      <span>
        <i className="f-s" />
        <Trans context="class">standard</Trans>
      </span>
      <span>
        <i className="f-d" />
        <Trans context="class">deferrable</Trans>
      </span>
    </span>
  )
}

/** `missed`: the figure is not what its objective asks for. */
function Readout({ label, value, beside, missed = false }: { label: ReactNode; value: ReactNode; beside?: ReactNode; missed?: boolean }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {missed ? <span className="att">{value}</span> : value}
        {beside !== undefined && <small>{beside}</small>}
      </dd>
    </div>
  )
}

function ReadoutRow({ overview }: { overview: Overview }) {
  const { i18n, t } = useLingui()
  const { locale } = i18n
  const r = overview.readouts
  const nothing = <span className="dim3">{t`no data`}</span>
  const capacity = r.capacity === null ? null : count(r.capacity, locale)
  const objective = rate(r.attachObjective * 100, locale)
  const p95 =
    r.criticalP95S === null ? null : r.criticalP95S < 0.1 ? latency(r.criticalP95S * 1000, locale) : `${rate(r.criticalP95S, locale)} s`
  const back = count(r.criticalBack ?? 0, locale)
  const total = count(r.criticalTotal ?? 0, locale)
  const objectiveMs = count(r.answerObjectiveMs, locale)
  const vectors = count(r.vectors, locale)
  return (
    <dl className="readouts">
      <Readout
        label={<Trans>Registrations</Trans>}
        value={r.registrationsPerSecond === null ? nothing : rate(r.registrationsPerSecond, locale)}
        beside={capacity === null ? <Trans>/s</Trans> : <Trans>/s of {capacity}</Trans>}
      />
      <Readout
        label={<Trans>Attach success, last min</Trans>}
        value={r.attachSuccess === null ? nothing : percent(r.attachSuccess, locale)}
        beside={<Trans>objective {objective}</Trans>}
        missed={r.attachSuccess !== null && r.attachSuccess < r.attachObjective}
      />
      <Readout
        label={<Trans>Answer p99</Trans>}
        value={r.answerP99Ms === null ? nothing : latency(r.answerP99Ms, locale)}
        beside={<Trans>objective {objectiveMs}</Trans>}
        missed={r.answerP99Ms !== null && r.answerP99Ms > r.answerObjectiveMs}
      />
      <Readout
        label={<Trans>Vectors to unproven peers</Trans>}
        value={count(r.vectorsToUnproven, locale)}
        beside={<Trans>of {vectors}</Trans>}
      />
      {r.criticalTotal !== null && (
        <Readout
          label={<Trans>Critical back</Trans>}
          value={
            <Trans>
              {back} of {total}
            </Trans>
          }
          beside={p95 === null ? undefined : <Trans>p95 {p95}</Trans>}
        />
      )}
      {r.devicesInT3402 !== null && (
        <Readout label={<Trans>Devices in T3402</Trans>} value={count(r.devicesInT3402, locale)} beside={<Trans>simulated</Trans>} />
      )}
    </dl>
  )
}
