import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'
import { limits } from '#core/limits.ts'

/** Milliseconds since the epoch. */
export const Time = Type.Integer({ description: 'Milliseconds since the epoch' })

/** A plain type is written as `type: [it, null]`, which answers serialize several times faster than a choice of two schemas. */
export const Nullable = <S extends TSchema>(schema: S): TUnsafe<Static<S> | null> => {
  const { type, title, enum: words } = schema as { type?: unknown; title?: unknown; enum?: readonly unknown[] }
  const isPlain = type === 'string' || type === 'integer' || type === 'number' || type === 'boolean'
  if (!isPlain || title !== undefined) return Type.Unsafe(Type.Union([schema, Type.Null()]))
  return Type.Unsafe({ ...schema, type: [type, 'null'], ...(words === undefined ? {} : { enum: [...words, null] }) })
}

/** A closed set of words. */
export const Words = <const W extends readonly string[]>(words: W, options: { description?: string } = {}) =>
  Type.Unsafe<W[number]>({ type: 'string', enum: [...words], ...options })

/** A sentence that the portal writes in the reader's language. */
export const Message = Type.Object(
  { key: Type.String(), params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()])) },
  { title: 'Message', description: 'A sentence as key and parameters; the portal renders it in the reader’s language' },
)
export type Message = Static<typeof Message>

/** RFC 9457, with our literal code. Further members carry details. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened, to what, and what to do' }),
    code: Type.String({ description: 'A literal that programs may compare' }),
  },
  { title: 'Problem', additionalProperties: true },
)
export type Problem = Static<typeof Problem>

export const Count = Type.Object(
  { value: Type.Integer(), capped: Type.Boolean({ description: 'True where counting stopped at `value`' }) },
  { title: 'Count' },
)
export type Count = Static<typeof Count>

/** A page of a list, by key, never by offset. */
export const Page = <S extends TSchema>(items: S) =>
  Type.Object({
    items: Type.Array(items),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Opaque cursor of the next page; null at the end' }),
    count: Count,
  })

export const PageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 640, description: '`next` of the page before; belongs to this filter and order' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.http.pageRows })),
}

export const FilterText = Type.Optional(
  Type.String({ maxLength: limits.http.filterChars, description: 'field:value[,value] -field:value field>n "words", joined by and' }),
)

export const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) })

/** What people call something: no space at the ends, no control characters, none that turn the direction of writing. */
export const Name = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern:
    '^[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]([^\\u0000-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069])?$',
})

export const Email = Type.String({ maxLength: 254, pattern: '^[^@\\s]{1,64}@[^@\\s]+\\.[^@\\s]+$' })

/** "001-01" or "001-001". */
export const Plmn = Type.Unsafe<`${string}-${string}`>({ type: 'string', pattern: '^[0-9]{3}-[0-9]{2,3}$' })

export const Reason = Type.String({ minLength: 3, maxLength: 500, description: 'Why; it goes into the ledger' })
