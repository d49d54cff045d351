import type { diameter } from './dict/all.ts'
import type { AvpsIn, AvpValue, RawAvp } from './dictionary.ts'

type Avps = (typeof diameter)['avps']
type Commands = (typeof diameter)['commands']

/** AIR, AIA, CER, ...: as the specifications abbreviate them. */
export type CommandName = keyof Commands & string
export type RequestName = { [C in CommandName]: Commands[C]['request'] extends true ? C : never }[CommandName]
type AnswerName = Exclude<CommandName, RequestName>
export type AnswerNameOf<C> = C extends `${infer Stem}R` ? Extract<`${Stem}A`, AnswerName> : never

/** The AVPs of a command: `AvpsOf<'AIR'>['User-Name']` is a string. */
export type AvpsOf<C extends CommandName> = AvpsIn<typeof diameter, C>
/** The value of an AVP, also of a group: `ValueOf<'E-UTRAN-Vector'>`. */
export type ValueOf<N extends keyof Avps> = AvpValue<Avps, N>

/** The header of RFC 6733 §3; identifiers are unsigned 32-bit numbers. */
export interface Header {
  readonly version: number
  /** Octets of the whole message, as the header says. */
  readonly length: number
  readonly request: boolean
  readonly proxiable: boolean
  readonly error: boolean
  readonly retransmitted: boolean
  readonly code: number
  readonly application: number
  readonly hopByHop: number
  readonly endToEnd: number
}

interface Envelope {
  readonly code: number
  readonly application: number
  readonly request: boolean
  readonly proxiable: boolean
  readonly error: boolean
  readonly retransmitted: boolean
  readonly hopByHop: number
  readonly endToEnd: number
  /** AVPs outside the command's grammar, in the order received; sent after the others. */
  readonly others: readonly RawAvp[]
  /** What a partner's waiver let pass, as text for people; absent where nothing was. */
  readonly waived?: readonly string[]
}

export interface MessageOf<C extends CommandName> extends Envelope {
  readonly command: C
  readonly avps: AvpsOf<C>
}

/** A command that no dictionary has; all its AVPs are in `others`. */
export interface UnknownMessage extends Envelope {
  readonly command: 'unknown'
  readonly avps: { readonly [name: string]: never }
}

/** Discriminated by `command`. */
export type Message = { [C in CommandName]: MessageOf<C> }[CommandName] | UnknownMessage
