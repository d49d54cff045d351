import { limits } from '#core/limits.ts'
import type { Db } from './db.ts'
import { bodyDigest, checkpointGenesis, checkpointHash, entryHash, genesisOf, type HeadFields, sha256 } from './ledger-digest.ts'
import { merkleRoot } from './merkle.ts'

/** Says whether the key named `keyId` made `signature` over `octets`; false too where the key is not known. */
export type VerifySignature = (keyId: string, octets: Buffer, signature: Buffer) => boolean | Promise<boolean>

/** What the verification found; `fault` is the first thing that does not hold. */
export interface LedgerReport {
  ok: boolean
  chains: number
  entries: number
  checkpoints: number
  /** Entries that no signed checkpoint covers yet: whoever holds the database could still cut these off unseen. */
  uncovered: number
  /** Subjects whose key is destroyed. */
  erasedSubjects: number
  fault: { where: string; what: string } | null
}

interface Counts {
  chains: number
  entries: number
  checkpoints: number
  uncovered: number
  erasedSubjects: number
}

class Fault extends Error {
  readonly where: string

  constructor(where: string, what: string) {
    super(what)
    this.where = where
  }
}

/** Recomputes every hash, root and signature, in steps of about 50 ms. Rejects only when the store is unavailable. */
export async function verifyLedger(db: Db, verify: VerifySignature): Promise<LedgerReport> {
  const counts: Counts = { chains: 0, entries: 0, checkpoints: 0, uncovered: 0, erasedSubjects: 0 }
  try {
    await verifyCheckpoints(db, verify, counts)
    await verifyChains(db, counts)
    await verifyErasures(db, counts)
    return { ok: true, ...counts, fault: null }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { ok: false, ...counts, fault: { where: error.where, what: error.message } }
  }
}

interface CheckpointRow {
  number: bigint
  at: Date
  node: string
  prev: Buffer
  hash: Buffer
  key_id: string
  signature: Buffer
}

async function verifyCheckpoints(db: Db, verify: VerifySignature, counts: Counts): Promise<void> {
  let prev = checkpointGenesis
  let number = 0n
  for (;;) {
    const { rows } = await db.query<CheckpointRow>(
      'SELECT * FROM ledger_checkpoint WHERE number > $1 ORDER BY number LIMIT 100',
      [number],
      {
        priority: 'job',
      },
    )
    if (rows.length === 0) return
    const heads = await readHeads(db, number, rows.at(-1)?.number ?? number)
    for (const row of rows) {
      const where = `checkpoint ${row.number}`
      number += 1n
      if (row.number !== number) throw new Fault(`checkpoint ${number}`, 'is missing')
      if (!row.prev.equals(prev)) throw new Fault(where, 'does not follow the one before it')
      if (!checkpointHash({ ...row, heads: heads.get(row.number) ?? [] }).equals(row.hash)) throw new Fault(where, 'was altered')
      if (!(await verify(row.key_id, row.hash, row.signature))) throw new Fault(where, `has no valid signature of key ${row.key_id}`)
      prev = row.hash
      counts.checkpoints += 1
    }
  }
}

async function readHeads(db: Db, after: bigint, upTo: bigint): Promise<Map<bigint, HeadFields[]>> {
  const { rows } = await db.query<HeadFields & { checkpoint: bigint }>(
    `SELECT chain, seq, from_seq AS "fromSeq", hash, root, checkpoint FROM ledger_head WHERE checkpoint > $1 AND checkpoint <= $2`,
    [after, upTo],
    { priority: 'job' },
  )
  return Map.groupBy(rows, ({ checkpoint }) => checkpoint)
}

async function verifyChains(db: Db, counts: Counts): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await db.query<{ id: string }>('SELECT id FROM ledger_chain WHERE id > $1 ORDER BY id LIMIT 100', [after], {
      priority: 'job',
    })
    if (rows.length === 0) return
    for (const { id } of rows) {
      await verifyChain(db, id, counts)
      counts.chains += 1
      after = id
    }
  }
}

interface EntryRow {
  seq: bigint
  id: string
  at: Date
  kind: string
  actor: string
  provider_id: string | null
  subject_id: string | null
  body: unknown
  sealed: Buffer | null
  prev: Buffer
  hash: Buffer
}

