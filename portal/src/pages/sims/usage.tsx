import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { SimUsage } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { useMay } from '../../app/session.tsx'
import { bytesText, dayOf, when } from '../../logic/format.ts'
import { Ago, Panel } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { UsageBar } from '../plans/usage-bar.tsx'

/** What the SIM used in the running period of its plan; nothing where the reader may not see plans. */
export function UsagePanel({ imsi }: { imsi: string }) {
  const { t } = useLingui()
  const may = useMay('plans:read')
  const query = useQuery({ ...queries.simUsage(imsi), enabled: may })
  if (!may) return null
  return (
    <Panel title={<Trans>Usage</Trans>} meta={query.data?.plan == null ? undefined : <PlanLink plan={query.data.plan} />}>
      <Loaded query={query} what={t`the usage`}>
        {(usage) => <Usage usage={usage} />}
      </Loaded>
    </Panel>
  )
}

function PlanLink({ plan }: { plan: NonNullable<SimUsage['plan']> }) {
  return (
    <Link className="link" to={`/plans?plan=${plan.id}`}>
      {plan.name}
    </Link>
  )
}

function Usage({ usage }: { usage: SimUsage }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const now = useNow(60_000)
  const { plan } = usage
  const bytes = usage.bytesUp + usage.bytesDown
  const used = bytesText(bytes, locale)
  const included = plan === null ? '' : bytesText(plan.includedBytes, locale)
  const until = when(usage.periodEnd, now, locale)
  const up = bytesText(usage.bytesUp, locale)
  const down = bytesText(usage.bytesDown, locale)
  return (
    <div className="sim-usage">
      <p>
        <b>{used}</b>{' '}
        {plan === null ? (
          <Trans>this month, without a plan</Trans>
        ) : (
          <Trans>
            of {included}, until {until}
          </Trans>
        )}
      </p>
      {plan !== null && <UsageBar bytes={bytes} plan={plan} label={t`${used} of ${included}`} />}
      <p className="dim3">
        <Trans>
          {up} up, {down} down
        </Trans>
        {usage.changedAt !== null && (
          <>
            {', '}
            <Ago at={usage.changedAt} />
          </>
        )}
      </p>
      {usage.cutOffAt !== null && (
        <p className="ref">
          <Trans>Cut off by its plan until {until}.</Trans>
        </p>
      )}
      {usage.past.length > 0 && (
        <p className="dim3">
          {usage.past
            .slice(0, 3)
            .map((period) => `${dayOf(period.periodStart, locale)}: ${bytesText(period.bytes, locale)}`)
            .join(' · ')}
        </p>
      )}
    </div>
  )
}
