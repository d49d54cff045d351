import { Readable } from 'node:stream'
import { limits } from '#core/limits.ts'
import type { TenantDb } from '#store/db.ts'
import { templateOf } from './csv/columns.ts'
import { csvLine } from './csv/text.ts'
import { type Job, outcomeOf } from './job.ts'
import { type Problem, readChunks, readProblems, readRunProblems } from './store.ts'

/** Files that a job gives back, read from rows as they are sent: however large, little of them is in memory. */

const templates = { 'sims.csv': 'change', 'changes.csv': 'csv', 'import.csv': 'import' } as const

export function templateFile(file: keyof typeof templates): string {
  return templateOf(templates[file]).map(csvLine).join('')
}

export function resultFile(db: TenantDb, job: Job): Readable {
  return Readable.from(results(db, job))
}

const chunksAtOnce = 4

async function* results(db: TenantDb, job: Job): AsyncGenerator<string> {
  yield csvLine(['line', 'imsi', 'id', 'change', 'outcome', 'code', 'detail'])
  const { chunkRows } = limits.jobs
  for (let from = 0; ; from += chunksAtOnce) {
    const chunks = await readChunks(db, job.id, from, chunksAtOnce)
    if (chunks.length === 0) return
    const problems = new Map(
      (await readRunProblems(db, job.id, from * chunkRows, (from + chunksAtOnce) * chunkRows)).map((one) => [one.n, one]),
    )
    let text = ''
    for (const chunk of chunks) {
      for (const [i, id] of chunk.ids.entries()) {
        const problem = problems.get(chunk.n * chunkRows + i)
        const outcome = chunk.outcomes === null ? 'not-done' : (outcomeOf[chunk.outcomes[i] ?? ''] ?? 'not-done')
        const change = chunk.changes?.[chunk.changeOf[i] ?? -1]?.kind ?? job.change?.kind ?? ''
        text += csvLine([chunk.lines[i] ?? null, chunk.imsis[i] ?? '', id, change, outcome, problem?.code ?? null, problem?.detail ?? null])
      }
    }
    yield text
  }
}

/** The bad rows of the file as they came, then the SIMs that could not be changed, each with what is wrong. */
export function errorFile(db: TenantDb, job: Job): Readable {
  return Readable.from(errors(db, job))
}

const problemsAtOnce = 1_000

async function* errors(db: TenantDb, job: Job): AsyncGenerator<string> {
  const header = job.target.from === 'rows' && job.target.header.length > 0 ? job.target.header : ['imsi']
  yield csvLine([...header, 'line', 'error'])
  let after: { stage: string; n: number } | null = null
  let open: { cells: readonly (string | null)[]; line: number | null; says: string[] } | null = null
  const row = ({ cells, line, says }: NonNullable<typeof open>): string => csvLine([...fitted(cells, header.length), line, says.join('; ')])
  for (;;) {
    const problems: (Problem & { stage: 'file' | 'run' })[] = await readProblems(db, job.id, after, problemsAtOnce)
    let text = ''
    for (const problem of problems) {
      // Several things may be wrong with one row of the file: the first one carries its cells.
      if (open !== null && problem.stage === 'file' && problem.cells === null && open.line === problem.line) {
        open.says.push(sayOf(problem))
        continue
      }
      if (open !== null) text += row(open)
      const cells = problem.cells === null ? header.map((name) => (name === 'imsi' ? problem.imsi : null)) : problem.cells
      open = { cells, line: problem.line, says: [sayOf(problem)] }
    }
    if (text !== '') yield text
    const last = problems.at(-1)
    if (last === undefined || problems.length < problemsAtOnce) break
    after = { stage: last.stage, n: last.n }
  }
  if (open !== null) yield row(open)
}

function fitted(cells: readonly (string | null)[], length: number): (string | null)[] {
  return Array.from({ length }, (_, i) => cells[i] ?? null)
}

function sayOf({ field, code, value, detail }: Problem): string {
  return `${field === null ? '' : `${field}: `}${code}${value === null ? '' : ` (${value})`}${detail === '' ? '' : `: ${detail}`}`
}
