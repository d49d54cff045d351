import type { Db, TenantDb } from './db.ts'
import { bodyDigest, checkpointHash, entryHash, type HeadFields, sha256 } from './ledger-digest.ts'
import type { VerifySignature } from './ledger-verify.ts'
import { type MerkleStep, merklePath, rootFromPath } from './merkle.ts'

/**
 * Proof, for someone outside, that an entry stands in the ledger: JSON, digests in hex, times in milliseconds. It
 * holds digests of body and payload, not themselves, so a receipt may be handed on; whoever has the body can compare.
 */
export interface LedgerReceipt {
  version: 1
  entry: {
    chain: string
    seq: string
    id: string
    at: number
    kind: string
    actor: string
    providerId: string | null
    subjectId: string | null
    bodyDigest: string
    sealedDigest: string | null
    prev: string
  }
  path: { side: 'left' | 'right'; digest: string }[]
  checkpoint: {
    number: string
    at: number
    node: string
    heads: { chain: string; seq: string; fromSeq: string; hash: string; root: string }[]
    prev: string
    keyId: string
    signature: string
  }
}

/** An entry with what it says: readable, and provable. */
export interface ProvenEntry {
  body: Readonly<Record<string, unknown>>
  receipt: LedgerReceipt
}

interface EntryRow {
  chain: string
  seq: bigint
  id: string
  at: Date
  kind: string
  actor: string
  provider_id: string | null
  subject_id: string | null
  body: Record<string, unknown>
  sealed: Buffer | null
  prev: Buffer
}

interface CheckpointRow {
  number: bigint
  at: Date
  node: string
  prev: Buffer
  key_id: string
  signature: Buffer
}

/**
 * The receipt of an entry that `reader` may see; null where there is none or no checkpoint covers it yet. `db` reads
 * the digests of its neighbours, which a provider may not see itself.
 */
export async function receiptFor(db: Db, reader: Db | TenantDb, entryId: string): Promise<LedgerReceipt | null> {
  return (await proveEntry(db, reader, entryId))?.receipt ?? null
}

/** As `receiptFor`, with the body that the receipt holds the digest of. */
export async function proveEntry(db: Db, reader: Db | TenantDb, entryId: string): Promise<ProvenEntry | null> {
  const { rows: entries } = await reader.query<EntryRow>(
    'SELECT chain, seq, id, at, kind, actor, provider_id, subject_id, body, sealed, prev FROM ledger_entry WHERE id = $1',
    [entryId],
    { priority: 'portal' },
  )
  const [entry] = entries
  if (entry === undefined) return null
  const { rows: heads } = await db.query<HeadFields & { checkpoint: bigint }>(
    `SELECT h.chain, h.seq, h.from_seq AS "fromSeq", h.hash, h.root, h.checkpoint FROM ledger_head h
     WHERE h.checkpoint = (SELECT checkpoint FROM ledger_head WHERE chain = $1 AND seq >= $2 ORDER BY seq LIMIT 1) ORDER BY h.chain`,
    [entry.chain, entry.seq],
    { priority: 'portal' },
  )
  const head = heads.find(({ chain }) => chain === entry.chain)
  if (head === undefined) return null
  const { rows: checkpoints } = await db.query<CheckpointRow>('SELECT * FROM ledger_checkpoint WHERE number = $1', [head.checkpoint], {
    priority: 'portal',
  })
  const [checkpoint] = checkpoints
  if (checkpoint === undefined) return null
  const { rows: covered } = await db.query<{ hash: Buffer }>(
    'SELECT hash FROM ledger_entry WHERE chain = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq',
    [entry.chain, head.fromSeq, head.seq],
    { priority: 'portal' },
  )
  const path = merklePath(
    covered.map(({ hash }) => hash),
    Number(entry.seq - head.fromSeq),
  )
  return { body: entry.body, receipt: write(entry, path, checkpoint, heads) }
}

function write(entry: EntryRow, path: readonly MerkleStep[], checkpoint: CheckpointRow, heads: readonly HeadFields[]): LedgerReceipt {
  return {
    version: 1,
    entry: {
      chain: entry.chain,
      seq: `${entry.seq}`,
      id: entry.id,
      at: entry.at.getTime(),
      kind: entry.kind,
      actor: entry.actor,
      providerId: entry.provider_id,
      subjectId: entry.subject_id,
      bodyDigest: bodyDigest(entry.body).toString('hex'),
      sealedDigest: entry.sealed === null ? null : sha256(entry.sealed).toString('hex'),
      prev: entry.prev.toString('hex'),
    },
    path: path.map(({ side, digest }) => ({ side, digest: digest.toString('hex') })),
    checkpoint: {
      number: `${checkpoint.number}`,
      at: checkpoint.at.getTime(),
      node: checkpoint.node,
      heads: heads.map(({ chain, seq, fromSeq, hash, root }) => ({
        chain,
        seq: `${seq}`,
        fromSeq: `${fromSeq}`,
        hash: hash.toString('hex'),
        root: root.toString('hex'),
      })),
      prev: checkpoint.prev.toString('hex'),
      keyId: checkpoint.key_id,
      signature: checkpoint.signature.toString('hex'),
    },
  }
}

/** Needs no database: true when the entry is under a checkpoint that the key signed. */
export async function verifyReceipt(receipt: LedgerReceipt, verify: VerifySignature): Promise<boolean> {
  const { entry, path, checkpoint } = receipt
  const hash = entryHash({
    ...entry,
    seq: BigInt(entry.seq),
    at: new Date(entry.at),
    bodyDigest: bytes(entry.bodyDigest),
    sealedDigest: entry.sealedDigest === null ? null : bytes(entry.sealedDigest),
    prev: bytes(entry.prev),
  })
  const head = checkpoint.heads.find(({ chain }) => chain === entry.chain)
  const root = rootFromPath(
    hash,
    path.map(({ side, digest }) => ({ side, digest: bytes(digest) })),
  )
  if (head === undefined || !root.equals(bytes(head.root))) return false
  const signed = checkpointHash({
    number: BigInt(checkpoint.number),
    at: new Date(checkpoint.at),
    node: checkpoint.node,
    heads: checkpoint.heads.map((item) => ({
      chain: item.chain,
      seq: BigInt(item.seq),
      fromSeq: BigInt(item.fromSeq),
      hash: bytes(item.hash),
      root: bytes(item.root),
    })),
    prev: bytes(checkpoint.prev),
  })
  return await verify(checkpoint.keyId, signed, bytes(checkpoint.signature))
}

/** As `verifyReceipt`, and the body is the one that was recorded. */
export async function verifyProvenEntry({ body, receipt }: ProvenEntry, verify: VerifySignature): Promise<boolean> {
  return bodyDigest(body).equals(bytes(receipt.entry.bodyDigest)) && (await verifyReceipt(receipt, verify))
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}
