import { createHash } from 'node:crypto'
import { canonicalJson } from '#core/canonical-json.ts'

/** What every digest of the ledger is made of. Changing any of it breaks every existing chain: add a version instead. */

/** The columns of an entry that its hash covers. */
export interface EntryFields {
  chain: string
  seq: bigint
  id: string
  at: Date
  kind: string
  actor: string
  providerId: string | null
  subjectId: string | null
  /** SHA-256 of the canonical JSON of the body. */
  bodyDigest: Buffer
  /** SHA-256 of the sealed octets; null where nothing personal was recorded. */
  sealedDigest: Buffer | null
  prev: Buffer
}

export interface HeadFields {
  chain: string
  seq: bigint
  fromSeq: bigint
  hash: Buffer
  root: Buffer
}

export interface CheckpointFields {
  number: bigint
  at: Date
  node: string
  heads: readonly HeadFields[]
  prev: Buffer
}

export function sha256(octets: Uint8Array | string): Buffer {
  return createHash('sha256').update(octets).digest()
}

/** What the first entry of a chain stands on. */
export function genesisOf(chain: string): Buffer {
  return sha256(`simward ledger chain 1\n${chain}`)
}

/** What the first checkpoint stands on. */
export const checkpointGenesis = sha256('simward ledger checkpoints 1')

export function entryHash(entry: EntryFields): Buffer {
  const { chain, seq, id, at, kind, actor, providerId, subjectId, bodyDigest, sealedDigest, prev } = entry
  const fields = [chain, `${seq}`, id, `${at.getTime()}`, kind, actor, providerId, subjectId, hex(bodyDigest), hex(sealedDigest), hex(prev)]
  return sha256(`simward ledger entry 1\n${JSON.stringify(fields)}`)
}

/** Covers the heads in the order of their chain ids. */
export function checkpointHash(checkpoint: CheckpointFields): Buffer {
  const heads = checkpoint.heads
    .toSorted((a, b) => (a.chain < b.chain ? -1 : 1))
    .map(({ chain, seq, fromSeq, hash, root }) => [chain, `${seq}`, `${fromSeq}`, hex(hash), hex(root)])
  const fields = [`${checkpoint.number}`, `${checkpoint.at.getTime()}`, checkpoint.node, heads, hex(checkpoint.prev)]
  return sha256(`simward ledger checkpoint 1\n${JSON.stringify(fields)}`)
}

/** What the database gives back with its members in another order has the same digest. */
export function bodyDigest(body: unknown): Buffer {
  return sha256(canonicalJson(body))
}

function hex(octets: Buffer | null): string | null {
  return octets === null ? null : octets.toString('hex')
}
