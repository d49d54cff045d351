import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { ProviderHealth, State } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { count } from '../../logic/format.ts'
import { Ago, Answer, Panel, StateIcon } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { SmallTable } from '../../parts/small-table.tsx'

/** Whoever sees several providers: the worst first. */
export function ProvidersView({ windowS, choice }: { windowS: number; choice: ReactNode }) {
  const { t } = useLingui()
  const query = useQuery(queries.providerHealth(windowS))
  return (
    <Page title={t`Health`}>
      <Loaded query={query} what={t`the health of the providers`}>
        {({ items }) => (
          <>
            <ProvidersAnswer items={items}>{choice}</ProvidersAnswer>
            <div className="grid one">
              <ProvidersTable items={items} windowS={windowS} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function ProvidersAnswer({ items, children }: { items: readonly ProviderHealth[]; children: ReactNode }) {
  const { t } = useLingui()
  const attacked = items.reduce((sum, { attacks, passed }) => sum + attacks + passed, 0)
  const passed = items.reduce((sum, one) => sum + one.passed, 0)
  const looked = items.filter(({ state }) => state === 'refused' || state === 'attention').length
  const unseen = items.length > 0 && items.every(({ state }) => state === 'unknown')
  const state: State = items.some((one) => one.state === 'refused')
    ? 'refused'
    : looked > 0
      ? 'attention'
      : unseen || items.length === 0
        ? 'unknown'
        : 'ok'
  const first =
    attacked === 0
      ? t`No attack on any SIM`
      : passed === 0
        ? plural(attacked, { one: '# attack on SIMs, refused', other: '# attacks on SIMs, all refused' })
        : plural(passed, { one: `# attack of ${attacked} on SIMs passed`, other: `# attacks of ${attacked} on SIMs passed` })
  const second = plural(looked, { one: `# of ${items.length} providers needs a look`, other: `# of ${items.length} providers need a look` })
  return (
    <Answer
      state={state}
      title={looked === 0 ? first : t`${first}; ${second}`}
      text={
        <>
          <Reasons items={items} />
          <Trans>What each provider is shown of its own SIMs, the worst first.</Trans>
        </>
      }
    >
      {children}
    </Answer>
  )
}

/** Why they need a look, and how many for each reason. */
function Reasons({ items }: { items: readonly ProviderHealth[] }) {
  const { t } = useLingui()
  const of = (has: (one: ProviderHealth) => boolean): number => items.filter(has).length
  const passed = of((one) => one.passed > 0)
  const below = of((one) => one.servicesBelow > 0)
  const changed = of((one) => one.equipmentChanges > 0)
  const refused = of((one) => one.refusedMessages > 0)
  const reasons = [
    passed > 0 && t`${passed} with attacks that passed`,
    below > 0 && t`${below} with services below their objective`,
    changed > 0 && t`${changed} with SIMs in other devices`,
    refused > 0 && t`${refused} with refused messages`,
  ].filter((reason) => reason !== false)
  if (reasons.length === 0) return null
  const list = reasons.join('; ')
  return (
    <>
      <Trans>Of these providers: {list}.</Trans>{' '}
    </>
  )
}

function ProvidersTable({ items, windowS }: { items: readonly ProviderHealth[]; windowS: number }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const number = (value: number, tone: string): ReactNode => <span className={value === 0 ? 'dim' : tone}>{count(value, locale)}</span>
  const link = (id: string): string => `/health?provider=${encodeURIComponent(id)}${windowS === 86_400 ? '' : `&window=${windowS}`}`
  if (items.length === 0)
    return (
      <Panel title={<Trans>Providers</Trans>}>
        <Blank title={<Trans>No provider yet</Trans>} text={t`Each organisation that owns SIMs stands here with what happened to them.`} />
      </Panel>
    )
  return (
    <Panel title={<Trans>Providers</Trans>} meta={<Trans>{items.length}, worst first</Trans>}>
      <SmallTable
        label={t`Providers`}
        rows={items}
        rowId={(row) => row.provider.id}
        columns={[
          {
            id: 'provider',
            head: <Trans>Provider</Trans>,
            width: 'w148',
            cell: (row) => (
              <span className="with-icon">
                <StateIcon state={row.state} />
                <Link className="strong" to={link(row.provider.id)}>
                  {row.provider.name}
                </Link>
              </span>
            ),
          },
          { id: 'attacks', head: <Trans>Attacks refused</Trans>, number: true, width: 'w120', cell: (row) => number(row.attacks, '') },
          { id: 'passed', head: <Trans>Attacks passed</Trans>, number: true, width: 'w120', cell: (row) => number(row.passed, 'ref') },
          {
            id: 'refused',
            head: <Trans>Messages refused</Trans>,
            number: true,
            width: 'w148',
            cell: (row) => number(row.refusedMessages, 'att'),
          },
          {
            id: 'devices',
            head: <Trans>Devices changed</Trans>,
            number: true,
            width: 'w148',
            cell: (row) =>
              row.agreement ? (
                number(row.equipmentChanges, 'att')
              ) : (
                <span className="dim">
                  <Trans>off, no agreement</Trans>
                </span>
              ),
          },
          {
            id: 'below',
            head: <Trans>Services below</Trans>,
            number: true,
            width: 'w120',
            cell: (row) => number(row.servicesBelow, 'ref'),
          },
          {
            id: 'evidence',
            head: <Trans>Newest evidence</Trans>,
            number: true,
            width: 'w148',
            cell: (row) =>
              row.evidenceAt === null ? (
                <span className="dim">
                  <Trans>none</Trans>
                </span>
              ) : (
                <Ago at={row.evidenceAt} />
              ),
          },
        ]}
      />
    </Panel>
  )
}
