import { CsvError, type Options, type Parser, parse } from 'csv-parse'
import { limits } from '#core/limits.ts'
import { createCsvDecoder } from './decode.ts'
import { csvFault } from './text.ts'

/** One row of a file, cells as they stand. `line`: where the row ends, from 1. */
export interface CsvRow {
  line: number
  cells: string[]
}

export interface CsvLimits {
  fileBytes: number
  columns: number
  lineChars: number
}

/**
 * Rows of a CSV file (RFC 4180) as they come, whatever its size: at no time is more of it in memory than what one read
 * brought. Throws OperationError (`csv-...`) where the file as a whole cannot be used. Reading stops where the consumer
 * does; the source is left alone, so that whoever sent it can still be answered.
 */
export async function* readCsv(source: AsyncIterable<Uint8Array>, most: CsvLimits = limits.jobs): AsyncGenerator<CsvRow> {
  const rows: CsvRow[] = []
  const parser = createParser(most, rows)
  const decoder = createCsvDecoder()
  let octets = 0
  for await (const chunk of source) {
    octets += chunk.length
    if (octets > most.fileBytes) throw csvFault('csv-too-large', `a file has at most ${most.fileBytes} octets`)
    // A read is at most 64 KB, but a test or proxy may hand over more: the parser gets pieces that a line's limit bounds.
    for (const piece of piecesOf(chunk)) {
      await parser.write(decoder.decode(piece))
      yield* rows.splice(0)
    }
  }
  await parser.write(decoder.end())
  await parser.end()
  yield* rows.splice(0)
}

const pieceBytes = 65_536

function* piecesOf(chunk: Uint8Array): Iterable<Uint8Array> {
  for (let from = 0; from < chunk.length; from += pieceBytes) yield chunk.subarray(from, from + pieceBytes)
}

interface PushParser {
  write(text: string): Promise<void>
  end(): Promise<void>
}

/** csv-parse, fed by hand. What it found is in `rows` when `write` has resolved. */
function createParser({ columns, lineChars }: CsvLimits, rows: CsvRow[]): PushParser {
  const options: Options = {
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    max_record_size: lineChars,
    // A line of its own that is only commas or spaces is empty too.
    skip_records_with_empty_values: true,
    on_record: (cells: string[], { lines }) => {
      if (cells.length > columns)
        throw csvFault('csv-too-many-columns', `line ${lines} has ${cells.length} columns; at most ${columns} are read`)
      rows.push({ line: lines, cells })
      return null
    },
  }
  const parser: Parser = parse(options)
  let failed: Error | null = null
  parser.on('error', (error) => {
    failed ??= error
  })
  parser.resume()
  const settle = (error: Error | null | undefined): void => {
    const cause = failed ?? error ?? null
    if (cause !== null) throw faultOf(cause)
  }
  return {
    async write(text) {
      if (text === '') return
      await new Promise<void>((resolve) =>
        parser.write(text, (error) => {
          failed ??= error ?? null
          resolve()
        }),
      )
      settle(failed)
    },
    async end() {
      await new Promise<void>((resolve) => {
        parser.once('end', resolve)
        parser.once('error', () => resolve())
        parser.end()
      })
      settle(failed)
    },
  }
}

function faultOf(error: Error): Error {
  if (!(error instanceof CsvError)) return error
  const line = typeof error.lines === 'number' ? error.lines : null
  const where = line === null ? '' : `near line ${line}: `
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return csvFault('csv-line-too-long', `${where}a line is longer than this takes, or a quotation mark is never closed`, { line })
  return csvFault('csv-malformed', `${where}quotation marks do not match`, { line })
}
