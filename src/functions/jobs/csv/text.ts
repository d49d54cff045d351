import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { firstCharacters } from '#core/text.ts'

/** Cells that a spreadsheet would run as a formula begin with one of these. */
const formula = /^[=+\-@\t\r]/

/**
 * One line of a file that people open in a spreadsheet. A cell that would be run as a formula gets an apostrophe in front,
 * as the spreadsheet itself writes it; what is read back loses it again (`plainCell`).
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A cell as it was meant: without spaces around it and without the apostrophe of an exported formula. */
export function plainCell(text: string): string {
  const trimmed = text.trim()
  return /^'[=+\-@]/.test(trimmed) ? trimmed.slice(1) : trimmed
}

/** As much of a value as an error repeats. */
export function shown(value: string): string {
  return firstCharacters(value, limits.jobs.shownChars)
}

export function csvFault(code: CsvFaultCode, message: string, details: Readonly<Record<string, unknown>> = {}): OperationError {
  return faults[code](message, details)
}

type Fault = (message: string, details: Readonly<Record<string, unknown>>) => OperationError

/** What is wrong with a whole file; then none of it is used. */
const faults = {
  'csv-encoding': (message, details) => new OperationError('csv-encoding', 422, message, details),
  'csv-empty': (message, details) => new OperationError('csv-empty', 422, message, details),
  'csv-header': (message, details) => new OperationError('csv-header', 422, message, details),
  'csv-line-too-long': (message, details) => new OperationError('csv-line-too-long', 413, message, details),
  'csv-malformed': (message, details) => new OperationError('csv-malformed', 422, message, details),
  'csv-too-many-columns': (message, details) => new OperationError('csv-too-many-columns', 422, message, details),
  'csv-too-large': (message, details) => new OperationError('csv-too-large', 413, message, details),
  'csv-too-many-rows': (message, details) => new OperationError('csv-too-many-rows', 413, message, details),
  'csv-too-many-bad-rows': (message, details) => new OperationError('csv-too-many-bad-rows', 422, message, details),
} as const satisfies Record<string, Fault>
type CsvFaultCode = keyof typeof faults
