/** The answer to a request that could not be accepted, made from its octets alone. */
import type { WireAnswer } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Dictionary, RawAvp } from './dictionary.ts'
import type { Kind } from './plan.ts'
import { exactOctets } from './scalars.ts'

const sessionId = 263
const proxyInfo = 284
const authSessionState = 277
const originHost = 264
const originRealm = 296
const resultCode = 268
const failedAvp = 279
const flagVendor = 0x80
const flagMandatory = 0x40

/** AVPs of the first level as far as they can be read; stops at the first broken length. */
function readableAvps(octets: Buffer): RawAvp[] {
  const found: RawAvp[] = []
  for (let at = 20; octets.length - at >= 8 && found.length < limits.diameter.avpsPerMessage; ) {
    const flags = octets[at + 4] ?? 0
    const headerLength = (flags & flagVendor) === 0 ? 8 : 12
    const end = at + octets.readUIntBE(at + 5, 3)
    if (end < at + headerLength || end > octets.length) break
    const vendor = headerLength === 12 ? octets.readUInt32BE(at + 8) : 0
    found.push({ code: octets.readUInt32BE(at), vendor, flags, data: octets.subarray(at + headerLength, end) })
    at = (end + 3) & ~3
  }
  return found
}

function avp(code: number, data: Buffer): RawAvp {
  return { code, vendor: 0, flags: flagMandatory, data }
}

function unsigned32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value >>> 0)
  return out
}

/**
 * RFC 6733 §7.2: same command and identifiers, E bit for protocol errors (3xxx), Session-Id and Proxy-Info copied where they
 * can be read, and the Failed-AVP that `answer.failed` holds. Also members that the answer's grammar requires and the request
 * carries (CC-Request-Type, Auth-Session-State), so that the answer can be decoded by its grammar. Never throws.
 */
export function failureAnswer(
  dictionary: Dictionary,
  requestOctets: Buffer,
  local: { readonly originHost: string; readonly originRealm: string },
  answer: WireAnswer,
): Buffer {
  // With less than a header the identifiers are unknown: zeros, so that the sender sees an answer that matches nothing.
  const header = Buffer.alloc(20)
  requestOctets.copy(header, 0, 0, 20)
  const request = readableAvps(requestOctets)
  // Without flags that nobody knows: the answer must be readable whatever the request was.
  const isFirst = (code: number): RawAvp[] =>
    request
      .filter((one) => one.code === code && one.vendor === 0)
      .slice(0, 1)
      .map((one) => avp(code, one.data))
  const required = dictionary.plans.commands.get(header.readUInt32BE(8))?.get((header.readUInt32BE(4) & 0xff_ffff) * 2)?.plan.required ?? []
  const parts = [
    ...isFirst(sessionId),
    avp(originHost, Buffer.from(local.originHost)),
    avp(originRealm, Buffer.from(local.originRealm)),
    avp(resultCode, unsigned32(answer.code)),
    ...required
      .filter((slot) => !own.has(slot.avp.code) && slot.avp.vendor === 0)
      .flatMap(({ avp: { code, kind } }) => echoed(isFirst(code).filter(isWhole(kind)), code)),
    ...(answer.failed === undefined || answer.failed.length === 0 ? [] : [avp(failedAvp, Buffer.from(answer.failed))]),
    ...request.filter((one) => one.code === proxyInfo && one.vendor === 0),
  ]
  return assemble(header, parts, answer.code >= 3000 && answer.code < 4000)
}

const own: ReadonlySet<number> = new Set([sessionId, originHost, originRealm, resultCode, failedAvp, proxyInfo])

/** What the request got wrong is not said again: a number has as many octets as its type. */
function isWhole(of: Kind): (one: RawAvp) => boolean {
  const octets = exactOctets[of] ?? 0
  return ({ data }) => octets === 0 || data.length === octets
}

/** 3GPP interfaces keep no session state (TS 29.272 §7.1.4): NO_STATE_MAINTAINED where the request did not say. */
function echoed(found: RawAvp[], code: number): RawAvp[] {
  return found.length === 0 && code === authSessionState ? [avp(code, unsigned32(1))] : found
}

function assemble(header: Buffer, parts: readonly RawAvp[], isProtocolError: boolean): Buffer {
  const room = limits.diameter.messageBytes
  let length = 20
  const chunks = [header]
  for (const part of parts) {
    const octets = rawOctets(part)
    // Copied parts of a huge request could make an answer of more octets than we may send: those are left out.
    if (length + octets.length > room) continue
    chunks.push(octets)
    length += octets.length
  }
  header.writeUInt32BE(0x0100_0000 + length, 0)
  header[4] = ((header[4] ?? 0) & 0x40) | (isProtocolError ? 0x20 : 0)
  return Buffer.concat(chunks, length)
}

function rawOctets({ code, vendor, flags, data }: RawAvp): Buffer {
  const headerLength = (flags & flagVendor) === 0 ? 8 : 12
  const length = headerLength + data.length
  const out = Buffer.alloc((length + 3) & ~3)
  out.writeUInt32BE(code, 0)
  out.writeUInt32BE(((flags << 24) | length) >>> 0, 4)
  if (headerLength === 12) out.writeUInt32BE(vendor, 8)
  data.copy(out, headerLength)
  return out
}
