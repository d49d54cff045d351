/** Faults of a message, their Result-Codes, and what goes into the Failed-AVP (RFC 6733 §7.1.3, §7.1.5, §7.5). */
import { ProtocolError } from '#core/errors.ts'
import { minimumOctets, type PlannedAvp } from './plan.ts'

const faults = {
  'command-unsupported': { result: 3001, spec: 'RFC 6733 §7.1.3' },
  'application-unsupported': { result: 3007, spec: 'RFC 6733 §7.1.3' },
  'header-bits': { result: 3008, spec: 'RFC 6733 §3' },
  'avp-bits': { result: 3009, spec: 'RFC 6733 §4.1' },
  'avp-unsupported': { result: 5001, spec: 'RFC 6733 §4.1' },
  'avp-value': { result: 5004, spec: 'RFC 6733 §4.2' },
  'avp-missing': { result: 5005, spec: 'RFC 6733 §3.2' },
  'avp-not-allowed': { result: 5008, spec: 'RFC 6733 §3.2' },
  'avp-too-many': { result: 5009, spec: 'RFC 6733 §3.2' },
  version: { result: 5011, spec: 'RFC 6733 §3' },
  'too-complex': { result: 5012, spec: 'RFC 6733 §7.1.5' },
  'avp-length': { result: 5014, spec: 'RFC 6733 §4.1' },
  'message-length': { result: 5015, spec: 'RFC 6733 §3' },
} as const
/** `code` of the ProtocolErrors that this codec throws, without the prefix `diameter-`. */
export type Fault = keyof typeof faults

/** `failed` is the content of the Failed-AVP that the answer carries. */
export function fault(name: Fault, message: string, offset: number, failed?: Buffer): ProtocolError {
  const { result, spec } = faults[name]
  const answer = failed === undefined ? { code: result } : { code: result, failed }
  return new ProtocolError(`diameter-${name}`, message, { offset, spec, answer })
}

/** An AVP of the least length with zeros for content: what "example" means in RFC 6733 §7.1.5 (5005). */
export function exampleAvp(avp: PlannedAvp): Buffer {
  return zeroAvp(avp.code, avp.vendor, avp.flags, minimumOctets[avp.kind] ?? 0)
}

export function zeroAvp(code: number, vendor: number, flags: number, dataLength: number): Buffer {
  const headerLength = (flags & 0x80) === 0 ? 8 : 12
  const length = headerLength + dataLength
  const out = Buffer.alloc((length + 3) & ~3)
  out.writeUInt32BE(code >>> 0, 0)
  out.writeUInt32BE(((flags << 24) | length) >>> 0, 4)
  if (headerLength === 12) out.writeUInt32BE(vendor >>> 0, 8)
  return out
}

/**
 * Sets `content` (whole AVPs) inside the groups in which it stood, outermost first, so that the peer can find it (RFC 6733 §7.5).
 * `groups` are offsets of group headers in `octets`.
 */
export function insideGroups(octets: Buffer, groups: readonly number[], content: Buffer): Buffer {
  let inner = content
  for (const at of groups.toReversed()) {
    const headerLength = ((octets[at + 4] ?? 0) & 0x80) === 0 ? 8 : 12
    const header = Buffer.from(octets.subarray(at, at + headerLength))
    header.writeUIntBE(headerLength + inner.length, 5, 3)
    inner = Buffer.concat([header, inner])
  }
  return inner
}
