import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Octets of a digest that are kept of each word: at 40 bits one password in a hundred thousand is taken for a known one. */
const prefixBytes = 5
const leastWord = 3
const longestWord = 40

/** What attackers write for letters, read back. */
const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '€': 'e',
}

export function digestOf(word: string): Buffer {
  return createHash('sha256').update(`simward known password ${word}`).digest().subarray(0, prefixBytes)
}

/** Lower case, letters and digits only; once as typed, once with the usual signs read as letters. */
export function foldings(password: string): string[] {
  const lower = password.normalize('NFKC').toLowerCase()
  const strip = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '')
  const read = (text: string): string => [...text].map((sign) => leet[sign] ?? sign).join('')
  // "Password123": the digits at the end are digits, not letters.
  const [, head = '', tail = ''] = /^(.*?)(\d*)$/s.exec(strip(lower.replaceAll(/[!.?]+$/g, ''))) ?? []
  return [...new Set([strip(lower), strip(read(lower)), read(head) + tail])]
}

/** The words that attackers try first, as digests: built in from public statistics of what people choose. */
export class KnownWords {
  readonly #table: Buffer

  constructor(table: Buffer = readFileSync(new URL('./words.bin', import.meta.url))) {
    this.#table = table
  }

  has(word: string): boolean {
    const wanted = digestOf(word)
    let low = 0
    let high = this.#table.length / prefixBytes
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = this.#table.subarray(middle * prefixBytes, (middle + 1) * prefixBytes).compare(wanted)
      if (order === 0) return true
      if (order < 0) low = middle + 1
      else high = middle
    }
    return false
  }

  /** True where the whole is made of at most two such words, with digits between or around them. */
  isMadeOf(text: string): boolean {
    const best = new Array<number>(text.length + 1).fill(Number.POSITIVE_INFINITY)
    best[0] = 0
    for (let end = 1; end <= text.length; end++) {
      if (/\d/.test(text[end - 1] ?? '')) best[end] = best[end - 1] ?? Number.POSITIVE_INFINITY
      for (let start = Math.max(0, end - longestWord); start <= end - leastWord; start++) {
        const words = (best[start] ?? Number.POSITIVE_INFINITY) + 1
        if (words <= 2 && words < (best[end] ?? Number.POSITIVE_INFINITY) && this.has(text.slice(start, end))) best[end] = words
      }
    }
    return (best[text.length] ?? Number.POSITIVE_INFINITY) <= 2
  }
}

/**
 * Whether a file of sorted lines, SHA-1 in hexadecimal with or without `:count`, holds the password: the form in which large
 * lists of breached passwords are published. Some forty short reads, however large it is; nothing leaves this machine.
 */
export async function isInSortedFile(path: string, password: string): Promise<boolean> {
  const wanted = createHash('sha1').update(password.normalize('NFKC')).digest('hex').toUpperCase()
  await using file = await open(path, 'r')
  let low = 0
  let high = (await file.stat()).size
  while (low < high) {
    const line = await lineAt(file, Math.floor((low + high) / 2))
    const found = line.text.slice(0, 40).toUpperCase()
    if (found === wanted) return true
    if (found < wanted) low = line.end
    else high = line.start
  }
  return false
}

/** The line that the octet at `position` belongs to; lines are short. */
async function lineAt(file: FileHandle, position: number): Promise<{ text: string; start: number; end: number }> {
  const reach = 128
  const from = Math.max(0, position - reach)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * reach), 0, 2 * reach, from)
  const octets = buffer.subarray(0, bytesRead)
  const at = position - from
  const before = at === 0 ? -1 : octets.lastIndexOf(0x0a, at - 1)
  const after = octets.indexOf(0x0a, at)
  const end = after === -1 ? bytesRead : after
  return { text: octets.toString('latin1', before + 1, end), start: from + before + 1, end: from + end + (after === -1 ? 0 : 1) }
}
