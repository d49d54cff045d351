import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import { isRefusal, markOf } from '../../api/state.ts'
import type { Partner, SignalRow } from '../../api/types.ts'
import { useLiveState } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { cappedCount, count, fineMs, rate } from '../../logic/format.ts'
import { Button, Clock, VerdictTag } from '../../parts/basics.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { word } from '../../words/say.ts'
import { durationText } from '../../words/units.ts'
import { reasonWords } from '../../words/verdicts.ts'
import { Facets, VerdictStrip } from './facets.tsx'
import { useLiveRows } from './live-rows.ts'
import { SignalPane } from './pane.tsx'

export function SignallingPage() {
  const { t, i18n } = useLingui()
  const [search, setSearch] = useSearchParams()
  const filter = search.get('filter') ?? ''
  const openId = search.get('open')
  const [atTop, setAtTop] = useState(true)
  const { query, rows, waiting, release, isNew, count: total } = useLiveRows(filter, openId !== null || !atTop)
  const overview = useQuery(queries.overview(300)).data
  const columns = useColumns(search, openId === null)

  const setFilter = (value: string): void =>
    setSearch((now) => {
      if (value === '') now.delete('filter')
      else now.set('filter', value)
      now.delete('open')
      return now
    })
  const open = useCallback(
    (row: SignalRow | null) =>
      setSearch(
        (now) => {
          if (row === null) now.delete('open')
          else now.set('open', row.id)
          return now
        },
        { replace: true },
      ),
    [setSearch],
  )
  // What waited while a row was open comes in when it closes.
  const wasHeld = useRef(false)
  const held = openId !== null || !atTop
  useEffect(() => {
    if (wasHeld.current && !held) release()
    wasHeld.current = held
  }, [held, release])
  const more = useCallback(() => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
  }, [query.hasNextPage, query.isFetchingNextPage, query.fetchNextPage])

  const filterError = query.error !== null && 'code' in query.error && query.error.code === 'filter-invalid' ? query.error.message : null
  return (
    <Page title={t`Signalling`}>
      <div className={`sg${openId === null ? '' : ' with-pane'}`}>
        <div className="head">
          <h1 className="hidden-text">
            <Trans>Signalling</Trans>
          </h1>
          <FilterBar
            value={filter}
            onChange={setFilter}
            placeholder={t`op:ULR verdict:reject since:5m, or words`}
            count={total === undefined ? '' : <Trans>{cappedCount(total, i18n.locale)} messages</Trans>}
          />
          {filterError !== null && (
            <p className="filter-error ref" role="alert">
              {filterError}
            </p>
          )}
          <Facets filter={filter} onChange={setFilter} overview={overview} held={held} total={total} />
          {overview !== undefined && <VerdictStrip overview={overview} />}
        </div>
        {filterError !== null ? (
          <Blank title={<Trans>The filter cannot be read</Trans>} text={t`Nothing is shown rather than something else.`}>
            <Button onClick={() => setFilter('')}>
              <Trans>Show all messages</Trans>
            </Button>
          </Blank>
        ) : (
          <div className="list-box">
            <Loaded query={query} what={t`the messages`}>
              {() =>
                rows.length === 0 ? (
                  <NoRows filter={filter} clear={() => setFilter('')} />
                ) : (
                  <DataTable
                    label={t`Messages`}
                    columns={columns}
                    rows={rows}
                    rowId={(row) => row.id}
                    onOpen={open}
                    openId={openId}
                    isNew={isNew}
                    onEnd={more}
                    onTop={setAtTop}
                    banner={waiting > 0 && <Waiting n={waiting} release={release} />}
                  />
                )
              }
            </Loaded>
          </div>
        )}
        {openId !== null && <SignalPane id={openId} onClose={() => open(null)} />}
      </div>
    </Page>
  )
}

function Waiting({ n, release }: { n: number; release: () => void }) {
  const { i18n } = useLingui()
  const shown = count(n, i18n.locale)
  return (
    <button type="button" onClick={release}>
      <Plural value={n} one={`${shown} newer message`} other={`${shown} newer messages`} />
    </button>
  )
}

