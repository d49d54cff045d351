import type { AvpNode, Fact, Reason } from '../api/types.ts'

/** Octets of one line of the dump. */
export interface HexLine {
  offset: number
  octets: readonly { text: string; marked: boolean }[]
  ascii: string
}

export interface Range {
  from: number
  to: number
}

/** Lines of `width` octets that touch `shown`; octets inside `marked` are marked. */
export function hexLines(hex: string, marked: readonly Range[], shown: Range, width = 8): HexLine[] {
  const lines: HexLine[] = []
  const total = Math.floor(hex.length / 2)
  for (let offset = Math.floor(shown.from / width) * width; offset < Math.min(shown.to, total); offset += width) {
    const octets: { text: string; marked: boolean }[] = []
    let ascii = ''
    for (let i = offset; i < Math.min(offset + width, total); i++) {
      const text = hex.slice(i * 2, i * 2 + 2)
      const code = Number.parseInt(text, 16)
      octets.push({ text, marked: marked.some(({ from, to }) => i >= from && i < to) })
      ascii += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
    }
    lines.push({ offset, octets, ascii })
  }
  return lines
}

/** Octets of the AVP with its padding (RFC 6733 §4.1: AVPs end on a 32-bit boundary). */
export function rangeOf(node: { offset: number; length: number }): Range {
  return { from: node.offset, to: node.offset + Math.ceil(node.length / 4) * 4 }
}

/** About ten lines around what decided; the start of the message where nothing is marked. */
export function shownRange(total: number, marked: Range | undefined, lines = 10, width = 8): Range {
  if (total <= lines * width) return { from: 0, to: total }
  if (marked === undefined) return { from: 0, to: lines * width }
  const before = Math.max(0, Math.floor((lines * width - (marked.to - marked.from)) / 2 / width) * width)
  const from = Math.max(0, Math.min(Math.floor(marked.from / width) * width - before, Math.ceil(total / width) * width - lines * width))
  return { from, to: Math.min(total, from + lines * width) }
}

/** Which AVP the sender lied in, or that the policy looked at, by the reason of the verdict. Several: the first one present. */
const decidingAvps: Partial<Record<Reason, readonly string[]>> = {
  'forged-network': ['Visited-PLMN-Id'],
  'forged-realm': ['Origin-Realm'],
  'forged-host': ['Origin-Host'],
  'own-identity-from-outside': ['Origin-Realm', 'Origin-Host'],
  'operation-from-outside': ['Origin-Realm'],
  'unsolicited-answer': ['Session-Id'],
  'not-registered-node': ['Origin-Host'],
  'out-of-sequence': ['ULR-Flags'],
  replay: ['Re-Synchronization-Info'],
  'vector-cap': ['Number-Of-Requested-Vectors', 'Requested-EUTRAN-Authentication-Info'],
  'separation-bit': ['Requested-UTRAN-GERAN-Authentication-Info', 'Requested-EUTRAN-Authentication-Info'],
  'rate-cap': ['User-Name'],
  'unknown-subscriber': ['User-Name'],
  'not-ours': ['User-Name'],
  'not-subscribed': ['RAT-Type'],
  'outside-roaming-area': ['Visited-PLMN-Id'],
  'partner-not-allowed': ['Visited-PLMN-Id'],
  'imei-lock': ['IMEI', 'Terminal-Information'],
  'held-for-approval': ['User-Name'],
  suspended: ['User-Name'],
  banned: ['User-Name'],
}

/** An AVP in the tree by its name, depth first. */
function findAvp(tree: readonly AvpNode[], name: string): AvpNode | undefined {
  for (const node of tree) {
    const found = node.name === name ? node : findAvp(node.children ?? [], name)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The AVP that decided: the one of the reason that the facts name too, else the reason's, else what was claimed, else
 * what is at fault; undefined where the message as a whole was judged.
 */
export function decidingAvp(tree: readonly AvpNode[], reason: Reason, facts: readonly Fact[] = []): AvpNode | undefined {
  if (reason === 'ok') return undefined
  const claimed = facts.filter((fact) => fact.source === 'claimed').map((fact) => fact.name)
  const usual = decidingAvps[reason] ?? []
  for (const name of [...usual.filter((one) => claimed.includes(one)), ...usual, ...claimed]) {
    const found = findAvp(tree, name)
    if (found !== undefined) return found
  }
  return findFault(tree)
}

function findFault(tree: readonly AvpNode[]): AvpNode | undefined {
  for (const node of tree) {
    if (node.fault !== undefined) return node
    const inside = findFault(node.children ?? [])
    if (inside !== undefined) return inside
  }
  return undefined
}

/** The tree as rows with their depth, as tables show it. */
export function flatten(tree: readonly AvpNode[], depth = 0): { node: AvpNode; depth: number }[] {
  return tree.flatMap((node) => [{ node, depth }, ...flatten(node.children ?? [], depth + 1)])
}
