/**
 * Dictionary rows, the checks on them, and the types inferred from them.
 * A dictionary is data; `plan.ts` compiles it once into what the codec walks.
 */
import { compile, type Plans } from './plan.ts'

/** Data formats of RFC 6733 §4.2 to §4.4 and RFC 5777 (`QoSFilterRule`). */
export type AvpType =
  | 'OctetString'
  | 'Integer32'
  | 'Integer64'
  | 'Unsigned32'
  | 'Unsigned64'
  | 'Float32'
  | 'Float64'
  | 'Grouped'
  | 'Address'
  | 'Time'
  | 'UTF8String'
  | 'DiameterIdentity'
  | 'DiameterURI'
  | 'Enumerated'
  | 'IPFilterRule'
  | 'QoSFilterRule'

/** `fixed` stands first (`<AVP>` in the grammar), `some` is `1*{AVP}`, `many` is `*[AVP]`. */
export type Presence = 'fixed' | 'required' | 'optional' | 'many' | 'some' | { readonly min: number; readonly max: number }

export type Members = Readonly<Record<string, Presence>>

export interface AvpRow {
  readonly code: number
  /** Absent: an IETF AVP, without the V bit. */
  readonly vendor?: number
  readonly type: AvpType
  /** The M bit is set on sending. Rows whose rule is "must not" or "may" are sent without it. */
  readonly mandatory?: boolean
  /** Names of Enumerated values, for people. */
  readonly values?: Readonly<Record<number, string>>
  readonly members?: Members
  /** A grammar without `*[AVP]`: another known AVP in it is 5008. */
  readonly closed?: boolean
  /** More than the grammar allows are kept in `others` instead of 5009: RFC 3588 let this one repeat. We send one. */
  readonly surplusKept?: boolean
  /** Key material: never shown to people. */
  readonly secret?: boolean
  /** Holds what someone else refused; its content is never judged (Failed-AVP). */
  readonly opaque?: boolean
  readonly spec: string
}

export interface CommandRow {
  readonly code: number
  readonly application: number
  readonly name: string
  readonly request: boolean
  readonly proxiable: boolean
  readonly spec: string
  readonly avps: Members
}

export type AvpRows = Readonly<Record<string, AvpRow>>
export type CommandRows = Readonly<Record<string, CommandRow>>

export interface Dictionary<A = AvpRows, C = CommandRows> {
  readonly name: string
  readonly avps: A
  readonly commands: C
  /** The compiled form, for the codec. */
  readonly plans: Plans
}

interface Definition<A, C> {
  readonly name: string
  readonly avps: A
  readonly commands: C
}

/** Checks the rows and compiles them. Throws an Error that names the row and what is wrong with it. */
export function defineDictionary<const A extends AvpRows, const C extends CommandRows>(definition: Definition<A, C>): Dictionary<A, C> {
  checkRows(definition.name, definition.avps, definition.commands)
  return { ...definition, plans: compile(definition.avps, definition.commands) }
}

type Merged<P extends readonly Dictionary[], K extends 'avps' | 'commands'> = P extends readonly [
  infer Head extends Dictionary,
  ...infer Rest extends readonly Dictionary[],
]
  ? Head[K] & Merged<Rest, K>
  : unknown

/** A dictionary that also has the rows of its parents; a name or code that two of them define differently is an Error. */
export function extend<const P extends readonly Dictionary[], const A extends AvpRows, const C extends CommandRows>(
  parents: P,
  definition: Definition<A, C>,
): Dictionary<Merged<P, 'avps'> & A, Merged<P, 'commands'> & C> {
  const avps: Record<string, AvpRow> = {}
  const commands: Record<string, CommandRow> = {}
  for (const part of [...parents, definition]) {
    adopt(definition.name, 'AVP', avps, part.avps)
    adopt(definition.name, 'command', commands, part.commands)
  }
  checkRows(definition.name, avps, commands)
  const merged = { name: definition.name, avps, commands, plans: compile(avps, commands) }
  return merged as unknown as Dictionary<Merged<P, 'avps'> & A, Merged<P, 'commands'> & C>
}

