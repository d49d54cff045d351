/** The Address format (RFC 6733 §4.3.1): IANA family, then the address. As text: IP text, or `e164:` and digits. */

/** undefined where family and length do not fit. */
export function readAddress(octets: Buffer, start: number, end: number): string | undefined {
  const length = end - start - 2
  const family = octets.readUInt16BE(start)
  if (family === 1 && length === 4) return `${octets[start + 2]}.${octets[start + 3]}.${octets[start + 4]}.${octets[start + 5]}`
  if (family === 2 && length === 16) return ipv6Text(octets, start + 2)
  const digits = family === 8 ? octets.toString('latin1', start + 2, end) : ''
  return /^\d{1,15}$/.test(digits) ? `e164:${digits}` : undefined
}

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
function ipv6Text(octets: Buffer, start: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(start + 2 * i).toString(16)).join(':')
  let longest = ''
  for (const [run] of groups.matchAll(/\b0(?::0)+\b/g)) if (run.length > longest.length) longest = run
  if (longest === '') return groups
  const at = groups.search(new RegExp(`(?:^|:)${longest}(?::|$)`))
  const [head, tail] = [groups.slice(0, at), groups.slice(groups.indexOf(longest, at) + longest.length)]
  return `${head}::${tail.replace(/^:/, '')}`
}

/** A RangeError where the text is no address. */
export function addressOctets(text: string): Buffer {
  const e164 = /^e164:(\d{1,15})$/.exec(text)
  if (e164 !== null) return Buffer.from(`\0\x08${e164[1]}`, 'latin1')
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const parts = text.split('.').map(Number)
    if (parts.every((part) => part < 256)) return Buffer.from([0, 1, ...parts])
  }
  const groups = ipv6Groups(text)
  if (groups === undefined) throw new RangeError(`not an address: ${text}`)
  return Buffer.from([0, 2, ...groups.flatMap((group) => [group >> 8, group & 0xff])])
}

function ipv6Groups(text: string): number[] | undefined {
  // The dotted tail of a mapped address (::ffff:192.0.2.1) is two groups.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    return `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`
  })
  const halves = plain.split('::')
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const fill = tail === undefined ? 0 : 8 - head.length - tail.length
  if (halves.length > 2 || (tail !== undefined && fill < 1)) return undefined
  const groups = [...head, ...Array.from({ length: fill }, () => '0'), ...(tail ?? [])]
  if (groups.length !== 8 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.map((group) => Number.parseInt(group, 16))
}
