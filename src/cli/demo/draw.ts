/** Figures that people compare, drawn with characters: for a terminal over ssh. */

const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

export interface ChartOptions {
  /** Columns; values are summed up into as many. */
  width: number
  height: number
  /** Drawn as a line and named. */
  limit?: { value: number; label: string }
  /** Seconds that one value stands for. */
  stepS: number
  unit: string
}

/** A column chart from 0, highest value at the top left; each column is the greatest value of its share. */
export function chart(values: readonly number[], options: ChartOptions): string[] {
  const { width, height, limit, stepS, unit } = options
  const columns = compress(values, width)
  const top = Math.max(limit?.value ?? 0, ...columns, 1)
  const lines: string[] = []
  for (let row = height - 1; row >= 0; row--) {
    const floor = (top * row) / height
    const ceiling = (top * (row + 1)) / height
    const cells = columns.map((value) => eighths[Math.round(Math.min(1, Math.max(0, (value - floor) / (ceiling - floor))) * 8)] ?? ' ')
    const holdsLimit = limit !== undefined && limit.value > floor && limit.value <= ceiling
    const drawn = holdsLimit ? cells.map((cell) => (cell === ' ' ? '╌' : cell)) : cells
    const label = row === height - 1 ? Math.round(top).toString() : holdsLimit ? limit.value.toString() : ''
    lines.push(`${label.padStart(6)} ${drawn.join('')}${holdsLimit ? ` ${limit.label}` : ''}`)
  }
  const endS = values.length * stepS
  lines.push(`${'0'.padStart(6)} ${'0 s'.padEnd(Math.max(0, columns.length - `${endS} s`.length))}${endS} s   ${unit}`)
  return lines
}

/** Fewer columns than values: each column shows the greatest of its values. */
function compress(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values]
  return Array.from({ length: width }, (_, i) => {
    const from = Math.floor((i * values.length) / width)
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / width))
    return Math.max(...values.slice(from, to))
  })
}

/** One line: a bar of `width` cells, filled to `share` (0 to 1). */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`
}

/** Columns padded to their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string[] {
  const text = rows.map((row) =>
    row.map((cell) => (cell === null ? '–' : typeof cell === 'number' ? Number(cell.toFixed(1)).toString() : cell)),
  )
  const widths = head.map((title, i) => Math.max(title.length, ...text.map((row) => (row[i] ?? '').length)))
  const isNumber = head.map((_, i) => rows.every((row) => typeof row[i] !== 'string'))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumber[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), ...text.map(line)]
}
