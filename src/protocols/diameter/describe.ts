/** A message as a tree for people. Reads any octets: what is broken is marked in its node, and nothing throws. */
import { plmnFromBytes } from '#core/bcd.ts'
import { limits } from '#core/limits.ts'
import { bitNames, isBitmask } from './bitmasks.ts'
import type { Dictionary } from './dictionary.ts'
import { kind, type PlannedAvp, type Plans, placeOf } from './plan.ts'
import { resultText } from './result-codes.ts'
import { exactOctets, readScalar } from './scalars.ts'

export interface AvpNode {
  readonly code: number
  /** As printed in the specification; `unknown` without a row. */
  readonly name: string
  readonly vendor: number
  /** `VMP` with a dash for each bit that is not set. */
  readonly flags: string
  readonly type: string
  readonly value: string
  /** Octets from the start of the message. */
  readonly offset: number
  /** Octets of the AVP without padding, as its header says. */
  readonly length: number
  readonly fault?: string
  readonly children?: readonly AvpNode[]
}

/** Octets of an OctetString that are shown. */
const shownOctets = 128

/** AVPs that hold a PLMN (TS 29.272 §7.3.9, §7.3.151). */
const plmns: ReadonlySet<string> = new Set(['Visited-PLMN-Id', 'MDT-Allowed-PLMN-Id', 'Group-PLMN-Id'])

/** "AIR", "ULA (error)", or the numbers of a command that no dictionary has. */
export function messageName(dictionary: Dictionary, octets: Buffer): string {
  if (octets.length < 20) return 'not a Diameter message'
  const isRequest = ((octets[4] ?? 0) & 0x80) !== 0
  const code = octets.readUIntBE(5, 3)
  const application = octets.readUInt32BE(8)
  const command = dictionary.plans.commands.get(application)?.get(code * 2 + (isRequest ? 1 : 0))
  const name = command?.name ?? `${isRequest ? 'request' : 'answer'} ${code} of application ${application}`
  return ((octets[4] ?? 0) & 0x20) === 0 ? name : `${name} (error)`
}

export function describeMessage(dictionary: Dictionary, octets: Buffer): AvpNode[] {
  const left = { avps: limits.diameter.avpsPerMessage }
  if (octets.length < 20) return [brokenNode(0, `${octets.length} octets are no Diameter header`)]
  const nodes = describeAvps(dictionary.plans, octets, 20, octets.length, 0, left)
  const says = octets.readUIntBE(1, 3)
  if (says !== octets.length) nodes.push(brokenNode(0, `the header says ${says} octets, ${octets.length} came`))
  return nodes
}

function brokenNode(offset: number, fault: string): AvpNode {
  return { code: 0, name: 'broken', vendor: 0, flags: '---', type: '', value: '', offset, length: 0, fault }
}

function describeAvps(plans: Plans, octets: Buffer, from: number, to: number, depth: number, left: { avps: number }): AvpNode[] {
  const nodes: AvpNode[] = []
  for (let at = from; at < to; ) {
    if (left.avps-- <= 0) return [...nodes, brokenNode(at, `more than ${limits.diameter.avpsPerMessage} AVPs`)]
    if (to - at < 8) return [...nodes, brokenNode(at, `${to - at} octets are too few for an AVP`)]
    const length = octets.readUIntBE(at + 5, 3)
    const headerLength = ((octets[at + 4] ?? 0) & 0x80) === 0 ? 8 : 12
    if (length < headerLength || at + length > to) {
      return [...nodes, { ...brokenNode(at, `the header says ${length} octets`), code: octets.readUInt32BE(at) }]
    }
    nodes.push(describeAvp(plans, octets, at, length, headerLength, depth, left))
    at = (at + length + 3) & ~3
  }
  return nodes
}

