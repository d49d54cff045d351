/** Diameter messages: octets to values and back, along a dictionary (RFC 6733). */
import { limits } from '#core/limits.ts'
import type { Dictionary } from './dictionary.ts'
import { fault } from './faults.ts'
import type { AnswerNameOf, AvpsOf, Header, Message, MessageOf, RequestName } from './message.ts'
import { type CommandPlan, emptyPlan } from './plan.ts'
import { type Reading, readMembers, requireMembers, type Values } from './reader.ts'
import { startWriting, type Writing, writeMembers, writeRaw } from './writer.ts'

export { failureAnswer } from './failure.ts'
export type { Header, Message, MessageOf } from './message.ts'

const headerLength = 20
const flagRequest = 0x80
const flagProxiable = 0x40
const flagError = 0x20
const flagRetransmitted = 0x10

/** Reads the header alone. Throws 5015 where there are fewer than 20 octets; judges nothing else. */
export function peekHeader(octets: Buffer): Header {
  if (octets.length < headerLength) throw fault('message-length', `${octets.length} octets are no Diameter header`, 0)
  const flags = octets[4] as number
  const word = octets.readUInt32BE(0)
  return {
    version: word >>> 24,
    length: word & 0xff_ffff,
    request: (flags & flagRequest) !== 0,
    proxiable: (flags & flagProxiable) !== 0,
    error: (flags & flagError) !== 0,
    retransmitted: (flags & flagRetransmitted) !== 0,
    code: octets.readUInt32BE(4) & 0xff_ffff,
    application: octets.readUInt32BE(8),
    hopByHop: octets.readUInt32BE(12),
    endToEnd: octets.readUInt32BE(16),
  }
}

export interface DecodeOptions {
  /** A partner's waiver: an unknown AVP with the M bit passes as an extension and is named in `message.waived`. */
  readonly lenientMBits?: boolean
  /** A command that the dictionary lacks becomes `command: 'unknown'` instead of 3001 or 3007. */
  readonly keepUnknown?: boolean
}

/**
 * Throws ProtocolError: `answer.code` is the Result-Code, `answer.failed` the content of the Failed-AVP.
 * OctetString values view `octets`: copy what is kept longer than the message.
 */
export function decode(dictionary: Dictionary, octets: Buffer, options: DecodeOptions = {}): Message {
  const header = peekHeader(octets)
  checkHeader(header, octets)
  const command = dictionary.plans.commands.get(header.application)?.get(header.code * 2 + (header.request ? 1 : 0))
  if (command === undefined && options.keepUnknown !== true) throw unknownCommand(dictionary, header)
  const reading: Reading = {
    octets,
    plans: dictionary.plans,
    // Agents never judge AVPs of a command that they do not know.
    lenientMBits: options.lenientMBits === true || command === undefined,
    left: limits.diameter.avpsPerMessage,
    groups: [],
    waived: undefined,
  }
  const avps: Values = {}
  const others = readMembers(reading, command?.plan ?? emptyPlan, headerLength, octets.length, avps)
  if (command !== undefined) requireMembers(reading, isFailure(command, header, avps) ? command.sure : command.plan.required, avps, 0)
  const message = {
    command: command?.name ?? 'unknown',
    code: header.code,
    application: header.application,
    request: header.request,
    proxiable: header.proxiable,
    error: header.error,
    retransmitted: header.retransmitted,
    hopByHop: header.hopByHop,
    endToEnd: header.endToEnd,
    avps,
    others: others ?? [],
  }
  if (reading.waived !== undefined && command !== undefined) return Object.assign(message, { waived: reading.waived }) as unknown as Message
  return message as unknown as Message
}

function checkHeader(header: Header, octets: Buffer): void {
  if (header.version !== 1) throw fault('version', `version ${header.version}`, 0)
  const { length } = header
  if (length !== octets.length || length % 4 !== 0 || length < headerLength || length > limits.diameter.messageBytes) {
    throw fault('message-length', `the header says ${length} octets, ${octets.length} came`, 1)
  }
  if (header.request && header.error) throw fault('header-bits', 'a request with the E bit', 4)
}

function unknownCommand(dictionary: Dictionary, { application, code }: Header): Error {
  if (dictionary.plans.commands.has(application)) return fault('command-unsupported', `command ${code} of application ${application}`, 5)
  return fault('application-unsupported', `application ${application}`, 8)
}

