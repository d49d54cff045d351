import type { RawBuilder, SqlBool } from 'kysely'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'

/** What a field of a list can be asked for. The same table serves the parser, SQL and the predicate in memory. */
interface FilterField<Row> {
  /** `text` takes words and, with a final *, prefixes; `number` compares; `age` is a duration back from now: 5m, 2h, 3d. */
  type: 'text' | 'number' | 'flag' | 'age'
  /** Column or expression in SQL; names of ours, never from outside. */
  column: string
  /** Value in memory; left out where the list stands in the store only. For `age`: wall time, ms. */
  get?(row: Row): string | number | boolean | null
  /** The only words that make sense here; others are refused by name. */
  words?: readonly string[]
  letters?: 'upper' | 'lower'
  /** Rewrites a value before it is compared: a network code to the prefix of its IMSIs, for one. */
  rewrite?: (value: string) => string
  /** A condition of its own for one value, where no column says it by itself: a group with all below it. */
  condition?(value: string): RawBuilder<SqlBool>
  /** The column is compared octet by octet ("C"): a prefix is a range, which an index answers under row-level security too. */
  octets?: true
  /** Bare and quoted words look into this field. */
  searched?: true
}
export type FilterFields<Row> = Readonly<Record<string, FilterField<Row>>>

type Comparison = '>' | '>=' | '<' | '<='
type TextValue = { text: string; isPrefix: boolean }

export type FilterTerm =
  | { kind: 'text'; field: string; values: readonly TextValue[]; negated: boolean }
  | { kind: 'number'; field: string; values: readonly number[]; negated: boolean }
  | { kind: 'compare'; field: string; operator: Comparison; value: number; negated: boolean }
  | { kind: 'flag'; field: string; value: boolean; negated: boolean }
  | { kind: 'age'; field: string; milliseconds: number; negated: boolean }
  | { kind: 'words'; text: string; negated: boolean }

/** All terms hold. */
export type Filter = readonly FilterTerm[]

interface Cursor {
  text: string
  at: number
}

/**
 * Reads `field:value[,value] -field:value field>n "words"`, joined by and. Throws OperationError `filter-invalid` (400)
 * with the position, counted from 0, and what would be right there.
 */
export function parseFilter<Row>(text: string, fields: FilterFields<Row>): Filter {
  if (text.length > limits.http.filterChars)
    throw fault(limits.http.filterChars, `a filter has at most ${limits.http.filterChars} characters`)
  const control = text.search(/\p{Cc}/u)
  if (control >= 0) throw fault(control, 'control characters have no place in a filter')
  const cursor: Cursor = { text, at: 0 }
  const terms: FilterTerm[] = []
  for (skipSpace(cursor); cursor.at < text.length; skipSpace(cursor)) {
    const start = cursor.at
    if (/^and(?=\s)/i.test(text.slice(start)) && terms.length > 0) {
      cursor.at += 3
      continue
    }
    terms.push(readTerm(cursor, fields))
    if (terms.length > limits.http.filterTerms) throw fault(start, `a filter has at most ${limits.http.filterTerms} terms`)
  }
  return terms
}

function readTerm<Row>(cursor: Cursor, fields: FilterFields<Row>): FilterTerm {
  const negated = cursor.text[cursor.at] === '-'
  if (negated) cursor.at += 1
  if (cursor.text[cursor.at] === '"') return { kind: 'words', text: readQuoted(cursor), negated }
  const start = cursor.at
  const named = /^([A-Za-z][A-Za-z0-9]*)\s*(:|>=|<=|>|<)\s*/.exec(cursor.text.slice(start))
  if (named === null) return readBareWord(cursor, negated)
  const [whole, name = '', operator = ':'] = named
  const key = Object.keys(fields).find((field) => field.toLowerCase() === name.toLowerCase())
  const field = key === undefined ? undefined : fields[key]
  if (key === undefined || field === undefined)
    throw fault(start, `there is no field ${JSON.stringify(name)}; there are ${Object.keys(fields).join(', ')}`)
  cursor.at += whole.length
  if (operator !== ':') return readComparison(cursor, key, field, operator as Comparison, negated)
  return readValues(cursor, key, field, negated)
}

