/** Values of the basic and derived formats (RFC 6733 §4.2, §4.3) out of octets. */
import { isUtf8 } from 'node:buffer'
import { readAddress } from './address.ts'
import { type Kind, kind } from './plan.ts'

/** Seconds from 1900 to 1970. */
export const ntpOffset = 2_208_988_800

/** What a scalar of a fixed length has; 0: any length. */
export const exactOctets: readonly number[] = [0, 4, 4, 8, 8, 4, 8, 0, 0, 0, 0, 4, 0]

/** The value, or undefined where the octets are not one of that kind (5004). Lengths of fixed kinds must have been checked. */
export function readScalar(octets: Buffer, of: Kind, start: number, end: number): unknown {
  switch (of) {
    case kind.octets:
      return octets.subarray(start, end)
    case kind.unsigned32:
      return octets.readUInt32BE(start)
    case kind.integer32:
      return octets.readInt32BE(start)
    case kind.utf8:
      return readText(octets, start, end)
    case kind.identity:
      return readPrintable(octets, start, end, 0x21)
    case kind.ascii:
      return readPrintable(octets, start, end, 0x20)
    case kind.unsigned64:
      return octets.readBigUInt64BE(start)
    case kind.integer64:
      return octets.readBigInt64BE(start)
    case kind.float32:
      return octets.readFloatBE(start)
    case kind.float64:
      return octets.readDoubleBE(start)
    case kind.time:
      return readTime(octets.readUInt32BE(start))
    case kind.address:
      return end - start < 3 ? undefined : readAddress(octets, start, end)
    case kind.group:
      return undefined
  }
}

/** RFC 6733 §4.3.1: from 2036 on the 32 bits start again, told apart by the highest bit (RFC 5905 §6, RFC 4330 §3). */
function readTime(seconds: number): Date {
  const era = seconds >= 0x8000_0000 ? 0 : 0x1_0000_0000
  return new Date((seconds + era - ntpOffset) * 1000)
}

/** NUL is valid UTF-8 but no text that anything behind us could store. */
function readText(octets: Buffer, start: number, end: number): string | undefined {
  let any = 0
  let hasNul = false
  for (let i = start; i < end; i++) {
    const octet = octets[i] as number
    any |= octet
    if (octet === 0) hasNul = true
  }
  if (hasNul) return undefined
  if (any < 0x80) return octets.toString('latin1', start, end)
  return isUtf8(octets.subarray(start, end)) ? octets.toString('utf8', start, end) : undefined
}

/** Printable ASCII, at least one character. Stricter forms (an FQDN) are the guard's to judge, with its waivers. */
function readPrintable(octets: Buffer, start: number, end: number, lowest: number): string | undefined {
  for (let i = start; i < end; i++) {
    const octet = octets[i] as number
    if (octet < lowest || octet > 0x7e) return undefined
  }
  return end === start ? undefined : octets.toString('latin1', start, end)
}
