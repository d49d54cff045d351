/** Dictionary rows compiled for the codec: number-keyed tables instead of names, one plan per command and group. */
import type { AvpRow, AvpRows, AvpType, CommandRow, CommandRows, Members, Presence } from './dictionary.ts'

/** How a value lies on the wire; types that are read alike share a kind. */
export const kind = {
  octets: 0,
  unsigned32: 1,
  integer32: 2,
  unsigned64: 3,
  integer64: 4,
  float32: 5,
  float64: 6,
  utf8: 7,
  identity: 8,
  ascii: 9,
  address: 10,
  time: 11,
  group: 12,
} as const
export type Kind = (typeof kind)[keyof typeof kind]

const kinds: Readonly<Record<AvpType, Kind>> = {
  OctetString: kind.octets,
  Integer32: kind.integer32,
  Integer64: kind.integer64,
  Unsigned32: kind.unsigned32,
  Unsigned64: kind.unsigned64,
  Float32: kind.float32,
  Float64: kind.float64,
  Grouped: kind.group,
  Address: kind.address,
  Time: kind.time,
  UTF8String: kind.utf8,
  DiameterIdentity: kind.identity,
  DiameterURI: kind.identity,
  Enumerated: kind.integer32,
  IPFilterRule: kind.ascii,
  QoSFilterRule: kind.ascii,
}

/** Least octets of a value, by kind; an example AVP in a Failed-AVP has that many zeros (RFC 6733 §7.1.5). */
export const minimumOctets: readonly number[] = [0, 4, 4, 8, 8, 4, 8, 0, 0, 0, 6, 4, 0]

export interface PlannedAvp {
  readonly name: string
  readonly code: number
  /** 0: none. */
  readonly vendor: number
  readonly kind: Kind
  readonly row: AvpRow
  /** V and M as we send them. */
  readonly flags: number
  /** 8, or 12 with a vendor. */
  readonly headerLength: number
  /** The members of a group; null for a scalar. */
  readonly group: Plan | null
}

export interface Slot {
  readonly name: string
  readonly avp: PlannedAvp
  readonly min: number
  readonly max: number
  /** A value rather than a list. */
  readonly single: boolean
  /** The place at which it must stand among a request's AVPs; -1: anywhere. */
  readonly position: number
  readonly surplusKept: boolean
}

export interface Plan {
  readonly slots: readonly Slot[]
  readonly required: readonly Slot[]
  readonly index: CodeTable
  readonly closed: boolean
  readonly opaque: boolean
}

export interface CommandPlan {
  readonly name: string
  readonly row: CommandRow
  readonly plan: Plan
  /** What also an answer that reports a failure has. */
  readonly sure: readonly Slot[]
}

export interface Plans {
  readonly avps: readonly PlannedAvp[]
  readonly avpIndex: CodeTable
  /** application -> code * 2 + (request ? 1 : 0) -> command. */
  readonly commands: ReadonlyMap<number, ReadonlyMap<number, CommandPlan>>
  readonly commandsByName: ReadonlyMap<string, CommandPlan>
}

/** (vendor, code) -> position in a list, by open addressing over typed arrays: no key objects, no strings. */
export interface CodeTable {
  readonly shift: number
  readonly codes: Int32Array
  readonly vendors: Int32Array
  readonly places: Int16Array
}

function hashOf(vendor: number, code: number, shift: number): number {
  return Math.imul((code ^ Math.imul(vendor, 0x45d9f3b)) | 0, 0x9e3779b1 | 0) >>> shift
}

function codeTable(avps: readonly { code: number; vendor: number }[]): CodeTable {
  let bits = 3
  while (1 << bits < avps.length * 3) bits++
  const size = 1 << bits
  const table = { shift: 32 - bits, codes: new Int32Array(size), vendors: new Int32Array(size), places: new Int16Array(size).fill(-1) }
  avps.forEach(({ code, vendor }, place) => {
    let at = hashOf(vendor, code, table.shift)
    while (table.places[at] !== -1) at = (at + 1) & (size - 1)
    table.codes[at] = code
    table.vendors[at] = vendor
    table.places[at] = place
  })
  return table
}

/** The position of (vendor, code), or -1. */
export function placeOf(table: CodeTable, vendor: number, code: number): number {
  const { codes, vendors, places } = table
  const mask = places.length - 1
  let at = hashOf(vendor, code, table.shift)
  for (;;) {
    const place = places[at] as number
    if (place === -1 || (codes[at] === (code | 0) && vendors[at] === (vendor | 0))) return place
    at = (at + 1) & mask
  }
}

function bounds(presence: Presence): { min: number; max: number } {
  if (typeof presence === 'object') return presence
  const min = presence === 'optional' || presence === 'many' ? 0 : 1
  return { min, max: presence === 'many' || presence === 'some' ? Number.POSITIVE_INFINITY : 1 }
}

function planOf(members: Members, byName: ReadonlyMap<string, PlannedAvp>, request: boolean, row?: AvpRow): Plan {
  let fixed = 0
  const slots: Slot[] = []
  for (const [name, presence] of Object.entries(members)) {
    const avp = byName.get(name)
    if (avp === undefined) throw new Error(`no AVP row ${name}`)
    // In groups and answers the order of receipt carries no risk that is worth losing an answer for; we always send it right.
    const position = request && presence === 'fixed' ? fixed++ : -1
    const { min, max } = bounds(presence)
    const single = typeof presence === 'string' && presence !== 'many' && presence !== 'some'
    slots.push({ name, avp, min, max, single, position, surplusKept: avp.row.surplusKept === true })
  }
  return {
    slots,
    required: slots.filter((slot) => slot.min > 0),
    index: codeTable(slots.map((slot) => slot.avp)),
    closed: row?.closed ?? false,
    opaque: row?.opaque ?? false,
  }
}

/** Takes every AVP for an unknown one: for commands that no dictionary has. */
export const emptyPlan: Plan = { slots: [], required: [], index: codeTable([]), closed: false, opaque: false }

/** Rows must have been checked. */
export function compile(rows: AvpRows, commandRows: CommandRows): Plans {
  const byName = new Map<string, PlannedAvp & { group: Plan | null }>()
  for (const [name, row] of Object.entries(rows)) {
    const vendor = row.vendor ?? 0
    const flags = (vendor === 0 ? 0 : 0x80) | (row.mandatory === true ? 0x40 : 0)
    const headerLength = vendor === 0 ? 8 : 12
    byName.set(name, { name, code: row.code, vendor, kind: kinds[row.type], row, flags, headerLength, group: null })
  }
  for (const avp of byName.values()) {
    if (avp.row.members !== undefined) avp.group = planOf(avp.row.members, byName, false, avp.row)
  }
  const commands = new Map<number, Map<number, CommandPlan>>()
  const commandsByName = new Map<string, CommandPlan>()
  for (const [name, row] of Object.entries(commandRows)) {
    const plan = planOf(row.avps, byName, row.request)
    const planned = { name, row, plan, sure: plan.slots.filter((slot) => slot.name === 'Origin-Host' || slot.name === 'Origin-Realm') }
    commandsByName.set(name, planned)
    const codes = commands.get(row.application) ?? new Map<number, CommandPlan>()
    commands.set(row.application, codes.set(row.code * 2 + (row.request ? 1 : 0), planned))
  }
  const avps = [...byName.values()]
  return { avps, avpIndex: codeTable(avps), commands, commandsByName }
}
