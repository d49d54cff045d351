import type { ReactNode } from 'react'

/** A column of a short table. */
export interface SmallColumn<Row> {
  id: string
  head: ReactNode
  number?: boolean
  /** Class of the column's width, `w72`; without one it takes what is left. */
  width?: string
  cell: (row: Row) => ReactNode
}

/** A table of few rows, all of them in the page; it scrolls sideways where the screen is narrow. */
export function SmallTable<Row>({
  label,
  columns,
  rows,
  rowId,
  foot,
}: {
  label: string
  columns: readonly SmallColumn<Row>[]
  rows: readonly Row[]
  rowId: (row: Row) => string
  foot?: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x" tabIndex={0} aria-label={label}>
      <table className={`tbl${columns.length > 5 ? ' many' : columns.length > 3 ? ' some' : ''}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} className={`${column.number ? 'num ' : ''}${column.width ?? ''}`}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowId(row)}>
              {columns.map((column) => (
                <td key={column.id} className={column.number ? 'num' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {foot}
    </section>
  )
}
