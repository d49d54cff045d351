import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, NavLink } from 'react-router'
import { queries } from '../api/queries.ts'
import type { Overview, Permission, Session } from '../api/types.ts'
import { cappedCount, count, rate } from '../logic/format.ts'
import { Ago } from '../parts/basics.tsx'
import { Brand, Icon, type IconName } from '../parts/icon.tsx'

export interface Entry {
  /** As the function's `navigation` names it. */
  id: string
  to: string
  icon: IconName
  label: MessageDescriptor
  needs: Permission
  /** Pressed after `g`, it leads here. */
  go?: string
}

interface Section {
  id: string
  heading: MessageDescriptor | null
  entries: readonly Entry[]
}

/** Every page that stands in the navigation, in sections; one is shown where its function runs and the reader may see it. */
const sections: readonly Section[] = [
  {
    id: 'network',
    heading: msg`Network`,
    entries: [
      { id: 'overview', to: '/', icon: 'gauge', label: msg`Overview`, needs: 'overview:read', go: 'o' },
      { id: 'signalling', to: '/signalling', icon: 'sig', label: msg`Signalling`, needs: 'signals:read', go: 'g' },
      { id: 'partners', to: '/partners', icon: 'net', label: msg`Partners`, needs: 'network:read', go: 'n' },
    ],
  },
  {
    id: 'subscriptions',
    heading: msg`Subscriptions`,
    entries: [
      { id: 'sims', to: '/sims', icon: 'sim', label: msg`SIMs`, needs: 'sims:read', go: 's' },
      { id: 'profiles', to: '/profiles', icon: 'profiles', label: msg`Profiles`, needs: 'profiles:read', go: 'p' },
      { id: 'plans', to: '/plans', icon: 'plans', label: msg`Plans and usage`, needs: 'plans:read', go: 'u' },
      { id: 'jobs', to: '/jobs', icon: 'jobs', label: msg`Jobs`, needs: 'jobs:read', go: 'j' },
      { id: 'groups', to: '/groups', icon: 'groups', label: msg`Groups`, needs: 'sims:read' },
    ],
  },
  {
    id: 'security',
    heading: msg`Security`,
    entries: [
      { id: 'health', to: '/health', icon: 'health', label: msg`Health`, needs: 'health:read', go: 'h' },
      { id: 'alarms', to: '/alarms', icon: 'bell', label: msg`Alarms`, needs: 'alarms:read', go: 'a' },
      { id: 'approvals', to: '/approvals', icon: 'approvals', label: msg`Approvals`, needs: 'approvals:read' },
      { id: 'controls', to: '/controls', icon: 'check', label: msg`Controls`, needs: 'controls:read', go: 'c' },
      { id: 'audit', to: '/audit', icon: 'audit', label: msg`Audit`, needs: 'audit:read', go: 'l' },
    ],
  },
  {
    id: 'administration',
    heading: msg`Administration`,
    entries: [
      { id: 'organisations', to: '/organisations', icon: 'organisations', label: msg`Organisations`, needs: 'organisations:read' },
      { id: 'people', to: '/people', icon: 'people', label: msg`People`, needs: 'people:read' },
      { id: 'developers', to: '/developers', icon: 'code', label: msg`API and webhooks`, needs: 'clients:read' },
      { id: 'sign-ons', to: '/sign-ons', icon: 'key', label: msg`Single sign-on`, needs: 'people:read' },
    ],
  },
  {
    id: 'demo',
    heading: null,
    entries: [{ id: 'demo', to: '/demo', icon: 'play', label: msg`Demo`, needs: 'demo:run', go: 'd' }],
  },
]

/** The sections as this reader sees them: empty ones are left out. */
export function sectionsFor(session: Session): readonly Section[] {
  const runs = new Set(session.navigation.map(({ id }) => id))
  const isThere = ({ id, needs }: Entry): boolean =>
    session.permissions.includes(needs) && (id === 'demo' ? session.mode === 'demo' : id === 'overview' || runs.size === 0 || runs.has(id))
  return sections.map((section) => ({ ...section, entries: section.entries.filter(isThere) })).filter(({ entries }) => entries.length > 0)
}

/** Where a reader begins who may not see the overview. */
export function firstPage(session: Session): string | undefined {
  const entries = sectionsFor(session).flatMap((section) => section.entries)
  return (entries.find(({ id }) => id === 'overview' || id === 'health') ?? entries[0])?.to
}

/** Pages in sections, with a count only where it is useful; at the foot what this installation is. */
export function Navigation({ session }: { session: Session }) {
  const { t, i18n } = useLingui()
  const may = (permission: Permission): boolean => session.permissions.includes(permission)
  const overview = useQuery({ ...queries.overview(300), enabled: may('overview:read') }).data
  const badges = useBadges(overview, may)
  return (
    <nav className="nav" aria-label={t`Main`}>
      <Link className="brand" to="/">
        <Brand />
        Simward
      </Link>
      <div className="scope">
        <span>{session.installation.name}</span>
        <small>
          {session.installation.plmn}, <Side session={session} />
        </small>
      </div>
      {sectionsFor(session).map(({ id, heading, entries }) => (
        <div key={id} className="nav-section">
          {heading !== null && <p id={`nav-${id}`}>{i18n._(heading)}</p>}
          <ul aria-labelledby={heading === null ? undefined : `nav-${id}`}>
            {entries.map((entry) => (
              <li key={entry.id}>
                <NavLink to={entry.to} end={entry.to === '/'}>
                  <Icon name={entry.icon} />
                  {i18n._(entry.label)}
                  {badges[entry.id]}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <InstallationFacts session={session} overview={overview} />
    </nav>
  )
}

/** On whose side of the contract the reader stands. */
function Side({ session }: { session: Session }) {
  if (session.mode === 'demo') return <Trans>demo</Trans>
  const providerId = session.person?.providerId ?? null
  return providerId === null ? <Trans>operator</Trans> : <Trans>provider</Trans>
}

/** Counts beside the entries, by the entry's id. */
function useBadges(overview: Overview | undefined, may: (permission: Permission) => boolean): Readonly<Record<string, ReactNode>> {
  const { i18n } = useLingui()
  const { locale } = i18n
  const sims = useQuery({ ...queries.simCount(), enabled: may('sims:read') }).data
  const waiting = useQuery({ ...queries.approvalsWaiting(), enabled: may('approvals:read') }).data
  const raised = overview?.alarms.filter((alarm) => alarm.state !== 'cleared').length ?? 0
  return {
    sims: sims && <span className="n">{cappedCount(sims, locale)}</span>,
    partners: overview && <span className="n">{count(overview.partners.length, locale)}</span>,
    approvals: waiting !== undefined && waiting.value > 0 && <span className="n att">{cappedCount(waiting, locale)}</span>,
    alarms: raised > 0 && <AlarmBadge raised={raised} />,
  }
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
