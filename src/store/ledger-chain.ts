import { type Db, type Priority, type Scope, type Tx, toJson } from './db.ts'
import { bodyDigest, entryHash, genesisOf, sha256 } from './ledger-digest.ts'

/** An entry that is sealed and named, but not yet placed in the chain. */
export interface UnplacedEntry {
  id: string
  at: Date
  kind: string
  actor: string
  providerId: string | null
  subjectId: string | null
  body: Readonly<Record<string, unknown>>
  sealed: Buffer | null
}

/** Where an entry stands. */
export interface LedgerPlace {
  id: string
  chain: string
  seq: bigint
}

export type WriteEntries = (entries: readonly UnplacedEntry[]) => Promise<LedgerPlace[]>

export interface LedgerChain {
  /** Runs `run` in a transaction; what it hands to `write`, as its last step, extends the chain when it commits. */
  transaction<T>(run: (tx: Tx, write: WriteEntries) => Promise<T>, options?: { scope?: Scope; priority?: Priority }): Promise<T>
}

interface Head {
  seq: bigint
  hash: Buffer
}

/** The one chain that this process writes. */
export function createLedgerChain(options: { db: Db; chain: string; node: string; startedAt: Date }): LedgerChain {
  const { db, chain } = options
  // Unknown until read: at the start, and after a transaction that failed or whose end was not seen.
  let head: Head | undefined
  let turn: Promise<void> = Promise.resolve()

  /** A link needs the one before it committed: whoever writes keeps the turn until the commit is known. */
  async function takeTurn(): Promise<() => void> {
    const before = turn
    const mine = Promise.withResolvers<void>()
    turn = mine.promise
    await before
    return mine.resolve
  }

  async function transaction<T>(
    run: (tx: Tx, write: WriteEntries) => Promise<T>,
    { scope, priority }: { scope?: Scope; priority?: Priority } = {},
  ): Promise<T> {
    const at = priority === undefined ? {} : { priority }
    const taken: { release?: () => void; head?: Head } = {}
    const body = (tx: Tx): Promise<T> =>
      run(tx, async (entries) => {
        taken.release ??= await takeTurn()
        // The scope's role has no right to add to the ledger; what follows is the store's own statement.
        if (scope !== undefined) await tx.query("SELECT set_config('role', 'none', true)")
        const from = taken.head ?? head ?? (await readHead(tx, options))
        const placed = place(chain, from, entries)
        await insert(tx, chain, placed.rows)
        taken.head = placed.head
        return placed.rows.map(({ id, seq }) => ({ id, chain, seq }))
      })
    try {
      const result = await (scope === undefined ? db.transaction(body, at) : db.asTenant(scope).transaction(body, at))
      head = taken.head ?? head
      return result
    } catch (error) {
      if (taken.release !== undefined) head = undefined
      throw error
    } finally {
      taken.release?.()
    }
  }

  return { transaction }
}

async function readHead(tx: Tx, { chain, node, startedAt }: { chain: string; node: string; startedAt: Date }): Promise<Head> {
  await tx.query('INSERT INTO ledger_chain (id, node, started_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [chain, node, startedAt])
  const { rows } = await tx.query<Head>('SELECT seq, hash FROM ledger_entry WHERE chain = $1 ORDER BY seq DESC LIMIT 1', [chain])
  return rows[0] ?? { seq: 0n, hash: genesisOf(chain) }
}

interface PlacedRow extends Omit<UnplacedEntry, 'body'> {
  seq: bigint
  body: string
  prev: Buffer
  hash: Buffer
}

function place(chain: string, from: Head, entries: readonly UnplacedEntry[]): { rows: PlacedRow[]; head: Head } {
  let head = from
  const rows = entries.map((entry) => {
    const body = toJson(entry.body)
    const seq = head.seq + 1n
    const prev = head.hash
    const sealedDigest = entry.sealed === null ? null : sha256(entry.sealed)
    // The digest is of what a reader of the stored text will parse, not of the object at hand (dates, undefined).
    const hash = entryHash({ ...entry, chain, seq, prev, bodyDigest: bodyDigest(JSON.parse(body)), sealedDigest })
    head = { seq, hash }
    return { ...entry, seq, body, prev, hash }
  })
  return { rows, head }
}

async function insert(tx: Tx, chain: string, rows: readonly PlacedRow[]): Promise<void> {
  await tx.query(
    `INSERT INTO ledger_entry (chain, seq, id, at, kind, actor, provider_id, subject_id, body, sealed, prev, hash)
     SELECT $1, * FROM unnest($2::int8[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
                              $9::jsonb[], $10::bytea[], $11::bytea[], $12::bytea[])`,
    [
      chain,
      rows.map(({ seq }) => seq),
      rows.map(({ id }) => id),
      rows.map(({ at }) => at),
      rows.map(({ kind }) => kind),
      rows.map(({ actor }) => actor),
      rows.map(({ providerId }) => providerId),
      rows.map(({ subjectId }) => subjectId),
      rows.map(({ body }) => body),
      rows.map(({ sealed }) => sealed),
      rows.map(({ prev }) => prev),
      rows.map(({ hash }) => hash),
    ],
    { prepare: 'ledger-insert' },
  )
}
