import { isIP } from 'node:net'

/** A range of IP addresses: `base` has no bit below the prefix. */
export interface Cidr {
  family: 4 | 6
  base: bigint
  prefix: number
}

const bitsOf = { 4: 32, 6: 128 } as const

/** An address or a range as a person writes it; null where it is neither, or where bits below the prefix are set. */
export function parseCidr(text: string): Cidr | null {
  const match = /^([0-9a-fA-F:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text)
  if (match === null) return null
  const [, address = '', length] = match
  const family = isIP(address)
  if (family !== 4 && family !== 6) return null
  const bits = bitsOf[family]
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return null
  const base = family === 4 ? readIpv4(address) : readIpv6(address)
  return base & ((1n << BigInt(bits - prefix)) - 1n) ? null : { family, base, prefix }
}

/** The one way in which we write it: lower case, the longest run of zeros left out (RFC 5952), the prefix always there. */
export function cidrText({ family, base, prefix }: Cidr): string {
  return `${family === 4 ? ipv4Text(base) : ipv6Text(base)}/${prefix}`
}

/** Two ranges overlap where one holds the other: they never cross. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  if (a.family !== b.family) return false
  const shift = BigInt(bitsOf[a.family] - Math.min(a.prefix, b.prefix))
  return a.base >> shift === b.base >> shift
}

/** True where every address of `inner` lies in `outer`. */
function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && overlaps(outer, inner)
}

const range = (text: string): Cidr => {
  const cidr = parseCidr(text)
  if (cidr === null) throw new RangeError(`${text} is no range`)
  return cidr
}

/** Inside somebody's own network: reached over a private link only (RFC 1918, RFC 6598, RFC 4193). */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(range)

/** No platform can stand there: this host, this link, many receivers, reserved (RFC 6890). */
const unreachableRanges = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
].map(range)

/** Wider than this is no list of known platforms any more. */
const widestPrefix = { 4: 8, 6: 19 } as const

export type CidrKind = 'everything' | 'too-wide' | 'unreachable' | 'private' | 'public'

/** What kind of place a range is, the gravest first. */
export function cidrKind(cidr: Cidr): CidrKind {
  if (cidr.prefix === 0) return 'everything'
  if (cidr.prefix < widestPrefix[cidr.family]) return 'too-wide'
  if (unreachableRanges.some((each) => contains(each, cidr))) return 'unreachable'
  return privateRanges.some((each) => contains(each, cidr)) ? 'private' : 'public'
}

function readIpv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

function readIpv6(text: string): bigint {
  // The last 32 bits may be written as an IPv4 address (RFC 4291 §2.2).
  const mixed = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (mixed !== null) {
    const low = readIpv4(mixed[2] ?? '')
    return readIpv6(`${mixed[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`)
  }
  const [head = '', tail] = text.split('::')
  const groups = (part: string | undefined): string[] => (part === undefined || part === '' ? [] : part.split(':'))
  const [left, right] = [groups(head), groups(tail)]
  const all = [...left, ...Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0'), ...right]
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.')
}

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  let best = { at: 0, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (groups[at + length] === '0') length += 1
    if (length > best.length) best = { at, length }
  }
  if (best.length === 1) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
