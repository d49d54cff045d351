import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from 'react-router'
import type { Health } from '../../api/types.ts'
import { useMay } from '../../app/session.tsx'
import { cappedCount, count, dayOf, hourMinute } from '../../logic/format.ts'
import { Ago, Panel, StateIcon } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank } from '../../parts/loaded.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { dueWords, outcomeWords, radioWords, refusalAdvice, waitingWords } from '../../words/health.ts'
import { ruleWords } from '../../words/rules.ts'
import { filled, word } from '../../words/say.ts'
import { reasonWords } from '../../words/verdicts.ts'
import { TimeBars } from './bars.tsx'

const signals = (filter: string): string => `/signalling?filter=${encodeURIComponent(filter)}`

/** Who claimed to be whom about these SIMs, and whether it was refused. */
export function AttackPanel({ health }: { health: Health }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const { attacks, provider } = health
  const sims = cappedCount(attacks.sims, locale)
  const most = count(Math.max(...attacks.overTime.map((point) => point.count), 0), locale)
  const isEmpty = attacks.refused + attacks.passed === 0
  return (
    <Panel title={<Trans>Attacks on these SIMs</Trans>} meta={attacks.evidenceAt !== null && <Trans>{sims} SIMs aimed at</Trans>}>
      {isEmpty ? (
        <Blank
          title={<Trans>No attack was seen</Trans>}
          text={t`Messages that claim what their sender cannot prove stand here: forged networks, foreign identities, requests out of order.`}
        />
      ) : (
        <>
          <TimeBars points={attacks.overTime} label={t`Attacks over time, at most ${most} at once`} />
          <p className="axis-line">
            <span>{hourOrDay(attacks.overTime[0]?.at ?? 0, health.windowS, locale)}</span>
            <span>
              <Trans>highest: {most}</Trans>
            </span>
            <span>
              <Trans>now</Trans>
            </span>
          </p>
          <SmallTable
            label={t`Attacks by rule`}
            rows={attacks.byRule}
            rowId={(row) => row.ruleId}
            columns={[
              {
                id: 'rule',
                head: <Trans>What was tried</Trans>,
                cell: (row) => (
                  <Link
                    className="strong"
                    to={signals(`rule:${row.ruleId} provider:${provider.id}`)}
                    title={word(i18n, ruleWords, row.ruleId)}
                  >
                    {word(i18n, reasonWords, row.reason)}
                  </Link>
                ),
              },
              { id: 'refused', head: <Trans>Refused</Trans>, number: true, width: 'w80', cell: (row) => count(row.refused, locale) },
              {
                id: 'passed',
                head: <Trans>Passed</Trans>,
                number: true,
                width: 'w80',
                cell: (row) => <span className={row.passed > 0 ? 'ref' : 'dim3'}>{count(row.passed, locale)}</span>,
              },
              { id: 'last', head: <Trans>Last</Trans>, number: true, width: 'w120', cell: (row) => <Ago at={row.lastAt} /> },
            ]}
          />
          <SmallTable
            label={t`Attacks by claimed network`}
            rows={attacks.byNetwork}
            rowId={(row) => row.plmn}
            columns={[
              {
                id: 'network',
                head: <Trans>Claimed to come from</Trans>,
                cell: (row) =>
                  row.plmn === '' ? (
                    <span className="dim">
                      <Trans>no network, or one that is not on record</Trans>
                    </span>
                  ) : (
                    <>
                      {row.name ?? <Trans>own network</Trans>} <span className="mono dim">{row.plmn}</span>
                    </>
                  ),
              },
              { id: 'count', head: <Trans>Messages</Trans>, number: true, width: 'w80', cell: (row) => count(row.count, locale) },
            ]}
          />
        </>
      )}
    </Panel>
  )
}

function hourOrDay(at: number, windowS: number, locale: string): string {
  return windowS > 172_800 ? dayOf(at, locale) : hourMinute(at)
}

/** Which SIMs a reason is about, as the list of SIMs can be asked. */
const simFilters: Readonly<Record<string, string>> = {
  suspended: 'intended:suspended',
  'imei-lock': 'stopped:yes',
  'held-for-approval': 'stopped:yes',
}