/** An answer that reports a failure may lack what a good one must have (RFC 6733 §7.2). */
function isFailure(command: CommandPlan, header: Header, avps: Values): boolean {
  if (command.row.request) return false
  const result = avps['Result-Code'] as number | undefined
  return header.error || result === undefined || result >= 3000
}

/** The octets of a message. TypeError or RangeError where a value does not fit its AVP: that is the caller's fault. */
export function encode(dictionary: Dictionary, message: Message): Buffer {
  const writing = startWriting()
  const command = dictionary.plans.commandsByName.get(message.command)
  if (command !== undefined) {
    const avps = message.avps as Values
    for (const slot of message.request ? command.plan.required : command.sure) {
      if (avps[slot.name] === undefined) throw new TypeError(`${message.command} needs ${slot.name}`)
    }
    writeMembers(writing, command.plan, avps)
  } else if (message.command !== 'unknown') throw new TypeError(`dictionary ${dictionary.name} has no command ${message.command}`)
  writeRaw(writing, message.others)
  return withHeader(writing, message)
}

function withHeader(writing: Writing, header: Omit<Header, 'version' | 'length'>): Buffer {
  const { octets, at } = writing
  if (at > limits.diameter.messageBytes) throw new RangeError(`a message of more than ${limits.diameter.messageBytes} octets`)
  const flags =
    (header.request ? flagRequest : 0) |
    (header.proxiable ? flagProxiable : 0) |
    (header.error ? flagError : 0) |
    (header.retransmitted ? flagRetransmitted : 0)
  octets.writeUInt32BE(0x0100_0000 + at, 0)
  octets.writeUInt32BE(((flags << 24) | header.code) >>> 0, 4)
  octets.writeUInt32BE(header.application, 8)
  octets.writeUInt32BE(header.hopByHop, 12)
  octets.writeUInt32BE(header.endToEnd, 16)
  return octets.subarray(0, at)
}

/** Identifiers and bits that differ from the usual ones. */
export interface MessageFlags {
  readonly proxiable?: boolean
  readonly error?: boolean
  readonly retransmitted?: boolean
  readonly hopByHop?: number
  readonly endToEnd?: number
}

/** A request of ours. Identifiers are 0 until a link gives it some. */
export function requestOf<C extends RequestName>(
  dictionary: Dictionary,
  command: C,
  avps: AvpsOf<C>,
  flags: MessageFlags = {},
): MessageOf<C> {
  const row = dictionary.commands[command]
  if (row === undefined) throw new TypeError(`dictionary ${dictionary.name} has no command ${command}`)
  const { proxiable = row.proxiable, error = false, retransmitted = false, hopByHop = 0, endToEnd = 0 } = flags
  const { code, application } = row
  return { command, code, application, request: true, proxiable, error, retransmitted, hopByHop, endToEnd, avps, others: [] }
}

type AnswerAvps<C> = Omit<AvpsOf<AnswerNameOf<C>>, 'Session-Id' | 'Proxy-Info'>
/** One type for each request of a union. */
type AnswerMessage<C> = C extends RequestName ? MessageOf<AnswerNameOf<C>> : never

/** AVPs that S6a and S13 answers have in common, whatever the command. */
export type CommonAnswerAvps = Omit<AvpsOf<'PUA'>, 'Session-Id' | 'Proxy-Info' | 'PUA-Flags' | 'Route-Record'>

/** What an answer takes over from its request (RFC 6733 §6.2): identifiers, P bit, Session-Id, Proxy-Info in their order. */
export function answerTo<C extends RequestName>(request: MessageOf<C>, avps: AnswerAvps<C>, flags?: MessageFlags): AnswerMessage<C>
/** The same for a request whose command is not looked at. */
export function answerTo(request: Message, avps: CommonAnswerAvps, flags?: MessageFlags): Message
export function answerTo(request: Message, avps: object, flags: MessageFlags = {}): unknown {
  const copied: Record<string, unknown> = {}
  const asked = request.avps as Values
  if (asked['Session-Id'] !== undefined) copied['Session-Id'] = asked['Session-Id']
  Object.assign(copied, avps)
  if (asked['Proxy-Info'] !== undefined) copied['Proxy-Info'] = asked['Proxy-Info']
  const answer = {
    command: request.command === 'unknown' ? 'unknown' : `${request.command.slice(0, -1)}A`,
    code: request.code,
    application: request.application,
    request: false,
    proxiable: request.proxiable,
    error: flags.error ?? false,
    retransmitted: false,
    hopByHop: request.hopByHop,
    endToEnd: request.endToEnd,
    avps: copied,
    others: [],
  }
  return answer
}
