import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { overBothEngines } from '#test/stores.ts'
import { toArray } from './values.ts'

overBothEngines('array literals', (store) => {
  test('come back as they went, whatever stands in them', async () => {
    const hard = ['', 'NULL', 'null', 'nullable', 'a,b', '{', '}', '"', '\\', '\\"', ' x ', 'ü\n', "'", '-1', '0x', null]
    // No NUL: PostgreSQL has none in text.
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', ',', ' ', 'ü', 'N', '\n'), maxLength: 6 })
    for (const items of [hard, [], ...fc.sample(fc.array(fc.option(text), { maxLength: 8 }), 50)]) {
      const { rows } = await store.db.query<{ items: (string | null)[] }>('SELECT $1::text[] AS items', [toArray(items)])
      assert.deepEqual(rows[0]?.items, items, JSON.stringify(items))
    }
  })

  test('hold numbers, too large ones for a double, and truth values', async () => {
    const { rows } = await store.db.query('SELECT $1::int8[] AS a, $2::float8[] AS b, $3::bool[] AS c', [
      toArray([9_007_199_254_740_993n, -1n]),
      toArray([1.5, 1e21, -2]),
      toArray([true, false, null]),
    ])
    assert.deepEqual(rows[0], { a: [9_007_199_254_740_993n, -1n], b: [1.5, 1e21, -2], c: [true, false, null] })
  })
})