function readBareWord(cursor: Cursor, negated: boolean): FilterTerm {
  const start = cursor.at
  const word = /^[^\s",:<>]+/.exec(cursor.text.slice(start))?.[0]
  if (word === undefined) throw fault(start, 'here a field (field:value), a comparison (field>n) or "words" should stand')
  cursor.at += word.length
  return { kind: 'words', text: word, negated }
}

function readComparison<Row>(cursor: Cursor, name: string, field: FilterField<Row>, operator: Comparison, negated: boolean): FilterTerm {
  if (field.type !== 'number') throw fault(cursor.at, `${name} is not a number: use ${name}:value`)
  return { kind: 'compare', field: name, operator, value: readNumber(cursor), negated }
}

function readValues<Row>(cursor: Cursor, name: string, field: FilterField<Row>, negated: boolean): FilterTerm {
  const start = cursor.at
  switch (field.type) {
    case 'number':
      return { kind: 'number', field: name, values: readList(cursor, readNumber), negated }
    case 'flag': {
      const value = readWord(cursor).toLowerCase()
      if (value !== 'yes' && value !== 'no') throw fault(start, `${name} is yes or no`)
      return { kind: 'flag', field: name, value: value === 'yes', negated }
    }
    case 'age':
      return { kind: 'age', field: name, milliseconds: readDuration(cursor, name), negated }
    case 'text':
      return { kind: 'text', field: name, values: readList(cursor, () => readText(cursor, name, field)), negated }
  }
}

function readList<T>(cursor: Cursor, read: (cursor: Cursor) => T): T[] {
  const values = [read(cursor)]
  while (cursor.text[cursor.at] === ',') {
    cursor.at += 1
    values.push(read(cursor))
    if (values.length > limits.http.filterValues) throw fault(cursor.at, `a field takes at most ${limits.http.filterValues} values`)
  }
  return values
}

function readText<Row>(cursor: Cursor, name: string, field: FilterField<Row>): TextValue {
  const start = cursor.at
  const isQuoted = cursor.text[start] === '"'
  const raw = isQuoted ? readQuoted(cursor) : readWord(cursor)
  const lettered = field.letters === 'upper' ? raw.toUpperCase() : field.letters === 'lower' ? raw.toLowerCase() : raw
  const rewritten = field.rewrite?.(lettered) ?? lettered
  const isPrefix = !isQuoted && rewritten.endsWith('*')
  const text = isPrefix ? rewritten.slice(0, -1) : rewritten
  if (field.words !== undefined && !isPrefix && !field.words.includes(text)) {
    throw fault(start, `${name} is one of ${field.words.join(', ')}`)
  }
  return { text, isPrefix }
}

function readWord(cursor: Cursor): string {
  const word = /^[^\s",]+/.exec(cursor.text.slice(cursor.at))?.[0]
  if (word === undefined) throw fault(cursor.at, 'a value is missing here')
  cursor.at += word.length
  return word
}

function readNumber(cursor: Cursor): number {
  const match = /^-?\d{1,15}(?:\.\d{1,6})?(?=[\s,]|$)/.exec(cursor.text.slice(cursor.at))
  if (match === null) throw fault(cursor.at, 'here a number should stand')
  cursor.at += match[0].length
  return Number(match[0])
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function readDuration(cursor: Cursor, name: string): number {
  const match = /^(\d{1,6})([smhd])(?=[\s,]|$)/.exec(cursor.text.slice(cursor.at))
  if (match === null) throw fault(cursor.at, `${name} takes a duration such as 30s, 5m, 2h or 3d`)
  cursor.at += match[0].length
  return Number(match[1]) * (unitMs[match[2] ?? 's'] ?? 1_000)
}

function readQuoted(cursor: Cursor): string {
  const end = cursor.text.indexOf('"', cursor.at + 1)
  if (end < 0) throw fault(cursor.at, 'this quotation mark is never closed')
  const text = cursor.text.slice(cursor.at + 1, end)
  cursor.at = end + 1
  return text
}

function skipSpace(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1
}

function fault(position: number, message: string): OperationError {
  return new OperationError('filter-invalid', 400, `the filter is wrong at position ${position}: ${message}`, { position })
}

/** The filter as a test of rows in memory; the same meaning as its SQL. `now`: wall time, ms. */
export function filterPredicate<Row>(filter: Filter, fields: FilterFields<Row>, now: number): (row: Row) => boolean {
  const tests = filter.map((term) => termPredicate(term, fields, now))
  return (row) => tests.every((test) => test(row))
}

function termPredicate<Row>(term: FilterTerm, fields: FilterFields<Row>, now: number): (row: Row) => boolean {
  const test = plainPredicate(term, fields, now)
  return term.negated ? (row) => !test(row) : test
}

function plainPredicate<Row>(term: FilterTerm, fields: FilterFields<Row>, now: number): (row: Row) => boolean {
  if (term.kind === 'words') {
    const wanted = term.text.toLowerCase()
    const searched = Object.values(fields).filter((field) => field.searched === true)
    return (row) =>
      searched.some((field) =>
        String(field.get?.(row) ?? '')
          .toLowerCase()
          .includes(wanted),
      )
  }
  const get = fields[term.field]?.get ?? (() => null)
  switch (term.kind) {
    case 'text':
      return (row) => {
        const value = get(row)
        return (
          value !== null && term.values.some(({ text, isPrefix }) => (isPrefix ? String(value).startsWith(text) : String(value) === text))
        )
      }
    case 'number':
      return (row) => term.values.some((value) => get(row) === value)
    case 'compare':
      return (row) => compare(get(row), term.operator, term.value)
    case 'flag':
      return (row) => get(row) === term.value
    case 'age':
      return (row) => compare(get(row), '>=', now - term.milliseconds)
  }
}

function compare(value: string | number | boolean | null, operator: Comparison, than: number): boolean {
  if (typeof value !== 'number') return false
  switch (operator) {
    case '>':
      return value > than
    case '>=':
      return value >= than
    case '<':
      return value < than
    case '<=':
      return value <= than
  }
}