function describeAvp(
  plans: Plans,
  octets: Buffer,
  offset: number,
  length: number,
  headerLength: number,
  depth: number,
  left: { avps: number },
): AvpNode {
  const bits = octets[offset + 4] ?? 0
  const code = octets.readUInt32BE(offset)
  const vendor = headerLength === 12 ? octets.readUInt32BE(offset + 8) : 0
  const flags = `${bits & 0x80 ? 'V' : '-'}${bits & 0x40 ? 'M' : '-'}${bits & 0x20 ? 'P' : '-'}`
  const avp = plans.avps[placeOf(plans.avpIndex, vendor, code)]
  const node = { code, name: avp?.name ?? 'unknown', vendor, flags, type: avp?.row.type ?? 'OctetString', offset, length }
  const [start, end] = [offset + headerLength, offset + length]
  if (avp === undefined) return { ...node, value: hex(octets, start, end) }
  if (avp.kind === kind.group) {
    if (depth >= limits.diameter.avpDepth) return { ...node, value: hex(octets, start, end), fault: 'groups too deep' }
    return { ...node, value: '', children: describeAvps(plans, octets, start, end, depth + 1, left) }
  }
  if (avp.row.secret === true) return { ...node, value: `${end - start} octets, not shown` }
  return { ...node, ...valueText(avp, octets, start, end) }
}

function valueText(avp: PlannedAvp, octets: Buffer, start: number, end: number): { value: string; fault?: string } {
  const exact = exactOctets[avp.kind] ?? 0
  if (exact !== 0 && end - start !== exact) return { value: hex(octets, start, end), fault: `${end - start} octets, not ${exact}` }
  const value = readScalar(octets, avp.kind, start, end)
  if (value === undefined) return { value: hex(octets, start, end), fault: `no valid ${avp.row.type}` }
  if (Buffer.isBuffer(value)) {
    const plmn = plmns.has(avp.name) ? plmnFromBytes(value) : undefined
    return { value: plmn === undefined ? hex(octets, start, end) : `${plmn} (${hex(octets, start, end)})` }
  }
  if (typeof value === 'number') return { value: numberText(avp, value) }
  if (value instanceof Date) return { value: value.toISOString() }
  return { value: String(value) }
}

function numberText(avp: PlannedAvp, value: number): string {
  if (avp.name === 'Result-Code') return resultText(value)
  if (avp.name === 'Experimental-Result-Code') return resultText(value, true)
  const label = avp.row.values?.[value]
  if (label !== undefined) return `${value} ${label}`
  if (!isBitmask(avp.name) || value === 0) return String(value)
  return `${value} (${bitNames(avp.name, value >>> 0).join(', ')})`
}

function hex(octets: Buffer, start: number, end: number): string {
  if (end - start <= shownOctets) return octets.toString('hex', start, end)
  return `${octets.toString('hex', start, start + shownOctets)}... (${end - start} octets)`
}

/** A copy in which key material (KASME, CK, IK, Kc, XRES, SRES) is zeros: for logs, events and the portal. Never throws. */
export function withoutSecrets(dictionary: Dictionary, octets: Buffer): Buffer {
  const copy = Buffer.from(octets)
  if (copy.length >= 20) wipe(dictionary.plans, copy, 20, copy.length, 0)
  return copy
}

function wipe(plans: Plans, octets: Buffer, from: number, to: number, depth: number): void {
  for (let at = from; to - at >= 8; ) {
    const headerLength = ((octets[at + 4] ?? 0) & 0x80) === 0 ? 8 : 12
    const end = at + octets.readUIntBE(at + 5, 3)
    if (end < at + headerLength || end > to) {
      // From here on nobody can tell what is what: rather too much is wiped.
      octets.fill(0, at, to)
      return
    }
    const vendor = headerLength === 12 ? octets.readUInt32BE(at + 8) : 0
    const avp = plans.avps[placeOf(plans.avpIndex, vendor, octets.readUInt32BE(at))]
    if (avp?.row.secret === true) octets.fill(0, at + headerLength, end)
    else if (avp?.kind === kind.group) {
      if (depth < limits.diameter.avpDepth) wipe(plans, octets, at + headerLength, end, depth + 1)
      else octets.fill(0, at + headerLength, end)
    }
    at = (end + 3) & ~3
  }
}
