import type { TSchema } from 'typebox'

/** A JSON schema as far as our operations use it. */
interface Schema {
  type?: string | readonly string[]
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly Schema[]
  allOf?: readonly Schema[]
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  items?: Schema
  minItems?: number
  minLength?: number
  pattern?: string
  minimum?: number
  exclusiveMinimum?: number
  description?: string
}

export interface Filling {
  /** Optional members too. */
  whole: boolean
  /** Optional members that only a real thing would fit: left out. */
  without?: ReadonlySet<string>
  /** The value that stands for a member of that name; undefined: any that fits. */
  named(name: string): unknown
}

/** Texts that one pattern or another of ours takes. */
const texts = [
  'any reason',
  'any',
  'ZZ',
  '001-01',
  '0',
  '001010000000001',
  '00101000000000',
  'a@b.example',
  'a.example',
  '192.0.2.1',
  'https://a.example/hook',
  '2026-01-01',
  '12:00',
  'a'.repeat(43),
  '0'.repeat(64),
  '000000',
  '01900000-0000-7000-8000-0000000000ff',
]

/** Texts that must mean something, by the name of the member. */
const meaningful: Readonly<Record<string, string>> = {
  scopes: 'openid',
  url: 'https://a.example/hook',
  issuer: 'https://a.example',
  defaultRole: 'provider-viewer',
  domains: 'a.example',
}

/** A value that fits the schema: the least, or the whole of what it takes. Throws where it cannot find one. */
export function valueFor(schema: TSchema, filling: Filling, name = ''): unknown {
  return fill(schema as Schema, filling, name)
}

function fill(schema: Schema, filling: Filling, name: string): unknown {
  const type = typeof schema.type === 'object' ? schema.type.find((one) => one !== 'null') : schema.type
  const given = filling.named(name)
  if (given !== undefined && schema.enum === undefined && type === 'string') return given
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.anyOf !== undefined) return fill(schema.anyOf.find(({ type }) => type !== 'null') ?? {}, filling, name)
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((part) => fill(part, filling, name)))
  switch (type) {
    case 'object':
      return fillObject(schema, filling)
    case 'array':
      return Array.from({ length: Math.max(filling.whole || meaningful[name] !== undefined ? 1 : 0, schema.minItems ?? 0) }, () =>
        fill(schema.items ?? {}, filling, name),
      )
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1)
    case 'boolean':
      return false
    case 'null':
      return null
    case 'string':
      return textFor(schema, name)
    default:
      return 'any'
  }
}

function fillObject({ properties = {}, required = [] }: Schema, filling: Filling): Record<string, unknown> {
  const wanted = Object.entries(properties).filter(
    ([name]) => required.includes(name) || (filling.whole && filling.without?.has(name) !== true),
  )
  return Object.fromEntries(wanted.map(([name, schema]) => [name, fill(schema, filling, name)]))
}

function textFor({ pattern, minLength = 0 }: Schema, name: string): string {
  const fits = (text: string): boolean =>
    text.length >= Math.max(1, minLength) && (pattern === undefined || new RegExp(pattern, 'u').test(text))
  const found = [meaningful[name] ?? '', ...texts].find(fits) ?? (pattern === undefined ? 'x'.repeat(minLength) : undefined)
  if (found === undefined) throw new Error(`no text of test/tenancy/bodies.ts fits ${name}: ${pattern}; add one`)
  return found
}
