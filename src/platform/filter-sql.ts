import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Filter, FilterFields, FilterTerm } from './filter.ts'

/** The filter as one SQL condition, values as parameters. Columns come from the field table only. `now`: wall time, ms. */
export function filterSql<Row>(filter: Filter, fields: FilterFields<Row>, now: number): RawBuilder<SqlBool> {
  if (filter.length === 0) return sql<SqlBool>`true`
  const terms = filter.map((term) => {
    const condition = termSql(term, fields, now)
    // A missing value is not equal to anything, so its negation holds: as in memory, not as in SQL.
    return term.negated ? sql<SqlBool>`((${condition}) is not true)` : condition
  })
  return sql<SqlBool>`(${sql.join(terms, sql` and `)})`
}

function termSql<Row>(term: FilterTerm, fields: FilterFields<Row>, now: number): RawBuilder<SqlBool> {
  if (term.kind === 'words') {
    const searched = Object.values(fields).filter((field) => field.searched === true)
    const wanted = term.text.toLowerCase()
    const tests = searched.map((field) => sql<SqlBool>`position(${wanted} in lower(coalesce(${columnOf(field.column)}, ''))) > 0`)
    return sql<SqlBool>`(${sql.join(tests, sql` or `)})`
  }
  const column = columnOf(fields[term.field]?.column ?? 'null')
  switch (term.kind) {
    case 'text': {
      const own = fields[term.field]?.condition
      if (own !== undefined)
        return sql<SqlBool>`(${sql.join(
          term.values.map(({ text }) => own(text)),
          sql` or `,
        )})`
      const exact = term.values.filter(({ isPrefix }) => !isPrefix).map(({ text }) => text)
      const isOctets = fields[term.field]?.octets === true
      const tests = term.values.filter(({ isPrefix }) => isPrefix).map(({ text }) => prefixSql(column, text, isOctets))
      if (exact.length === 1) tests.push(sql<SqlBool>`${column} = ${exact[0]}`)
      else if (exact.length > 1) tests.push(sql<SqlBool>`${column} in (${sql.join(exact)})`)
      return sql<SqlBool>`(${sql.join(tests, sql` or `)})`
    }
    case 'number':
      return sql<SqlBool>`${column} in (${sql.join(term.values.map((value) => sql`${value}::float8`))})`
    case 'compare':
      return sql<SqlBool>`${column} ${sql.raw(term.operator)} ${term.value}::float8`
    case 'flag':
      return sql<SqlBool>`${column} = ${term.value}`
    case 'age':
      return sql<SqlBool>`${column} >= ${new Date(now - term.milliseconds)}`
  }
}

/** Column expressions are constants of the field tables. */
function columnOf(expression: string): RawBuilder<unknown> {
  return sql.raw(expression)
}

function prefixSql(column: RawBuilder<unknown>, text: string, isOctets: boolean): RawBuilder<SqlBool> {
  if (!isOctets || text === '') return sql<SqlBool>`${column} like ${likePrefix(text)}`
  return sql<SqlBool>`(${column} >= ${text} and ${column} < ${`${text}${lastCharacter}`})`
}

const lastCharacter = '\u{10ffff}'

function likePrefix(text: string): string {
  return `${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}
