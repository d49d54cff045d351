/** Figures that people compare, drawn with characters: for a terminal over ssh. */

const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

export interface ChartOptions {
  /** Columns; values are summed up into as many. */
  width: number
  height: number
  /** Values above it are cut off and marked: one peak must not flatten all else. */
  ceiling?: number
  /** Drawn as a line and named. */
  limit?: { value: number; label: string }
  /** Seconds that one value stands for. */
  stepS: number
  unit: string
}

/** A column chart from 0, highest value at the top left; each column is the greatest value of its share. */
export function chart(values: readonly number[], options: ChartOptions): string[] {
  const { width, height, ceiling = Number.POSITIVE_INFINITY, limit, stepS, unit } = options
  const columns = compress(values, width)
  const top = Math.min(ceiling, Math.max(limit?.value ?? 0, ...columns, 1))
  const lines: string[] = []
  for (let row = height - 1; row >= 0; row--) {
    const floor = (top * row) / height
    const roof = (top * (row + 1)) / height
    const cells = columns.map((value) =>
      value > top && row === height - 1
        ? '▲'
        : (eighths[Math.round(Math.min(1, Math.max(0, (value - floor) / (roof - floor))) * 8)] ?? ' '),
    )
    const holdsLimit = limit !== undefined && limit.value > floor && limit.value <= roof
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

/** Breaks a paragraph at its spaces into lines of at most `width` characters; a longer word stands on a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
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