function NoRows({ filter, clear }: { filter: string; clear: () => void }) {
  const { t } = useLingui()
  const live = useLiveState()
  if (filter !== '') {
    return (
      <Blank title={<Trans>No message matches</Trans>} text={t`Messages that match will appear here as they come.`}>
        <Button primary onClick={clear}>
          <Trans>Show all messages</Trans>
        </Button>
      </Blank>
    )
  }
  return (
    <Blank
      title={<Trans>No message yet</Trans>}
      text={
        live.status === 'live'
          ? t`Every message that a peer sends stands here with its verdict. None has come: look at the peers.`
          : t`Not connected to the live stream.`
      }
    >
      <Link className="btn primary" to="/partners">
        <Trans>Open the peers</Trans>
      </Link>
    </Blank>
  )
}

/** The PLMN of who sent it, not the one that it claims. */
function plmnOf(row: SignalRow, partners: readonly Partner[]): string {
  const own = partners.find((partner) => partner.id === row.partnerId)?.plmns ?? []
  return own.find((plmn) => plmn === row.visitedPlmn) ?? own[0] ?? (row.reason === 'forged-network' ? '' : (row.visitedPlmn ?? ''))
}

function useColumns(search: URLSearchParams, roomy: boolean): readonly Column<SignalRow>[] {
  const { i18n } = useLingui()
  const partners = useQuery(queries.partners()).data?.items ?? []
  const here = (row: SignalRow): string => {
    const next = new URLSearchParams(search)
    next.set('open', row.id)
    return `?${next}`
  }
  return [
    {
      id: 'time',
      head: <Trans>Time</Trans>,
      width: 112,
      cell: (row) => (
        <Link className="mono" to={here(row)} replace>
          <Clock at={row.at} />
        </Link>
      ),
    },
    { id: 'op', head: <Trans>Op</Trans>, width: 48, cell: (row) => row.operation },
    { id: 'verdict', head: <Trans>Verdict</Trans>, width: 100, cell: (row) => <VerdictTag action={row.action} reason={row.reason} /> },
    { id: 'reason', head: <Trans>Reason</Trans>, wide: true, ...(roomy ? { width: 216 } : {}), cell: (row) => <ReasonCell row={row} /> },
    { id: 'imsi', head: 'IMSI', width: 120, cell: (row) => <span className="mono">{row.imsi ?? '–'}</span> },
    {
      id: 'from',
      head: <Trans>From</Trans>,
      width: 128,
      wide: true,
      cell: (row) => (
        <>
          {row.partnerName ?? row.originHost} <span className="mono dim3">{plmnOf(row, partners)}</span>
        </>
      ),
    },
    ...(roomy
      ? [
          {
            id: 'node',
            head: <Trans>Node</Trans>,
            wide: true,
            cell: (row: SignalRow) => (
              <span className="mono dim3" title={row.originHost}>
                {row.originHost}
              </span>
            ),
          },
        ]
      : []),
    {
      id: 'result',
      head: <Trans>Result</Trans>,
      width: 52,
      number: true,
      wide: true,
      cell: (row) => <span className="mono">{row.resultCode ?? ''}</span>,
    },
    {
      id: 'ms',
      head: 'ms',
      width: 64,
      number: true,
      wide: true,
      cell: (row) => <span className="dim">{fineMs(row.latencyMs, i18n.locale)}</span>,
    },
  ]
}

function ReasonCell({ row }: { row: SignalRow }) {
  const { i18n } = useLingui()
  if (row.action === 'allow' && row.shadow.length > 0) {
    const rule = row.shadow[0]?.ruleId ?? ''
    return (
      <span className="att">
        <Trans>would refuse: {rule}</Trans>
      </span>
    )
  }
  if (row.heldMs > 0) {
    const held = durationOf(i18n, row.heldMs)
    return (
      <span className="att">
        <Trans>held {held}</Trans>
      </span>
    )
  }
  if (row.reason === 'ok') return null
  const tone = isRefusal(row.action, row.reason) ? 'ref' : markOf(row.action, row.reason).tone
  return <span className={tone}>{word(i18n, reasonWords, row.reason)}</span>
}

function durationOf(i18n: Parameters<typeof durationText>[0], ms: number): string {
  if (ms < 100) return `${fineMs(ms, i18n.locale)} ms`
  return ms < 10_000 ? `${rate(ms / 1000, i18n.locale)} s` : durationText(i18n, ms)
}
