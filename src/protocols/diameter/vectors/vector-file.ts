/**
 * The text form of recorded and made messages, for review without reading code:
 *
 *     # title
 *     AIR RP hop 00000001 end 00000002
 *       Session-Id mme.example;1;2
 *       Requested-EUTRAN-Authentication-Info
 *         Number-Of-Requested-Vectors 1
 *       avp 9999 vendor 0 flags 00 dead
 *     hex
 *       0100...
 *
 * Indentation is nesting; OctetStrings are hexadecimal; an empty value is `""`; `avp` is one outside the grammar.
 * `hex in any order`: the same AVPs in another order than ours (recorded messages).
 * Instead of a message `refused 5001 avp-unsupported`, then `failed` and octets of the Failed-AVP where there are any.
 */
import { fromHex } from '#core/bytes.ts'
import type { Dictionary, RawAvp } from '../dictionary.ts'
import type { Message } from '../message.ts'
import { emptyPlan, kind, type Plan, type PlannedAvp } from '../plan.ts'

export interface Vector {
  readonly title: string
  readonly line: number
  readonly octets: Buffer
  readonly isCanonical: boolean
  readonly message: Message | null
  readonly refused: { readonly result: number; readonly fault: string; readonly failed: Buffer | null } | null
}

interface Line {
  readonly number: number
  readonly indent: number
  readonly text: string
}

type Fields = Record<string, unknown>

/** Throws an Error that names the line where the text does not follow the form. */
export function readVectors(dictionary: Dictionary, text: string): Vector[] {
  const blocks: Line[][] = []
  text.split('\n').forEach((raw, i) => {
    const line = { number: i + 1, indent: raw.length - raw.trimStart().length, text: raw.trim() }
    if (line.text.startsWith('# ')) blocks.push([line])
    else if (line.text !== '' && !line.text.startsWith('//')) blocks.at(-1)?.push(line)
  })
  return blocks.map((block) => readBlock(dictionary, block))
}

function readBlock(dictionary: Dictionary, [title, head, ...rest]: Line[]): Vector {
  if (title === undefined || head === undefined) throw new Error('a vector needs a title and a message')
  const hexAt = rest.findIndex((line) => line.indent === 0 && line.text.startsWith('hex'))
  if (hexAt < 0) throw new Error(`line ${title.number}: no hex`)
  const octets = fromHex(
    rest
      .slice(hexAt + 1)
      .map((line) => line.text)
      .join(''),
  )
  const common = { title: title.text.slice(2), line: title.number, octets, isCanonical: rest[hexAt]?.text === 'hex' }
  const fields = rest.slice(0, hexAt)
  if (!head.text.startsWith('refused ')) return { ...common, message: readMessage(dictionary, head, fields), refused: null }
  const [, result = '', fault = ''] = head.text.split(' ')
  const failed = fields[0]?.text.startsWith('failed ') === true ? fromHex(fields[0].text.slice(7)) : null
  return { ...common, message: null, refused: { result: Number(result), fault, failed } }
}

function readMessage(dictionary: Dictionary, head: Line, fields: Line[]): Message {
  const parts = /^(\w+) ([RPET-]+) hop ([0-9a-f]{8}) end ([0-9a-f]{8})$/.exec(head.text)
  const [, name = '', flags = '', hop = '', end = ''] = parts ?? []
  const command = dictionary.plans.commandsByName.get(name)
  if (command === undefined) throw new Error(`line ${head.number}: "${head.text}" is no message of the dictionary`)
  const { others = [], ...avps } = readFields(dictionary, command.plan, fields)
  const { code, application, request } = command.row
  const bits = { proxiable: flags.includes('P'), error: flags.includes('E'), retransmitted: flags.includes('T') }
  const ids = { hopByHop: Number.parseInt(hop, 16), endToEnd: Number.parseInt(end, 16) }
  return { command: name, code, application, request, ...bits, ...ids, avps, others } as unknown as Message
}

