import { limits } from '#core/limits.ts'
import { isImsi } from '#domain/identities.ts'
import type { UsageImport } from '#platform/http/schemas/plans.ts'
import type { UsageRecord } from '#platform/usage.ts'

export type ImportFault = UsageImport['faults'][number]
type FaultCode = ImportFault['code']

/** Columns of a file of usage records; the order does not matter, further ones are left alone. */
export const usageColumns = ['imsi', 'from', 'to', 'bytes_up', 'bytes_down', 'reference'] as const

type Row = Readonly<Record<string, string>>
export type ReadRow = { record: UsageRecord } | { fault: Omit<ImportFault, 'line'> }

/** One row as a record, or what is wrong with it. `source`: where the file says none. `now`: wall time, ms. */
export function readUsageRow(row: Row, now: number): ReadRow {
  const cell = (name: string): string => (row[name] ?? '').trim()
  const wrong = (code: FaultCode, column: string): ReadRow => ({ fault: { code, column, value: cell(column).slice(0, 64) } })
  for (const column of [...usageColumns, 'source']) if (/[\ufffd\p{Cc}]/u.test(cell(column))) return wrong('text-invalid', column)
  const imsi = cell('imsi')
  if (!isImsi(imsi)) return wrong('imsi-invalid', 'imsi')
  const [from, to] = [readTime(cell('from')), readTime(cell('to'))]
  if (from === null || from > now || now - from > limits.usage.ageMs) return wrong('time-invalid', 'from')
  if (to === null || to < from || to - from > limits.usage.recordMs) return wrong('time-invalid', 'to')
  const [bytesUp, bytesDown] = [readBytes(cell('bytes_up')), readBytes(cell('bytes_down'))]
  if (bytesUp === null) return wrong('bytes-invalid', 'bytes_up')
  if (bytesDown === null) return wrong('bytes-invalid', 'bytes_down')
  const reference = cell('reference')
  if (reference === '' || reference.length > 128) return wrong('reference-invalid', 'reference')
  const source = cell('source') === '' ? 'csv' : cell('source')
  if (source.length > 64) return wrong('source-invalid', 'source')
  return { record: { imsi, from, to, bytesUp, bytesDown, source, reference } }
}

/** Milliseconds since the epoch, or ISO 8601 with a zone: a time without one is nobody's. */
function readTime(text: string): number | null {
  if (/^\d{12,14}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return null
  const at = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(at) ? null : at
}

function readBytes(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}
