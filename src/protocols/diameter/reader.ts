/** The AVPs of a message or group, read along its plan. */
import { limits } from '#core/limits.ts'
import type { RawAvp } from './dictionary.ts'
import { exampleAvp, type Fault, fault, insideGroups, zeroAvp } from './faults.ts'
import { minimumOctets, type Plan, type PlannedAvp, type Plans, placeOf, type Slot } from './plan.ts'
import { exactOctets, readScalar } from './scalars.ts'

/** One decode in progress. */
export interface Reading {
  readonly octets: Buffer
  readonly plans: Plans
  readonly lenientMBits: boolean
  /** AVPs that may still come. */
  left: number
  /** Offsets of the groups being read, outermost first. */
  readonly groups: number[]
  waived: string[] | undefined
}

export type Values = Record<string, unknown>

const flagVendor = 0x80
const flagMandatory = 0x40
/** Bits that no RFC has given a meaning; "an unrecognized bit SHOULD be considered an error" (RFC 6733 §4.1). */
const flagsReserved = 0x1f

/** Reads into `into`; returns the AVPs outside the grammar. `from` and `to` bound the AVPs in the octets. */
export function readMembers(reading: Reading, plan: Plan, from: number, to: number, into: Values): RawAvp[] | undefined {
  const { octets } = reading
  let others: RawAvp[] | undefined
  let at = from
  for (let position = 0; at < to; position++) {
    if (--reading.left < 0) throw broken(reading, 'too-complex', `more than ${limits.diameter.avpsPerMessage} AVPs`, at)
    const end = endOfAvp(reading, at, to)
    const flags = octets[at + 4] as number
    const code = octets.readUInt32BE(at)
    const vendor = (flags & flagVendor) === 0 ? 0 : octets.readUInt32BE(at + 8)
    const place = placeOf(plan.index, vendor, code)
    if (place >= 0) {
      const slot = plan.slots[place] as Slot
      if (slot.position >= 0 && slot.position !== position && into[slot.name] === undefined) {
        // `<Session-Id>` must be first (RFC 6733 §3.2, §8.8): there it is missing.
        throw broken(reading, 'avp-missing', `${slot.name} is not in its fixed place`, at, exampleAvp(slot.avp))
      }
      if (slot.surplusKept && into[slot.name] !== undefined) {
        others ??= []
        others.push(rawAvp(octets, at, end))
      } else readMember(reading, slot, at, end, into)
    } else {
      others ??= []
      others.push(readOther(reading, plan, code, vendor, at, end))
    }
    at = (end + 3) & ~3
  }
  return others
}

function readMember(reading: Reading, slot: Slot, at: number, end: number, into: Values): void {
  const value = readValue(reading, slot.avp, at, end)
  const { name } = slot
  if (slot.single) {
    if (into[name] !== undefined) throw broken(reading, 'avp-too-many', `a second ${name}`, at, whole(reading, at, end))
    into[name] = value
    return
  }
  const list = into[name] as unknown[] | undefined
  if (list === undefined) into[name] = [value]
  else if (list.length < slot.max) list.push(value)
  else throw broken(reading, 'avp-too-many', `more than ${slot.max} ${name}`, at, whole(reading, at, end))
}

/** The end of the AVP at `at`, without padding. Also judges what its header alone can break. */
function endOfAvp(reading: Reading, at: number, to: number): number {
  const { octets } = reading
  if (to - at < 8) {
    // The header itself is cut: padded with zeros to the least header (RFC 6733 §7.1.5, 5014).
    const header = Buffer.alloc(8)
    octets.copy(header, 0, at, to)
    header.writeUIntBE(8, 5, 3)
    header[4] = (header[4] as number) & ~flagVendor
    throw broken(reading, 'avp-length', `${to - at} octets are too few for an AVP`, at, header)
  }
  const word = octets.readUInt32BE(at + 4)
  const length = word & 0xff_ffff
  const headerLength = word >>> 31 === 0 ? 8 : 12
  if (length < headerLength || at + length > to) throw badLength(reading, at, to, length)
  if (((word >>> 24) & flagsReserved) !== 0) {
    throw broken(reading, 'avp-bits', `AVP ${octets.readUInt32BE(at)} has unknown flag bits`, at, whole(reading, at, at + length))
  }
  return at + length
}