function readFields(dictionary: Dictionary, plan: Plan, lines: Line[]): Fields {
  const into: Fields = {}
  const first = lines[0]
  for (let i = 0; first !== undefined && i < lines.length; ) {
    const line = lines[i] ?? first
    let next = i + 1
    while ((lines[next]?.indent ?? -1) > line.indent) next++
    const space = line.text.indexOf(' ')
    const [name, value] = space < 0 ? [line.text, ''] : [line.text.slice(0, space), line.text.slice(space + 1)]
    if (name === 'avp') keep(into, 'others', readRaw(line))
    else {
      const slot = plan.slots.find((one) => one.name === name)
      if (slot === undefined) throw new Error(`line ${line.number}: ${name} is not in the grammar`)
      const read = readValue(dictionary, slot.avp, line, value, lines.slice(i + 1, next))
      if (slot.single) into[name] = read
      else keep(into, name, read)
    }
    i = next
  }
  return into
}

function keep(into: Fields, name: string, value: unknown): void {
  const list = into[name]
  if (Array.isArray(list)) list.push(value)
  else into[name] = [value]
}

function readRaw(line: Line): RawAvp {
  const [, code, vendor, flags, data = ''] = /^avp (\d+) vendor (\d+) flags ([0-9a-f]{2}) ?([0-9a-f]*)$/.exec(line.text) ?? []
  if (code === undefined) throw new Error(`line ${line.number}: not an AVP`)
  return { code: Number(code), vendor: Number(vendor), flags: Number.parseInt(flags ?? '', 16), data: fromHex(data) }
}

function readValue(dictionary: Dictionary, avp: PlannedAvp, line: Line, value: string, inner: Line[]): unknown {
  switch (avp.kind) {
    case kind.group:
      return readFields(dictionary, avp.group ?? emptyPlan, inner)
    case kind.octets:
      return fromHex(value === '""' ? '' : value)
    case kind.unsigned64:
    case kind.integer64:
      return BigInt(value)
    case kind.unsigned32:
    case kind.integer32:
    case kind.float32:
    case kind.float64:
      if (Number.isNaN(Number(value))) throw new Error(`line ${line.number}: ${value} is no number`)
      return Number(value)
    case kind.time:
      return new Date(value)
    case kind.utf8:
    case kind.identity:
    case kind.ascii:
    case kind.address:
      return value === '""' ? '' : value
  }
}

/** The text form of a message and its octets: what a new vector is made from, and what a failing test shows. */
export function printVector(dictionary: Dictionary, title: string, message: Message, octets: Buffer, hexLine = 'hex'): string {
  const command = dictionary.plans.commandsByName.get(message.command)
  const bits = [message.request && 'R', message.proxiable && 'P', message.error && 'E', message.retransmitted && 'T']
    .filter(Boolean)
    .join('')
  const id = (value: number): string => value.toString(16).padStart(8, '0')
  const head = `${message.command} ${bits === '' ? '-' : bits} hop ${id(message.hopByHop)} end ${id(message.endToEnd)}`
  const fields = printFields(command?.plan ?? emptyPlan, { ...message.avps, others: message.others } as Fields, '  ')
  const lines = avpStarts(octets).map((start, i, starts) => `  ${octets.toString('hex', start, starts[i + 1] ?? octets.length)}`)
  return [`# ${title}`, head, ...fields, hexLine, ...lines, ''].join('\n')
}

/** Where lines of hexadecimal begin: the header and each AVP of the first level. */
function avpStarts(octets: Buffer): number[] {
  const starts = [0]
  for (let at = 20; at < octets.length; at = (at + Math.max(8, octets.readUIntBE(at + 5, 3)) + 3) & ~3) starts.push(at)
  return starts
}

function printFields(plan: Plan, fields: Fields, indent: string): string[] {
  const lines = plan.slots.flatMap((slot) => {
    const value = fields[slot.name]
    if (value === undefined) return []
    return (slot.single ? [value] : (value as unknown[])).flatMap((one) => printValue(slot.avp, one, indent))
  })
  const others = (fields.others ?? []) as readonly RawAvp[]
  return [
    ...lines,
    ...others.map(({ code, vendor, flags, data }) =>
      `${indent}avp ${code} vendor ${vendor} flags ${flags.toString(16).padStart(2, '0')} ${data.toString('hex')}`.trimEnd(),
    ),
  ]
}

function printValue(avp: PlannedAvp, value: unknown, indent: string): string[] {
  const line = `${indent}${avp.name}`
  if (avp.group !== null) return [line, ...printFields(avp.group, value as Fields, `${indent}  `)]
  const text = Buffer.isBuffer(value) ? value.toString('hex') : value instanceof Date ? value.toISOString() : String(value)
  return [`${line} ${text === '' ? '""' : text}`]
}
