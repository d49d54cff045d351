import type { I18n } from '@lingui/core'
import { Trans } from '@lingui/react/macro'
import { Link } from 'react-router'
import type { SimRow } from '../../api/types.ts'
import { grouped } from '../../logic/format.ts'
import { Ago } from '../../parts/basics.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Icon } from '../../parts/icon.tsx'
import { word } from '../../words/say.ts'
import { imposedWords, intendedWords } from '../../words/sims.ts'
import { classWords } from '../../words/verdicts.ts'

/** Shown where the address says nothing else. */
export const usualColumns = ['imsi', 'connects', 'label', 'provider', 'class', 'profile', 'network', 'seen'] as const

/** Every column that the list can show, in their order; which are shown stands in the address. */
export function columnsOf(i18n: I18n): readonly Column<SimRow>[] {
  const none = <span className="dim3">–</span>
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
    { id: 'connects', head: <Trans>Connects</Trans>, width: 148, cell: (row) => <Connects row={row} i18n={i18n} /> },
    { id: 'label', head: <Trans>Label</Trans>, wide: true, cell: (row) => row.label ?? none },
    { id: 'group', head: <Trans>Group</Trans>, width: 144, wide: true, cell: (row) => row.group?.name ?? none },
    { id: 'provider', head: <Trans>Provider</Trans>, wide: true, cell: (row) => row.provider.name },
    {
      id: 'class',
      head: <Trans>Class</Trans>,
      width: 88,
      wide: true,
      cell: (row) => <span className="dim">{word(i18n, classWords, row.class)}</span>,
    },
    { id: 'intended', head: <Trans>Intended</Trans>, width: 96, wide: true, cell: (row) => word(i18n, intendedWords, row.intended) },
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
          none
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
    { id: 'iccid', head: 'ICCID', width: 160, wide: true, cell: (row) => <span className="mono dim">{row.iccid}</span> },
    {
      id: 'imei',
      head: 'IMEI',
      width: 124,
      wide: true,
      cell: (row) => (row.imei === null ? none : <span className="mono dim">{row.imei}</span>),
    },
    {
      id: 'lock',
      head: <Trans>IMEI lock</Trans>,
      width: 124,
      wide: true,
      cell: (row) => (row.lockedImei === null ? none : <span className="mono dim">{row.lockedImei}</span>),
    },
    { id: 'use', head: <Trans>Card</Trans>, width: 80, wide: true, cell: (row) => (row.use === 'iot' ? 'IoT' : <Trans>handset</Trans>) },
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

function Connects({ row, i18n }: { row: SimRow; i18n: I18n }) {
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
