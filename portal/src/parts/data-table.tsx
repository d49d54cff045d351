import { useLingui } from '@lingui/react/macro'
import { useMediaQuery } from '@mantine/hooks'
import { type ColumnDef, type RowData, tableFeatures, useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from 'react'

const features = tableFeatures({})

/** How a column of ours is described: what it says, how wide, and how it reads on a narrow screen. */
export interface Column<Row> {
  id: string
  head: ReactNode
  /** Pixels; absent takes what is left. */
  width?: number
  number?: boolean
  /** Dropped where the screen is narrow. */
  wide?: boolean
  /** The value by which the server can sort, ascending and descending. */
  sort?: { up?: string; down: string }
  cell: (row: Row) => ReactNode
}

interface Props<Row extends RowData> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowId: (row: Row) => string
  onOpen?: (row: Row) => void
  openId?: string | null
  /** Where the keyboard is: kept in sight. */
  currentId?: string | null
  /** Higher rows. */
  roomy?: boolean
  isNew?: (row: Row) => boolean
  rowTone?: (row: Row) => string | undefined
  sort?: string
  onSort?: (sort: string) => void
  /** Stands above the rows, across all columns: "41 newer messages". */
  banner?: ReactNode
  onEnd?: () => void
  onTop?: (atTop: boolean) => void
  foot?: ReactNode
}

/** As `.list.roomy` has it. */
const roomyPx = 12

function rowHeight(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 28
}

/** A long table: only the rows in sight are in the page; it asks for more near its end. Arrow keys move the open row. */
export function DataTable<Row extends RowData>(props: Props<Row>) {
  const { label, rows, rowId, onOpen, openId, currentId, roomy = false, isNew, rowTone, banner, onEnd, onTop, foot } = props
  // A narrow screen keeps the columns that answer and drops the others.
  const isNarrow = useMediaQuery('(max-width: 720px)', undefined, { getInitialValueInEffect: false }) ?? false
  const columns = props.columns.filter((column) => !(isNarrow && column.wide === true))
  const scroller = useRef<HTMLDivElement>(null)
  const defs: ColumnDef<typeof features, Row>[] = columns.map((column) => ({ id: column.id }))
  const table = useTable({ features, columns: defs, data: rows as Row[], getRowId: rowId })
  const model = table.getRowModel().rows
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight() + (roomy ? roomyPx : 0),
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const lastIndex = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (onEnd !== undefined && lastIndex >= rows.length - 20) onEnd()
  }, [lastIndex, rows.length, onEnd])

  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are measured anew when the density changes, and only then
  useEffect(() => virtual.measure(), [roomy])
  const currentIndex = currentId == null ? -1 : rows.findIndex((row) => rowId(row) === currentId)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualizer is a new object at each render
  useEffect(() => {
    if (currentIndex >= 0) virtual.scrollToIndex(currentIndex)
  }, [currentIndex])

  const move = (event: KeyboardEvent): void => {
    if (onOpen === undefined || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return
    const now = rows.findIndex((row) => rowId(row) === openId)
    const index = now < 0 ? 0 : now + (event.key === 'ArrowDown' ? 1 : -1)
    const next = rows[index]
    if (next === undefined) return
    event.preventDefault()
    onOpen(next)
    virtual.scrollToIndex(index)
  }
  return (
    <section
      className={roomy ? 'list roomy' : 'list'}
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      aria-label={label}
      onKeyDown={move}
      onScroll={(event) => onTop?.(event.currentTarget.scrollTop < 4)}
    >
      <table className="rows" aria-rowcount={rows.length}>
        <colgroup>
          {columns.map((column) => (
            <col
              key={column.id}
              className={column.wide ? 'wide' : undefined}
              style={column.width === undefined ? undefined : { width: column.width }}
            />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {banner !== undefined && banner !== null && banner !== false && (
            <tr className="new">
              <td colSpan={columns.length}>{banner}</td>
            </tr>
          )}
          {before > 0 && <Gap height={before} span={columns.length} />}
          {items.map((item) => {
            const row = model[item.index]
            return row === undefined ? null : (
              <BodyRow
                key={row.id}
                row={row.original}
                columns={columns}
                open={row.id === openId}
                current={row.id === currentId}
                fresh={isNew?.(row.original) ?? false}
                tone={rowTone?.(row.original)}
                onOpen={onOpen}
              />
            )
          })}
          {after > 0 && <Gap height={after} span={columns.length} />}
        </tbody>
      </table>
      {foot}
    </section>
  )
}

function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr className="gap">
      <td colSpan={span} style={{ height }} />
    </tr>
  )
}

function Head<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}) {
  const { t } = useLingui()
  const className = column.number ? 'num' : undefined
  if (column.sort === undefined || onSort === undefined) return <th className={className}>{column.head}</th>
  const { up, down } = column.sort
  const now = sort === up ? 'ascending' : sort === down ? 'descending' : 'none'
  return (
    <th className={className} aria-sort={now}>
      <button
        type="button"
        className="sort"
        title={t`Sort`}
        onClick={() => onSort(now === 'descending' && up !== undefined ? up : now === 'ascending' ? down : (up ?? down))}
      >
        {column.head}
        <span aria-hidden="true">{now === 'ascending' ? ' ↑' : now === 'descending' ? ' ↓' : ''}</span>
      </button>
    </th>
  )
}

function BodyRow<Row>({
  row,
  columns,
  open,
  current,
  fresh,
  tone,
  onOpen,
}: {
  row: Row
  columns: readonly Column<Row>[]
  open: boolean
  current: boolean
  fresh: boolean
  tone: string | undefined
  onOpen: ((row: Row) => void) | undefined
}) {
  // A click anywhere opens the row; a keyboard gets there by the link in its first cell.
  const click = (event: MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest('a,button,input') !== null) return
    onOpen?.(row)
  }
  return (
    <tr
      aria-selected={open || undefined}
      className={`${fresh ? 'fresh' : ''} ${current ? 'current' : ''} ${tone ?? ''} ${onOpen === undefined ? '' : 'can-open'}`}
      onClick={onOpen === undefined ? undefined : click}
    >
      {columns.map((column) => (
        <td key={column.id} className={column.number ? 'num' : undefined}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}
