import { hash } from 'node:crypto'

/**
 * Merkle tree over digests, shaped and prefixed as in RFC 6962 §2.1, so that a leaf can never pass for a node. The
 * root of a bulk chunk stands in one ledger row; a path proves that one item was in it.
 */

/** One step from a leaf to the root: the sibling's digest, and on which side it stands. */
export interface MerkleStep {
  side: 'left' | 'right'
  digest: Buffer
}

const leafMark = Buffer.of(0)
const nodeMark = Buffer.of(1)

function leafDigest(octets: Uint8Array): Buffer {
  return sha256([leafMark, octets])
}

/** Root over the items in their order. Of no items: the digest of nothing. */
export function merkleRoot(items: readonly Uint8Array[]): Buffer {
  return rootOf(items.map(leafDigest))
}

/** Proof for the item at `index`. */
export function merklePath(items: readonly Uint8Array[], index: number): MerkleStep[] {
  if (index < 0 || index >= items.length) throw new RangeError(`no item ${index} among ${items.length}`)
  const path: MerkleStep[] = []
  let leaves = items.map(leafDigest)
  let at = index
  while (leaves.length > 1) {
    const split = splitOf(leaves.length)
    if (at < split) {
      path.push({ side: 'right', digest: rootOf(leaves.slice(split)) })
      leaves = leaves.slice(0, split)
    } else {
      path.push({ side: 'left', digest: rootOf(leaves.slice(0, split)) })
      leaves = leaves.slice(split)
      at -= split
    }
  }
  return path.reverse()
}

/** The root that the item and its path lead to. */
export function rootFromPath(item: Uint8Array, path: readonly MerkleStep[]): Buffer {
  return path.reduce(
    (digest, step) => (step.side === 'left' ? nodeDigest(step.digest, digest) : nodeDigest(digest, step.digest)),
    leafDigest(item),
  )
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves
  if (first === undefined) return sha256([])
  if (leaves.length === 1) return first
  const split = splitOf(leaves.length)
  return nodeDigest(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1))
}

function nodeDigest(left: Buffer, right: Buffer): Buffer {
  return sha256([nodeMark, left, right])
}

/** In one call: a hash object of its own for each of a thousand leaves would have to be collected one by one. */
function sha256(parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer')
}
