import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { Db, Tx } from './db.ts'
import { checkpointGenesis, checkpointHash, type HeadFields } from './ledger-digest.ts'
import { merkleRoot } from './merkle.ts'

/** Signs checkpoints, for example with an Ed25519 key; the store never sees the key. */
export interface CheckpointSigner {
  /** Names the key, so that checkpoints before and after a change of keys can be told apart. */
  readonly keyId: string
  sign(octets: Buffer): Buffer | Promise<Buffer>
}

export interface CheckpointOptions {
  db: Db
  clock: Clock
  node: string
  signer: CheckpointSigner
}

/** Two nodes that sign at once take turns. */
const checkpointLock = 7_368_697_761_900_433n

/** Signs how far every chain has come since the last checkpoint, in as many checkpoints as that takes; false: nothing new. */
export async function writeCheckpoint(options: CheckpointOptions): Promise<boolean> {
  let written = false
  while (await writeOne(options)) written = true
  return written
}

async function writeOne({ db, clock, node, signer }: CheckpointOptions): Promise<boolean> {
  return await db.transaction(
    async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [checkpointLock])
      const heads = await growth(tx)
      if (heads.length === 0) return false
      const { rows } = await tx.query<{ number: bigint; hash: Buffer }>(
        'SELECT number, hash FROM ledger_checkpoint ORDER BY number DESC LIMIT 1',
      )
      const number = (rows[0]?.number ?? 0n) + 1n
      const prev = rows[0]?.hash ?? checkpointGenesis
      const at = new Date(clock.now())
      const hash = checkpointHash({ number, at, node, heads, prev })
      await tx.query(
        `INSERT INTO ledger_checkpoint (number, at, node, prev, hash, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [number, at, node, prev, hash, signer.keyId, await signer.sign(hash)],
      )
      for (const head of heads) {
        await tx.query('INSERT INTO ledger_head (chain, seq, from_seq, hash, root, checkpoint) VALUES ($1, $2, $3, $4, $5, $6)', [
          head.chain,
          head.seq,
          head.fromSeq,
          head.hash,
          head.root,
          number,
        ])
      }
      return true
    },
    { priority: 'job' },
  )
}

const grownChains = `
  SELECT c.id AS chain, h.seq AS done, e.seq AS last
  FROM ledger_chain c
  CROSS JOIN LATERAL (SELECT coalesce(max(seq), 0) AS seq FROM ledger_head WHERE chain = c.id) h
  CROSS JOIN LATERAL (SELECT max(seq) AS seq FROM ledger_entry WHERE chain = c.id) e
  WHERE e.seq > h.seq
  ORDER BY c.id
  LIMIT 16`

/** The new heads; of a long stretch only as much as one step may read. */
async function growth(tx: Tx): Promise<HeadFields[]> {
  const { rows: grown } = await tx.query<{ chain: string; done: bigint; last: bigint }>(grownChains)
  const heads: HeadFields[] = []
  for (const { chain, done } of grown) {
    const { rows } = await tx.query<{ seq: bigint; hash: Buffer }>(
      'SELECT seq, hash FROM ledger_entry WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3',
      [chain, done, limits.store.chunkRows],
    )
    const last = rows.at(-1)
    if (last === undefined) continue
    heads.push({ chain, seq: last.seq, fromSeq: done + 1n, hash: last.hash, root: merkleRoot(rows.map(({ hash }) => hash)) })
  }
  return heads
}
