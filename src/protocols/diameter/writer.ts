/** Values into octets, along a plan. What does not fit is the caller's fault: TypeError or RangeError, with the AVP's name. */
import { limits } from '#core/limits.ts'
import { addressOctets } from './address.ts'
import type { RawAvp } from './dictionary.ts'
import { kind, type Plan, type PlannedAvp, type Slot } from './plan.ts'
import type { Values } from './reader.ts'
import { ntpOffset } from './scalars.ts'

/** Octets being written; grows up to `limits.diameter.messageBytes`. */
export interface Writing {
  octets: Buffer
  at: number
}

/** Most S6a messages fit; the pool of Buffer.allocUnsafe serves this size without a call to the allocator. */
const firstSize = 768

export function startWriting(): Writing {
  return { octets: Buffer.allocUnsafe(firstSize), at: 20 }
}

/** Room for `more` octets from `at`. */
function ensure(writing: Writing, more: number): void {
  const needed = writing.at + more
  if (needed <= writing.octets.length) return
  if (needed > limits.diameter.messageBytes) throw new RangeError(`a message of more than ${limits.diameter.messageBytes} octets`)
  const larger = Buffer.allocUnsafe(Math.max(needed, writing.octets.length * 2))
  writing.octets.copy(larger, 0, 0, writing.at)
  writing.octets = larger
}

export function writeMembers(writing: Writing, plan: Plan, values: Values): void {
  for (const slot of plan.slots) {
    const value = values[slot.name]
    if (value !== undefined) writeSlot(writing, slot, value)
  }
}

function writeSlot(writing: Writing, slot: Slot, value: unknown): void {
  if (slot.single) {
    writeAvp(writing, slot.avp, value)
    return
  }
  if (!Array.isArray(value)) throw new TypeError(`${slot.name} takes a list`)
  if (value.length > slot.max) throw new RangeError(`${slot.name}: ${value.length} given, ${slot.max} allowed`)
  for (const one of value) writeAvp(writing, slot.avp, one)
}

function writeAvp(writing: Writing, avp: PlannedAvp, value: unknown): void {
  const start = writing.at
  const { headerLength } = avp
  ensure(writing, headerLength + 16)
  writing.at = start + headerLength
  if (avp.group !== null) writeGroup(writing, avp, avp.group, value as Values)
  else writeScalar(writing, avp, value)
  finishAvp(writing, start, avp.code, avp.vendor, avp.flags)
}

/** Header and padding of the AVP whose content ends at `writing.at`. */
function finishAvp(writing: Writing, start: number, code: number, vendor: number, flags: number): void {
  const { octets, at } = writing
  octets.writeUInt32BE(code, start)
  octets.writeUInt32BE(((flags << 24) | (at - start)) >>> 0, start + 4)
  if ((flags & 0x80) !== 0) octets.writeUInt32BE(vendor, start + 8)
  const padded = (at + 3) & ~3
  if (padded !== at) {
    ensure(writing, padded - at)
    writing.octets.fill(0, at, padded)
    writing.at = padded
  }
}

function writeGroup(writing: Writing, avp: PlannedAvp, plan: Plan, values: Values): void {
  if (typeof values !== 'object' || values === null) throw new TypeError(`${avp.name} takes an object of its members`)
  writeMembers(writing, plan, values)
  for (const slot of plan.required) {
    if (values[slot.name] === undefined) throw new TypeError(`${avp.name} needs ${slot.name}`)
  }
  const others = values.others as readonly RawAvp[] | undefined
  if (others !== undefined) writeRaw(writing, others)
}

/** AVPs outside the grammar, as they came. */
export function writeRaw(writing: Writing, avps: readonly RawAvp[]): void {
  for (const { code, vendor, flags, data } of avps) {
    const start = writing.at
    ensure(writing, 12 + data.length)
    writing.at = start + ((flags & 0x80) === 0 ? 8 : 12)
    writing.octets.set(data, writing.at)
    writing.at += data.length
    finishAvp(writing, start, code, vendor, flags)
  }
}

function writeScalar(writing: Writing, avp: PlannedAvp, value: unknown): void {
  const { octets, at } = writing
  switch (avp.kind) {
    case kind.octets:
      writeOctets(writing, avp, value)
      return
    case kind.utf8:
    case kind.identity:
    case kind.ascii:
      writeText(writing, avp, value)
      return
    case kind.unsigned32:
      writing.at = octets.writeUInt32BE(value as number, at)
      return
    case kind.integer32:
      writing.at = octets.writeInt32BE(value as number, at)
      return
    case kind.unsigned64:
      writing.at = octets.writeBigUInt64BE(value as bigint, at)
      return
    case kind.integer64:
      writing.at = octets.writeBigInt64BE(value as bigint, at)
      return
    case kind.float32:
      writing.at = octets.writeFloatBE(value as number, at)
      return
    case kind.float64:
      writing.at = octets.writeDoubleBE(value as number, at)
      return
    case kind.time:
      writing.at = octets.writeUInt32BE(ntpSeconds(avp, value), at)
      return
    case kind.address:
      writeOctets(writing, avp, addressOctets(value as string))
      return
    case kind.group:
      throw new TypeError(`${avp.name} is a group`)
  }
}

function writeOctets(writing: Writing, avp: PlannedAvp, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${avp.name} takes octets`)
  ensure(writing, value.length)
  writing.octets.set(value, writing.at)
  writing.at += value.length
}

function writeText(writing: Writing, avp: PlannedAvp, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${avp.name} takes text`)
  // Three octets per UTF-16 unit is the most that UTF-8 takes.
  ensure(writing, value.length * 3)
  const written = writing.octets.write(value, writing.at, 'utf8')
  if (written !== value.length && avp.kind !== kind.utf8) throw new RangeError(`${avp.name} takes ASCII`)
  writing.at += written
}

function ntpSeconds(avp: PlannedAvp, value: unknown): number {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw new TypeError(`${avp.name} takes a Date`)
  return (Math.floor(value.getTime() / 1000) + ntpOffset) % 0x1_0000_0000
}
