import { createHash, hash } from 'node:crypto'

/**
 * The hash of a job: what is done, and to which rows in which order. It is a chain, so that it can be carried on after a
 * restart and does not depend on how the set was cut into chunks:
 *
 *   h(0) = SHA-256(canonical JSON of kind and change)
 *   h(n) = SHA-256(h(n-1) | row n): a row is the 16 octets of the SIM's id, and for a file of changes their canonical JSON.
 */
export function startHash(command: unknown): Buffer {
  return hash('sha256', canonicalJson(command), 'buffer')
}

export function addRow(before: Buffer, id: string, own?: string): Buffer {
  const row = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (own === undefined) return hash('sha256', Buffer.concat([before, row]), 'buffer')
  return createHash('sha256').update(before).update(row).update(own).digest()
}

/** Members in the order of their names, no spaces: the same value is always the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
