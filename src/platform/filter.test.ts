import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type RawBuilder, sql } from 'kysely'
import { VirtualClock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Db } from '#store/db.ts'
import { openTestStore } from '#test/stores.ts'
import { type FilterFields, filterPredicate, parseFilter } from './filter.ts'
import { filterSql } from './filter-sql.ts'

interface Row {
  op: string
  imsi: string | null
  ms: number | null
  alert: boolean
  at: number
}

const fields: FilterFields<Row> = {
  op: { type: 'text', column: 'op', letters: 'upper', get: (row) => row.op },
  kind: { type: 'text', column: 'op', words: ['AIR', 'ULR'], letters: 'upper', get: (row) => row.op },
  imsi: { type: 'text', column: 'imsi', get: (row) => row.imsi, searched: true },
  home: { type: 'text', column: 'imsi', rewrite: (plmn) => `${plmn.replace('-', '')}*`, get: (row) => row.imsi },
  ms: { type: 'number', column: 'ms', get: (row) => row.ms },
  alert: { type: 'flag', column: 'alert', get: (row) => row.alert },
  since: { type: 'age', column: 'at', get: (row) => row.at },
}

const now = Date.UTC(2026, 0, 1)
const rows: Row[] = [
  { op: 'AIR', imsi: '001010000000001', ms: 2.5, alert: false, at: now - 1_000 },
  { op: 'ULR', imsi: '999700000000002', ms: 0, alert: true, at: now - 400_000 },
  { op: 'PUR', imsi: null, ms: null, alert: false, at: now },
  { op: 'A%R', imsi: 'a_b\\c"', ms: 7, alert: true, at: now - 60_000 },
]
const matching = (text: string): number[] =>
  rows.flatMap((row, i) => (filterPredicate(parseFilter(text, fields), fields, now)(row) ? [i] : []))

test('the grammar, by example', () => {
  const cases: [string, number[]][] = [
    ['', [0, 1, 2, 3]],
    ['op:air', [0]],
    ['op:AIR,ULR', [0, 1]],
    ['-op:AIR', [1, 2, 3]],
    ['op: AIR and ms>2', [0]],
    ['ms>=2.5 ms<7', [0]],
    ['ms:0,7', [1, 3]],
    ['-ms>2', [1, 2]],
    ['imsi:00101*', [0]],
    ['home:999-70', [1]],
    ['-imsi:001010000000001', [1, 2, 3]],
    ['alert:yes', [1, 3]],
    ['since:5m', [0, 2, 3]],
    ['"A_B"', [3]],
    ['00000000', [0, 1]],
    ['-"0000"', [2, 3]],
    ['op:"A%R"', [3]],
    ['op:A*', [0, 3]],
    ['kind:ulr', [1]],
  ]
  for (const [text, expected] of cases) assert.deepEqual(matching(text), expected, text)
})

test('a fault names its position and what would be right', () => {
  const cases: [string, number, RegExp][] = [
    ['op:AIR colour:red', 7, /no field "colour"; there are op, kind/],
    ['ms>fast', 3, /number/],
    ['op>3', 3, /not a number/],
    ['kind:CLR', 5, /one of AIR, ULR/],
    ['since:soon', 6, /duration/],
    ['alert:maybe', 6, /yes or no/],
    ['op:', 3, /missing/],
    ['op:AIR,', 7, /missing/],
    ['"never closed', 0, /never closed/],
    ['op:AIR >3', 7, /should stand/],
    ['op:AIR\u0000', 6, /control/],
    [`op:${'A'.repeat(3_000)}`, 2_000, /at most 2000 characters/],
    ['op:A '.repeat(40), 120, /at most 24 terms/],
  ]
  for (const [text, position, message] of cases) {
    assert.throws(
      () => parseFilter(text, fields),
      (error) => {
        assert.ok(error instanceof OperationError, text)
        assert.equal(error.code, 'filter-invalid')
        assert.equal(error.status, 400)
        assert.equal(error.details.position, position, text)
        assert.match(error.message, message)
        return true
      },
    )
  }
})

const word = fc.stringMatching(/^[A-Za-z0-9_%\\*.-]{1,8}$/)
const value = fc.oneof(word, fc.constantFrom('AIR', 'ULR', 'A*', '00101*', '"A%R"', '"a_b"'))
const term = fc.oneof(
  fc
    .tuple(fc.constantFrom('op', 'imsi', 'home'), fc.array(value, { minLength: 1, maxLength: 3 }))
    .map(([field, values]) => `${field}:${values.join(',')}`),
  fc.tuple(fc.constantFrom('>', '<', '>=', '<='), fc.integer({ min: -9, max: 9 })).map(([operator, n]) => `ms${operator}${n}`),
  fc.constantFrom('alert:yes', 'alert:no', 'since:5m', 'since:1s', 'ms:0', 'ms:2.5,7'),
  word.map((text) => `"${text}"`),
)
const filterText = fc
  .array(
    fc.tuple(fc.constantFrom('', '-'), term).map(([sign, text]) => sign + text),
    { maxLength: 4 },
  )
  .map((terms) => terms.join(' '))

test('any text is either a filter or refused by name', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 40 }), filterText), (text) => {
      try {
        const filter = parseFilter(text, fields)
        for (const row of rows) filterPredicate(filter, fields, now)(row)
      } catch (error) {
        assert.ok(error instanceof OperationError && error.code === 'filter-invalid', String(error))
        const { position } = error.details
        assert.ok(typeof position === 'number' && position >= 0 && position <= text.length)
      }
    }),
    { numRuns: 2_000 },
  )
})

describe('filter in SQL', () => {
  let db: Db
  before(async () => {
    db = await openTestStore('pglite', new VirtualClock())
  })
  after(() => db.close())

  test('SQL and memory agree', async () => {
    const { kysely } = db.asTenant({ operator: true })
    const table: RawBuilder<unknown> = sql`(values ${sql.join(
      rows.map(
        ({ op, imsi, ms, alert, at }, i) =>
          sql`(${i}::int, ${op}::text, ${imsi}::text, ${ms}::float8, ${alert}::boolean, ${new Date(at)}::timestamptz)`,
      ),
    )}) as t (i, op, imsi, ms, alert, at)`
    await fc.assert(
      fc.asyncProperty(filterText, async (text) => {
        const filter = parseFilter(text, fields)
        const result = await sql<{ i: number }>`select i from ${table} where ${filterSql(filter, fields, now)} order by i`.execute(kysely)
        assert.deepEqual(
          result.rows.map(({ i }) => i),
          matching(text),
          text,
        )
      }),
      { numRuns: 150 },
    )
  })
})