export function RefusedPanel({ health }: { health: Health }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const { refused, provider } = health
  const isOperator = useMay('network:read')
  const ofProvider = isOperator ? ` provider:${provider.id}` : ''
  return (
    <Panel title={<Trans>Devices refused, and why</Trans>} meta={<Trans>most frequent first</Trans>}>
      {refused.byReason.length === 0 ? (
        <Blank
          title={<Trans>No device was refused</Trans>}
          text={t`Devices that policy or load kept out stand here with the reason and what to do.`}
        />
      ) : (
        <ul className="todo">
          {refused.byReason.map((row) => {
            const devices = cappedCount(row.devices, locale)
            const messages = count(row.messages, locale)
            const sims = simFilters[row.reason]
            return (
              <li key={row.reason}>
                <Icon name="ref" tone="ref" />
                <div>
                  <h3>
                    {word(i18n, reasonWords, row.reason)}
                    <span className="dim">
                      {' '}
                      <Trans>
                        {devices} devices, {messages} messages
                      </Trans>
                    </span>
                  </h3>
                  <p>{word(i18n, refusalAdvice, row.reason)}</p>
                  <p className="do">
                    <Link to={signals(`reason:${row.reason}${ofProvider}`)}>
                      <Trans>Messages</Trans>
                    </Link>
                    {sims !== undefined && (
                      <Link to={`/sims?filter=${encodeURIComponent(`${sims}${ofProvider}`)}`}>
                        <Trans>SIMs</Trans>
                      </Link>
                    )}
                    <span>
                      <Ago at={row.lastAt} />
                    </span>
                  </p>
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}

const devicesPath = (providerId: string | null, weak = false): string => {
  const query = new URLSearchParams({ ...(providerId === null ? {} : { provider: providerId }), ...(weak ? { weak: 'yes' } : {}) })
  return `/health/devices${query.size === 0 ? '' : `?${query}`}`
}

/** Another device on the same SIM. */
export function DevicePanel({ health, providerId }: { health: Health; providerId: string | null }) {
  const { t, i18n } = useLingui()
  const { equipment } = health
  const observed = cappedCount(equipment.observed, i18n.locale)
  if (equipment.state === 'no-agreement')
    return (
      <Panel title={<Trans>Devices that changed</Trans>} meta={<Trans>off</Trans>}>
        <Blank
          title={<Trans>Off: no agreement on record</Trans>}
          text={t`Which device is in use is personal data. Without a data-processing agreement with this provider it is not kept. The operator records the agreement.`}
        />
      </Panel>
    )
  return (
    <Panel
      title={<Trans>Devices that changed</Trans>}
      meta={
        <Link className="link" to={devicesPath(providerId)}>
          <Trans>{observed} observed</Trans>
        </Link>
      }
    >
      {equipment.recent.length === 0 ? (
        <p className="quiet">
          {equipment.observed.value === 0 ? (
            <Trans>No network has told which device a SIM is in.</Trans>
          ) : (
            <Trans>No SIM was seen in another device.</Trans>
          )}
        </p>
      ) : (
        <ul className="todo">
          {equipment.recent.map((row) => (
            <li key={`${row.imsi} ${row.to} ${row.outcome} ${row.lastAt}`}>
              <Icon name={row.outcome === 'refused' ? 'ref' : 'att'} tone={row.outcome === 'refused' ? 'ref' : 'att'} />
              <div>
                <h3>
                  <Link className="mono" to={`/sims/${row.imsi}`}>
                    {row.imsi}
                  </Link>{' '}
                  <span className="dim">{word(i18n, outcomeWords, row.outcome)}</span>
                </h3>
                <p className="mono">
                  {row.from} → {row.to}
                </p>
                <p className="do">
                  <Link to={`/sims/${row.imsi}`}>
                    <Trans>Open the SIM</Trans>
                  </Link>
                  <span>
                    <Ago at={row.lastAt} />
                  </span>
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** By which radio they registered: what is weak stands first. */
export function RadioPanel({ health, providerId }: { health: Health; providerId: string | null }) {
  const { t, i18n } = useLingui()
  const { radio } = health
  const rows = radio.byType.toSorted((a, b) => Number(b.weak) - Number(a.weak) || b.sims.value - a.sims.value)
  const unsaid = cappedCount(radio.unsaid, i18n.locale)
  return (
    <Panel title={<Trans>Radio in use</Trans>} meta={<Trans>as last registered</Trans>}>
      {rows.length === 0 ? (
        <p className="quiet">
          <Trans>No device has registered yet.</Trans>
        </p>
      ) : (
        <SmallTable
          label={t`Radio in use`}
          rows={rows}
          rowId={(row) => String(row.ratType)}
          columns={[
            {
              id: 'radio',
              head: <Trans>Radio</Trans>,
              cell: (row) => (
                <span className={row.weak ? 'att with-icon' : 'with-icon'}>
                  <StateIcon state={row.weak ? 'attention' : 'ok'} />
                  {word(i18n, radioWords, String(row.ratType))}
                  {row.weak && (
                    <>
                      {', '}
                      <Link className="link" to={devicesPath(providerId, true)}>
                        <Trans>weak protection</Trans>
                      </Link>
                    </>
                  )}
                </span>
              ),
            },
            { id: 'sims', head: <Trans>SIMs</Trans>, number: true, width: 'w80', cell: (row) => cappedCount(row.sims, i18n.locale) },
          ]}
        />
      )}
      {radio.unsaid.value > 0 && (
        <p className="quiet">
          <Trans>{unsaid} more did not say.</Trans>
        </p>
      )}
    </Panel>
  )
}

/** What runs out, and what waits for a person. */
export function DuePanel({ health }: { health: Health }) {
  const { t, i18n } = useLingui()
  const waiting = health.waiting.filter(({ count: { value } }) => value > 0)
  return (
    <Panel title={<Trans>Runs out, or waits</Trans>}>
      {waiting.map(({ kind, count: found }) => (
        <p key={kind} className="quiet">
          <Icon name="hold" tone="att" size={12} /> {filled(i18n, waitingWords[kind], { count: cappedCount(found, i18n.locale) })}
        </p>
      ))}
      {health.due.length === 0 ? (
        <p className="quiet">
          <Trans>Nothing on record runs out.</Trans>
        </p>
      ) : (
        <SmallTable
          label={t`Runs out`}
          rows={health.due}
          rowId={(row) => `${row.kind} ${row.subject}`}
          columns={[
            {
              id: 'name',
              head: <Trans>What</Trans>,
              cell: (row) => (
                <span className="with-icon" title={`${word(i18n, dueWords, row.kind)}: ${row.name}`}>
                  <StateIcon state={row.state} />
                  {row.name}, <span className="dim">{word(i18n, dueWords, row.kind)}</span>
                </span>
              ),
            },
            {
              id: 'due',
              head: <Trans>Until</Trans>,
              number: true,
              width: 'w100',
              cell: (row) =>
                row.dueAt === null ? (
                  <span className="dim">
                    <Trans>none on record</Trans>
                  </span>
                ) : (
                  dayOf(row.dueAt, i18n.locale)
                ),
            },
          ]}
        />
      )}
    </Panel>
  )
}
