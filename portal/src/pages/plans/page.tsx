import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Plan, State } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { bytesText, cappedCount, count, when } from '../../logic/format.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Answer, Button, Panel, StateIcon } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { ImportDialog } from './import.tsx'
import { PlanForm } from './plan-form.tsx'
import { UsageBar } from './usage-bar.tsx'

function planState({ cutOff, overAlert }: Plan): State {
  return cutOff.value > 0 ? 'refused' : overAlert.value > 0 ? 'attention' : 'ok'
}

export function PlansPage() {
  const { t } = useLingui()
  const query = useQuery(queries.plans())
  const [search, setSearch] = useSearchParams()
  const [importing, setImporting] = useState(false)
  const mayWrite = useMay('plans:write')
  const mayImport = useMay('usage:write')
  const chosen = search.get('plan') ?? ''
  const choose = (id: string): void => setSearch(id === '' ? {} : { plan: id })
  return (
    <Page title={t`Plans and usage`}>
      <Loaded query={query} what={t`the plans`}>
        {({ items }) => {
          const plan = items.find(({ id }) => id === chosen) ?? (chosen === 'new' ? undefined : items[0])
          return (
            <>
              <PlansAnswer items={items}>
                <Button
                  primary
                  because={mayWrite ? null : t`Changing plans needs the permission plans:write; your role does not have it.`}
                  onClick={() => choose('new')}
                >
                  <Trans>New plan…</Trans>
                </Button>
                <Button
                  because={mayImport ? null : t`Bringing usage in needs the permission usage:write; your role does not have it.`}
                  onClick={() => setImporting(true)}
                >
                  <Trans>Import usage…</Trans>
                </Button>
              </PlansAnswer>
              <div className="grid two">
                <div className="stack">
                  <Panel title={<Trans>Rate plans</Trans>}>
                    {items.length === 0 ? (
                      <Blank
                        title={<Trans>No plan yet</Trans>}
                        text={t`A plan says how much a SIM may use in a period, when you are told, and when it is cut off.`}
                      />
                    ) : (
                      <PlanTable items={items} chosen={plan?.id ?? ''} onChoose={choose} />
                    )}
                  </Panel>
                  {plan !== undefined && <TopPanel plan={plan} />}
                </div>
                <div className="stack">
                  {(plan !== undefined || chosen === 'new') && (
                    <PlanForm key={`${plan?.id ?? 'new'} ${plan?.version ?? 0}`} plan={plan} onMade={choose} />
                  )}
                </div>
              </div>
            </>
          )
        }}
      </Loaded>
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
    </Page>
  )
}

function PlansAnswer({ items, children }: { items: readonly Plan[]; children: React.ReactNode }) {
  const { t, i18n } = useLingui()
  const sum = (read: (plan: Plan) => number): number => items.reduce((total, plan) => total + read(plan), 0)
  const cut = sum(({ cutOff }) => cutOff.value)
  const over = sum(({ overAlert }) => overAlert.value)
  const state: State = cut > 0 ? 'refused' : over > 0 ? 'attention' : items.length === 0 ? 'unknown' : 'ok'
  const [cutText, overText] = [count(cut, i18n.locale), count(over, i18n.locale)]
  const title =
    cut > 0
      ? t`${cutText} SIMs are cut off by their plan, ${overText} are over an alert`
      : over > 0
        ? t`${overText} SIMs are over an alert of their plan`
        : items.length === 0
          ? t`No plan limits what SIMs use`
          : t`Every SIM is within its plan`
  return (
    <Answer state={state} title={title} text={<Trans>A critical SIM is never cut off by its plan: an alarm tells a person instead.</Trans>}>
      <div className="btns">{children}</div>
    </Answer>
  )
}

