import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { ServiceHealth } from '../../api/types.ts'
import { count, dayOf, percent, rate } from '../../logic/format.ts'
import { Panel, StateIcon } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank } from '../../parts/loaded.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { BudgetBar } from './bars.tsx'

/** Devices that got in, of all that tried, against what was promised; below each, the networks that it can use. */
export function ServicesPanel({ services }: { services: readonly ServiceHealth[] }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const [openId, setOpenId] = useState<string | null>(null)
  const open = services.find(({ id }) => id === openId)
  return (
    <Panel title={<Trans>Availability of services</Trans>} meta={<Trans>devices that got in, of all that tried</Trans>}>
      {services.length === 0 ? (
        <Blank
          title={<Trans>No service was measured yet</Trans>}
          text={t`A group of SIMs becomes a service when it is given an objective. Until then SIMs count for their profile, as soon as one of them tries to get in.`}
        />
      ) : (
        <SmallTable
          label={t`Availability of services`}
          rows={services}
          rowId={(row) => row.id}
          columns={[
            {
              id: 'service',
              head: <Trans>Service</Trans>,
              cell: (row) => (
                <button
                  type="button"
                  className="disclose"
                  aria-expanded={row.id === openId}
                  onClick={() => setOpenId(row.id === openId ? null : row.id)}
                >
                  <StateIcon state={row.state} />
                  <span className="strong clip">{row.name}</span>
                  {row.kind === 'profile' && (
                    <small className="dim">
                      <Trans>profile</Trans>
                    </small>
                  )}
                </button>
              ),
            },
            {
              id: 'good',
              head: <Trans>Got in</Trans>,
              number: true,
              width: 'w72',
              cell: (row) => (row.good === null ? <span className="dim">–</span> : percent(row.good, locale)),
            },
            {
              id: 'target',
              head: <Trans>Objective</Trans>,
              number: true,
              width: 'w80',
              cell: (row) => (row.target === null ? <span className="dim">–</span> : percent(row.target, locale)),
            },
            {
              id: 'budget',
              head: <Trans>Budget spent</Trans>,
              width: 'w120',
              cell: (row) => (row.good === null || row.target === null ? null : <BudgetBar good={row.good} target={row.target} />),
            },
            {
              id: 'burn',
              head: <Trans>Burns, 1 h</Trans>,
              number: true,
              width: 'w80',
              cell: (row) => <BurnRate service={row} />,
            },
            { id: 'networks', head: <Trans>Networks</Trans>, number: true, width: 'w80', cell: (row) => count(row.usableNetworks, locale) },
            {
              id: 'refused',
              head: <Trans>By policy</Trans>,
              number: true,
              width: 'w80',
              cell: (row) => <span className="dim">{count(row.refused, locale)}</span>,
            },
          ]}
        />
      )}
      {open !== undefined && <Networks service={open} />}
    </Panel>
  )
}

function BurnRate({ service }: { service: ServiceHealth }) {
  const { i18n } = useLingui()
  const found = service.burn.find(({ windowS }) => windowS === 3_600)?.rate ?? null
  if (found === null || service.target === null) return <span className="dim">–</span>
  return <span className={found > 1 ? 'ref' : undefined}>{rate(found, i18n.locale)} ×</span>
}

function Networks({ service }: { service: ServiceHealth }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const { name, target, networks } = service
  return (
    <>
      <h3 className="under">
        <Trans>Networks of {name}, 30 days</Trans>
      </h3>
      {networks.length === 0 ? (
        <p className="quiet">
          <Trans>No device of it has tried yet.</Trans>
        </p>
      ) : (
        <SmallTable
          label={t`Networks of ${name}`}
          rows={networks}
          rowId={(row) => row.plmn}
          columns={[
            {
              id: 'network',
              head: <Trans>Network</Trans>,
              cell: (row) => (
                <span className="with-icon">
                  <Icon
                    name={row.usable ? 'ok' : 'no'}
                    size={12}
                    tone={row.usable ? 'ok' : 'dim3'}
                    label={row.usable ? t`usable` : t`not proven usable`}
                  />
                  {row.name ?? (row.plmn === '' ? <Trans>not on record</Trans> : <Trans>own network</Trans>)}{' '}
                  <span className="mono dim">{row.plmn}</span>
                </span>
              ),
            },
            {
              id: 'good',
              head: <Trans>Got in</Trans>,
              number: true,
              width: 'w72',
              cell: (row) => percent(row.gotIn / Math.max(row.gotIn + row.keptOut, 1), locale),
            },
            {
              id: 'budget',
              head: <Trans>Budget spent</Trans>,
              width: 'w120',
              cell: (row) =>
                target === null ? null : <BudgetBar good={row.gotIn / Math.max(row.gotIn + row.keptOut, 1)} target={target} />,
            },
            { id: 'tried', head: <Trans>Tried</Trans>, number: true, width: 'w80', cell: (row) => count(row.gotIn + row.keptOut, locale) },
            {
              id: 'last',
              head: <Trans>Last got in</Trans>,
              number: true,
              width: 'w100',
              cell: (row) =>
                row.lastGotInAt === null ? (
                  <span className="dim">
                    <Trans>never</Trans>
                  </span>
                ) : (
                  dayOf(row.lastGotInAt, locale)
                ),
            },
          ]}
        />
      )}
    </>
  )
}
