import { csvFault } from './text.ts'

/** Octets to text, a chunk at a time: UTF-8 with or without a byte order mark; everything else is refused by name. */
export interface CsvDecoder {
  /** Throws OperationError `csv-encoding`. */
  decode(octets: Uint8Array): string
  end(): string
}

const saveAs = 'save the file as "CSV UTF-8"'

export function createCsvDecoder(): CsvDecoder {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let lines = 1
  let isFirst = true
  const run = (octets: Uint8Array | undefined): string => {
    try {
      const text = octets === undefined ? decoder.decode() : decoder.decode(octets, { stream: true })
      if (text.includes('\0')) throw csvFault('csv-encoding', `line ${lineOf(lines, text, text.indexOf('\0'))} has a zero octet: ${saveAs}`)
      lines += countOf(text)
      return text
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw csvFault('csv-encoding', `near line ${lines} the file is not UTF-8, Latin-1 or Windows-1252 perhaps: ${saveAs}`, {
        line: lines,
      })
    }
  }
  return {
    decode(octets) {
      if (isFirst && octets.length > 0) {
        isFirst = false
        if (isWide(octets)) throw csvFault('csv-encoding', `the file is UTF-16: ${saveAs}`)
      }
      return run(octets)
    },
    end: () => run(undefined),
  }
}

/** A byte order mark of UTF-16, or its typical zero octets in the first two characters. */
function isWide([a, b, c, d]: Uint8Array): boolean {
  return (a === 0xfe && b === 0xff) || (a === 0xff && b === 0xfe) || a === 0 || b === 0 || (c === 0 && d !== 0)
}

function countOf(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

function lineOf(lines: number, text: string, at: number): number {
  return lines + countOf(text.slice(0, at))
}
