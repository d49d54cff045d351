import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { peopleQueries } from '../../api/people-queries.ts'
import type { Count, ProviderRow, State } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { valuesOf, withValues } from '../../logic/filter.ts'
import { cappedCount, dayOf } from '../../logic/format.ts'
import { Answer, Button, StateIcon } from '../../parts/basics.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { FilterFault } from '../people/page.tsx'
import { CreateDialog } from './dialogs.tsx'
import { useOrganisationLock } from './lock.ts'

/** What is out of order goes first: kept out, or not yet known in law. */
export function organisationState({ suspended, verified }: Pick<ProviderRow, 'suspended' | 'verified'>): State {
  return suspended !== null ? 'refused' : verified === null ? 'attention' : 'ok'
}

/** The customers of the operator: who they are, what was agreed, what they have here. */
export function OrganisationsPage() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [search, setSearch] = useSearchParams()
  const [creating, setCreating] = useState(false)
  const lock = useOrganisationLock()
  const filter = search.get('filter') ?? ''
  const setFilter = (value: string): void => setSearch(value === '' ? {} : { filter: value })
  const query = useInfiniteQuery(peopleQueries.providers(filter))
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  const total = query.data?.pages[0]?.count
  const create = (
    <Button primary because={lock} onClick={() => setCreating(true)}>
      <Trans>New organisation…</Trans>
    </Button>
  )
  return (
    <Page title={t`Organisations`}>
      <OrganisationsAnswer>
        <div className="btns">{create}</div>
      </OrganisationsAnswer>
      <div className="list-head">
        <FilterBar
          value={filter}
          onChange={setFilter}
          placeholder={t`verified:no country:DE, or a part of a name`}
          count={total === undefined ? '' : <Total total={total} />}
        />
        <FilterFault error={query.error} />
        <Facets filter={filter} onChange={setFilter} />
      </div>
      <Loaded query={query} what={t`the organisations`}>
        {() =>
          rows.length === 0 ? (
            <NoOrganisation filtered={filter !== ''} create={create} onAll={() => setFilter('')} />
          ) : (
            <>
              <OrganisationTable rows={rows} />
              {query.hasNextPage && (
                <div className="more">
                  <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    <Trans>Show more</Trans>
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
      {creating && <CreateDialog onMade={(id) => void navigate(`/organisations/${id}`)} onClose={() => setCreating(false)} />}
    </Page>
  )
}

function Total({ total }: { total: Count }) {
  const { i18n } = useLingui()
  return <Trans>{cappedCount(total, i18n.locale)} organisations</Trans>
}

/** On a new installation: the three steps that lead to SIMs on the network. */
function NoOrganisation({ filtered, create, onAll }: { filtered: boolean; create: React.ReactNode; onAll: () => void }) {
  const { t } = useLingui()
  if (filtered) {
    return (
      <Blank title={<Trans>No organisation matches</Trans>} text={t`Another spelling, or fewer terms, may find it.`}>
        <Button primary onClick={onAll}>
          <Trans>Show all</Trans>
        </Button>
      </Blank>
    )
  }
  return (
    <Blank
      title={<Trans>No organisation yet</Trans>}
      text={t`Take on the first provider; then invite its administrator on its page, and import its SIMs by a job.`}
    >
      {create}
    </Blank>
  )
}

function OrganisationsAnswer({ children }: { children: React.ReactNode }) {
  const { t, i18n } = useLingui()
  const all = useQuery(peopleQueries.providerCount('')).data
  const open = useQuery(peopleQueries.providerCount('verified:no')).data
  const unsigned = useQuery(peopleQueries.providerCount('agreement:no')).data
  if (all === undefined || open === undefined || unsigned === undefined) return null
  const [total, unverified] = [all, open].map((one) => cappedCount(one, i18n.locale))
  const without = plural(unsigned.value, {
    one: '# organisation has no data-processing agreement on record.',
    other: '# organisations have no data-processing agreement on record.',
  })
  const title =
    all.value === 0
      ? t`Nobody has SIMs here yet`
      : open.value === 0
        ? t`${total} organisations; the legal identity of each was verified`
        : t`${total} organisations; the legal identity of ${unverified} was not verified`
  return (
    <Answer
      state={all.value === 0 ? 'unknown' : open.value === 0 ? 'ok' : 'attention'}
      title={title}
      text={unsigned.value === 0 ? <Trans>Every SIM belongs to exactly one organisation.</Trans> : without}
    >
      {children}
    </Answer>
  )
}

function Facets({ filter, onChange }: { filter: string; onChange: (filter: string) => void }) {
  const { t } = useLingui()
  const flag = (field: string, value: string, label: React.ReactNode) => {
    const isOn = valuesOf(filter, field).includes(value)
    return (
      <button type="button" aria-pressed={isOn} onClick={() => onChange(withValues(filter, field, isOn ? [] : [value]))}>
        {label}
      </button>
    )
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row in every browser
    <div className="facets" role="group" aria-label={t`Facets`}>
      <button type="button" aria-pressed={filter === ''} onClick={() => onChange('')}>
        <Trans>All</Trans>
      </button>
      {flag('verified', 'no', <Trans>not verified</Trans>)}
      {flag('agreement', 'no', <Trans>without agreement</Trans>)}
      {flag('suspended', 'yes', <Trans>kept out</Trans>)}
    </div>
  )
}

function OrganisationTable({ rows }: { rows: readonly ProviderRow[] }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x gutter" tabIndex={0} aria-label={t`Organisations`}>
      <table className="tbl wide-table">
        <thead>
          <tr>
            <td className="w20" />
            <th>
              <Trans>Name</Trans>
            </th>
            <th>
              <Trans>In law</Trans>
            </th>
            <th>
              <Trans>Verified</Trans>
            </th>
            <th>
              <Trans>Agreement</Trans>
            </th>
            <th className="num">
              <Trans>SIMs</Trans>
            </th>
            <th className="num">
              <Trans>People</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="ic">
                <StateIcon state={organisationState(row)} />
              </td>
              <td>
                <Link className="strong" to={`/organisations/${row.id}`}>
                  {row.name}
                </Link>{' '}
                {row.suspended !== null && (
                  <span className="ref">
                    <Trans>kept out</Trans>
                  </span>
                )}
              </td>
              <td>
                {row.legal === null ? (
                  <span className="att">
                    <Trans>not on record</Trans>
                  </span>
                ) : (
                  <>
                    {row.legal.name}{' '}
                    <span className="dim3">
                      {row.legal.country} {row.legal.registrationNumber}
                    </span>
                  </>
                )}
              </td>
              <td>
                {row.verified === null ? (
                  <span className="att">
                    <Trans>not verified</Trans>
                  </span>
                ) : (
                  <span className="dim">{dayOf(row.verified.at, locale)}</span>
                )}
              </td>
              <td className="dim">{row.agreement === null ? '–' : row.agreement.reference}</td>
              <td className="num">{cappedCount(row.sims, locale)}</td>
              <td className="num">{cappedCount(row.people, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
