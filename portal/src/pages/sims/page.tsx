import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { SimRow } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { toggleValue, valuesOf, withValues } from '../../logic/filter.ts'
import { cappedCount, grouped } from '../../logic/format.ts'
import { Ago, Button } from '../../parts/basics.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { word } from '../../words/say.ts'
import { imposedWords, intendedWords } from '../../words/sims.ts'
import { classWords } from '../../words/verdicts.ts'

const sorts = ['imsi', '-imsi', '-lastSeen'] as const

export function SimsPage() {
  const { t, i18n } = useLingui()
  const [search, setSearch] = useSearchParams()
  const navigate = useNavigate()
  const filter = search.get('filter') ?? ''
  const sort = sorts.find((one) => one === search.get('sort')) ?? 'imsi'
  const query = useInfiniteQuery(queries.sims(filter, sort))
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  const total = query.data?.pages[0]?.count
  const set = (name: string, value: string): void =>
    setSearch((now) => {
      if (value === '') now.delete(name)
      else now.set(name, value)
      return now
    })
  const more = useCallback(() => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
  }, [query.hasNextPage, query.isFetchingNextPage, query.fetchNextPage])
  const filterError = query.error !== null && 'code' in query.error && query.error.code === 'filter-invalid' ? query.error.message : null
  return (
    <Page title={t`SIMs`}>
      <div className="sg">
        <div className="head">
          <h1 className="hidden-text">
            <Trans>SIMs</Trans>
          </h1>
          <FilterBar
            value={filter}
            onChange={(value) => set('filter', value)}
            placeholder={t`class:critical intended:active, or the first digits of a number`}
            count={total === undefined ? '' : <Trans>{cappedCount(total, i18n.locale)} SIMs</Trans>}
          />
          {filterError !== null && (
            <p className="filter-error ref" role="alert">
              {filterError}
            </p>
          )}
          <SimFacets filter={filter} onChange={(value) => set('filter', value)} />
        </div>
        <div className="list-box">
          <Loaded query={query} what={t`the SIMs`}>
            {() =>
              rows.length === 0 ? (
                <Blank
                  title={filter === '' ? <Trans>No SIM yet</Trans> : <Trans>No SIM matches</Trans>}
                  text={
                    filter === ''
                      ? t`SIMs of this installation stand here once a batch of cards is imported.`
                      : t`Another spelling, or fewer terms, may find it.`
                  }
                >
                  {filter !== '' && (
                    <Button primary onClick={() => set('filter', '')}>
                      <Trans>Show all SIMs</Trans>
                    </Button>
                  )}
                </Blank>
              ) : (
                <DataTable
                  label={t`SIMs`}
                  columns={columnsOf(i18n)}
                  rows={rows}
                  rowId={(row) => row.id}
                  onOpen={(row) => void navigate(`/sims/${encodeURIComponent(row.imsi)}`)}
                  sort={sort}
                  onSort={(value) => set('sort', value === 'imsi' ? '' : value)}
                  onEnd={more}
                />
              )
            }
          </Loaded>
        </div>
      </div>
    </Page>
  )
}

function SimFacets({ filter, onChange }: { filter: string; onChange: (filter: string) => void }) {
  const { t, i18n } = useLingui()
  const classes = valuesOf(filter, 'class')
  const intended = valuesOf(filter, 'intended')
  const stopped = valuesOf(filter, 'connects')
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row in every browser
    <div className="facets" role="group" aria-label={t`Facets`}>
      <button type="button" aria-pressed={filter === ''} onClick={() => onChange('')}>
        <Trans>All</Trans>
      </button>
      <button
        type="button"
        aria-pressed={stopped.includes('no')}
        onClick={() => onChange(withValues(filter, 'connects', stopped.includes('no') ? [] : ['no']))}
      >
        <Icon name="ref" tone="ref" size={12} />
        <Trans>cannot connect</Trans>
      </button>
      {['critical', 'standard', 'deferrable'].map((name) => (
        <button key={name} type="button" aria-pressed={classes.includes(name)} onClick={() => onChange(toggleValue(filter, 'class', name))}>
          <i className={`dot f-${name[0]}`} aria-hidden="true" />
          {word(i18n, classWords, name)}
        </button>
      ))}
      {['active', 'suspended'].map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={intended.includes(name)}
          onClick={() => onChange(toggleValue(filter, 'intended', name))}
        >
          {word(i18n, intendedWords, name)}
        </button>
      ))}
    </div>
  )
}

function columnsOf(i18n: ReturnType<typeof useLingui>['i18n']): readonly Column<SimRow>[] {
  return [
    {
      id: 'imsi',
      head: 'IMSI',
      width: 148,
      sort: { up: 'imsi', down: '-imsi' },
      cell: (row) => (
        <Link className="mono" to={`/sims/${encodeURIComponent(row.imsi)}`}>
          {row.imsi}
        </Link>
      ),
    },
    { id: 'connects', head: <Trans>Connects</Trans>, width: 148, cell: (row) => <Connects row={row} /> },
    { id: 'provider', head: <Trans>Provider</Trans>, wide: true, cell: (row) => row.provider.name },
    {
      id: 'class',
      head: <Trans>Class</Trans>,
      width: 88,
      wide: true,
      cell: (row) => <span className="dim">{word(i18n, classWords, row.class)}</span>,
    },
    {
      id: 'profile',
      head: <Trans>Profile</Trans>,
      width: 128,
      wide: true,
      cell: (row) => (
        <>
          {row.profile.name} <span className="dim3">v{row.profile.version}</span>
        </>
      ),
    },
    {
      id: 'network',
      head: <Trans>Network</Trans>,
      width: 144,
      wide: true,
      cell: (row) =>
        row.visitedPlmn === null ? (
          <span className="dim3">–</span>
        ) : (
          <>
            {row.partnerName} <span className="mono dim3">{row.visitedPlmn}</span>
          </>
        ),
    },
    {
      id: 'msisdn',
      head: 'MSISDN',
      width: 132,
      wide: true,
      cell: (row) => <span className="mono dim">{row.msisdn === null ? '–' : `+${grouped(row.msisdn.replace(/^\+/, ''), 3)}`}</span>,
    },
    {
      id: 'seen',
      head: <Trans>Last seen</Trans>,
      wide: true,
      width: 116,
      number: true,
      sort: { down: '-lastSeen' },
      cell: (row) =>
        row.lastSeenAt === null ? (
          <span className="dim3">
            <Trans>never</Trans>
          </span>
        ) : (
          <Ago at={row.lastSeenAt} />
        ),
    },
  ]
}

function Connects({ row }: { row: SimRow }) {
  const { i18n } = useLingui()
  const { effective } = row
  if (effective.canConnect) {
    return (
      <span className="v allow">
        <Icon name="ok" size={12} />
        <Trans context="can connect">yes</Trans>
      </span>
    )
  }
  return (
    <span className={`v ${effective.because === 'inventory' ? 'none' : 'refuse'}`}>
      <Icon name={effective.because === 'inventory' ? 'unk' : 'ref'} size={12} />
      {word(i18n, { ...intendedWords, ...imposedWords }, effective.because)}
    </span>
  )
}