function PlanTable({ items, chosen, onChoose }: { items: readonly Plan[]; chosen: string; onChoose: (id: string) => void }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const now = useNow(60_000)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x" tabIndex={0} aria-label={t`Rate plans`}>
      <table className="tbl plans-table">
        <thead>
          <tr>
            <td className="w20" />
            <th>
              <Trans>Plan</Trans>
            </th>
            <th className="num">
              <Trans>Included</Trans>
            </th>
            <th className="num">
              <Trans>SIMs</Trans>
            </th>
            <th className="num">
              <Trans>Over an alert</Trans>
            </th>
            <th className="num">
              <Trans>Cut off</Trans>
            </th>
            <th className="num">
              <Trans>Period ends</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((plan) => (
            <tr key={plan.id} aria-selected={plan.id === chosen || undefined}>
              <td className="ic">
                <StateIcon state={planState(plan)} />
              </td>
              <td>
                <button type="button" className="link strong" onClick={() => onChoose(plan.id)}>
                  {plan.name}
                </button>{' '}
                <span className="dim3">{plan.provider.name}</span>
              </td>
              <td className="num">{bytesText(plan.includedBytes, locale)}</td>
              <td className="num">{cappedCount(plan.sims, locale)}</td>
              <td className={`num${plan.overAlert.value > 0 ? ' att' : ' dim3'}`}>{cappedCount(plan.overAlert, locale)}</td>
              <td className={`num${plan.cutOff.value > 0 ? ' ref' : ' dim3'}`}>{cappedCount(plan.cutOff, locale)}</td>
              <td className="num dim">{when(plan.periodEnd, now, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** As the list of plans counts them: cut off, past what somebody wanted to be told at, or within. */
function usageMark(used: { cutOffAt: number | null; percent: number | null }, { alertsPercent }: Plan): 'ref' | 'att' | 'ok' {
  if (used.cutOffAt !== null) return 'ref'
  return used.percent !== null && used.percent >= Math.min(100, ...alertsPercent) ? 'att' : 'ok'
}

/** Those that used most, with the line of what is included. */
function TopPanel({ plan }: { plan: Plan }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const client = useQueryClient()
  const query = useQuery(queries.topUsage(plan.id))
  const mayWrite = useMay('plans:write')
  const [removing, setRemoving] = useState(false)
  const remove = async (reason: string): Promise<void> => {
    answerOf(await api.DELETE('/api/v1/plans/{id}', { params: { path: { id: plan.id }, query: { reason } } }))
    await client.invalidateQueries({ queryKey: ['plans'] })
  }
  const because = !mayWrite
    ? t`Changing plans needs the permission plans:write; your role does not have it.`
    : plan.sims.value > 0
      ? t`SIMs are on this plan: give them another one first.`
      : null
  return (
    <Panel title={<Trans>Used most on {plan.name}</Trans>} meta={<Trans>the line is what is included</Trans>}>
      <Loaded query={query} what={t`the usage`}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">
              <Trans>No usage has been counted in this period.</Trans>
            </p>
          ) : (
            <table className="tbl top-usage">
              <tbody>
                {items.map((row) => {
                  const bytes = row.bytesUp + row.bytesDown
                  const used = bytesText(bytes, locale)
                  const included = bytesText(plan.includedBytes, locale)
                  const mark = usageMark(row, plan)
                  return (
                    <tr key={row.imsi}>
                      <td className="ic w20">
                        <Icon
                          name={mark}
                          size={12}
                          tone={mark}
                          label={mark === 'ref' ? t`cut off` : mark === 'att' ? t`over an alert` : t`within`}
                        />
                      </td>
                      <td className="w148">
                        <Link className="mono" to={`/sims/${row.imsi}`} title={row.label ?? undefined}>
                          {row.imsi}
                        </Link>
                      </td>
                      <td>
                        <UsageBar bytes={bytes} plan={plan} label={t`${used} of ${included}`} />
                      </td>
                      <td className="num w80">{used}</td>
                      <td className="num w64 dim">{row.percent === null ? '–' : `${count(Math.floor(row.percent), locale)} %`}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          )
        }
      </Loaded>
      <div className="btns">
        <a className="btn small" href={`/api/v1/plans/${plan.id}/usage.csv`} download={`${plan.name}.csv`}>
          <Trans>As CSV</Trans>
        </a>
        <Button small because={because} onClick={() => setRemoving(true)}>
          <Trans>Remove the plan…</Trans>
        </Button>
      </div>
      {removing && (
        <AskReason
          title={t`Remove ${plan.name}`}
          action={t`Remove`}
          text={
            <p>
              <Trans>No SIM is on it. What was counted stays.</Trans>
            </p>
          }
          onDone={remove}
          onClose={() => setRemoving(false)}
        />
      )}
    </Panel>
  )
}