/** The header and a zero-filled payload of the type's least length will do (RFC 6733 §7.1.5, 5014). */
function badLength(reading: Reading, at: number, to: number, length: number): Error {
  const { octets, plans } = reading
  const code = octets.readUInt32BE(at)
  const flags = octets[at + 4] as number
  const vendor = (flags & flagVendor) !== 0 && to - at >= 12 ? octets.readUInt32BE(at + 8) : 0
  const known = plans.avps[placeOf(plans.avpIndex, vendor, code)]
  const failed = zeroAvp(code, vendor, flags, known === undefined ? 0 : (minimumOctets[known.kind] ?? 0))
  return broken(reading, 'avp-length', `AVP ${code} says ${length} octets`, at, failed)
}

function readValue(reading: Reading, avp: PlannedAvp, at: number, end: number): unknown {
  const start = at + avp.headerLength
  if (avp.group !== null) return readGroup(reading, avp, avp.group, at, end)
  const exact = exactOctets[avp.kind] as number
  if (exact !== 0 && end - start !== exact) {
    const failed = zeroAvp(avp.code, avp.vendor, reading.octets[at + 4] as number, exact)
    throw broken(reading, 'avp-length', `${avp.name} has ${end - start} octets, not ${exact}`, at, failed)
  }
  const value = readScalar(reading.octets, avp.kind, start, end)
  if (value === undefined) throw broken(reading, 'avp-value', `${avp.name} is no valid ${avp.row.type}`, at, whole(reading, at, end))
  return value
}

function readGroup(reading: Reading, avp: PlannedAvp, plan: Plan, at: number, end: number): Values {
  const into: Values = {}
  const start = at + avp.headerLength
  if (plan.opaque) {
    into.others = readOpaque(reading, start, end)
    return into
  }
  const { groups } = reading
  if (groups.length >= limits.diameter.avpDepth) throw broken(reading, 'too-complex', `groups deeper than ${limits.diameter.avpDepth}`, at)
  groups.push(at)
  const others = readMembers(reading, plan, start, end, into)
  if (others !== undefined) into.others = others
  requireMembers(reading, plan.required, into, at)
  groups.pop()
  return into
}

/** Throws 5005 for the first absent one. `at`: where the message or group starts. */
export function requireMembers(reading: Reading, required: readonly Slot[], values: Values, at: number): void {
  for (const slot of required) {
    const value = values[slot.name]
    if (value === undefined || (slot.min > 1 && (value as unknown[]).length < slot.min)) {
      throw broken(reading, 'avp-missing', `${slot.name} is missing`, at, exampleAvp(slot.avp))
    }
  }
}

/** The content of a Failed-AVP: someone else found it broken, so that it may be. A broken tail is left out. */
function readOpaque(reading: Reading, from: number, to: number): RawAvp[] {
  const { octets } = reading
  const found: RawAvp[] = []
  for (let at = from; to - at >= 8; ) {
    const flags = octets[at + 4] as number
    const headerLength = (flags & flagVendor) === 0 ? 8 : 12
    const end = at + octets.readUIntBE(at + 5, 3)
    if (end < at + headerLength || end > to || --reading.left < 0) break
    found.push(rawAvp(octets, at, end))
    at = (end + 3) & ~3
  }
  return found
}

function readOther(reading: Reading, plan: Plan, code: number, vendor: number, at: number, end: number): RawAvp {
  const flags = reading.octets[at + 4] as number
  const known = placeOf(reading.plans.avpIndex, vendor, code)
  if (known >= 0 && plan.closed) {
    const name = reading.plans.avps[known]?.name
    throw broken(reading, 'avp-not-allowed', `${name} may not stand here`, at, whole(reading, at, end))
  }
  if (known < 0 && (flags & flagMandatory) !== 0) {
    const text = vendor === 0 ? `AVP ${code}` : `AVP ${code} of vendor ${vendor}`
    if (!reading.lenientMBits) throw broken(reading, 'avp-unsupported', `${text} is unknown and mandatory`, at, whole(reading, at, end))
    reading.waived ??= []
    reading.waived.push(`m-bits: ${text}`)
  }
  return rawAvp(reading.octets, at, end)
}

function rawAvp(octets: Buffer, at: number, end: number): RawAvp {
  const flags = octets[at + 4] as number
  const hasVendor = (flags & flagVendor) !== 0
  const vendor = hasVendor ? octets.readUInt32BE(at + 8) : 0
  return { code: octets.readUInt32BE(at), vendor, flags, data: octets.subarray(at + (hasVendor ? 12 : 8), end) }
}

/** The AVP's octets, padded. */
function whole(reading: Reading, at: number, end: number): Buffer {
  const out = Buffer.alloc((end - at + 3) & ~3)
  reading.octets.copy(out, 0, at, end)
  return out
}

function broken(reading: Reading, name: Fault, message: string, offset: number, failed?: Buffer): Error {
  return fault(name, message, offset, failed === undefined ? undefined : insideGroups(reading.octets, reading.groups, failed))
}
