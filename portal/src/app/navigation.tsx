import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, NavLink } from 'react-router'
import { queries } from '../api/queries.ts'
import type { Overview, Session } from '../api/types.ts'
import { cappedCount, count, rate } from '../logic/format.ts'
import { Ago } from '../parts/basics.tsx'
import { Brand, Icon, type IconName } from '../parts/icon.tsx'

interface Entry {
  id: string
  to: string
  icon: IconName
  label: ReactNode
  badge?: ReactNode
}

/** Pages of the functions that run, with a count only where it is useful; at the foot what this installation is. */
export function Navigation({ session }: { session: Session }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const may = (permission: Session['permissions'][number]): boolean => session.permissions.includes(permission)
  const overview = useQuery({ ...queries.overview(300), enabled: may('overview:read') }).data
  const sims = useQuery({ ...queries.simCount(), enabled: may('sims:read') }).data
  const raised = overview?.alarms.filter((alarm) => alarm.state !== 'cleared').length ?? 0
  const runs = (id: string): boolean => session.navigation.length === 0 || session.navigation.some((entry) => entry.id === id)
  const entries: readonly (Entry & { shown: boolean })[] = [
    { id: 'overview', to: '/', icon: 'gauge', label: <Trans>Overview</Trans>, shown: may('overview:read') },
    { id: 'signalling', to: '/signalling', icon: 'sig', label: <Trans>Signalling</Trans>, shown: may('signals:read') },
    {
      id: 'sims',
      to: '/sims',
      icon: 'sim',
      label: <Trans>SIMs</Trans>,
      badge: sims === undefined ? null : cappedCount(sims, locale),
      shown: may('sims:read'),
    },
    {
      id: 'partners',
      to: '/partners',
      icon: 'net',
      label: <Trans>Partners</Trans>,
      badge: overview && count(overview.partners.length, locale),
      shown: may('network:read'),
    },
    {
      id: 'alarms',
      to: '/alarms',
      icon: 'bell',
      label: <Trans>Alarms</Trans>,
      badge: raised === 0 ? null : <AlarmBadge raised={raised} />,
      shown: may('alarms:read'),
    },
    { id: 'controls', to: '/controls', icon: 'check', label: <Trans>Controls</Trans>, shown: may('controls:read') },
    { id: 'demo', to: '/demo', icon: 'play', label: <Trans>Demo</Trans>, shown: session.mode === 'demo' && may('demo:run') },
  ]
  return (
    <nav className="nav" aria-label={t`Main`}>
      <Link className="brand" to="/">
        <Brand />
        Simward
      </Link>
      <div className="scope">
        <span>{session.installation.name}</span>
        <small>
          {session.installation.plmn}, {session.mode === 'demo' ? <Trans>demo</Trans> : <Trans>operator</Trans>}
        </small>
      </div>
      <ul>
        {entries
          .filter((entry) => entry.shown && (entry.id === 'overview' || entry.id === 'demo' || runs(entry.id)))
          .map((entry) => (
            <li key={entry.id}>
              <NavLink to={entry.to} end={entry.to === '/'}>
                <Icon name={entry.icon} />
                {entry.label}
                {entry.badge !== null &&
                  entry.badge !== undefined &&
                  (typeof entry.badge === 'string' ? <span className="n">{entry.badge}</span> : entry.badge)}
              </NavLink>
            </li>
          ))}
      </ul>
      <InstallationFacts session={session} overview={overview} />
    </nav>
  )
}

function AlarmBadge({ raised }: { raised: number }) {
  const { t, i18n } = useLingui()
  return (
    <span className="n att">
      <Icon name="att" size={12} label={t`raised`} />
      {count(raised, i18n.locale)}
    </span>
  )
}

const engines = { pglite: 'PGlite', postgresql: 'PostgreSQL' } as const

function InstallationFacts({ session, overview }: { session: Session; overview: Overview | undefined }) {
  const { i18n } = useLingui()
  const latencyMs = overview?.store.latencyMs
  const ledger = overview?.ledger
  return (
    <div className="node">
      <dl>
        <dt>
          <Trans>Node</Trans>
        </dt>
        <dd className="mono">{session.installation.node}</dd>
        <dt>
          <Trans>Store</Trans>
        </dt>
        <dd>
          {engines[session.installation.engine]}
          {latencyMs !== null && latencyMs !== undefined && `, ${rate(latencyMs, i18n.locale).replace(/\.0$/, '')} ms`}
        </dd>
        <dt>
          <Trans>Ledger</Trans>
        </dt>
        <dd className={ledger?.ok === false ? 'ref' : undefined}>
          {ledger === undefined || ledger.verifiedAt === null ? (
            <Trans>not verified yet</Trans>
          ) : ledger.ok === false ? (
            <Trans>does not verify</Trans>
          ) : (
            <Trans>
              verified <Ago at={ledger.verifiedAt} />
            </Trans>
          )}
        </dd>
      </dl>
    </div>
  )
}
