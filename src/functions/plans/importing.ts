import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { UsageImport } from '#platform/http/schemas/plans.ts'
import type { UsageRecord } from '#platform/usage.ts'
import type { Scope, TenantDb } from '#store/db.ts'
import type { Counted } from './counting.ts'
import { readUsageRow, usageColumns } from './usage-rows.ts'

interface Importing {
  db: TenantDb
  now: number
  dryRun: boolean
  count(records: readonly UsageRecord[], scope: Scope): Promise<Counted>
}

interface Placed {
  line: number
  record: UsageRecord
}

/**
 * Reads a file of any size, a row at a time, and counts it in chunks. A row that is wrong is named and left out. A file
 * that cannot be read on is refused there, with what was counted until then: each record counts once, so that the file can
 * be sent again when it is mended. A dry run counts nothing.
 */
export async function importUsage(file: Readable, importing: Importing): Promise<UsageImport> {
  const report: UsageImport = {
    dryRun: importing.dryRun,
    rows: 0,
    recorded: 0,
    duplicates: 0,
    unknown: 0,
    wrong: 0,
    faults: [],
    bytes: 0,
  }
  let chunk: Placed[] = []
  const flush = async (): Promise<void> => {
    const placed = chunk
    chunk = []
    if (placed.length > 0) await countChunk(placed, importing, report)
  }
  const rows = parse({
    bom: true,
    columns: checkedHeader,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: limits.usage.rowChars,
    info: true,
  })
  try {
    await pipeline(
      Readable.from(checkedOctets(file)),
      rows,
      async (all: AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) => {
        for await (const { record: row, info } of all) {
          report.rows += 1
          if (report.rows > limits.usage.importRows)
            throw new OperationError('csv-too-many-rows', 413, `a file has at most ${limits.usage.importRows} rows`, counted(report))
          const read = readUsageRow(row, importing.now)
          if ('record' in read) chunk.push({ line: info.lines, record: read.record })
          else addFault(report, { line: info.lines, ...read.fault })
          if (chunk.length >= limits.usage.chunk) await flush()
        }
      },
    )
  } catch (error) {
    throw refusal(error, report)
  }
  await flush()
  return report
}

const counted = ({ rows, recorded }: UsageImport) => ({ rows, recorded })

function addFault(report: UsageImport, fault: UsageImport['faults'][number]): void {
  report.wrong += 1
  if (report.faults.length < limits.usage.errorsNamed) report.faults.push(fault)
}

async function countChunk(placed: readonly Placed[], importing: Importing, report: UsageImport): Promise<void> {
  const records = placed.map(({ record }) => record)
  const result = importing.dryRun ? await lookAhead(records, importing.db) : await importing.count(records, importing.db.scope)
  const strangers = new Set(result.unknown)
  for (const { line, record } of placed) {
    if (!strangers.has(record.imsi)) continue
    report.unknown += 1
    if (report.faults.length < limits.usage.errorsNamed)
      report.faults.push({ line, column: 'imsi', code: 'imsi-unknown', value: record.imsi })
  }
  report.recorded += result.recorded
  report.duplicates += result.duplicates
  report.bytes += result.bytes
}

/** What counting would do, as far as one chunk can tell: a record that stands twice in a long file shows only when it counts. */
async function lookAhead(
  records: readonly UsageRecord[],
  db: TenantDb,
): Promise<Pick<Counted, 'recorded' | 'duplicates' | 'unknown' | 'bytes'>> {
  const { rows: sims } = await db.query<{ imsi: string; provider_id: string }>(
    'SELECT imsi, provider_id FROM subscription WHERE imsi = ANY ($1::text[])',
    [[...new Set(records.map(({ imsi }) => imsi))]],
  )
  const provider = new Map(sims.map((row) => [row.imsi, row.provider_id]))
  const known = records.filter(({ imsi }) => provider.has(imsi))
  const { rows: old } = await db.query<{ key: string }>(
    `SELECT r.provider_id || ' ' || r.source || ' ' || r.reference AS key
       FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v (provider_id, source, reference)
       JOIN usage_record r ON r.provider_id = v.provider_id AND r.source = v.source AND r.reference = v.reference`,
    [known.map(({ imsi }) => provider.get(imsi)), known.map(({ source }) => source), known.map(({ reference }) => reference)],
  )
  const seen = new Set(old.map(({ key }) => key))
  const fresh = known.filter(({ imsi, source, reference }) => {
    const key = `${provider.get(imsi)} ${source} ${reference}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
  return {
    recorded: fresh.length,
    duplicates: known.length - fresh.length,
    unknown: [...new Set(records.flatMap(({ imsi }) => (provider.has(imsi) ? [] : [imsi])))],
    bytes: fresh.reduce((sum, { bytesUp, bytesDown }) => sum + bytesUp + bytesDown, 0),
  }
}

/** Names of columns in small letters; throws where one is missing or stands twice. */
function checkedHeader(header: readonly string[]): string[] {
  const names = header.map((name) => name.trim().toLowerCase())
  const missing = usageColumns.filter((name) => !names.includes(name))
  if (missing.length > 0)
    throw new OperationError(
      'csv-header',
      422,
      `the first line must name the columns ${usageColumns.join(', ')}; missing: ${missing.join(', ')}`,
    )
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) throw new OperationError('csv-header', 422, `the column ${twice.slice(0, 64)} stands twice in the first line`)
  return names
}

/**
 * UTF-8 only: in another encoding digits may read well and names not. Where reading stops, the file itself is left as it is:
 * it is a request, whose answer still has to leave.
 */
async function* checkedOctets(file: Readable): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const refuse = (): OperationError =>
    new OperationError('csv-encoding', 422, 'the file is not UTF-8: save it as CSV UTF-8 and send it again')
  const check = (octets: Buffer | null): void => {
    try {
      if (octets === null) decoder.decode()
      else decoder.decode(octets, { stream: true })
    } catch {
      throw refuse()
    }
  }
  for await (const piece of file.iterator({ destroyOnReturn: false })) {
    const octets = Buffer.from(piece as Uint8Array)
    // UTF-16 shows by its zero octets, which no text of ours has.
    if (octets.includes(0)) throw refuse()
    check(octets)
    yield octets
  }
  check(null)
}

/** What stops a file, as a problem; what is a fault of ours stays one. */
function refusal(error: unknown, report: UsageImport): unknown {
  const details = counted(report)
  if (error instanceof OperationError) return new OperationError(error.code, error.status, error.message, { ...error.details, ...details })
  if (!(error instanceof CsvError)) return error
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new OperationError('csv-line-too-long', 413, `a line has at most ${limits.usage.rowChars} characters`, details)
  return new OperationError('csv-malformed', 422, `this is no CSV: ${error.message.slice(0, 200)}`, details)
}
