import { limits } from '#core/limits.ts'
import type { Vault } from '#crypto/vault.ts'
import type { AlgorithmParameters } from '#domain/subscription.ts'
import type { SubscriptionChange } from '#platform/change.ts'
import type { Db, TenantDb } from '#store/db.ts'
import { type Job, scopeOf } from '../job.ts'
import { canonicalJson } from '../set-hash.ts'
import { type Chunk, insertChunk, insertProblems, type Problem } from '../store.ts'
import { type Header, type RowFault, readHeader } from './columns.ts'
import { looksLikeKey, type NewSim, type NewSimOptions, newSimOf, ProviderNames } from './new-sims.ts'
import { readCsv } from './reader.ts'
import { keyOfId, keyOfImsi, SeenRows } from './seen.ts'
import { changesOf, type FileRow, findSims, ProfileNames } from './sims.ts'
import { csvFault, plainCell, shown } from './text.ts'

export interface IntakeOptions {
  store: Db
  vault: Vault
  newId(): string
  /** MCC and MNC as our IMSIs begin. */
  imsiPrefix: string
  /** `import`: what the keys must fit, and whose the SIMs are where the file does not say. */
  batch: { parameters: AlgorithmParameters; providerId: string | null } | null
  /** Between two pieces of the file: throws where the job is no longer ours. */
  alive(tx: Parameters<Parameters<TenantDb['transaction']>[0]>[0]): Promise<void>
}

export interface Taken {
  header: string[]
  /** Rows of the set, and pieces of it. */
  total: number
  chunks: number
  badRows: number
}

/**
 * Reads a file into the frozen set of a job, some hundred rows at a time: what is right becomes pieces of the set, what is
 * wrong is written down with line, column, code and value. Throws (`csv-...`) where the file as a whole cannot be used.
 */
export async function takeFile(job: Job, source: AsyncIterable<Uint8Array>, options: IntakeOptions): Promise<Taken> {
  const intake = new Intake(job, options)
  let header: Header | null = null
  for await (const { line, cells } of readCsv(source)) {
    if (header === null) header = readHeader(job.kind, cells)
    else await intake.add(header, line, cells)
  }
  if (header === null) throw csvFault('csv-empty', 'the file is empty: its first line names the columns')
  return { header: header.names.filter((name) => !header.isSecret(name)), ...(await intake.end()) }
}

class Intake {
  readonly #job: Job
  readonly #options: IntakeOptions
  readonly #db: TenantDb
  readonly #seen = new SeenRows()
  readonly #profiles: ProfileNames
  readonly #newSims: NewSimOptions | null
  #waiting: FileRow[] = []
  #problems: Problem[] = []
  #piece = new Piece()
  #chunks = 0
  #total = 0
  #badRows = 0
  #problemCount = 0