async function verifyChain(db: Db, chain: string, counts: Counts): Promise<void> {
  let prev = genesisOf(chain)
  let seq = 0n
  let covered = 0n
  let sinceHead: Buffer[] = []
  const heads = headReader(db, chain)
  let head = await heads()
  for (;;) {
    const { rows } = await db.query<EntryRow>(
      `SELECT seq, id, at, kind, actor, provider_id, subject_id, body, sealed, prev, hash
       FROM ledger_entry WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      [chain, seq, limits.store.chunkRows],
      { priority: 'job' },
    )
    if (rows.length === 0) break
    for (const row of rows) {
      seq += 1n
      checkEntry(chain, seq, row, prev)
      prev = row.hash
      counts.entries += 1
      sinceHead.push(row.hash)
      if (head === undefined) sinceHead = []
      else if (seq === head.seq) {
        checkHead(head, covered, row.hash, sinceHead)
        covered = seq
        sinceHead = []
        head = await heads()
      }
    }
  }
  if (head !== undefined) throw new Fault(`chain ${chain}`, `ends at ${seq}, but checkpoint ${head.checkpoint} saw entry ${head.seq}`)
  counts.uncovered += Number(seq - covered)
}

function checkEntry(chain: string, seq: bigint, row: EntryRow, prev: Buffer): void {
  const where = `chain ${chain} entry ${seq}`
  if (row.seq !== seq) throw new Fault(where, 'is missing')
  if (!row.prev.equals(prev)) throw new Fault(where, 'does not follow the one before it')
  const hash = entryHash({
    chain,
    ...row,
    providerId: row.provider_id,
    subjectId: row.subject_id,
    bodyDigest: bodyDigest(row.body),
    sealedDigest: row.sealed === null ? null : sha256(row.sealed),
  })
  if (!hash.equals(row.hash)) throw new Fault(where, 'was altered')
}

function checkHead(head: HeadFields & { checkpoint: bigint }, covered: bigint, hash: Buffer, since: readonly Buffer[]): void {
  const where = `checkpoint ${head.checkpoint}, chain ${head.chain}`
  if (head.fromSeq !== covered + 1n) throw new Fault(where, `begins at entry ${head.fromSeq}, expected ${covered + 1n}`)
  if (!head.hash.equals(hash)) throw new Fault(where, `saw another entry ${head.seq}`)
  if (!head.root.equals(merkleRoot(since))) throw new Fault(where, 'has another root over its entries')
}

type HeadRow = HeadFields & { checkpoint: bigint }

/** The chain's heads in order, read a hundred at a time. */
function headReader(db: Db, chain: string): () => Promise<HeadRow | undefined> {
  let read: HeadRow[] = []
  let after = 0n
  return async () => {
    if (read.length === 0) {
      const { rows } = await db.query<HeadRow>(
        `SELECT chain, seq, from_seq AS "fromSeq", hash, root, checkpoint FROM ledger_head
         WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT 100`,
        [chain, after],
        { priority: 'job' },
      )
      read = rows
    }
    const head = read.shift()
    after = head?.seq ?? after
    return head
  }
}

/** A key is destroyed with a row that says so; a payload's subject never vanishes without one. */
async function verifyErasures(db: Db, counts: Counts): Promise<void> {
  const { rows } = await db.query<{ erased: bigint }>('SELECT count(*) AS erased FROM subject_key WHERE erased_at IS NOT NULL', [], {
    priority: 'job',
  })
  counts.erasedSubjects = Number(rows[0]?.erased ?? 0n)
  const silent = await db.query<{ id: string }>(
    `SELECT k.id FROM subject_key k WHERE k.erased_at IS NOT NULL
     AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.subject_id = k.id AND e.kind = 'subject-erased') LIMIT 1`,
    [],
    { priority: 'job' },
  )
  const [unsaid] = silent.rows
  if (unsaid !== undefined) throw new Fault(`subject ${unsaid.id}`, 'was erased without a row')
  const { rows: orphans } = await db.query<{ subject_id: string }>(
    `SELECT e.subject_id FROM ledger_entry e WHERE e.subject_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM subject_key k WHERE k.id = e.subject_id) LIMIT 1`,
    [],
    { priority: 'job' },
  )
  const [orphan] = orphans
  if (orphan !== undefined) throw new Fault(`subject ${orphan.subject_id}`, 'has sealed entries but no key row')
}
