import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Link } from 'react-router'
import { alarmState, markOf, statusMark } from '../../api/state.ts'
import type { Alarm, Overview } from '../../api/types.ts'
import { count, latency, percent, rate } from '../../logic/format.ts'
import { verdictRows } from '../../logic/verdict.ts'
import { Panel, Since, StateIcon } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ControlsBar, Spark, WhenStrip } from '../../parts/small-charts.tsx'
import { word } from '../../words/say.ts'
import { isSaid, said } from '../../words/server.ts'
import { durationText } from '../../words/units.ts'
import { actionRowWords, reasonWords } from '../../words/verdicts.ts'

/** As many as stand beside the chart; the others are one link away. */
const shownNeeds = 4

export function NeedsYou({ items }: { items: Overview['needsYou'] }) {
  const { i18n } = useLingui()
  const urgent = items.filter((item) => item.state === 'refused').length
  const later = items.length - urgent
  const more = items.length - shownNeeds
  return (
    <Panel
      title={<Trans>Needs you</Trans>}
      meta={
        items.length === 0 ? undefined : (
          <Trans>
            {urgent} now, {later} this week
          </Trans>
        )
      }
    >
      {items.length === 0 && (
        <p className="quiet">
          <Trans>Nothing needs a person now. Open alarms, rules that wait and evidence that runs out stand here.</Trans>
        </p>
      )}
      <ul className="todo">
        {items.slice(0, shownNeeds).map((item) => (
          <li key={`${item.key} ${item.link} ${item.since}`}>
            <StateIcon state={item.state} size={16} />
            <div>
              <h3>{said(i18n, item)}</h3>
              <NeedText item={item} />
              <div className="do">
                <Link to={item.link} className="link">
                  {said(i18n, { key: isSaid(`${item.key}.do`) ? `${item.key}.do` : 'need.open' })}
                </Link>
                <span>
                  <Since at={item.since} />
                </span>
              </div>
            </div>
          </li>
        ))}
        {more > 0 && (
          <li className="more">
            <Link to="/alarms" className="link">
              <Plural value={more} one="# more" other="# more" />
            </Link>
          </li>
        )}
      </ul>
    </Panel>
  )
}

/** Why: the need's own line, or the cause of the alarm behind it. */
function NeedText({ item }: { item: Overview['needsYou'][number] }) {
  const { i18n } = useLingui()
  const key = [`${item.key}.text`, `${item.key}.cause.${item.params.reason}`, `${item.key}.cause`].find(isSaid)
  return key === undefined ? null : <p>{said(i18n, { key, params: item.params })}</p>
}

