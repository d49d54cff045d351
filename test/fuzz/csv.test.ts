import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OperationError } from '#core/errors.ts'
import { readHeader } from '#functions/jobs/csv/columns.ts'
import { readCsv } from '#functions/jobs/csv/reader.ts'
import { csvLine, plainCell } from '#functions/jobs/csv/text.ts'

const seed = Number(process.env.SIMWARD_SEED ?? Date.now() % 1_000_000)
const runs = Number(process.env.SIMWARD_FUZZ_RUNS ?? 300)
const small = { fileBytes: 100_000, columns: 16, lineChars: 500 }

/** Cuts the octets where the generator says, as a network would. */
async function* pieces(octets: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (octets.length + 1)), octets.length])].toSorted((a, b) => a - b)
  for (const [i, from] of at.entries()) yield octets.subarray(from, at[i + 1] ?? octets.length)
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}

async function readAll(octets: Uint8Array, cuts: readonly number[]): Promise<{ line: number; cells: string[] }[]> {
  return await collect(readCsv(pieces(octets, cuts), small))
}

test(`octets of any kind give rows or a refusal by name, wherever they are cut (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.array(fc.nat(2_000), { maxLength: 8 }), async (octets, cuts) => {
      try {
        const rows = await readAll(octets, cuts)
        assert.deepEqual(rows, await readAll(octets, []), 'where it is cut makes no difference')
        for (const { cells } of rows) {
          assert.ok(cells.length <= small.columns)
          assert.ok(cells.join().length <= small.lineChars)
        }
      } catch (error) {
        assert.ok(error instanceof OperationError && error.code.startsWith('csv-'), String(error))
      }
    }),
    { seed, numRuns: runs },
  )
})

test(`what we write we read again, and no cell is a formula (seed ${seed})`, async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !/[\0\ufeff]/.test(value) && value.isWellFormed())
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(2_000), { maxLength: 8 }),
      async (rows, cuts) => {
        const file = `a,b\r\n${rows.map((cells) => csvLine(['x', ...cells])).join('')}`
        const read = await readAll(Buffer.from(file), cuts)
        assert.deepEqual(
          read.slice(1).map(({ cells }) => cells.slice(1).map(plainCell)),
          rows.map((cells) => cells.map(plainCell)),
        )
        for (const { cells } of read) for (const cell of cells) assert.doesNotMatch(cell, /^[=+\-@\t\r]/)
      },
    ),
    { seed, numRuns: runs },
  )
})

test(`a first line of any kind is a header or is refused (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.constantFrom('change', 'csv', 'import'),
      fc.array(fc.oneof(fc.string(), fc.constantFrom('imsi', 'state', '__proto__', 'toString'))),
      (kind, names) => {
        try {
          readHeader(kind, names)
        } catch (error) {
          assert.ok(error instanceof OperationError && error.code === 'csv-header', String(error))
        }
      },
    ),
    { seed, numRuns: runs },
  )
})

test('a line of ten gigabytes costs its sender the refusal, and us next to nothing', async () => {
  let sent = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (const piece = Buffer.alloc(65_536, 'x'); sent < 10_000_000_000; sent += piece.length) yield piece
  }
  await assert.rejects(collect(readCsv(endless())), { code: 'csv-line-too-long' })
  assert.ok(sent <= 131_072, `${sent} octets were read`)
})
