import { Trans, useLingui } from '@lingui/react/macro'
import { Menu } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Count, SimRow } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { toggleValue, valuesOf, withValues } from '../../logic/filter.ts'
import { cappedCount } from '../../logic/format.ts'
import { isChosen, nothing, type Selection, toggled } from '../../logic/selection.ts'
import { Button } from '../../parts/basics.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { word } from '../../words/say.ts'
import { intendedWords } from '../../words/sims.ts'
import { classWords } from '../../words/verdicts.ts'
import { BulkBar, SelectHead } from './bulk.tsx'
import { columnsOf, usualColumns } from './columns.tsx'
import { useListKeys } from './keys.tsx'
import { Views } from './views.tsx'

const sorts = ['imsi', '-imsi', '-lastSeen'] as const

export function SimsPage() {
  const { t, i18n } = useLingui()
  const [search, setSearch] = useSearchParams()
  const filter = search.get('filter') ?? ''
  const sort = sorts.find((one) => one === search.get('sort')) ?? 'imsi'
  const query = useInfiniteQuery(queries.sims(filter, sort))
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
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
            placeholder={t`class:critical group:north held:yes, a label, or the first digits of a number`}
            count={total === undefined ? '' : <Trans>{cappedCount(total, i18n.locale)} SIMs</Trans>}
          />
          {filterError !== null && (
            <p className="filter-error ref" role="alert">
              {filterError}
            </p>
          )}
          <div className="sim-tools">
            <SimFacets filter={filter} onChange={(value) => set('filter', value)} />
            <Look search={search} set={set} />
          </div>
        </div>
        <div className="list-box">
          <Loaded query={query} what={t`the SIMs`}>
            {() =>
              rows.length === 0 ? (
                <NoSim filter={filter} onAll={() => set('filter', '')} />
              ) : (
                // Another filter is another list: what was chosen of the former one is not of this.
                <SimTable key={filter} rows={rows} total={total} filter={filter} sort={sort} search={search} set={set} onEnd={more} />
              )
            }
          </Loaded>
        </div>
      </div>
    </Page>
  )
}

function NoSim({ filter, onAll }: { filter: string; onAll: () => void }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const isOperator = useMay('organisations:read')
  const mayImport = useMay('jobs:write') && isOperator
  const because = mayImport ? null : t`The operator imports cards; ask there.`
  return (
    <Blank
      title={filter === '' ? <Trans>No SIM yet</Trans> : <Trans>No SIM matches</Trans>}
      text={
        filter === ''
          ? t`SIMs stand here once a batch of cards is imported, by a job: its file names IMSI, ICCID and keys, and a template is offered there.`
          : t`Another spelling, or fewer terms, may find it.`
      }
    >
      {filter === '' ? (
        <Button primary because={because} onClick={() => void navigate('/jobs/new?kind=import')}>
          <Trans>Import SIMs…</Trans>
        </Button>
      ) : (
        <Button primary onClick={onAll}>
          <Trans>Show all SIMs</Trans>
        </Button>
      )}
    </Blank>
  )
}

type SetSearch = (name: string, value: string) => void

interface TableProps {
  rows: readonly SimRow[]
  total: Count | undefined
  filter: string
  sort: string
  search: URLSearchParams
  set: SetSearch
  onEnd: () => void
}

function SimTable({ rows, total, filter, sort, search, set, onEnd }: TableProps) {
  const { t, i18n } = useLingui()
  const navigate = useNavigate()
  const [selection, setSelection] = useState<Selection>(nothing)
  const [current, setCurrent] = useState<string | null>(null)
  const loaded = useMemo(() => rows.map(({ id }) => id), [rows])
  const open = useCallback((row: SimRow) => void navigate(`/sims/${encodeURIComponent(row.imsi)}`), [navigate])
  const toggle = useCallback((id: string) => setSelection((now) => toggled(now, id, loaded)), [loaded])
  const keys = useMemo(
    () => ({
      move: (by: 1 | -1) => {
        const at = current === null ? -1 : loaded.indexOf(current)
        setCurrent(loaded[Math.max(0, Math.min(loaded.length - 1, at + by))] ?? null)
      },
      select: () => current !== null && toggle(current),
      open: () => {
        const row = rows.find(({ id }) => id === current)
        if (row !== undefined) open(row)
      },
    }),
    [current, loaded, rows, open, toggle],
  )
  useListKeys(keys)
  const shown = shownColumns(search)
  const picking: Column<SimRow> = {
    id: 'pick',
    head: <SelectHead selection={selection} onSelect={setSelection} loaded={loaded} total={total} />,
    width: 72,
    cell: (row) => (
      <input type="checkbox" aria-label={t`Select ${row.imsi}`} checked={isChosen(selection, row.id)} onChange={() => toggle(row.id)} />
    ),
  }
  return (
    <>
      <DataTable
        label={t`SIMs`}
        columns={[picking, ...columnsOf(i18n).filter(({ id }) => shown.has(id))]}
        rows={rows}
        rowId={(row) => row.id}
        onOpen={open}
        currentId={current}
        roomy={search.get('density') === 'roomy'}
        sort={sort}
        onSort={(value) => set('sort', value === 'imsi' ? '' : value)}
        onEnd={onEnd}
      />
      <BulkBar selection={selection} onSelect={setSelection} loaded={loaded} total={total} filter={filter} />
    </>
  )
}

/** The first column is what a row is known by: it always stands. */
function shownColumns(search: URLSearchParams): ReadonlySet<string> {
  const named = search.get('columns')
  return new Set(['imsi', ...(named === null ? usualColumns : named.split(','))])
}

/** Views, columns and density: all of it in the address. */
function Look({ search, set }: { search: URLSearchParams; set: SetSearch }) {
  const { t, i18n } = useLingui()
  const shown = shownColumns(search)
  const isRoomy = search.get('density') === 'roomy'
  const show = (id: string): void => {
    const next = columnsOf(i18n)
      .map((column) => column.id)
      .filter((one) => one !== 'imsi' && (one === id ? !shown.has(one) : shown.has(one)))
    const isUsual = next.length + 1 === usualColumns.length && usualColumns.every((one) => one === 'imsi' || next.includes(one))
    set('columns', isUsual ? '' : next.join(','))
  }
  return (
    <div className="look">
      <Views />
      <Menu classNames={{ dropdown: 'pop' }} position="bottom-end" width={200}>
        <Menu.Target>
          <button type="button" className="tool" aria-label={t`Columns and density`}>
            <Trans>Columns</Trans>
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {columnsOf(i18n)
            .filter(({ id }) => id !== 'imsi')
            .map(({ id, head }) => (
              <Menu.CheckboxItem key={id} checked={shown.has(id)} onChange={() => show(id)}>
                {head}
              </Menu.CheckboxItem>
            ))}
          <Menu.Divider />
          <Menu.CheckboxItem checked={isRoomy} onChange={() => set('density', isRoomy ? '' : 'roomy')}>
            <Trans>More room for each row</Trans>
          </Menu.CheckboxItem>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

function SimFacets({ filter, onChange }: { filter: string; onChange: (filter: string) => void }) {
  const { t, i18n } = useLingui()
  const classes = valuesOf(filter, 'class')
  const intended = valuesOf(filter, 'intended')
  const stopped = valuesOf(filter, 'connects')
  const held = valuesOf(filter, 'held')
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
      <button
        type="button"
        aria-pressed={held.includes('yes')}
        onClick={() => onChange(withValues(filter, 'held', held.includes('yes') ? [] : ['yes']))}
      >
        <Icon name="hold" tone="att" size={12} />
        <Trans>waits for a person</Trans>
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