export function Verdicts({ overview }: { overview: Overview }) {
  const { i18n } = useLingui()
  const judged = count(overview.judged, i18n.locale)
  const span = durationText(i18n, overview.windowS * 1000)
  return (
    <Panel
      title={<Trans>Verdicts by reason</Trans>}
      meta={
        <Trans>
          {judged} judged in {span}
        </Trans>
      }
    >
      <table className="tbl">
        <colgroup>
          <col className="w20" />
          <col />
          <col className="w60" />
          <col className="w80" />
          <col className="w56" />
        </colgroup>
        <thead>
          <tr>
            <td />
            <th>
              <Trans>Reason</Trans>
            </th>
            <th>
              <Trans>Answer</Trans>
            </th>
            <th>
              <Trans>When</Trans>
            </th>
            <th className="num">
              <Trans>Count</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {verdictRows(overview.verdicts).map((row) => {
            const mark = markOf(row.action, row.reason)
            const text =
              actionRowWords[row.action] !== undefined ? word(i18n, actionRowWords, row.action) : word(i18n, reasonWords, row.reason)
            return (
              <tr key={row.key}>
                <td className="ic">
                  <Icon name={mark.icon} tone={mark.tone} size={12} />
                </td>
                <td>
                  <Link
                    to={`/signalling?filter=${encodeURIComponent(row.reason === 'ok' || row.action === 'challenge' ? `verdict:${row.action}` : `reason:${row.reason}`)}`}
                  >
                    {text}
                  </Link>
                </td>
                <td className={row.answer === null ? 'dim3' : 'dim3 mono'}>{row.answer ?? <Trans context="answer">none</Trans>}</td>
                <td>
                  <WhenStrip buckets={row.when} tone={mark.tag === 'wait' ? 'att' : mark.tag === 'refuse' ? 'ref' : ''} />
                </td>
                <td className="num">{count(row.count, i18n.locale)}</td>
              </tr>
            )
          })}
          {overview.verdicts.length === 0 && (
            <tr>
              <td colSpan={5} className="dim3">
                <Trans>No message came in this window.</Trans>
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Panel>
  )
}

export function Partners({ overview }: { overview: Overview }) {
  const { i18n } = useLingui()
  const all = overview.partners
  return (
    <Panel
      title={
        <Link to="/partners">
          <Trans>Partners</Trans>
        </Link>
      }
      meta={<Trans>{all.length}, worst first</Trans>}
    >
      <table className="tbl">
        <colgroup>
          <col className="w20" />
          <col />
          <col className="w52" />
          <col className="w76" />
          <col className="w64" />
          <col className="w60" />
        </colgroup>
        <thead>
          <tr>
            <td />
            <th>
              <Trans>Network</Trans>
            </th>
            <th className="num">
              <Trans>Reg/s</Trans>
            </th>
            <td />
            <th className="num">
              <Trans>Success</Trans>
            </th>
            <th className="num">p95</th>
          </tr>
        </thead>
        <tbody>
          {all.map((partner) => (
            <tr key={partner.id}>
              <td className="ic">
                <StateIcon state={partner.state} />
              </td>
              <td>
                <Link to={`/partners/${encodeURIComponent(partner.id)}`}>
                  {partner.name} <span className="mono dim3">{partner.plmns[0]}</span>
                </Link>
              </td>
              <td className="num">{rate(partner.registrationsPerSecond, i18n.locale)}</td>
              <td>
                <Spark values={partner.spark} bad={partner.state === 'refused'} />
              </td>
              {partner.success === null ? (
                <td className="num dim3" colSpan={2}>
                  <Trans>no attach</Trans>
                </td>
              ) : (
                <>
                  <td className={`num${partner.state === 'refused' ? ' ref' : ''}`}>{percent(partner.success, i18n.locale)}</td>
                  <td className="num dim">
                    {partner.p95Ms === null ? '' : latency(Math.round(partner.p95Ms), i18n.locale).replace(/\.0 /, ' ')}
                  </td>
                </>
              )}
            </tr>
          ))}
          {all.length === 0 && (
            <tr>
              <td colSpan={6} className="dim3">
                <Trans>No partner yet: add one under Partners.</Trans>
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Panel>
  )
}

export function AlarmsAndControls({ overview }: { overview: Overview }) {
  const { i18n } = useLingui()
  const { controls, alarms } = overview
  const raised = alarms.filter((alarm) => alarm.state !== 'cleared').length
  const cleared = alarms.length - raised
  const rest = controls.offered + controls.notOffered + controls.notApplicable
  const key = [
    { status: 'met', n: controls.met, label: <Trans context="status">met</Trans> },
    { status: 'attested', n: controls.attested, label: <Trans context="status">attested</Trans> },
    { status: 'not-met', n: controls.notMet, label: <Trans context="status">not met</Trans> },
    { status: 'unknown', n: controls.unknown, label: <Trans context="status">unknown</Trans> },
  ] as const
  return (
    <Panel
      title={
        <Link to="/alarms">
          <Trans>Alarms</Trans>
        </Link>
      }
      meta={
        <Trans>
          {raised} raised, {cleared} cleared
        </Trans>
      }
    >
      <table className="tbl">
        <colgroup>
          <col className="w20" />
          <col />
          <col className="w88" />
          <col className="w80" />
        </colgroup>
        <thead>
          <tr>
            <td />
            <th>
              <Trans>Alarm</Trans>
            </th>
            <th>
              <Trans>Owner</Trans>
            </th>
            <th className="num">
              <Trans>Since</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {alarms.slice(0, 6).map((alarm) => (
            <AlarmRow key={alarm.id} alarm={alarm} />
          ))}
          {alarms.length === 0 && (
            <tr>
              <td colSpan={4} className="dim3">
                <Trans>No alarm is raised.</Trans>
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <header className="ctl">
        <h2>
          <Link to="/controls">
            <Trans>Controls</Trans>
          </Link>
        </h2>
        <span className="meta">
          <Trans>{count(controls.total, i18n.locale)} requirements</Trans>
        </span>
      </header>
      <ControlsBar counts={controls} />
      <div className="ctlkey">
        {key.map(({ status, n, label }) => (
          <span key={status}>
            <Icon name={statusMark[status].icon} tone={statusMark[status].tone} size={12} />
            {label} <b>{count(n, i18n.locale)}</b>
          </span>
        ))}
        <span>
          <Icon name="no" tone="dim3" size={12} />
          <Trans>not offered or not applicable</Trans> <b>{count(rest, i18n.locale)}</b>
        </span>
      </div>
    </Panel>
  )
}

function AlarmRow({ alarm }: { alarm: Alarm }) {
  const { i18n } = useLingui()
  const done = alarm.state === 'cleared'
  return (
    <tr className={done ? 'foot' : undefined}>
      <td className="ic">
        <StateIcon state={alarmState(alarm)} />
      </td>
      <td className="wraps">
        <Link to="/alarms">{said(i18n, alarm.title)}</Link>
      </td>
      <td className={done || alarm.owner !== null ? 'dim' : 'ref'}>
        {done ? <Trans>cleared</Trans> : (alarm.owner ?? <Trans>nobody</Trans>)}
      </td>
      <td className="num dim3">
        <Since at={alarm.raisedAt} />
      </td>
    </tr>
  )
}