  constructor(job: Job, options: IntakeOptions) {
    this.#job = job
    this.#options = options
    this.#db = options.store.asTenant(scopeOf(job))
    this.#profiles = new ProfileNames(this.#db)
    const { batch, vault, imsiPrefix } = options
    this.#newSims =
      batch === null
        ? null
        : { ...batch, vault, imsiPrefix, newId: () => options.newId(), providers: new ProviderNames(this.#db), profiles: this.#profiles }
  }

  async add(header: Header, line: number, cells: readonly string[]): Promise<void> {
    const kept = this.#keptOf(header, cells)
    const { values, faults } = header.read(cells, plainCell)
    const tooLong = cells.findIndex((cell) => cell.length > limits.jobs.cellChars)
    if (tooLong >= 0)
      faults.push({
        column: header.names[tooLong] ?? null,
        code: 'cell-too-long',
        value: null,
        detail: `at most ${limits.jobs.cellChars} characters`,
      })
    const misplaced =
      this.#newSims === null ? -1 : cells.findIndex((cell, i) => !header.isSecret(header.names[i] ?? '') && looksLikeKey(cell))
    if (misplaced >= 0) {
      // Whatever else is wrong with that cell would repeat it.
      const column = header.names[misplaced] ?? null
      this.#refuse({ line, values: {}, cells: kept }, [
        { column, code: 'key-misplaced', value: null, detail: 'this looks like a key: are the cells shifted?' },
      ])
    } else if (faults.length > 0) this.#refuse({ line, values: {}, cells: kept }, faults)
    else this.#waiting.push({ line, values, cells: kept })
    if (this.#waiting.length + this.#problems.length >= limits.jobs.chunkRows) await this.#flush()
  }

  /** What a row with a fault shows again: no cell of a key's column, and no key, wherever it stands. */
  #keptOf(header: Header, cells: readonly string[]): string[] {
    const open = cells.filter((_, i) => !header.isSecret(header.names[i] ?? ''))
    return open.map((cell) => (this.#newSims !== null && looksLikeKey(cell) ? '' : cell.slice(0, limits.jobs.cellChars)))
  }

  async end(): Promise<Omit<Taken, 'header'>> {
    await this.#flush()
    await this.#write(this.#piece)
    return { total: this.#total, chunks: this.#chunks, badRows: this.#badRows }
  }

  #refuse(row: FileRow, faults: readonly RowFault[]): void {
    this.#badRows += 1
    if (this.#badRows > limits.jobs.badRows)
      throw csvFault('csv-too-many-bad-rows', `more than ${limits.jobs.badRows} rows are wrong: is it the right file?`)
    for (const [i, { column, code, value, detail }] of faults.entries()) {
      this.#problemCount += 1
      const imsi = row.values.imsi ?? null
      this.#problems.push({
        n: this.#problemCount,
        line: row.line,
        imsi,
        field: column,
        code,
        value,
        detail,
        cells: i === 0 ? row.cells : null,
      })
    }
  }

  async #flush(): Promise<void> {
    const rows = this.#waiting
    this.#waiting = []
    if (this.#newSims !== null) for (const row of rows) await this.#addNew(row, this.#newSims)
    else await this.#addNamed(rows)
    if (this.#problems.length === 0) return
    const problems = this.#problems
    this.#problems = []
    await this.#db.transaction(async (tx) => {
      await this.#options.alive(tx)
      await insertProblems(tx, this.#job, 'file', problems)
    }, job)
  }

  async #addNew(row: FileRow, newSims: NewSimOptions): Promise<void> {
    const made = await newSimOf(row, newSims)
    if ('fault' in made) return this.#refuse(row, [made.fault])
    const { sim } = made
    if (this.#isTwice(row, keyOfImsi(sim.imsi), 'imsi', sim.imsi)) return
    this.#piece.add({ id: sim.id, imsi: sim.imsi, owner: sim.owner, line: row.line, sim })
    await this.#count()
  }

  async #addNamed(rows: readonly FileRow[]): Promise<void> {
    if (rows.length === 0) return
    for (const finding of await findSims(this.#db, rows)) {
      if ('fault' in finding) {
        this.#refuse(finding.row, [finding.fault])
        continue
      }
      const { row, sim } = finding
      if (this.#isTwice(row, keyOfId(sim.id), null, sim.imsi)) continue
      if (this.#job.kind === 'change') {
        this.#piece.add({ ...sim, line: row.line })
        await this.#count()
      } else await this.#addChanges(row, sim)
    }
  }

  async #addChanges(row: FileRow, sim: { id: string; imsi: string; owner: string }): Promise<void> {
    const { changes, fault } = await changesOf(row.values, sim.owner, this.#profiles)
    if (fault !== null) return this.#refuse(row, [fault])
    if (changes.length === 0) return this.#refuse(row, [{ column: null, code: 'no-change', value: null, detail: 'the row says no change' }])
    for (const change of changes) {
      this.#piece.add({ ...sim, line: row.line, change })
      await this.#count()
    }
  }

  #isTwice(row: FileRow, key: [number, number], column: string | null, value: string): boolean {
    const before = this.#seen.add(key, row.line)
    if (before === undefined) return false
    this.#refuse(row, [{ column, code: 'duplicate', value: shown(value), detail: `the same SIM stands on line ${before}` }])
    return true
  }

  async #count(): Promise<void> {
    this.#total += 1
    if (this.#total > limits.jobs.rows) throw csvFault('csv-too-many-rows', `a job has at most ${limits.jobs.rows} rows`)
    if (!this.#piece.isFull) return
    const full = this.#piece
    this.#piece = new Piece()
    await this.#write(full)
  }

  async #write(piece: Piece): Promise<void> {
    if (piece.size === 0) return
    await this.#db.transaction(async (tx) => {
      await this.#options.alive(tx)
      await insertChunk(tx, this.#job, piece.chunk(this.#chunks), piece.sims)
    }, job)
    this.#chunks += 1
  }
}

const job = { priority: 'job' } as const

interface PieceRow {
  id: string
  imsi: string
  owner: string
  line: number
  change?: SubscriptionChange
  sim?: NewSim
}

/** A piece of the set as it grows. Each different change is a statement of its own, so their number is bounded too. */
class Piece {
  readonly #rows: PieceRow[] = []
  readonly #changes = new Map<string, { at: number; change: SubscriptionChange }>()

  get size(): number {
    return this.#rows.length
  }

  get isFull(): boolean {
    return this.#rows.length >= limits.jobs.chunkRows || this.#changes.size >= limits.jobs.changesPerChunk
  }

  get sims(): NewSim[] | null {
    const sims = this.#rows.flatMap(({ sim }) => sim ?? [])
    return sims.length === 0 ? null : sims
  }

  add(row: PieceRow): void {
    this.#rows.push(row)
    if (row.change === undefined) return
    const key = canonicalJson(row.change)
    if (!this.#changes.has(key)) this.#changes.set(key, { at: this.#changes.size, change: row.change })
  }

  chunk(n: number): Omit<Chunk, 'outcomes'> {
    const own = (change: SubscriptionChange | undefined): number[] =>
      change === undefined ? [] : [this.#changes.get(canonicalJson(change))?.at ?? 0]
    return {
      n,
      ids: this.#rows.map(({ id }) => id),
      imsis: this.#rows.map(({ imsi }) => imsi),
      owners: this.#rows.map(({ owner }) => owner),
      lines: this.#rows.map(({ line }) => line),
      changes: this.#changes.size === 0 ? null : [...this.#changes.values()].map(({ change }) => change),
      changeOf: this.#rows.flatMap(({ change }) => own(change)),
    }
  }
}
