import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import { Page } from '../../app/page.tsx'
import { useSession } from '../../app/session.tsx'
import { Choice } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { HealthAnswer } from './answer.tsx'
import { AttackPanel, DevicePanel, DuePanel, RadioPanel, RefusedPanel } from './panels.tsx'
import { ProvidersView } from './providers.tsx'
import { ServicesPanel } from './services.tsx'

const windows = [86_400, 604_800, 2_592_000] as const
export type HealthWindow = (typeof windows)[number]

/** A provider sees itself; whoever sees several chooses one, worst first. */
export function HealthPage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const session = useSession()
  const windowS: HealthWindow = windows.find((one) => String(one) === search.get('window')) ?? 86_400
  const isOwn = session?.person?.providerId !== undefined && session.person?.providerId !== null
  const asked = search.get('provider')
  const choose = (value: HealthWindow): void =>
    setSearch(
      (now) => {
        if (value === 86_400) now.delete('window')
        else now.set('window', String(value))
        return now
      },
      { replace: true },
    )
  const choice = (
    <Choice
      label={t`Window`}
      value={windowS}
      onChange={choose}
      options={[
        { value: 86_400, label: t`24 h` },
        { value: 604_800, label: t`7 d` },
        { value: 2_592_000, label: t`30 d` },
      ]}
    />
  )
  if (!isOwn && asked === null) return <ProvidersView windowS={windowS} choice={choice} />
  return <ProviderView providerId={isOwn ? null : asked} windowS={windowS} choice={choice} />
}

function ProviderView({ providerId, windowS, choice }: { providerId: string | null; windowS: HealthWindow; choice: ReactNode }) {
  const { t } = useLingui()
  const health = useQuery(queries.health(providerId, windowS))
  const services = useQuery(queries.serviceHealth(providerId))
  const parent = providerId === null ? {} : { parent: { title: t`Health`, to: '/health' } }
  return (
    <Page title={providerId === null ? t`Health` : (health.data?.provider.name ?? t`Health`)} {...parent}>
      <Loaded query={health} what={t`the health of the SIMs`}>
        {(found) => (
          <>
            <HealthAnswer health={found} services={services.data?.items ?? []} isOwn={providerId === null}>
              {choice}
            </HealthAnswer>
            <div className="grid ov-a">
              <div className="stack">
                <AttackPanel health={found} />
                <RefusedPanel health={found} />
                <Loaded query={services} what={t`the services`}>
                  {(list) => <ServicesPanel services={list.items} />}
                </Loaded>
              </div>
              <div className="stack">
                <DevicePanel health={found} providerId={providerId} />
                <RadioPanel health={found} providerId={providerId} />
                <DuePanel health={found} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}