function adopt<Row>(dictionary: string, kind: string, into: Record<string, Row>, from: Readonly<Record<string, Row>>): void {
  for (const [name, row] of Object.entries(from)) {
    const present = into[name]
    if (present !== undefined && present !== row) throw new Error(`dictionary ${dictionary}: ${kind} ${name} is defined twice`)
    into[name] = row
  }
}

function checkRows(dictionary: string, avps: AvpRows, commands: CommandRows): void {
  const owners = new Map<string, string>()
  for (const [name, row] of Object.entries(avps)) {
    const key = `${row.vendor ?? 0}/${row.code}`
    const owner = owners.get(key)
    if (owner !== undefined) throw new Error(`dictionary ${dictionary}: ${name} has vendor/code ${key}, which ${owner} already has`)
    owners.set(key, name)
    if ((row.type === 'Grouped') !== (row.members !== undefined)) {
      throw new Error(`dictionary ${dictionary}: ${name}: members are for Grouped AVPs, and a Grouped AVP must have them`)
    }
    checkMembers(dictionary, name, row.members ?? {}, avps)
  }
  for (const [name, row] of Object.entries(commands)) {
    if (row.request !== name.endsWith('R'))
      throw new Error(`dictionary ${dictionary}: ${name}: a request's name ends in R, an answer's in A`)
    const partner = `${name.slice(0, -1)}${row.request ? 'A' : 'R'}`
    if (commands[partner] === undefined) throw new Error(`dictionary ${dictionary}: ${name} has no ${partner}`)
    checkMembers(dictionary, name, row.avps, avps)
  }
}

function checkMembers(dictionary: string, owner: string, members: Members, avps: AvpRows): void {
  for (const member of Object.keys(members)) {
    if (avps[member] === undefined) throw new Error(`dictionary ${dictionary}: ${owner} lists ${member}, which no row defines`)
  }
}

/** An AVP outside the grammar of where it stood. `data` views the received octets: copy what is kept. */
export interface RawAvp {
  readonly code: number
  /** 0: no vendor. */
  readonly vendor: number
  /** The flags octet: V 0x80, M 0x40, P 0x20. */
  readonly flags: number
  readonly data: Buffer
}

interface Scalars {
  OctetString: Buffer
  Integer32: number
  Integer64: bigint
  Unsigned32: number
  Unsigned64: bigint
  Float32: number
  Float64: number
  /** IP text; `e164:` and digits for a number. */
  Address: string
  Time: Date
  UTF8String: string
  DiameterIdentity: string
  DiameterURI: string
  Enumerated: number
  IPFilterRule: string
  QoSFilterRule: string
}

/** The value of the AVP named `N`: a scalar, or for a group an object of its members, with AVPs outside its grammar in `others`. */
export type AvpValue<A, N> = N extends keyof A
  ? A[N] extends { readonly type: 'Grouped'; readonly members: infer M }
    ? MemberValues<A, M, 'fixed' | 'required' | 'some'> & { readonly others?: readonly RawAvp[] | undefined }
    : A[N] extends { readonly type: infer T extends keyof Scalars }
      ? Scalars[T]
      : never
  : never

type Cell<A, N, P> = P extends 'fixed' | 'required' | 'optional' ? AvpValue<A, N> : readonly AvpValue<A, N>[]

/** Members whose presence is in `Sure` are there; the rest may be absent. */
type MemberValues<A, M, Sure> = {
  readonly [N in keyof M as M[N] extends Sure ? N : never]: Cell<A, N, M[N]>
} & {
  readonly [N in keyof M as M[N] extends Sure ? never : N]?: Cell<A, N, M[N]> | undefined
}

/**
 * The AVPs of command `C` in dictionary `D`. In a request all required members are sure; an answer may report a failure
 * without them (RFC 6733 §7.2), so that there only the origin is.
 */
export type AvpsIn<D, C> =
  D extends Dictionary<infer A, infer Commands>
    ? C extends keyof Commands
      ? Commands[C] extends { readonly request: true; readonly avps: infer M }
        ? MemberValues<A, M, 'fixed' | 'required' | 'some'>
        : Commands[C] extends { readonly avps: infer M }
          ? MemberValues<A, Omit<M, Origin>, never> & MemberValues<A, Pick<M, Origin & keyof M>, 'required'>
          : never
      : never
    : never

type Origin = 'Origin-Host' | 'Origin-Realm'
