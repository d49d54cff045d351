import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { SeenDevice } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { Ago, Answer, Choice } from '../../parts/basics.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { gradeWords, radioWords } from '../../words/health.ts'
import { word } from '../../words/say.ts'

/** Which device, card and network were last seen together with each IMSI, and how sure each of them is. */
export function DevicesPage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const weak = search.get('weak') === 'yes'
  const provider = search.get('provider')
  const query = useInfiniteQuery(queries.seenDevices(provider, weak))
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  const columns = useColumns()
  const { fetchNextPage, hasNextPage, isFetching } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [fetchNextPage, hasNextPage, isFetching])
  const parent = { title: t`Health`, to: provider === null ? '/health' : `/health?provider=${encodeURIComponent(provider)}` }
  return (
    <Page title={t`Observed devices`} parent={parent}>
      <Answer
        state={rows.length === 0 ? 'unknown' : weak ? 'attention' : 'ok'}
        title={weak ? t`Devices on radio with weak protection` : t`Devices as last observed`}
        text={
          <Trans>
            Each part says how sure it is: an IMSI proves itself with the key of its card, a network by its link; an IMEI is what the device
            says, unless the SIM is bound to it.
          </Trans>
        }
      >
        <Choice
          label={t`Shown`}
          value={weak ? 'weak' : 'all'}
          onChange={(value) =>
            setSearch((now) => {
              if (value === 'weak') now.set('weak', 'yes')
              else now.delete('weak')
              return now
            })
          }
          options={[
            { value: 'all', label: t`All` },
            { value: 'weak', label: t`Weak radio` },
          ]}
        />
      </Answer>
      <Loaded query={query} what={t`the observed devices`}>
        {() =>
          rows.length === 0 ? (
            <Blank
              title={weak ? <Trans>No device used weak radio</Trans> : <Trans>No device was observed yet</Trans>}
              text={t`A device stands here from its first registration on.`}
            />
          ) : (
            <DataTable label={t`Observed devices`} columns={columns} rows={rows} rowId={(row) => row.imsi} onEnd={more} />
          )
        }
      </Loaded>
    </Page>
  )
}

function useColumns(): readonly Column<SeenDevice>[] {
  const { i18n } = useLingui()
  return [
    {
      id: 'imsi',
      head: 'IMSI',
      width: 200,
      cell: (row) => (
        <span className="with-icon">
          <Grade grade={row.assurance.imsi} />
          <Link className="mono" to={`/sims/${row.imsi}`}>
            {row.imsi}
          </Link>
        </span>
      ),
    },
    {
      id: 'imei',
      head: 'IMEI',
      width: 220,
      cell: (row) => (
        <span className="with-icon">
          <Grade grade={row.assurance.imei} />
          <span className="mono">{row.imei ?? '–'}</span>
          {row.softwareVersion !== null && <small className="dim">SV {row.softwareVersion}</small>}
        </span>
      ),
    },
    {
      id: 'network',
      head: <Trans>Network</Trans>,
      cell: (row) => (
        <span className="with-icon">
          <Grade grade={row.assurance.network} />
          {row.networkName} <span className="mono dim">{row.visitedPlmn}</span>
        </span>
      ),
    },
    {
      id: 'radio',
      head: <Trans>Radio</Trans>,
      width: 120,
      wide: true,
      cell: (row) => (row.ratType === null ? '–' : word(i18n, radioWords, String(row.ratType))),
    },
    {
      id: 'eid',
      head: 'EID',
      width: 300,
      wide: true,
      cell: (row) => (
        <span className="with-icon">
          <Grade grade={row.assurance.eid} />
          <span className="mono">{row.eid ?? '–'}</span>
        </span>
      ),
    },
    { id: 'seen', head: <Trans>Seen</Trans>, width: 120, number: true, wide: true, cell: (row) => <Ago at={row.seenAt} /> },
  ]
}

const marks = { proven: ['ok', 'ok'], 'on-record': ['check', 'dim3'], claimed: ['chal', 'att'], absent: ['unk', 'unk'] } as const

/** How sure it is, by shape and word. */
function Grade({ grade }: { grade: SeenDevice['assurance']['imsi'] }) {
  const { i18n } = useLingui()
  const [icon, tone] = marks[grade]
  return <Icon name={icon} size={12} tone={tone} label={word(i18n, gradeWords, grade)} />
}
